import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { EndpointName, FaultKind } from '../platform/names';
import { apiError, CLIENT, gatewayError, Harness, HEX_32, oapiError } from '../harness';
import { HUGE_BODY, hugeBody } from './streams';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.emulator.close());

const ME = '/v1.0/contact/users/me';
const strike = (fault: FaultKind, more: { endpoint?: EndpointName | '*'; times?: number; delayMs?: number } = {}) =>
  harness.emulator.data.faults.push({ endpoint: 'users/me', fault, ...more });

/** The raw answer of users/me under a fault. */
async function spoiled(fault: FaultKind): Promise<Response> {
  const token = await harness.userToken();
  strike(fault);
  return harness.fetch(ME, { headers: { 'x-acs-dingtalk-access-token': token } });
}
const json = async (response: Response) => (await response.json()) as Record<string, unknown>;

/** Sends a request that gets no answer: gives it up once the emulator has recorded it, and so has acted on the fault. */
async function abandon(path: string, init: RequestInit = {}): Promise<unknown> {
  const giveUp = new AbortController();
  const recorded = harness.emulator.calls.length;
  const answer = harness.fetch(path, { ...init, signal: giveUp.signal }).catch((error: unknown) => error);
  while (harness.emulator.calls.length === recorded) {
    await new Promise(setImmediate);
  }
  // A round trip later an answer, if there were one, would have come.
  await harness.ask('/gettoken');
  giveUp.abort();
  return answer;
}

it('a rule strikes its endpoint only, as often as it says', async () => {
  strike('error500', { times: 2 });
  expect((await harness.ask('/gettoken')).body.errcode).toBe(40035);
  const statuses = [await harness.ask(ME), await harness.ask(ME), await harness.ask(ME)].map(({ status }) => status);
  expect(statuses).toEqual([500, 500, 400]);
  expect(harness.emulator.data.faults).toEqual([]);
});

it('* strikes every endpoint but the sign-in page', async () => {
  strike('error500', { endpoint: '*' });
  for (const path of [ME, '/gettoken']) {
    expect((await harness.ask(path)).status).toBe(500);
  }
  expect((await harness.fetch('/oauth2/auth')).status).toBe(400);
  strike('error500', { endpoint: 'auth' });
  expect((await harness.fetch('/oauth2/auth')).status).toBe(500);
});

it('hang: no answer, recorded without a status, and close() does not wait', async () => {
  strike('hang');
  expect(await abandon(ME)).toMatchObject({ name: 'AbortError' });
  expect(harness.emulator.calls[0]).not.toHaveProperty('status');
  const pending = harness.fetch(ME).catch((error: unknown) => error);
  while (harness.emulator.calls.length < 3) {
    await new Promise(setImmediate);
  }
  await harness.emulator.close();
  expect(await pending).toMatchObject({ message: 'fetch failed' });
  harness = await Harness.start();
});

it('consumeThenHang: the code is used up all the same', async () => {
  strike('consumeThenHang', { endpoint: 'userAccessToken', times: 1 });
  const code = harness.code();
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify({ ...CLIENT, grantType: 'authorization_code', code });
  const abandoned = await abandon('/v1.0/oauth2/userAccessToken', { method: 'POST', headers, body });
  expect(abandoned).toMatchObject({ name: 'AbortError' });
  expect((await harness.exchange(code)).body.code).toBe('invalidParameter.authCode.notFound');
});

