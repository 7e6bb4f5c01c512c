import { type Emulator, startEmulator } from '../../../emulator';
import { withStub } from '../../../testing/nocobase/stub';
import type { DingTalkApp } from './api';
import { type TokenCache, withAppToken } from './app-token';
import { DingTalkError, type DingTalkErrorKind } from './errors';

const PATH = '/v1.0/oauth2/accessToken';

let dingtalk: Emulator;
let app: DingTalkApp;
let values: Map<string, unknown>;
let cache: jest.Mocked<TokenCache>;

beforeAll(async () => {
  dingtalk = await startEmulator();
  process.env.DINGTALK_API_URL = dingtalk.url;
  // NocoBase warns that the emulator is on this machine.
  jest.spyOn(console, 'warn').mockReturnValue();
});

afterAll(() => dingtalk.close());

beforeEach(() => {
  dingtalk.reset();
  const { clientId, clientSecret } = dingtalk.data.apps[0];
  app = { clientId, clientSecret };
  values = new Map();
  cache = {
    get: jest.fn(async (key) => values.get(key)) as jest.Mocked<TokenCache>['get'],
    set: jest.fn(async (...[key, value]: Parameters<TokenCache['set']>) => void values.set(key, value)),
    del: jest.fn(async (key) => void values.delete(key)),
  };
});

const tokenCalls = () => dingtalk.calls.filter(({ path }) => path === PATH).length;

interface Limits {
  waitMs?: number;
  renewalMs?: number;
}

const withToken = <T>(call: (token: string) => Promise<T>, { waitMs = 5000, renewalMs = 5000 }: Limits = {}) =>
  withAppToken({ app, cache, signal: AbortSignal.timeout(waitMs), renewalMs }, call);
const getToken = (limits?: Limits) => withToken(async (token) => token, limits);

const kindOf = (work: Promise<unknown>): Promise<DingTalkErrorKind | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof DingTalkError ? error.kind : undefined),
  );

const refusal = (kind: DingTalkErrorKind) => new DingTalkError(kind, { endpoint: '/x', reason: 'refused by DingTalk' });

/** A call that DingTalk refuses as long as it comes with one of these tokens. */
const refusing = (...refused: string[]) =>
  jest.fn(async (token: string) => {
    if (refused.includes(token)) {
      throw refusal('token');
    }
    return token;
  });

it('a token is asked for once, and kept until five minutes before its end', async () => {
  const first = await getToken();
  expect(await getToken()).toBe(first);
  expect(tokenCalls()).toBe(1);
  const key = expect.stringMatching(/^dingtalk-app-token:[0-9a-f]{64}$/);
  expect(cache.set.mock.calls).toEqual([[key, first, (7200 - 300) * 1000]]);
});

it.each([
  [300, 0],
  [301, 1],
])('a token that lasts %s seconds is kept %s times', async (expireIn, times) => {
  const answer = JSON.stringify({ accessToken: 'short', expireIn });
  await withStub((_, response) => response.end(answer), getToken);
  expect(cache.set).toHaveBeenCalledTimes(times);
});

it('neither Client ID nor Client Secret stands in the cache’s key', async () => {
  await getToken();
  expect([...values.keys()].join()).not.toMatch(new RegExp(`${app.clientId}|${app.clientSecret}`));
});

it('another secret needs another token', async () => {
  await getToken();
  app = { ...app, clientSecret: 'wrong' };
  expect(await kindOf(getToken())).toBe('credentials');
});

describe('the token of an older app, which DingTalk knows only together with its organization', () => {
  const organizationCalls = () => dingtalk.calls.filter(({ path }) => path.endsWith(`/${app.corpId}/token`)).length;

  beforeEach(() => {
    const [{ corpId }] = dingtalk.data.apps;
    dingtalk.data.apps[0].tokenNeedsCorpId = true;
    app = { ...app, corpId };
  });

  it('is asked for by a second call, and kept', async () => {
    const token = await getToken();
    expect(await getToken()).toBe(token);
    expect([tokenCalls(), organizationCalls()]).toEqual([1, 1]);
    expect(cache.set.mock.calls).toEqual([[expect.any(String), token, (7200 - 300) * 1000]]);
  });

  it('is not kept where DingTalk does not say how long it lasts', async () => {
    const refused = JSON.stringify({ code: 'invalidClientIdOrSecret', requestid: 'x' });
    const token = await withStub(({ url }, response) => {
      response.statusCode = url === PATH ? 400 : 200;
      response.end(url === PATH ? refused : '{"access_token":"of the organization"}');
    }, getToken);
    expect(token).toBe('of the organization');
    expect(cache.set).not.toHaveBeenCalled();
  });

  it('is refused without a Corp ID, and with one that would be another address', async () => {
    for (const corpId of [undefined, '', '..', '../../x', 'ding/../x', 'corp1']) {
      app = { ...app, corpId };
      expect(await kindOf(getToken())).toBe('credentials');
    }
    expect(dingtalk.calls.filter(({ path }) => path !== PATH)).toEqual([]);
  });

  it('is refused as credentials with a wrong secret and with another organization, after two calls', async () => {
    const [, other] = dingtalk.data.organizations;
    for (const wrong of [{ clientSecret: 'wrong' }, { corpId: other.corpId }, { corpId: 'dingnobody' }]) {
      const before = dingtalk.calls.length;
      const right = app;
      app = { ...app, ...wrong };
      expect(await kindOf(getToken())).toBe('credentials');
      expect(dingtalk.calls.length - before).toBe(2);
      app = right;
    }
  });

  it('fails as the second call does, where that one is throttled or its address is not allowed', async () => {
    dingtalk.data.faults = [{ endpoint: 'corpToken', fault: 'throttle403', times: 1 }];
    expect(await kindOf(getToken())).toBe('busy');
    dingtalk.data.faults = [{ endpoint: 'corpToken', fault: 'ipNotAllowed403', times: 1 }];
    expect(await kindOf(getToken())).toBe('ipNotAllowed');
  });

  it('is not asked for where the first call is accepted, or fails for another reason', async () => {
    dingtalk.data.apps[0].tokenNeedsCorpId = false;
    await getToken();
    values.clear();
    dingtalk.data.faults = [{ endpoint: 'accessToken', fault: 'throttle403' }];
    expect(await kindOf(getToken())).toBe('busy');
    expect(organizationCalls()).toBe(0);
  });

  it('is not that of another organization', async () => {
    const token = await getToken();
    app = { ...app, corpId: 'dingother' };
    expect(await getToken().catch(() => 'refused')).not.toBe(token);
  });
});

