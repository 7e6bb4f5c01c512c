import { apiError, Bench, CLIENT, CORP, DAY, HEX_32, HOUR, MINUTE, OTHER_CLIENT, OTHER_CORP } from '../testing';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.emulator.reset());
afterAll(() => bench.emulator.close());

const PATH = '/v1.0/oauth2/userAccessToken';
const badCode = apiError(400, 'invalidParameter.authCode.notFound', '不合法的临时授权码');
const missing = (name: string) => apiError(400, `Missing${name}`, `${name} is mandatory for this action.`);
const refresh = (refreshToken: unknown) => bench.post(PATH, { ...CLIENT, grantType: 'refresh_token', refreshToken });

test('a code buys a token, without corpId when the scope has none', async () => {
  expect(await bench.exchange(bench.code())).toEqual({
    status: 200,
    type: 'application/json;charset=utf-8',
    body: { expireIn: 7200, accessToken: HEX_32, refreshToken: HEX_32 },
  });
});

test('the scope "openid corpid" adds the chosen organisation', async () => {
  expect((await bench.exchange(bench.code('ada', 'openid corpid'))).body.corpId).toBe(CORP);
  expect((await bench.exchange(bench.code('ada', 'openid+corpid', OTHER_CORP))).body.corpId).toBe(OTHER_CORP);
});

test('a code works once', async () => {
  const code = bench.code();
  expect((await bench.exchange(code)).status).toBe(200);
  expect(await bench.exchange(code)).toEqual(badCode);
});

test('a code works for less than five minutes', async () => {
  const [first, second] = [bench.code(), bench.code()];
  bench.pass(5 * MINUTE - 1);
  expect((await bench.exchange(first)).status).toBe(200);
  bench.pass(1);
  expect(await bench.exchange(second)).toEqual(badCode);
});

test('an unknown code, a JSAPI code and the code of another app are refused alike', async () => {
  const jsapi = bench.emulator.jsapiCode({ clientId: CLIENT.clientId, account: 'ada', corpId: CORP });
  expect(await bench.exchange('nonsense')).toEqual(badCode);
  expect(await bench.exchange(jsapi)).toEqual(badCode);
  const code = bench.code();
  expect(await bench.exchange(code, OTHER_CLIENT)).toEqual(badCode);
  expect((await bench.exchange(code)).status).toBe(200);
});

test('a wrong client is told before the code is looked at, and leaves it alone', async () => {
  const code = bench.code();
  const badClient = apiError(400, 'invalidClientIdOrSecret', '无效的clientId或者clientSecret');
  expect(await bench.exchange(code, { clientSecret: 'wrong' })).toEqual(badClient);
  expect(await bench.exchange('nonsense', { clientId: 'wrong' })).toEqual(badClient);
  bench.app.published = false;
  expect(await bench.exchange(code)).toEqual(badClient);
  bench.app.published = true;
  expect((await bench.exchange(code)).status).toBe(200);
});

test.each(['clientId', 'clientSecret', 'grantType', 'code'])('%s is mandatory', async (name) => {
  for (const value of [undefined, '', 5])
    expect(await bench.exchange(bench.code(), { [name]: value })).toEqual(missing(name));
});

test('snake_case fields are not seen', async () => {
  const body = { client_id: 'dingclient', client_secret: 'dingsecret', grant_type: 'authorization_code', code: 'c' };
  expect(await bench.post(PATH, body)).toEqual(missing('clientId'));
});

test('a form, broken JSON and nothing at all are no body', async () => {
  const form = new URLSearchParams({ ...CLIENT, grantType: 'authorization_code', code: bench.code() });
  const headers = { 'Content-Type': 'application/json' };
  expect(await bench.ask(PATH, { method: 'POST', body: form })).toEqual(missing('body'));
  expect(await bench.ask(PATH, { method: 'POST' })).toEqual(missing('body'));
  expect(await bench.ask(PATH, { method: 'POST', headers, body: '' })).toEqual(missing('body'));
  expect((await bench.ask(PATH, { method: 'POST', headers, body: '{"clientId"' })).status).toBe(400);
});

test('other grant types are refused', async () => {
  for (const grantType of ['password', 'constructor', '__proto__'])
    expect(await bench.exchange('c', { grantType })).toEqual(
      apiError(400, 'unsupported.grant.type', 'unsupported.grant.type'),
    );
});

test('refreshing keeps a valid access token, renews it, and rotates the refresh token', async () => {
  const { body: first } = await bench.exchange(bench.code('ada', 'openid corpid'));
  bench.pass(HOUR);
  const { body: second } = await refresh(first.refreshToken);
  expect(second).toEqual({ expireIn: 7200, accessToken: first.accessToken, refreshToken: HEX_32, corpId: CORP });
  expect(await refresh(first.refreshToken)).toEqual(badCode);
  bench.pass(1.5 * HOUR);
  expect((await bench.withToken('/v1.0/contact/users/me', String(first.accessToken))).status).toBe(200);
  bench.pass(HOUR);
  const { body: third } = await refresh(second.refreshToken);
  expect(third.accessToken).not.toBe(first.accessToken);
  bench.pass(30 * DAY);
  expect(await refresh(third.refreshToken)).toEqual(badCode);
});

test('a wrong path or method is no API', async () => {
  const noApi = apiError(
    404,
    'InvalidAction.NotFound',
    'Specified api is not found, please check your url and method.',
  );
  expect(await bench.ask(PATH)).toEqual(noApi);
  expect(await bench.post('/v1.0/oauth2/token', {})).toEqual(noApi);
  expect(await bench.post(`${PATH}/`, {})).toEqual(noApi);
});
