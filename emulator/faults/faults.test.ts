import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { EndpointName, FaultKind } from '../names';
import { apiError, Bench, gatewayError, HEX_32, oapiError } from '../testing';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.emulator.close());

const ME = '/v1.0/contact/users/me';
const strike = (fault: FaultKind, more: { endpoint?: EndpointName | '*'; times?: number; delayMs?: number } = {}) =>
  bench.emulator.company.faults.push({ endpoint: 'users/me', fault, ...more });

/** The raw answer of users/me under a fault. */
async function spoiled(fault: FaultKind): Promise<Response> {
  const token = await bench.userToken();
  strike(fault);
  return bench.fetch(ME, { headers: { 'x-acs-dingtalk-access-token': token } });
}
const json = async (response: Response) => (await response.json()) as Record<string, unknown>;
const untilAbort = (path: string, init: RequestInit = {}) =>
  bench.fetch(path, { ...init, signal: AbortSignal.timeout(150) });
const timesOut = (answer: Promise<unknown>) => expect(answer).rejects.toMatchObject({ name: 'TimeoutError' });

test('a rule strikes its endpoint only, as often as it says', async () => {
  strike('error500', { times: 2 });
  expect((await bench.ask('/gettoken')).body.errcode).toBe(40035);
  const statuses = [await bench.ask(ME), await bench.ask(ME), await bench.ask(ME)].map(({ status }) => status);
  expect(statuses).toEqual([500, 500, 400]);
  expect(bench.emulator.company.faults).toEqual([]);
});

test('* strikes every endpoint but the login page', async () => {
  strike('error500', { endpoint: '*' });
  for (const path of [ME, '/gettoken']) expect((await bench.ask(path)).status).toBe(500);
  expect((await bench.fetch('/oauth2/auth')).status).toBe(400);
  strike('error500', { endpoint: 'auth' });
  expect((await bench.fetch('/oauth2/auth')).status).toBe(500);
});

test('hang: no answer, recorded without a status, and close() does not wait', async () => {
  strike('hang');
  await timesOut(untilAbort(ME));
  expect(bench.emulator.calls[0]).not.toHaveProperty('status');
  const pending = bench.fetch(ME).catch((error: unknown) => error);
  while (bench.emulator.calls.length < 2) await new Promise(setImmediate);
  await bench.emulator.close();
  expect(await pending).toMatchObject({ message: 'fetch failed' });
  bench = await Bench.start();
});

test('consumeThenHang: the code is gone all the same', async () => {
  strike('consumeThenHang', { endpoint: 'userAccessToken', times: 1 });
  const code = bench.code();
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' } };
  const body = JSON.stringify({ clientId: 'dingclient', clientSecret: 'dingsecret', grantType: 'authorization_code', code }); // prettier-ignore
  await timesOut(untilAbort('/v1.0/oauth2/userAccessToken', { ...init, body }));
  expect((await bench.exchange(code)).body.code).toBe('invalidParameter.authCode.notFound');
});

test('slow, and any fault with delayMs, and the latency of all', async () => {
  const took = async () => {
    const start = performance.now();
    await bench.ask(ME);
    return performance.now() - start;
  };
  strike('slow', { delayMs: 80, times: 1 });
  expect(await took()).toBeGreaterThan(70);
  strike('error500', { delayMs: 80, times: 1 });
  expect(await took()).toBeGreaterThan(70);
  bench.emulator.company.settings.latencyMs = 80;
  expect(await took()).toBeGreaterThan(70);
});

test('drip: the right answer, byte after byte', async () => {
  const headers = { 'x-acs-dingtalk-access-token': await bench.userToken() };
  strike('drip', { delayMs: 1 });
  const [response] = (await once(get(bench.emulator.url + ME, { headers }), 'response')) as [IncomingMessage];
  let pieces = 0;
  let text = '';
  for await (const piece of response.setEncoding('utf8')) {
    pieces += 1;
    text += String(piece);
  }
  expect(JSON.parse(text)).toMatchObject({ unionId: 'union-ada' });
  expect(pieces).toBeGreaterThan(20);
});

test('reset: the connection breaks', async () => {
  strike('reset');
  const error: unknown = await bench.fetch(ME).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ cause: { code: 'ECONNRESET' } });
});