describe('delays', () => {
  const took = async () => {
    const start = performance.now();
    await harness.ask(ME);
    return performance.now() - start;
  };

  it('slow answers after the time of its rule, else after the setting slowMs', async () => {
    strike('slow', { delayMs: 30, times: 1 });
    expect(await took()).toBeGreaterThan(25);
    harness.emulator.data.settings.slowMs = 30;
    strike('slow', { times: 1 });
    expect(await took()).toBeGreaterThan(25);
  });

  it('delayMs delays any other fault', async () => {
    strike('error500', { delayMs: 30, times: 1 });
    expect(await took()).toBeGreaterThan(25);
  });

  it('latencyMs delays every answer', async () => {
    harness.emulator.data.settings.latencyMs = 30;
    expect(await took()).toBeGreaterThan(25);
  });

  it('slow takes 3 s and drip 1 s a byte where nothing else is set', () => {
    expect(harness.emulator.data.settings).toMatchObject({ slowMs: 3000, dripMs: 1000 });
  });
});

it.each([{ rule: 1, setting: 60_000 }, { setting: 1 }])('drip: the right answer, byte after byte: %j', async (ms) => {
  const headers = { 'x-acs-dingtalk-access-token': await harness.userToken() };
  harness.emulator.data.settings.dripMs = ms.setting;
  strike('drip', { delayMs: ms.rule });
  const [response] = (await once(get(harness.emulator.url + ME, { headers }), 'response')) as [IncomingMessage];
  let pieces = 0;
  let text = '';
  for await (const piece of response.setEncoding('utf8')) {
    pieces += 1;
    text += String(piece);
  }
  expect(JSON.parse(text)).toMatchObject({ unionId: 'union-ada' });
  expect(pieces).toBeGreaterThan(20);
});

it('reset: the connection breaks', async () => {
  strike('reset');
  const error: unknown = await harness.fetch(ME).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ cause: { code: 'ECONNRESET' } });
});

it.each([
  ['redirect302', 302, 'GET'],
  ['redirect307', 307, 'POST'],
] as const)('%s: a caller that follows it is recorded', async (fault, status, method) => {
  strike(fault, { endpoint: 'accessToken' });
  const path = '/v1.0/oauth2/accessToken';
  const post = { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } };
  expect((await harness.fetch(path, post)).status).toBe(status);
  expect(harness.emulator.calls).toHaveLength(1);
  await harness.fetch(path, { ...post, redirect: 'follow' });
  expect(harness.emulator.calls.at(-1)).toMatchObject({ path: '/__emulator/trap', method });
});

it.each([
  ['hugeBody', undefined],
  ['hugeBodyDeclared', '314572800'],
] as const)('%s: sent no faster than it is read', async (fault, length) => {
  strike(fault);
  const [response] = (await once(get(harness.emulator.url + ME), 'response')) as [IncomingMessage];
  expect(response.headers['content-length']).toBe(length);
  expect(response.statusCode).toBe(200);
  let read = 0;
  for await (const chunk of response) {
    read += (chunk as Buffer).length;
    if (read > 1_000_000) {
      break;
    }
  }
  expect(read).toBeLessThan(2_000_000);
  expect((await harness.ask('/gettoken')).status).toBe(200);
});

it('empty204, htmlBan and jsonBan: answers of something between DingTalk and the caller', async () => {
  expect((await spoiled('empty204')).status).toBe(204);
  harness.emulator.reset();
  const html = await spoiled('htmlBan');
  expect(html.headers.get('content-type')).toContain('text/html');
  expect(await html.text()).toContain('<!doctype html>');
  harness.emulator.reset();
  const ban = { status: 1111, wait: 5, source: 'x5', punish: 'deny', uuid: 'xxx' };
  expect(await json(await spoiled('jsonBan'))).toEqual(ban);
});

