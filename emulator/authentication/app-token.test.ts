import { apiError, Harness, CLIENT, CORP, HEX_32, HOUR, OTHER_CLIENT, OTHER_CORP } from '../harness';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const CREDENTIALS = { appKey: CLIENT.clientId, appSecret: CLIENT.clientSecret };
const API_CONTENT_TYPE = 'application/json;charset=utf-8';

describe('accessToken: the token', () => {
  const PATH = '/v1.0/oauth2/accessToken';

  it('of an app is repeated and renewed while it is valid', async () => {
    const first = await harness.post(PATH, CREDENTIALS);
    expect(first).toEqual({ status: 200, type: API_CONTENT_TYPE, body: { accessToken: HEX_32, expireIn: 7200 } });
    harness.pass(1.5 * HOUR);
    expect(await harness.post(PATH, CREDENTIALS)).toEqual(first);
    harness.pass(1.5 * HOUR);
    expect(await harness.post(PATH, CREDENTIALS)).toEqual(first);
    harness.pass(2 * HOUR);
    expect((await harness.post(PATH, CREDENTIALS)).body.accessToken).not.toBe(first.body.accessToken);
  });

  it('of two apps differs', async () => {
    expect(await harness.appToken()).not.toBe(await harness.appToken(OTHER_CLIENT));
  });

  it('is refused to a wrong secret, without a key, and to a form', async () => {
    expect(await harness.post(PATH, { ...CREDENTIALS, appSecret: 'wrong' })).toEqual(
      apiError(400, 'invalidClientIdOrSecret', '无效的clientId或者clientSecret'),
    );
    expect(await harness.post(PATH, {})).toEqual(
      apiError(400, 'MissingappKey', 'appKey is mandatory for this action.'),
    );
    expect(await harness.ask(PATH, { method: 'POST', body: new URLSearchParams(CREDENTIALS) })).toEqual(
      apiError(400, 'Missingbody', 'body is mandatory for this action.'),
    );
  });
});

describe('gettoken', () => {
  const get = (query: Record<string, string>) => harness.ask(`/gettoken?${new URLSearchParams(query).toString()}`);

  it('gives the token of the new API', async () => {
    expect(await get({ appkey: CLIENT.clientId, appsecret: CLIENT.clientSecret })).toEqual({
      status: 200,
      type: 'application/json',
      body: { errcode: 0, errmsg: 'ok', access_token: await harness.appToken(), expires_in: 7200 },
    });
  });

  it('does not wrap its errors in 88', async () => {
    expect((await get({ appkey: CLIENT.clientId, appsecret: 'wrong' })).body).toEqual({
      errcode: 40096,
      errmsg: '不合法的appKey或appSecret',
    });
    expect((await get({})).body).toEqual({ errcode: 40035, errmsg: '缺少参数 corpid or appkey' });
  });
});

it('the token of an older app needs its organization', async () => {
  harness.app.tokenNeedsCorpId = true;
  const path = '/v1.0/oauth2/accessToken';
  const refused = apiError(400, 'invalidClientIdOrSecret', '无效的clientId或者clientSecret');
  expect(await harness.post(path, CREDENTIALS)).toEqual(refused);
  expect(await harness.post(path, { ...CREDENTIALS, corpId: OTHER_CORP })).toEqual(refused);
  expect((await harness.post(path, { ...CREDENTIALS, corpId: CORP })).body.accessToken).toEqual(HEX_32);
  const query = { appkey: CLIENT.clientId, appsecret: CLIENT.clientSecret };
  const old = (more: object) => harness.ask(`/gettoken?${new URLSearchParams({ ...query, ...more }).toString()}`);
  expect((await old({})).body.errcode).toBe(40096);
  expect((await old({ corpid: CORP })).body.access_token).toEqual(HEX_32);
  // The other tokens do not.
  expect((await harness.exchange(harness.code())).status).toBe(200);
  const body = { client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, grant_type: 'client_credentials' };
  expect((await harness.post(`/v1.0/oauth2/${CORP}/token`, body)).body.access_token).toEqual(HEX_32);
});

describe('corpToken: the token', () => {
  const body = { client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, grant_type: 'client_credentials' };
  const ask = (corpId: string, more = {}) => harness.post(`/v1.0/oauth2/${corpId}/token`, { ...body, ...more });

  it('comes in snake_case', async () => {
    expect(await ask(CORP)).toEqual({
      status: 200,
      type: API_CONTENT_TYPE,
      body: { access_token: await harness.appToken(), expires_in: 7200 },
    });
  });

  it('is refused to unknown organizations, grant types and clients, and to the app of another organization', async () => {
    expect(await ask('nonsense')).toEqual(apiError(500, 'unknownError', '未知错误'));
    expect(await ask(CORP, { grant_type: 'x' })).toEqual(
      apiError(400, 'unsupported.grant.type', 'unsupported.grant.type'),
    );
    expect(await ask(CORP, { client_secret: 'x' })).toEqual(apiError(400, 'invalid.client', 'invalid.client'));
    expect(await ask(OTHER_CORP)).toEqual(apiError(401, 'unauthorized.client', 'unauthorized.client'));
  });
});

it('a JSAPI ticket costs an app token', async () => {
  const path = '/v1.0/oauth2/jsapiTickets';
  const first = await harness.withToken(path, await harness.appToken(), 'POST');
  expect(first.body).toEqual({ jsapiTicket: HEX_32, expireIn: 7200 });
  expect(await harness.withToken(path, await harness.appToken(), 'POST')).toEqual(first);
  expect(await harness.withToken(path, await harness.userToken(), 'POST')).toEqual(
    apiError(400, 'InvalidAuthentication', '不合法的access_token'),
  );
});