test.each([
  ['redirect302', 302, 'GET'],
  ['redirect307', 307, 'POST'],
] as const)('%s: whoever follows is recorded', async (fault, status, method) => {
  strike(fault, { endpoint: 'accessToken' });
  const path = '/v1.0/oauth2/accessToken';
  const post = { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } };
  expect((await bench.fetch(path, post)).status).toBe(status);
  expect(bench.emulator.calls).toHaveLength(1);
  await bench.fetch(path, { ...post, redirect: 'follow' });
  expect(bench.emulator.calls.at(-1)).toMatchObject({ path: '/__emulator/trap', method });
});

test.each([
  ['hugeBody', undefined],
  ['hugeBodyDeclared', '314572800'],
] as const)('%s: sent no faster than it is read', async (fault, length) => {
  strike(fault);
  const [response] = (await once(get(bench.emulator.url + ME), 'response')) as [IncomingMessage];
  expect(response.headers['content-length']).toBe(length);
  expect(response.statusCode).toBe(200);
  let read = 0;
  for await (const chunk of response) {
    read += (chunk as Buffer).length;
    if (read > 1_000_000) break;
  }
  expect(read).toBeLessThan(2_000_000);
  expect((await bench.ask('/gettoken')).status).toBe(200);
});

test('answers of something in between', async () => {
  expect((await spoiled('empty204')).status).toBe(204);
  bench.emulator.reset();
  const html = await spoiled('htmlBan');
  expect(html.headers.get('content-type')).toContain('text/html');
  expect(await html.text()).toContain('<!doctype html>');
  bench.emulator.reset();
  expect(await json(await spoiled('jsonBan'))).toEqual({ status: 1111, wait: 5, source: 'x5', punish: 'deny', uuid: 'xxx' }); // prettier-ignore
});

test('spoiled JSON', async () => {
  const truncated = await (await spoiled('truncatedJson')).text();
  expect(truncated).toMatch(/^\{"nick"/);
  expect(() => JSON.parse(truncated) as unknown).toThrow(SyntaxError);
  bench.emulator.reset();
  expect(await (await spoiled('jsonNull')).text()).toBe('null');
  bench.emulator.reset();
  expect(await json(await spoiled('jsonArray'))).toEqual([expect.objectContaining({ unionId: 'union-ada' })]);
  bench.emulator.reset();
  expect(await json(await spoiled('wrongTypes'))).toMatchObject({ unionId: { $ne: null }, visitor: 'yes' });
  bench.emulator.reset();
  const poisoned = await (await spoiled('protoKeys')).text();
  expect(poisoned).toMatch(/^\{"__proto__":\{"polluted":true\},"constructor":/);
  expect(JSON.parse(poisoned)).toMatchObject({ unionId: 'union-ada' });
  bench.emulator.reset();
  const mislabeled = await spoiled('wrongCharset');
  expect(mislabeled.headers.get('content-type')).toBe('application/json;charset=GBK');
  bench.emulator.reset();
  expect(await json(await spoiled('missingOptional'))).toEqual({ nick: 'Ada <b>"1"</b>', unionId: 'union-ada' });
  bench.emulator.reset();
  expect(await json(await spoiled('maskedMobile'))).toMatchObject({ mobile: '189****0000', stateCode: '86' });
});

test('revokedToken: the token is refused from then on, and asking for one gives another', async () => {
  const revoked = await bench.appToken();
  const find = (token: string) =>
    bench.post(`/topapi/user/getbyunionid?access_token=${token}`, { unionid: 'union-ada' });
  expect(await bench.appToken()).toBe(revoked);
  strike('revokedToken', { endpoint: 'user/getbyunionid', times: 1 });
  expect(await find(revoked)).toEqual(gatewayError('40014', '不合法的access_token'));
  expect((await find(revoked)).body.sub_code).toBe('40014');
  const fresh = await bench.appToken();
  expect(fresh).not.toBe(revoked);
  expect((await find(fresh)).body.errcode).toBe(0);
});

test('numbersAsStrings', async () => {
  strike('numbersAsStrings', { endpoint: 'userAccessToken' });
  expect((await bench.exchange(bench.code())).body).toEqual({
    expireIn: '7200',
    accessToken: HEX_32,
    refreshToken: HEX_32,
  });
});

test.each([
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
] as const)('%s', async (fault, expected) => {
  strike(fault);
  const { status, body } = await bench.ask(ME);
  expect({ status, body }).toEqual({ status: expected.status, body: expected.body });
});
