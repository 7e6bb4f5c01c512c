import { Bench, CLIENT, CORP, HEX_32, MINUTE, OTHER_CLIENT, OTHER_CORP } from '../testing';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
beforeEach(() => signIn('ada'));
afterEach(() => bench.emulator.reset());
afterAll(() => bench.emulator.close());

const V2 = 'runtime.permission.requestAuthCodeV2';
const LEGACY = 'runtime.permission.requestAuthCode';
const NO_APP = '对应企业没有nocobase.example.com域名微应用';

const put = (id: string, body: object) =>
  bench.ask(`/__emulator/clients/${id}`, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  });
const signIn = (account: string, more = {}) => put('phone', { device: 'android', account, ...more });

/** As the client does for a page of this origin. */
async function requestAuthCode(
  more: Record<string, string> = {},
  method = V2,
  origin = 'https://nocobase.example.com',
) {
  const body = new URLSearchParams({ client: 'phone', corpId: CORP, clientId: CLIENT.clientId, ...more });
  return (await bench.ask(`/client/${method}`, { method: 'POST', body, headers: { origin } })).body;
}
const topapi = async (path: string, body: Record<string, unknown>) =>
  (await bench.post(`/topapi/${path}?access_token=${await bench.appToken()}`, body)).body;
const whoseCode = async ({ code }: Record<string, unknown>) => topapi('v2/user/getuserinfo', { code });

describe('a code', () => {
  test.each([V2, LEGACY])('of %s tells who is signed in to the client, once, for five minutes', async (method) => {
    const answer = await requestAuthCode({}, method);
    expect(await whoseCode(answer)).toMatchObject({ errcode: 0, result: { userid: 'ada-a', unionid: 'union-ada' } });
    expect(await whoseCode(answer)).toMatchObject({ errcode: 40078 });
    const late = await requestAuthCode({}, method);
    bench.pass(5 * MINUTE);
    expect(await whoseCode(late)).toMatchObject({ errcode: 40078 });
  });

  test('is none of the sign-in page, nor the other way round', async () => {
    const { code } = await requestAuthCode();
    expect((await bench.exchange(String(code))).body.code).toBe('invalidParameter.authCode.notFound');
    expect(await whoseCode({ code: bench.code() })).toMatchObject({ errcode: 40078 });
  });

  test('is of whoever signed in to the client last', async () => {
    await signIn('ben');
    expect(await whoseCode(await requestAuthCode())).toMatchObject({ result: { userid: 'ben-a' } });
    expect((await signIn('nobody')).status).toBe(400);
    expect(await whoseCode(await requestAuthCode())).toMatchObject({ result: { userid: 'ben-a' } });
  });
});

describe('the organization', () => {
  test('must be known to DingTalk', async () => {
    for (const corpId of ['', 'ding', '$CORPID$'])
      expect(await requestAuthCode({ corpId })).toEqual({ errorCode: '3', errorMessage: '1002,corpId不合法' });
  });

  test('must have the app', async () => {
    const refused = { errorCode: '3', errorMessage: NO_APP };
    expect(await requestAuthCode({ corpId: OTHER_CORP })).toEqual(refused);
    expect(await requestAuthCode({ clientId: OTHER_CLIENT.clientId })).toEqual(refused);
    expect(await requestAuthCode({ clientId: '' })).toEqual(refused);
    bench.app.published = false;
    expect(await requestAuthCode()).toEqual(refused);
    expect(await requestAuthCode({}, LEGACY)).toEqual(refused);
  });
});

describe('the domain of the page', () => {
  test('must be one of the app', async () => {
    bench.app.redirectUrls = ['https://elsewhere.example.com/callback'];
    for (const method of [V2, LEGACY])
      expect(await requestAuthCode({}, method)).toEqual({ errorCode: '3', errorMessage: NO_APP });
    bench.emulator.company.settings.domainWording = 'classic';
    expect(await requestAuthCode()).toEqual({
      errorCode: '3',
      errorMessage: '1002, err msg redirect_uri domain is not secure domain',
    });
  });

  test.each([
    ['a redirect URL', { redirectUrls: ['https://nocobase.example.com:8443/api/back'] }],
    ['a redirect domain', { redirectUrls: ['nocobase.example.com:8443'] }],
    ['the home page', { redirectUrls: [], homePage: 'https://nocobase.example.com/?corpId=$CORPID$' }],
  ])('may be that of %s', async (_what, values) => {
    Object.assign(bench.app, values);
    for (const method of [V2, LEGACY]) expect(await requestAuthCode({}, method)).toEqual({ code: HEX_32 });
    for (const origin of ['https://nocobase.example.com.evil.example', 'https://example.com', 'null'])
      expect(await requestAuthCode({}, V2, origin)).toMatchObject({ errorCode: '3' });
  });
});

describe('people', () => {
  const outsiders = ['eve', 'lea', 'ext'];

  test('who are no employees get no code', async () => {
    for (const account of outsiders) {
      await signIn(account);
      expect(await requestAuthCode()).toMatchObject({ errorCode: '3' });
    }
  });

  test('who get one nevertheless are told apart by the server', async () => {
    bench.emulator.company.settings.membersOnly = false;
    const told: Record<string, unknown> = {};
    for (const account of outsiders) {
      await signIn(account);
      told[account] = (await whoseCode(await requestAuthCode())).errcode;
    }
    expect(told).toEqual({ eve: 40079, lea: 40079, ext: 0 });
    expect(await topapi('user/getbyunionid', { unionid: 'union-ext' })).toMatchObject({ result: { contact_type: 1 } });
  });
});

