import { execFile } from 'node:child_process';
import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { FaultRule } from '../../../emulator';
import type { ErrorCode } from '../../shared/codes';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import type { LoggedOutcome } from '../../../testing/nocobase/logs';
import { measured, MiB } from '../../../testing/memory';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { type Outcome, signIn } from '../../../testing/nocobase/sign-in';
import { startTls } from '../../../testing/nocobase/tls';

type Fault = FaultRule['fault'];
const endpoints = ['userAccessToken', 'users/me'] as const;
type Endpoint = (typeof endpoints)[number];

const paths: Record<Endpoint, string> = {
  userAccessToken: '/v1.0/oauth2/userAccessToken',
  'users/me': '/v1.0/contact/users/me',
};

/** Whatever DingTalk does ends in time, in one sentence, and leaves nothing behind. */
describe('DingTalk misbehaving', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  const table: string[] = [];

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase();
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
    // Warm: code is compiled and buffers are there before anything is measured.
    for (let i = 0; i < 20; i++) {
      dingtalk.company.faults = i % 2 ? [{ endpoint: 'users/me', fault: 'hugeBody' }] : [];
      await signIn(nocobase, dingtalk, { account: dingtalk.addPerson().id });
    }
    await nocobase.logs.outcomes(20);
  }, 60_000);

  beforeEach(() => dingtalk.reset());

  afterEach(() => {
    process.env.DINGTALK_API_URL = dingtalk.url;
    jest.restoreAllMocks();
  });

  afterAll(async () => {
    if (process.env.MEASURE) {
      process.stdout.write(`${table.join('\n')}\n`);
    }
    await nocobase?.stop();
    await dingtalk?.close();
  });

  const row = (endpoint: string, fault: string, outcome: Outcome, ms: number, grownBy: number) =>
    table.push(
      `| \`${endpoint}\` | \`${fault}\` | \`${outcome.code ?? 'signed in'}\` | ${(ms / 1000).toFixed(2)} s | ${(grownBy / MiB).toFixed(1)} MiB |`,
    );

  const callsTo = (endpoint: Endpoint) => dingtalk.calls.filter(({ path }) => path === paths[endpoint]).length;

  /** A sign-in of somebody new, while DingTalk misbehaves. */
  async function attempt(name: string, fault: string, account = dingtalk.addPerson().id) {
    const { result, ms, grownBy } = await measured(() => signIn(nocobase, dingtalk, { account }));
    row(name, fault, result, ms, grownBy);
    return { outcome: result, ms, grownBy, logged: (await nocobase.logs.outcomes())[0] };
  }

  /** A sign-in that must be refused: in time, in one sentence, with its cause in the log, and nothing else. */
  async function refusal(code: ErrorCode, name: string, fault: string) {
    const before = await nocobase.everything();
    const { outcome, ms, logged, grownBy } = await attempt(name, fault);
    expect(outcome).toEqual({
      status: expect.any(Number),
      code,
      message: expect.stringMatching(`^[^<>]+ \\(${code}\\)$`),
    });
    expect(outcome.status).toBeGreaterThanOrEqual(400);
    expect(outcome.status).toBeLessThan(500);
    expect(ms).toBeLessThan(6000);
    expect(logged).toMatchObject({ outcome: code, authenticator: 'dingtalk' });
    expect(await nocobase.everything()).toBe(before);
    return { logged, grownBy };
  }

  const uuid = expect.stringMatching(/^[0-9A-F-]{36}$/);
  const refused = (httpStatus: number, dingTalkCode: string) => ({
    httpStatus,
    dingTalkCode,
    requestId: uuid,
    reason: 'refused by DingTalk',
  });
  const noAnswer = (httpStatus: number) => ({ httpStatus, reason: 'not an answer of DingTalk' });
  const tooLate = { reason: 'no answer in time' };
  const tooLong = { reason: 'maxContentLength size of 65536 exceeded' };

  const faults: [Fault, ErrorCode, Partial<LoggedOutcome>][] = [
    ['hang', 'DINGTALK_UNAVAILABLE', tooLate],
    ['consumeThenHang', 'DINGTALK_UNAVAILABLE', tooLate],
    ['drip', 'DINGTALK_UNAVAILABLE', tooLate],
    ['reset', 'DINGTALK_UNAVAILABLE', { networkCode: 'ECONNRESET' }],
    ['redirect302', 'DINGTALK_UNAVAILABLE', noAnswer(302)],
    ['redirect307', 'DINGTALK_UNAVAILABLE', noAnswer(307)],
    ['empty204', 'DINGTALK_UNAVAILABLE', noAnswer(204)],
    ['htmlBan', 'DINGTALK_UNAVAILABLE', noAnswer(200)],
    ['jsonBan', 'DINGTALK_BUSY', noAnswer(200)],
    ['hugeBody', 'DINGTALK_UNAVAILABLE', tooLong],
    ['hugeBodyDeclared', 'DINGTALK_UNAVAILABLE', tooLong],
    ['truncatedJson', 'DINGTALK_UNAVAILABLE', noAnswer(200)],
    ['jsonNull', 'DINGTALK_UNAVAILABLE', noAnswer(200)],
    ['jsonArray', 'DINGTALK_UNAVAILABLE', noAnswer(200)],
    ['wrongTypes', 'DINGTALK_UNAVAILABLE', noAnswer(200)],
    ['throttle403', 'DINGTALK_BUSY', refused(403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi')],
    ['permission403', 'PERMISSION_MISSING', refused(403, 'Forbidden.AccessDenied.AccessTokenPermissionDenied')],
    ['ipNotAllowed403', 'IP_NOT_ALLOWED', refused(403, 'Forbidden.AccessDenied.IpNotInWhiteList')],
    ['invalidToken400', 'DINGTALK_UNAVAILABLE', refused(400, 'InvalidAuthentication')],
    ['error500', 'DINGTALK_UNAVAILABLE', refused(500, 'system.busy')],
    // Answers of the old API, which none of our endpoints should give.
    ['throttle88', 'DINGTALK_UNAVAILABLE', noAnswer(200)],
    ['token88', 'DINGTALK_UNAVAILABLE', noAnswer(200)],
    ['busyMinus1', 'DINGTALK_UNAVAILABLE', noAnswer(200)],
  ];
  /** What is repeated, once, as it may pass. */
  const repeated: Fault[] = ['reset', 'error500'];

  describe.each(endpoints)('at %s', (endpoint) => {
    it.each(faults)(
      'answers %s with %s',
      async (fault, code, cause) => {
        dingtalk.company.faults = [{ endpoint, fault }];

        const { logged, grownBy } = await refusal(code, endpoint, fault);

        expect(logged).toMatchObject({ endpoint: paths[endpoint], ...cause });
        const asksTwice = endpoint === 'users/me' && repeated.includes(fault);
        expect(dingtalk.calls).toHaveLength((endpoint === 'users/me' ? 2 : 1) + (asksTwice ? 1 : 0));
        expect(callsTo('userAccessToken')).toBe(1);
        expect(grownBy).toBeLessThan(5 * MiB);
      },
      10_000,
    );

    it.each<Fault>(['numbersAsStrings', 'protoKeys', 'wrongCharset', 'slow'])('bears %s', async (fault) => {
      dingtalk.company.faults = [{ endpoint, fault }];
      const { outcome, ms } = await attempt(endpoint, fault);
      expect(outcome).toMatchObject({ status: 200, token: expect.any(String) });
      expect(ms).toBeLessThan(6000);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    });
  });

  it.each<Fault>(['missingOptional', 'maskedMobile'])(
    'answers %s of the person with PHONE_UNAVAILABLE',
    async (fault) => {
      dingtalk.company.faults = [{ endpoint: 'users/me', fault }];
      await refusal('PHONE_UNAVAILABLE', 'users/me', fault);
    },
  );

  it('would be polluted by protoKeys, if it merged what it gets', async () => {
    dingtalk.company.faults = [{ endpoint: 'userAccessToken', fault: 'protoKeys' }];
    const answer = await (await askForToken()).json();
    const merge = (target: Record<string, unknown>, source: object) => {
      for (const [key, value] of Object.entries(source)) {
        if (typeof value === 'object') {
          merge((target[key] ??= {}) as Record<string, unknown>, value);
        } else {
          target[key] = value;
        }
      }
    };
    merge({}, answer);
    const { prototype } = Object as unknown as { prototype: Record<string, unknown> };
    expect(({} as Record<string, unknown>).polluted).toBe(true);
    delete prototype.polluted;
  });

  describe('redirects', () => {
    const trapped = () => dingtalk.calls.some(({ path }) => path === '/__emulator/trap');

    it.each<Fault>(['redirect302', 'redirect307'])('are followed by a plain fetch: %s', async (fault) => {
      dingtalk.company.faults = [{ endpoint: 'userAccessToken', fault }];
      await askForToken();
      expect(trapped()).toBe(true);
    });

    it.each<Fault>(['redirect302', 'redirect307'])('are not followed by us: %s', async (fault) => {
      for (const endpoint of endpoints) {
        dingtalk.reset();
        dingtalk.company.faults = [{ endpoint, fault }];
        await signIn(nocobase, dingtalk, { account: dingtalk.addPerson().id });
        expect(callsTo(endpoint)).toBe(1);
        expect(trapped()).toBe(false);
      }
      await nocobase.logs.outcomes(2);
    });
  });

  describe('a repetition', () => {
    it.each<Fault>(['reset', 'error500'])('of the second call helps after %s', async (fault) => {
      dingtalk.company.faults = [{ endpoint: 'users/me', fault, times: 1 }];
      const { outcome } = await attempt('users/me', `${fault}, once`);
      expect(outcome).toMatchObject({ status: 200 });
      expect([callsTo('userAccessToken'), callsTo('users/me')]).toEqual([1, 2]);
    });

    it.each<Fault>(['reset', 'error500'])('of the first call never happens, after %s', async (fault) => {
      dingtalk.company.faults = [{ endpoint: 'userAccessToken', fault, times: 1 }];
      await refusal('DINGTALK_UNAVAILABLE', 'userAccessToken', `${fault}, once`);
      expect([callsTo('userAccessToken'), callsTo('users/me')]).toEqual([1, 0]);
    });

    it('has no more time than the rest', async () => {
      dingtalk.company.faults = [{ endpoint: 'users/me', fault: 'error500', delayMs: 3000 }];
      const { logged } = await refusal('DINGTALK_UNAVAILABLE', 'users/me', 'error500 after 3 s');
      expect(logged).toMatchObject({ reason: 'no answer in time' });
      expect(callsTo('users/me')).toBe(2);
    }, 10_000);
  });

  describe('300 MiB', () => {
    const script = `
      const before = process.memoryUsage.rss();
      fetch(process.argv[1], { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
        .then((answer) => answer.text())
        .then(() => console.log(process.memoryUsage.rss() - before));`;

    it.each<Fault>(['hugeBody', 'hugeBodyDeclared'])(
      'fill the memory of a plain fetch: %s',
      async (fault) => {
        dingtalk.company.faults = [{ endpoint: 'userAccessToken', fault }];
        const { stdout } = await promisify(execFile)(process.execPath, [
          '-e',
          script,
          dingtalk.url + paths.userAccessToken,
        ]);
        expect(Number(stdout)).toBeGreaterThan(250 * MiB);
        table.push(`| plain \`fetch\` | \`${fault}\` | – | – | ${Math.round(Number(stdout) / MiB)} MiB |`);
      },
      60_000,
    );

    it('do not fit in a small compressed answer either', async () => {
      const bomb = gzipSync(Buffer.alloc(300 * MiB, ' '));
      const server = http.createServer((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      process.env.DINGTALK_API_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const { logged, grownBy } = await refusal('DINGTALK_UNAVAILABLE', 'userAccessToken', 'gzip, 300 MiB');
      server.closeAllConnections();
      server.close();
      expect(logged).toMatchObject(tooLong);
      expect(grownBy).toBeLessThan(5 * MiB);
    }, 20_000);
  });

  describe('no way to DingTalk', () => {
    it('as no server has the name', async () => {
      process.env.DINGTALK_API_URL = 'https://dingtalk.invalid';
      const { logged } = await refusal('DINGTALK_UNAVAILABLE', 'userAccessToken', 'DNS failure');
      expect(logged.networkCode).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
      expect(logged.reason).toContain('dingtalk.invalid');
    }, 10_000);

    it('as nobody listens', async () => {
      process.env.DINGTALK_API_URL = 'http://127.0.0.1:9';
      const { logged } = await refusal('DINGTALK_UNAVAILABLE', 'userAccessToken', 'connection refused');
      expect(logged).toMatchObject({ networkCode: 'ECONNREFUSED' });
    });

    it('as nobody vouches for the certificate, but where it is trusted', async () => {
      const server = await startTls(dingtalk.url);
      process.env.DINGTALK_API_URL = server.url;

      const { logged } = await refusal('DINGTALK_UNAVAILABLE', 'userAccessToken', 'TLS failure');
      expect(logged).toMatchObject({ networkCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
      expect(server.requests).toBe(0);

      server.trust();
      const { outcome } = await attempt('both', 'TLS, trusted');
      expect(outcome).toMatchObject({ status: 200 });
      expect(server.requests).toBe(2);
      await server.close();
    });
  });

  /** As somebody would write it who does not think of these faults. */
  const askForToken = () => {
    const { clientId, clientSecret } = dingtalk.company.apps[0];
    const code = dingtalk.authorize({ clientId, account: dingtalk.addPerson().id });
    return fetch(dingtalk.url + paths.userAccessToken, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ clientId, clientSecret, code, grantType: 'authorization_code' }),
    });
  };
});
