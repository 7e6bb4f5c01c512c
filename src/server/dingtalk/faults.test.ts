import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { type Emulator, type EndpointName, type FaultKind, startEmulator } from '../../../emulator';
import { withStub } from '../../../testing/nocobase/stub';
import {
  countMembers,
  getDepartment,
  getDirectoryMember,
  getScopes,
  listMembers,
  listParentDepartmentIds,
  listSubDepartmentIds,
  listSubDepartments,
} from './address-book';
import {
  createJsapiTicket,
  type DingTalkApp,
  getAppToken,
  getOrganizationToken,
  getProfile,
  getUserToken,
} from './api';
import { DingTalkError, type DingTalkErrorKind } from './errors';
import { getMember, getMemberByCode, getMemberByUnionId } from './oapi';

/** Whatever DingTalk does to a call: its kind is known, it ends at its deadline, and is made once. */

/** A deadline that a busy machine keeps too. */
const inTime = () => AbortSignal.timeout(5000);

/** A deadline that passes shortly after the call has reached DingTalk. */
function soonAfterCall(): AbortSignal {
  const deadline = new AbortController();
  const before = dingtalk.calls.length;
  const watch = setInterval(() => {
    if (dingtalk.calls.length > before) {
      clearInterval(watch);
      setTimeout(() => deadline.abort(), 50);
    }
  }, 5);
  return deadline.signal;
}

let dingtalk: Emulator;
let app: DingTalkApp;
let corpId: string;
let secrets: Record<'userToken' | 'appToken' | 'code' | 'jsapiCode', string>;

beforeAll(async () => {
  dingtalk = await startEmulator();
  // NocoBase warns that the emulator is on this machine.
  jest.spyOn(console, 'warn').mockReturnValue();
});

afterAll(() => dingtalk.close());

beforeEach(async () => {
  dingtalk.reset();
  dingtalk.addDepartment({ dept_id: 2, name: '市场部' });
  process.env.DINGTALK_API_URL = process.env.DINGTALK_OAPI_URL = dingtalk.url;
  const { clientId, clientSecret, permissions } = dingtalk.data.apps[0];
  permissions.push('qyapi_get_department_list', 'qyapi_get_department_member');
  app = { clientId, clientSecret };
  corpId = dingtalk.data.organizations[0].corpId;
  const account = 'wang-fang';
  const newCode = () => dingtalk.authorize({ clientId, account });
  secrets = {
    userToken: (await getUserToken(app, newCode(), inTime())).accessToken,
    appToken: (await getAppToken(app, inTime())).accessToken,
    code: newCode(),
    jsapiCode: dingtalk.jsapiCode({ clientId, account, corpId }),
  };
});

const token = expect.any(String);

/** Each function of the SDK: the endpoint's name in the emulator, its call, and what it answers. */
const endpoints: [EndpointName, (signal: AbortSignal) => Promise<object>, object][] = [
  ['userAccessToken', (signal) => getUserToken(app, secrets.code, signal), { accessToken: token }],
  ['users/me', (signal) => getProfile(secrets.userToken, signal), { unionId: 'AFc7JqVPtx1yvjq1NVkw2kE0BlVNDTP0PiE' }],
  ['accessToken', (signal) => getAppToken(app, signal), { accessToken: token, expireIn: 7200 }],
  ['corpToken', (signal) => getOrganizationToken(app, corpId, signal), { access_token: token }],
  ['jsapiTickets', (signal) => createJsapiTicket(secrets.appToken, signal), { jsapiTicket: token }],
  [
    'v2/user/getuserinfo',
    (signal) => getMemberByCode(secrets.appToken, secrets.jsapiCode, signal),
    { userid: '2053652607919', unionid: 'AFc7JqVPtx1yvjq1NVkw2kE0BlVNDTP0PiE' },
  ],
  [
    'v2/user/get',
    (signal) => getMember(secrets.appToken, '2053652607919', signal),
    { unionid: 'AFc7JqVPtx1yvjq1NVkw2kE0BlVNDTP0PiE' },
  ],
  [
    'user/getbyunionid',
    (signal) => getMemberByUnionId(secrets.appToken, 'AFc7JqVPtx1yvjq1NVkw2kE0BlVNDTP0PiE', signal),
    { userid: '2053652607919' },
  ],
  ['v2/department/listsub', (signal) => listSubDepartments(secrets.appToken, 1, signal), [{ id: 2, name: '市场部' }]],
  ['v2/department/get', (signal) => getDepartment(secrets.appToken, 2, signal), { id: 2, name: '市场部', parentId: 1 }],
  ['v2/department/listparentbydept', (signal) => listParentDepartmentIds(secrets.appToken, 2, signal), [2, 1]],
  ['v2/department/listsubid', (signal) => listSubDepartmentIds(secrets.appToken, 1, signal), [2]],
  [
    'v2/user/list',
    (signal) => listMembers(secrets.appToken, 1, 0, signal),
    { members: expect.arrayContaining([expect.objectContaining({ userid: '2053652607919', departmentIds: [1] })]) },
  ],
  [
    'v2/user/get',
    (signal) => getDirectoryMember(secrets.appToken, '2053652607919', signal),
    { unionId: 'AFc7JqVPtx1yvjq1NVkw2kE0BlVNDTP0PiE', departmentIds: [1] },
  ],
  [
    'user/count',
    async (signal) => ({ count: await countMembers(secrets.appToken, signal) }),
    { count: expect.any(Number) },
  ],
  ['auth/scopes', (signal) => getScopes(secrets.appToken, signal), { departmentIds: [1], userids: [] }],
];

