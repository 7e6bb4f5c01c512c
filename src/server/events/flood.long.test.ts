import http from 'node:http';
import { until } from '../../../dev/until';
import { type Keys, seal } from '../../../testing/directory/callbacks';
import { Scene } from '../../../testing/directory/scene';
import { heapInUse, MiB } from '../../../testing/memory';
import { CLIENT_ID } from '../../../testing/nocobase/nocobase';
import type { CallbackKeys } from '../../shared/events';
import { EVENTS } from './collections';

const TIMES = 10_000;

describe('T85: 10,000 callbacks', () => {
  let scene: Scene;
  let keys: Keys;
  let url: string;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

  beforeAll(async () => {
    scene = await Scene.start({ company: { people: 2, departments: 1 }, options: { events: 'http' } });
    await scene.run();
    const { data } = await scene.root.call<CallbackKeys>('renewCallback', { source: scene.source });
    keys = { token: '', aesKey: '', ...data, owner: CLIENT_ID };
    url = data?.url ?? '';
  }, 120_000);

  afterAll(async () => {
    agent.destroy();
    await scene?.stop();
  });

  /** Not by `fetch`, which would need longer than NocoBase. */
  function send(token: string, userid: string): Promise<number> {
    const message = { EventType: 'user_modify_org', CorpId: scene.dingtalk.corpId, userId: [userid] };
    const { query, body } = seal(message, { ...keys, token });
    const headers = { 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      http
        .request(`${url}&${new URLSearchParams(query)}`, { agent, method: 'POST', headers })
        .on('response', (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)))
        .on('error', reject)
        .end(JSON.stringify(body));
    });
  }

  async function flood(token: string): Promise<{ statuses: Set<number>; bytes: number; ms: number }> {
    const before = await heapInUse();
    const began = Date.now();
    const statuses = new Set<number>();
    let sent = 0;
    const worker = async () => {
      while (sent < TIMES) {
        // Some members change again and again.
        statuses.add(await send(token, `member${sent++ % 200}`));
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    const ms = Date.now() - began;
    return { statuses, bytes: (await heapInUse()) - before, ms };
  }

  it.each([
    ['of strangers', () => 'another', 403],
    ['of DingTalk', () => keys.token, 200],
  ])(
    '%s leave no more than 8 MiB',
    async (who, token, status) => {
      await flood(token());
      const { statuses, bytes, ms } = await flood(token());
      process.stdout.write(`${TIMES} callbacks ${who}: ${ms} ms, ${(bytes / MiB).toFixed(2)} MiB\n`);
      expect(statuses).toEqual(new Set([status]));
      expect(bytes).toBeLessThan(8 * MiB);
      await until('all are read', async () => (await scene.nocobase.db.getModel(EVENTS).count()) === 0);
    },
    600_000,
  );
});
