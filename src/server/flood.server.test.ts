// First: NocoBase reads its environment when it is first required.
import { type NocoBase, startNocoBase } from '../../testing/nocobase/nocobase';
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { Context } from '@nocobase/actions';
import Cookies from 'cookies';
import { endFlow, readFlow } from './authorization/flow';
import { type DingTalk, startDingTalk } from '../../testing/nocobase/dingtalk';
import { collectGarbage, MiB } from '../../testing/memory';

const TIMES = process.env.CI ? 10_000 : 1000;

/** What everybody on the internet can send costs no call to DingTalk, and no memory. */
describe('a flood', () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  let nocobase: NocoBase;
  let dingtalk: DingTalk;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase();
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
  }, 60_000);

  afterAll(async () => {
    agent.destroy();
    await nocobase?.stop();
    await dingtalk?.close();
  });

  const send = (path: string, { json, headers = {} }: { json?: unknown; headers?: Record<string, string> } = {}) =>
    new Promise<number>((resolve, reject) => {
      const body = json && JSON.stringify(json);
      http
        .request(new URL(path, nocobase.url), {
          agent,
          method: json ? 'POST' : 'GET',
          headers: {
            'x-authenticator': 'dingtalk',
            ...(json ? { 'content-type': 'application/json' } : {}),
            ...headers,
          },
        })
        .on('response', (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)))
        .on('error', reject)
        .end(body);
    });

  /** Bytes that stay when everything that can be forgotten is forgotten. */
  const heap = async () => {
    // NocoBase writes its logs a little later.
    await setTimeout(1000);
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };

  const kinds: [string, number, () => Promise<number>][] = [
    [
      'dingtalk:getAuthUrl',
      200,
      () =>
        send('/api/dingtalk:getAuthUrl', {
          json: {
            callback: `${nocobase.url}/signin/dingtalk`,
            redirectUri: `${nocobase.url}/api/dingtalk:redirect`,
            redirect: '/admin',
          },
        }),
    ],
    ['dingtalk:redirect', 302, () => send(`/api/dingtalk:redirect?code=x&state=${newState()}`)],
    ['auth:signIn', 401, () => send('/api/auth:signIn', { json: { code: 'x', state: newState() } })],
  ];
  const newState = () => randomBytes(32).toString('base64url');

  const repeat = async (times: number, work: () => Promise<number>, status: number) => {
    let next = 0;
    const worker = async () => {
      while (next++ < times) {
        const got = await work();
        if (got !== status) {
          throw new Error(`answered with ${got}`);
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
  };

  it.each(kinds)(
    `of ${TIMES} × %s leaves nothing`,
    async (name, status, work) => {
      await repeat(500, work, status);
      const before = await heap();
      await repeat(TIMES, work, status);
      const grownBy = (await heap()) - before;
      if (process.env.MEASURE) {
        process.stdout.write(`| ${TIMES} × \`${name}\` | ${(grownBy / MiB).toFixed(2)} MiB |\n`);
      }
      expect(grownBy).toBeLessThan(2 * MiB);
      expect(dingtalk.calls).toHaveLength(0);
    },
    300_000,
  );

  describe('of other states', () => {
    const context = {
      app: { name: 'main', authManager: { jwt: { getSecret: () => 'secret' } } },
      get: () => '',
      cookies: { set: () => undefined },
    } as unknown as Context;

    const growth = (work: () => unknown) => {
      collectGarbage();
      const before = process.memoryUsage().heapUsed;
      // Held until it is measured.
      const result = work();
      collectGarbage();
      return { grownBy: process.memoryUsage().heapUsed - before, result };
    };
    const times = (count: number, work: () => void) => Array.from({ length: count }).forEach(work);

    it('fills the memory of Koa’s cookies, which keep every name that they were asked for', () => {
      const cookies = new Cookies({ headers: { cookie: 'a=b' } } as never, {} as never);
      expect(growth(() => times(20_000, () => cookies.get(`state_${newState()}`))).grownBy).toBeGreaterThan(2 * MiB);
    });

    it('does not fill ours', () => {
      expect(growth(() => times(20_000, () => readFlow(context, newState()))).grownBy).toBeLessThan(MiB / 2);
    });

    /** As it is cut out of the address of a request: V8 keeps the address for it. */
    const stateInAddress = () => `${'x'.repeat(12_000)}${newState()}`.slice(-43);

    it('fills the memory of who keeps a part of an address', () => {
      const kept = () => new Set(Array.from({ length: 2000 }, stateInAddress));
      expect(growth(kept).grownBy).toBeGreaterThan(20 * MiB);
    });

    it('is forgotten by us but for the state, of ten thousand flows', () => {
      expect(growth(() => times(10_000, () => endFlow(context, stateInAddress()))).grownBy).toBeLessThan(2 * MiB);
      expect(growth(() => times(20_000, () => endFlow(context, stateInAddress()))).grownBy).toBeLessThan(MiB);
    });
  });
});