/** The endpoints of the new API; all others are of the old one. */
const newer = new Set<EndpointName>(['userAccessToken', 'users/me', 'accessToken', 'corpToken', 'jsapiTickets']);

interface Failure {
  kind: DingTalkErrorKind;
  reason?: string;
  status?: number;
  networkCode?: string;
  dingTalkCode?: string;
}

const tooLate: Failure = { kind: 'unreachable', reason: 'no answer in time' };
const tooLong: Failure = { kind: 'unexpected', reason: 'maxContentLength size of 65536 exceeded' };
/** The address book's answers may be longer. */
const tooLongAnyway: Failure = {
  kind: 'unexpected',
  reason: expect.stringMatching(/^maxContentLength size of \d+ exceeded$/),
};
const noAnswer = (status: number, kind: DingTalkErrorKind = 'unexpected'): Failure => ({
  kind,
  status,
  reason: 'not an answer of DingTalk',
});
const refused = (status: number, dingTalkCode: string, kind: DingTalkErrorKind): Failure => ({
  kind,
  status,
  dingTalkCode,
  reason: 'refused by DingTalk',
});

/** What becomes of a call, at endpoints of either API; `read` where the answer is good enough. */
type Outcome = Failure | 'read';
type ServerFault = Exclude<FaultKind, `jsapi${string}`>;

const faults: Record<ServerFault, Outcome | { api: Outcome; oapi: Outcome }> = {
  hang: tooLate,
  consumeThenHang: tooLate,
  drip: tooLate,
  slow: 'read',
  reset: { kind: 'unreachable', networkCode: 'ECONNRESET' },
  redirect302: noAnswer(302),
  redirect307: noAnswer(307),
  empty204: noAnswer(204),
  htmlBan: noAnswer(200),
  jsonBan: noAnswer(200, 'busy'),
  hugeBody: tooLongAnyway,
  hugeBodyDeclared: tooLongAnyway,
  truncatedJson: noAnswer(200),
  jsonNull: noAnswer(200),
  jsonArray: noAnswer(200),
  wrongTypes: noAnswer(200),
  numbersAsStrings: 'read',
  protoKeys: 'read',
  wrongCharset: 'read',
  missingOptional: 'read',
  maskedMobile: 'read',
  error500: { api: refused(500, 'system.busy', 'unexpected'), oapi: noAnswer(500) },
  throttle403: {
    api: refused(403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 'busy'),
    oapi: noAnswer(403),
  },
  permission403: {
    api: refused(403, 'Forbidden.AccessDenied.AccessTokenPermissionDenied', 'permission'),
    oapi: noAnswer(403),
  },
  ipNotAllowed403: {
    api: refused(403, 'Forbidden.AccessDenied.IpNotInWhiteList', 'ipNotAllowed'),
    oapi: noAnswer(403),
  },
  invalidToken400: { api: refused(400, 'InvalidAuthentication', 'token'), oapi: noAnswer(400) },
  revokedToken: { api: 'read', oapi: refused(200, '40014', 'token') },
  token88: { api: noAnswer(200), oapi: refused(200, '40014', 'token') },
  throttle88: { api: noAnswer(200), oapi: refused(200, '90018', 'busy') },
  throttle90018: { api: noAnswer(200), oapi: refused(200, '90018', 'busy') },
  permission88: { api: noAnswer(200), oapi: refused(200, '60011', 'permission') },
  ipNotAllowed88: { api: noAnswer(200), oapi: refused(200, '60020', 'ipNotAllowed') },
  busyMinus1: { api: noAnswer(200), oapi: refused(200, '-1', 'unexpected') },
};

const outcomeOf = (fault: ServerFault, api: 'api' | 'oapi'): Outcome => {
  const outcome = faults[fault];
  return typeof outcome === 'object' && 'api' in outcome ? outcome[api] : outcome;
};

/** The error of a call, after it was searched for what it must not show. */
async function errorOf(call: Promise<unknown>): Promise<DingTalkError> {
  const error = await call.catch((thrown: unknown) => thrown);
  if (!(error instanceof DingTalkError)) {
    throw new Error(`no DingTalkError: ${inspect(error)}`);
  }
  const shown = inspect(error, { showHidden: true, depth: 9 }) + JSON.stringify(error);
  expect([app.clientSecret, ...Object.values(secrets)].filter((secret) => shown.includes(secret))).toEqual([]);
  return error;
}

