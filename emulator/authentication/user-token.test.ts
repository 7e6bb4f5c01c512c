import { apiError, Harness, CLIENT, CORP, DAY, HEX_32, HOUR, MINUTE, OTHER_CLIENT, OTHER_CORP } from '../harness';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const PATH = '/v1.0/oauth2/userAccessToken';
const badCode = apiError(400, 'invalidParameter.authCode.notFound', '不合法的临时授权码');
const missing = (name: string) => apiError(400, `Missing${name}`, `${name} is mandatory for this action.`);
const refresh = (refreshToken: unknown) => harness.post(PATH, { ...CLIENT, grantType: 'refresh_token', refreshToken });

it('a code buys a token, without corpId when the scope has none', async () => {
  expect(await harness.exchange(harness.code())).toEqual({
    status: 200,
    type: 'application/json;charset=utf-8',
    body: { expireIn: 7200, accessToken: HEX_32, refreshToken: HEX_32 },
  });
});

it('the scope "openid corpid" adds the chosen organization', async () => {
  expect((await harness.exchange(harness.code('ada', 'openid corpid'))).body.corpId).toBe(CORP);
  expect((await harness.exchange(harness.code('ada', 'openid+corpid', OTHER_CORP))).body.corpId).toBe(OTHER_CORP);
});

it('a code works once', async () => {
  const code = harness.code();
  expect((await harness.exchange(code)).status).toBe(200);
  expect(await harness.exchange(code)).toEqual(badCode);
});

it('a code works for less than five minutes', async () => {
  const [first, second] = [harness.code(), harness.code()];
  harness.pass(5 * MINUTE - 1);
  expect((await harness.exchange(first)).status).toBe(200);
  harness.pass(1);
  expect(await harness.exchange(second)).toEqual(badCode);
});

it('an unknown code, a JSAPI code and the code of another app are refused alike', async () => {
  const jsapi = harness.emulator.jsapiCode({ clientId: CLIENT.clientId, account: 'ada', corpId: CORP });
  expect(await harness.exchange('nonsense')).toEqual(badCode);
  expect(await harness.exchange(jsapi)).toEqual(badCode);
  const code = harness.code();
  expect(await harness.exchange(code, OTHER_CLIENT)).toEqual(badCode);
  expect((await harness.exchange(code)).status).toBe(200);
});

it('a wrong client is refused before the code is looked at, and does not use it up', async () => {
  const code = harness.code();
  const badClient = apiError(400, 'invalidClientIdOrSecret', '无效的clientId或者clientSecret');
  expect(await harness.exchange(code, { clientSecret: 'wrong' })).toEqual(badClient);
  expect(await harness.exchange('nonsense', { clientId: 'wrong' })).toEqual(badClient);
  harness.app.published = false;
  expect(await harness.exchange(code)).toEqual(badClient);
  harness.app.published = true;
  expect((await harness.exchange(code)).status).toBe(200);
});

it.each(['clientId', 'clientSecret', 'grantType', 'code'])('%s is mandatory', async (name) => {
  for (const value of [undefined, '', 5]) {
    expect(await harness.exchange(harness.code(), { [name]: value })).toEqual(missing(name));
  }
});

it('snake_case fields are not seen', async () => {
  const body = { client_id: 'dingclient', client_secret: 'dingsecret', grant_type: 'authorization_code', code: 'c' };
  expect(await harness.post(PATH, body)).toEqual(missing('clientId'));
});

it('a form, broken JSON and an empty request count as no body', async () => {
  const form = new URLSearchParams({ ...CLIENT, grantType: 'authorization_code', code: harness.code() });
  const headers = { 'Content-Type': 'application/json' };
  expect(await harness.ask(PATH, { method: 'POST', body: form })).toEqual(missing('body'));
  expect(await harness.ask(PATH, { method: 'POST' })).toEqual(missing('body'));
  expect(await harness.ask(PATH, { method: 'POST', headers, body: '' })).toEqual(missing('body'));
  expect((await harness.ask(PATH, { method: 'POST', headers, body: '{"clientId"' })).status).toBe(400);
});

it('other grant types are refused', async () => {
  for (const grantType of ['password', 'constructor', '__proto__']) {
    expect(await harness.exchange('c', { grantType })).toEqual(
      apiError(400, 'unsupported.grant.type', 'unsupported.grant.type'),
    );
  }
});

it('refreshing keeps a valid access token, renews it, and rotates the refresh token', async () => {
  const { body: first } = await harness.exchange(harness.code('ada', 'openid corpid'));
  harness.pass(HOUR);
  const { body: second } = await refresh(first.refreshToken);
  expect(second).toEqual({ expireIn: 7200, accessToken: first.accessToken, refreshToken: HEX_32, corpId: CORP });
  expect(await refresh(first.refreshToken)).toEqual(badCode);
  harness.pass(1.5 * HOUR);
  expect((await harness.withToken('/v1.0/contact/users/me', String(first.accessToken))).status).toBe(200);
  harness.pass(HOUR);
  const { body: third } = await refresh(second.refreshToken);
  expect(third.accessToken).not.toBe(first.accessToken);
  harness.pass(30 * DAY);
  expect(await refresh(third.refreshToken)).toEqual(badCode);
});

it('a wrong path or method is no API', async () => {
  const noApi = apiError(
    404,
    'InvalidAction.NotFound',
    'Specified api is not found, please check your url and method.',
  );
  expect(await harness.ask(PATH)).toEqual(noApi);
  expect(await harness.post('/v1.0/oauth2/token', {})).toEqual(noApi);
  expect(await harness.post(`${PATH}/`, {})).toEqual(noApi);
});