describe('an old client', () => {
  test.each([
    ['android', '7.0.45', '7.0.44'],
    ['ios', '7.0.45', '6.5.60'],
    ['pc', '7.0.50', '7.0.49'],
  ])('on %s knows the newer call from %s on', async (device, since, before) => {
    await put('phone', { device, clientVersion: since });
    expect(await requestAuthCode()).toEqual({ code: HEX_32 });
    await put('phone', { clientVersion: before });
    expect(await requestAuthCode()).toMatchObject({ errorCode: '1' });
    expect(await requestAuthCode({}, LEGACY)).toEqual({ code: HEX_32 });
  });

  test('knows no other calls, and DingTalk no other clients', async () => {
    expect(await requestAuthCode({}, 'biz.user.get')).toMatchObject({ errorCode: '1' });
    expect(await requestAuthCode({ client: 'stolen' })).toMatchObject({ errorCode: '1' });
  });
});

describe('faults', () => {
  test.each([
    ['jsapiCancelled', '-1', '用户取消'],
    ['jsapiAbsent', '1', '接口不存在'],
    ['jsapiDomain', '3', NO_APP],
    ['jsapiCorpId', '3', '1002,corpId不合法'],
    ['jsapiDenied', '7', '没有权限'],
  ] as const)('%s, as a string and as a number', async (fault, errorCode, errorMessage) => {
    const { faults, settings } = bench.emulator.company;
    faults.push({ endpoint: 'requestAuthCode', fault, times: 2 });
    expect(await requestAuthCode()).toEqual({ errorCode, errorMessage });
    settings.jsapiErrorCode = 'number';
    expect(await requestAuthCode()).toEqual({ errorCode: Number(errorCode), errorMessage });
    expect(await requestAuthCode()).toEqual({ code: HEX_32 });
  });

  test('of all endpoints leave the client alone', async () => {
    bench.emulator.company.faults.push({ endpoint: '*', fault: 'error500' });
    expect(await requestAuthCode()).toEqual({ code: HEX_32 });
  });
});

test('a code that was asked for is among the calls', async () => {
  await requestAuthCode({}, LEGACY);
  expect(bench.emulator.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([`POST /client/${LEGACY}`]);
});

test('a page of any origin may read the answer', async () => {
  const answer = await bench.fetch(`/client/${V2}`, { method: 'POST', body: new URLSearchParams() });
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect((await bench.fetch('/__emulator/company')).headers.has('access-control-allow-origin')).toBe(false);
});

test('a wrong client is refused, and changes nothing', async () => {
  const before = structuredClone(bench.emulator.company.clients);
  for (const wrong of [{ device: 'watch' }, { clientVersion: '7' }, { account: 'nobody' }, { x: 1 }])
    expect((await put('phone', wrong)).status).toBe(400);
  expect((await put('Phone!', { device: 'ios', account: 'ada' })).status).toBe(400);
  expect(bench.emulator.company.clients).toEqual(before);
});

test('the script is of a known client, and without dependencies', async () => {
  const response = await bench.fetch('/__emulator/clients/phone.js');
  expect(response.headers.get('content-type')).toBe('text/javascript;charset=utf-8');
  const script = await response.text();
  expect(script).toContain(`"emulatorUrl":"${bench.emulator.url}"`);
  expect(script).toContain('AliApp(DingTalk/8.1.10)');
  expect(script).not.toMatch(/\b(require|import)\(/);
  expect((await bench.fetch('/__emulator/clients/none.js')).status).toBe(400);
});

describe('the workbench', () => {
  const workbench = async (query = '') => (await bench.fetch(`/__emulator/workbench${query}`)).text();

  test('leads to home pages, with the organization in them', async () => {
    bench.app.homePage = 'https://nocobase.example.com/?corpId=$CORPID$&x="';
    const text = await workbench();
    expect(text).toContain(`href="https://nocobase.example.com/?corpId=${CORP}&amp;x=&quot;"`);
    expect(text).toContain('A &amp; B &lt;Ltd&gt;');
    expect(text).toContain('--device android --account ada');
  });

  test('shows nothing to people outside, and nothing unpublished', async () => {
    bench.app.homePage = 'https://nocobase.example.com/';
    for (const account of ['eve', 'lea', 'ext']) {
      await signIn(account);
      expect(await workbench()).not.toContain('nocobase.example.com');
    }
    await signIn('ada');
    bench.app.published = false;
    expect(await workbench()).not.toContain('nocobase.example.com');
  });

  test('signs somebody else in to the client', async () => {
    await put('desk', { device: 'pc', account: 'ada' });
    const response = await bench.form('/__emulator/workbench?client=desk', { account: 'ben' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '?client=desk']);
    expect(bench.emulator.company.clients.map(({ id, account }) => [id, account])).toEqual([
      ['phone', 'ada'],
      ['desk', 'ben'],
    ]);
    expect(await workbench('?client=desk')).toMatch(/value="ben" selected/);
  });
});