describe.each(endpoints)('T12, T14, T20, T21: faults of %s', (endpoint, call, answer) => {
  const api = newer.has(endpoint) ? 'api' : 'oapi';

  it.each(Object.keys(faults) as ServerFault[])(`${endpoint}: %s`, async (fault) => {
    const before = dingtalk.calls.length;
    dingtalk.data.faults = [{ endpoint, fault, ...(fault === 'slow' && { delayMs: 50 }) }];
    const outcome = outcomeOf(fault, api);
    const result = call(outcome === tooLate ? soonAfterCall() : inTime());
    if (outcome === 'read') {
      expect(await result).toMatchObject(answer);
    } else {
      expect(await errorOf(result)).toMatchObject(outcome);
    }
    const [made, ...more] = dingtalk.calls.slice(before);
    expect(made.path).toContain(endpoint === 'corpToken' ? `/${corpId}/token` : endpoint);
    expect(more).toEqual([]);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });
});

it('missingOptional and maskedMobile change what is known of an account', async () => {
  dingtalk.data.faults = [{ endpoint: 'users/me', fault: 'missingOptional' }];
  expect(await getProfile(secrets.userToken, inTime())).toEqual({ unionId: expect.any(String), nick: '芳芳' });
  dingtalk.data.faults = [{ endpoint: 'users/me', fault: 'maskedMobile' }];
  expect(await getProfile(secrets.userToken, inTime())).toMatchObject({ mobile: '139****2222' });
});

it('T21: protoKeys would pollute code that merges answers into an object', async () => {
  dingtalk.data.faults = [{ endpoint: 'accessToken', fault: 'protoKeys' }];
  const merge = (target: Record<string, unknown>, source: object) => {
    for (const [key, value] of Object.entries(source)) {
      if (typeof value === 'object') {
        merge((target[key] ??= {}) as Record<string, unknown>, value);
      } else {
        target[key] = value;
      }
    }
  };
  merge({}, (await (await plainFetch('accessToken')).json()) as object);
  const { prototype } = Object as unknown as { prototype: Record<string, unknown> };
  expect(({} as Record<string, unknown>).polluted).toBe(true);
  delete prototype.polluted;
});

it.each(['redirect302', 'redirect307'] as const)(
  'T12: %s is followed by a plain fetch, with the secret',
  async (fault) => {
    dingtalk.data.faults = [{ endpoint: 'accessToken', fault }];
    await plainFetch('accessToken');
    expect(dingtalk.calls.at(-1)).toMatchObject({ path: '/__emulator/trap' });
  },
);

/** The same call as others would write it. */
const plainFetch = (endpoint: string) =>
  fetch(`${dingtalk.url}/v1.0/oauth2/${endpoint}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ appKey: app.clientId, appSecret: app.clientSecret }),
  });

/** A server whose answer is that long, and sent no faster than it is read. */
async function startLongAnswer(bytes: number) {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  let closed: Promise<number>;
  const server = http.createServer((_, response) => {
    const { socket } = response;
    closed = new Promise((resolve) => socket?.on('close', () => resolve(socket.bytesWritten)));
    response.setHeader('connection', 'close');
    const pieces = Array.from({ length: bytes / chunk.length }, () => chunk);
    pipeline(Readable.from(pieces), response).catch(() => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What was sent to the last client until it went away. */
    sentBytes: () => closed,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('the size of an answer', () => {
  const MiB = 1024 * 1024;

  const answerOf = (bytes: number) => {
    const head = '{"expireIn":7200,"accessToken":"x","filler":"';
    return `${head}${'x'.repeat(bytes - head.length - 2)}"}`;
  };
  const readBody = (body: string | Buffer, headers = {}) =>
    withStub(
      (_, response) => response.writeHead(200, headers).end(body),
      () => getAppToken(app, inTime()),
    );

  it('64 KiB are read', async () => {
    expect(await readBody(answerOf(64 * 1024))).toMatchObject({ accessToken: 'x' });
  });

  it('T20: one byte more is refused', async () => {
    expect(await errorOf(readBody(answerOf(64 * 1024 + 1)))).toMatchObject(tooLong);
  });

  it('T20: more than that is refused also where a small answer is unpacked to it', async () => {
    const bomb = gzipSync(answerOf(5 * MiB));
    expect(bomb.length).toBeLessThan(64 * 1024);
    expect(await errorOf(readBody(bomb, { 'content-encoding': 'gzip' }))).toMatchObject(tooLong);
  });

  it('T20: the rest of a longer answer is not even received', async () => {
    const server = await startLongAnswer(64 * MiB);
    process.env.DINGTALK_API_URL = server.url;
    expect(await errorOf(getAppToken(app, inTime()))).toMatchObject(tooLong);
    // What the operating system buffers between both is sent all the same.
    expect(await server.sentBytes()).toBeLessThan(32 * MiB);
    await fetch(server.url).then((response) => response.body?.pipeTo(new WritableStream()));
    expect(await server.sentBytes()).toBeGreaterThanOrEqual(64 * MiB);
    server.close();
  });
});