it('the faults of a body spoil the right answer, each in its way', async () => {
  const truncated = await (await spoiled('truncatedJson')).text();
  expect(truncated).toMatch(/^\{"nick"/);
  expect(() => JSON.parse(truncated) as unknown).toThrow(SyntaxError);
  harness.emulator.reset();
  expect(await (await spoiled('jsonNull')).text()).toBe('null');
  harness.emulator.reset();
  expect(await json(await spoiled('jsonArray'))).toEqual([expect.objectContaining({ unionId: 'union-ada' })]);
  harness.emulator.reset();
  expect(await json(await spoiled('wrongTypes'))).toMatchObject({ unionId: { $ne: null }, visitor: 'yes' });
  harness.emulator.reset();
  const poisoned = await (await spoiled('protoKeys')).text();
  expect(poisoned).toMatch(/^\{"__proto__":\{"polluted":true\},"constructor":/);
  expect(JSON.parse(poisoned)).toMatchObject({ unionId: 'union-ada' });
  harness.emulator.reset();
  const mislabeled = await spoiled('wrongCharset');
  expect(mislabeled.headers.get('content-type')).toBe('application/json;charset=GBK');
  harness.emulator.reset();
  expect(await json(await spoiled('missingOptional'))).toEqual({ nick: 'Ada <b>"1"</b>', unionId: 'union-ada' });
  harness.emulator.reset();
  expect(await json(await spoiled('maskedMobile'))).toMatchObject({ mobile: '189****0000', stateCode: '86' });
});

it('revokedToken: the token is refused from then on, and asking for one gives another', async () => {
  const revoked = await harness.appToken();
  const find = (token: string) =>
    harness.post(`/topapi/user/getbyunionid?access_token=${token}`, { unionid: 'union-ada' });
  expect(await harness.appToken()).toBe(revoked);
  strike('revokedToken', { endpoint: 'user/getbyunionid', times: 1 });
  expect(await find(revoked)).toEqual(gatewayError('40014', '不合法的access_token'));
  expect((await find(revoked)).body.sub_code).toBe('40014');
  const fresh = await harness.appToken();
  expect(fresh).not.toBe(revoked);
  expect((await find(fresh)).body.errcode).toBe(0);
});

it('numbersAsStrings: every number is sent as a string', async () => {
  strike('numbersAsStrings', { endpoint: 'userAccessToken' });
  expect((await harness.exchange(harness.code())).body).toEqual({
    expireIn: '7200',
    accessToken: HEX_32,
    refreshToken: HEX_32,
  });
});

it.each([
  [
    'throttle403',
    apiError(
      403,
      'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi',
      '您的企业应用调用钉钉开放平台当前接口的所有请求都被暂时禁用了',
    ),
  ],
  ['throttle88', gatewayError('90018', '您的企业应用调用当前接口的所有请求都被暂时禁用了')],
  [
    'permission403',
    apiError(
      403,
      'Forbidden.AccessDenied.AccessTokenPermissionDenied',
      '没有调用该接口的权限，接口权限申请参考：https://open.dingtalk.com/document/orgapp-server/add-api-permission',
      { accessdenieddetail: { requiredScopes: ['Contact.User.Read'] } },
    ),
  ],
  ['ipNotAllowed403', apiError(403, 'Forbidden.AccessDenied.IpNotInWhiteList', '访问ip不在白名单之中')],
  ['invalidToken400', apiError(400, 'InvalidAuthentication', '不合法的access_token')],
  ['token88', gatewayError('40014', '不合法的access_token')],
  ['permission88', gatewayError('60011', '没有调用该接口的权限')],
  ['ipNotAllowed88', gatewayError('60020', '访问ip不在白名单之中,request ip=127.0.0.1 appKey(ding)')],
  ['throttle90018', oapiError(90018, '您的企业应用调用当前接口的所有请求都被暂时禁用了')],
  ['busyMinus1', oapiError(-1, '系统繁忙')],
  ['error500', apiError(500, 'system.busy', '系统繁忙')],
] as const)('%s answers exactly as DingTalk refuses', async (fault, expected) => {
  strike(fault);
  const { status, body } = await harness.ask(ME);
  expect({ status, body }).toEqual({ status: expected.status, body: expected.body });
});

it('hugeBody has exactly the declared length', async () => {
  let length = 0;
  for await (const chunk of hugeBody()) {
    length += (chunk as Buffer).length;
  }
  expect(length).toBe(HUGE_BODY);
});