it('many calls at the same time ask for one token', async () => {
  const tokens = await Promise.all(Array.from({ length: 20 }, () => getToken()));
  expect(new Set(tokens).size).toBe(1);
  expect(tokenCalls()).toBe(1);
});

it('a failure is not kept', async () => {
  dingtalk.data.faults = [{ endpoint: 'accessToken', fault: 'throttle403', times: 1 }];
  expect(await Promise.all([kindOf(getToken()), kindOf(getToken())])).toEqual(['busy', 'busy']);
  expect(tokenCalls()).toBe(1);
  expect(await getToken()).toEqual(expect.any(String));
});

it('a token is asked for again, once, after a transient failure', async () => {
  dingtalk.data.faults = [{ endpoint: 'accessToken', fault: 'error500', times: 1 }];
  await getToken();
  expect(tokenCalls()).toBe(2);
  values.clear();
  dingtalk.data.faults = [{ endpoint: 'accessToken', fault: 'error500' }];
  expect(await kindOf(getToken())).toBe('unexpected');
  expect(tokenCalls()).toBe(4);
});

it('a call whose token DingTalk refuses is repeated, once, with a new one', async () => {
  const old = await getToken();
  dingtalk.reset();
  const call = refusing(old);
  const renewed = await withToken(call);
  expect(call.mock.calls).toEqual([[old], [renewed]]);
  expect(renewed).not.toBe(old);
  expect([...values.values()]).toEqual([renewed]);
});

it('a call whose new token is refused too is not repeated again', async () => {
  const call = jest.fn(() => Promise.reject(refusal('token')));
  expect(await kindOf(withToken(call))).toBe('token');
  expect(call).toHaveBeenCalledTimes(2);
});

it.each<DingTalkErrorKind>(['busy', 'permission', 'unexpected', 'unreachable', 'code'])(
  'a call that fails for another reason (%s) is not repeated, and keeps the token',
  async (kind) => {
    const call = jest.fn(() => Promise.reject(refusal(kind)));
    expect(await kindOf(withToken(call))).toBe(kind);
    expect(call).toHaveBeenCalledTimes(1);
    expect(values.size).toBe(1);
  },
);

it('an error of another class is thrown as it is', async () => {
  const error = Object.assign(new Error('a fault of ours'), { kind: 'token' });
  const call = jest.fn(() => Promise.reject(error));
  await expect(withToken(call)).rejects.toBe(error);
  expect(call).toHaveBeenCalledTimes(1);
});

it('a token that another call has renewed meanwhile is not thrown away', async () => {
  const old = await getToken();
  const call = refusing(old);
  const renewed = await withToken(async (token) => {
    const [key] = values.keys();
    if (token === old) {
      values.set(key, 'renewed elsewhere');
    }
    return call(token);
  });
  expect(renewed).toBe('renewed elsewhere');
  expect(cache.del).not.toHaveBeenCalled();
  expect(tokenCalls()).toBe(1);
});

describe('deadlines', () => {
  it('a caller waits no longer for a token than its own deadline', async () => {
    dingtalk.data.faults = [{ endpoint: 'accessToken', fault: 'slow', delayMs: 400 }];
    const [early, late] = await Promise.all([
      getToken({ waitMs: 50 }).catch((error: unknown) => error),
      getToken().catch((error: unknown) => error),
    ]);
    expect(early).toMatchObject({ kind: 'unreachable', endpoint: PATH, reason: 'no answer in time' });
    expect(late).toEqual(expect.any(String));
    expect(tokenCalls()).toBe(1);
  });

  it('a deadline that is over already gets no token', async () => {
    const call = jest.fn(async () => undefined);
    const signal = AbortSignal.abort();
    expect(await kindOf(withAppToken({ app, cache, signal, renewalMs: 5000 }, call))).toBe('unreachable');
    expect(call).not.toHaveBeenCalled();
    await getToken();
  });

  it('a request for a token that hangs ends by its own limit, so that later callers ask anew', async () => {
    dingtalk.data.faults = [{ endpoint: 'accessToken', fault: 'hang' }];
    expect(await kindOf(getToken({ renewalMs: 50 }))).toBe('unreachable');
    dingtalk.data.faults = [];
    expect(await getToken()).toEqual(expect.any(String));
  });
});
