import { apiError, Bench, CLIENT, CORP, HEX_32, HOUR, OTHER_CLIENT, OTHER_CORP } from '../testing';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.emulator.reset());
afterAll(() => bench.emulator.close());

const CREDENTIALS = { appKey: CLIENT.clientId, appSecret: CLIENT.clientSecret };
const API_TYPE = 'application/json;charset=utf-8';

describe('accessToken', () => {
  const PATH = '/v1.0/oauth2/accessToken';

  test('is repeated and renewed while it is valid', async () => {
    const first = await bench.post(PATH, CREDENTIALS);
    expect(first).toEqual({ status: 200, type: API_TYPE, body: { accessToken: HEX_32, expireIn: 7200 } });
    bench.pass(1.5 * HOUR);
    expect(await bench.post(PATH, CREDENTIALS)).toEqual(first);
    bench.pass(1.5 * HOUR);
    expect(await bench.post(PATH, CREDENTIALS)).toEqual(first);
    bench.pass(2 * HOUR);
    expect((await bench.post(PATH, CREDENTIALS)).body.accessToken).not.toBe(first.body.accessToken);
  });

  test('differs between apps', async () => {
    expect(await bench.appToken()).not.toBe(await bench.appToken(OTHER_CLIENT));
  });

  test('errors', async () => {
    expect(await bench.post(PATH, { ...CREDENTIALS, appSecret: 'wrong' })).toEqual(
      apiError(400, 'invalidClientIdOrSecret', '无效的clientId或者clientSecret'),
    );
    expect(await bench.post(PATH, {})).toEqual(apiError(400, 'MissingappKey', 'appKey is mandatory for this action.'));
    expect(await bench.ask(PATH, { method: 'POST', body: new URLSearchParams(CREDENTIALS) })).toEqual(
      apiError(400, 'Missingbody', 'body is mandatory for this action.'),
    );
  });
});

describe('gettoken', () => {
  const get = (query: Record<string, string>) => bench.ask(`/gettoken?${new URLSearchParams(query).toString()}`);

  test('gives the token of the new API', async () => {
    expect(await get({ appkey: CLIENT.clientId, appsecret: CLIENT.clientSecret })).toEqual({
      status: 200,
      type: 'application/json',
      body: { errcode: 0, errmsg: 'ok', access_token: await bench.appToken(), expires_in: 7200 },
    });
  });

  test('errors are not wrapped', async () => {
    expect((await get({ appkey: CLIENT.clientId, appsecret: 'wrong' })).body).toEqual({
      errcode: 40096,
      errmsg: '不合法的appKey或appSecret',
    });
    expect((await get({})).body).toEqual({ errcode: 40035, errmsg: '缺少参数 corpid or appkey' });
  });
});

describe('token of an organisation', () => {
  const body = { client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, grant_type: 'client_credentials' };
  const ask = (corpId: string, more = {}) => bench.post(`/v1.0/oauth2/${corpId}/token`, { ...body, ...more });

  test('speaks snake_case', async () => {
    expect(await ask(CORP)).toEqual({
      status: 200,
      type: API_TYPE,
      body: { access_token: await bench.appToken(), expires_in: 7200 },
    });
  });

  test('errors', async () => {
    expect(await ask('nonsense')).toEqual(apiError(500, 'unknownError', '未知错误'));
    expect(await ask(CORP, { grant_type: 'x' })).toEqual(
      apiError(400, 'unsupported.grant.type', 'unsupported.grant.type'),
    );
    expect(await ask(CORP, { client_secret: 'x' })).toEqual(apiError(400, 'invalid.client', 'invalid.client'));
    expect(await ask(OTHER_CORP)).toEqual(apiError(401, 'unauthorized.client', 'unauthorized.client'));
  });
});

test('a JSAPI ticket costs an app token', async () => {
  const path = '/v1.0/oauth2/jsapiTickets';
  const first = await bench.withToken(path, await bench.appToken(), 'POST');
  expect(first.body).toEqual({ jsapiTicket: HEX_32, expireIn: 7200 });
  expect(await bench.withToken(path, await bench.appToken(), 'POST')).toEqual(first);
  expect(await bench.withToken(path, await bench.userToken(), 'POST')).toEqual(
    apiError(400, 'InvalidAuthentication', '不合法的access_token'),
  );
});
