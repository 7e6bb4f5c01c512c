import { Harness, CLIENT, CORP, HEX_32, MINUTE, OTHER_CLIENT, OTHER_CORP } from '../harness';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
beforeEach(() => signIn('ada'));
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const V2 = 'runtime.permission.requestAuthCodeV2';
const LEGACY = 'runtime.permission.requestAuthCode';
const NO_APP = '对应企业没有app.example.com域名微应用';

const put = (id: string, body: object) =>
  harness.ask(`/__emulator/clients/${id}`, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  });
const signIn = (account: string, more = {}) => put('phone', { device: 'android', account, ...more });

/** As the client does for a page of this origin. */
async function requestAuthCode(more: Record<string, string> = {}, method = V2, origin = 'https://app.example.com') {
  const body = new URLSearchParams({ client: 'phone', corpId: CORP, clientId: CLIENT.clientId, ...more });
  return (await harness.ask(`/client/${method}`, { method: 'POST', body, headers: { origin } })).body;
}
const topapi = async (path: string, body: Record<string, unknown>) =>
  (await harness.post(`/topapi/${path}?access_token=${await harness.appToken()}`, body)).body;
const whoseCode = async ({ code }: Record<string, unknown>) => topapi('v2/user/getuserinfo', { code });

describe('a code', () => {
  it.each([V2, LEGACY])(
    'of %s tells the account that is signed in to the client, once, for five minutes',
    async (method) => {
      const answer = await requestAuthCode({}, method);
      expect(await whoseCode(answer)).toMatchObject({ errcode: 0, result: { userid: 'ada-a', unionid: 'union-ada' } });
      expect(await whoseCode(answer)).toMatchObject({ errcode: 40078 });
      const late = await requestAuthCode({}, method);
      harness.pass(5 * MINUTE);
      expect(await whoseCode(late)).toMatchObject({ errcode: 40078 });
    },
  );

  it('is none of the sign-in page, nor the other way round', async () => {
    const { code } = await requestAuthCode();
    expect((await harness.exchange(String(code))).body.code).toBe('invalidParameter.authCode.notFound');
    expect(await whoseCode({ code: harness.code() })).toMatchObject({ errcode: 40078 });
  });

  it('is of the account that signed in to the client last', async () => {
    await signIn('ben');
    expect(await whoseCode(await requestAuthCode())).toMatchObject({ result: { userid: 'ben-a' } });
    expect((await signIn('unknown')).status).toBe(400);
    expect(await whoseCode(await requestAuthCode())).toMatchObject({ result: { userid: 'ben-a' } });
  });
});

describe('the organization', () => {
  it('must be known to DingTalk', async () => {
    for (const corpId of ['', 'ding', '$CORPID$']) {
      expect(await requestAuthCode({ corpId })).toEqual({ errorCode: '3', errorMessage: '1002,corpId不合法' });
    }
  });

  it('must have the app', async () => {
    const refused = { errorCode: '3', errorMessage: NO_APP };
    expect(await requestAuthCode({ corpId: OTHER_CORP })).toEqual(refused);
    expect(await requestAuthCode({ clientId: OTHER_CLIENT.clientId })).toEqual(refused);
    expect(await requestAuthCode({ clientId: '' })).toEqual(refused);
    harness.app.published = false;
    expect(await requestAuthCode()).toEqual(refused);
    expect(await requestAuthCode({}, LEGACY)).toEqual(refused);
  });
});

describe('the domain of the page', () => {
  it('must be one of the app', async () => {
    harness.app.redirectUrls = ['https://elsewhere.example.com/callback'];
    for (const method of [V2, LEGACY]) {
      expect(await requestAuthCode({}, method)).toEqual({ errorCode: '3', errorMessage: NO_APP });
    }
    harness.emulator.data.settings.domainWording = 'classic';
    expect(await requestAuthCode()).toEqual({
      errorCode: '3',
      errorMessage: '1002, err msg redirect_uri domain is not secure domain',
    });
  });

  it.each([
    ['a redirect URL', { redirectUrls: ['https://app.example.com:8443/api/back'] }],
    ['a redirect domain', { redirectUrls: ['app.example.com:8443'] }],
    ['the home page', { redirectUrls: [], homePage: 'https://app.example.com/?corpId=$CORPID$' }],
  ])('may be that of %s', async (_what, values) => {
    Object.assign(harness.app, values);
    for (const method of [V2, LEGACY]) {
      expect(await requestAuthCode({}, method)).toEqual({ code: HEX_32 });
    }
    for (const origin of ['https://app.example.com.evil.example', 'https://example.com', 'null']) {
      expect(await requestAuthCode({}, V2, origin)).toMatchObject({ errorCode: '3' });
    }
  });
});

describe('accounts', () => {
  const outsiders = ['eve', 'lea', 'ext'];

  it('of no employee get no code', async () => {
    for (const account of outsiders) {
      await signIn(account);
      expect(await requestAuthCode()).toMatchObject({ errorCode: '3' });
    }
  });

  it('that get one nevertheless are told apart by the server', async () => {
    harness.emulator.data.settings.membersOnly = false;
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
  it.each([
    ['android', '7.0.45', '7.0.44'],
    ['ios', '7.0.45', '6.5.60'],
    ['pc', '7.0.50', '7.0.49'],
    ['harmony', '7.0.0', '6.9.9'],
    ['taurus-android', '7.0.45', '7.0.44'],
    ['taurus-ios', '7.0.45', '7.0.44'],
  ])('on %s knows the newer call from %s on', async (device, since, before) => {
    await put('phone', { device, clientVersion: since });
    expect(await requestAuthCode()).toEqual({ code: HEX_32 });
    await put('phone', { clientVersion: before });
    expect(await requestAuthCode()).toMatchObject({ errorCode: '1' });
    expect(await requestAuthCode({}, LEGACY)).toEqual({ code: HEX_32 });
  });

  it('knows no other calls, and DingTalk no other clients', async () => {
    expect(await requestAuthCode({}, 'biz.user.get')).toMatchObject({ errorCode: '1' });
    expect(await requestAuthCode({ client: 'stolen' })).toMatchObject({ errorCode: '1' });
  });
});

it('a client of TaurusApp alone knows neither call', async () => {
  await put('phone', { device: 'taurus-alone' });
  expect(await requestAuthCode()).toMatchObject({ errorCode: '1' });
  expect(await requestAuthCode({}, LEGACY)).toMatchObject({ errorCode: '1' });
});

describe('faults', () => {
  it.each([
    ['jsapiCancelled', '-1', '用户取消'],
    ['jsapiAbsent', '1', '接口不存在'],
    ['jsapiDomain', '3', NO_APP],
    ['jsapiCorpId', '3', '1002,corpId不合法'],
    ['jsapiDenied', '7', '没有权限'],
  ] as const)('%s, as a string and as a number', async (fault, errorCode, errorMessage) => {
    const { faults, settings } = harness.emulator.data;
    faults.push({ endpoint: 'requestAuthCode', fault, times: 2 });
    expect(await requestAuthCode()).toEqual({ errorCode, errorMessage });
    settings.jsapiErrorCode = 'number';
    expect(await requestAuthCode()).toEqual({ errorCode: Number(errorCode), errorMessage });
    expect(await requestAuthCode()).toEqual({ code: HEX_32 });
  });

  it('of all endpoints leave the client alone', async () => {
    harness.emulator.data.faults.push({ endpoint: '*', fault: 'error500' });
    expect(await requestAuthCode()).toEqual({ code: HEX_32 });
  });
});

it('a code that was asked for is among the calls', async () => {
  await requestAuthCode({}, LEGACY);
  expect(harness.emulator.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([`POST /client/${LEGACY}`]);
});

it('a page of any origin may read the answer', async () => {
  const answer = await harness.fetch(`/client/${V2}`, { method: 'POST', body: new URLSearchParams() });
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect((await harness.fetch('/__emulator/data')).headers.has('access-control-allow-origin')).toBe(false);
});

it('a wrong client is refused, and changes nothing', async () => {
  const before = structuredClone(harness.emulator.data.clients);
  for (const wrong of [{ device: 'watch' }, { clientVersion: '7' }, { account: 'unknown' }, { x: 1 }]) {
    expect((await put('phone', wrong)).status).toBe(400);
  }
  expect((await put('Phone!', { device: 'ios', account: 'ada' })).status).toBe(400);
  expect(harness.emulator.data.clients).toEqual(before);
});

it('the script is of a known client, and without dependencies', async () => {
  const response = await harness.fetch('/__emulator/clients/phone.js');
  expect(response.headers.get('content-type')).toBe('text/javascript;charset=utf-8');
  const script = await response.text();
  expect(script).toContain(`"emulatorUrl":"${harness.emulator.url}"`);
  expect(script).toContain('AliApp(DingTalk/8.1.10)');
  expect(script).not.toMatch(/\b(require|import)\(/);
  expect((await harness.fetch('/__emulator/clients/none.js')).status).toBe(400);
});

describe('the workbench', () => {
  const workbench = async (query = '') => (await harness.fetch(`/__emulator/workbench${query}`)).text();

  it('leads to home pages, with the organization in them', async () => {
    harness.app.homePage = 'https://app.example.com/?corpId=$CORPID$&x="';
    const text = await workbench();
    expect(text).toContain(`href="https://app.example.com/?corpId=${CORP}&amp;x=&quot;"`);
    expect(text).toContain('A &amp; B &lt;Ltd&gt;');
    expect(text).toContain('{ device: &#39;android&#39;, account: &#39;ada&#39; }');
  });

  it('shows the command that opens a page as the client, where there is one', async () => {
    const other = await Harness.start({ openCommand: 'npm run dingtalk --' });
    other.app.homePage = 'https://app.example.com/';
    const client = { id: 'phone', device: 'ios', account: 'ada', clientVersion: '8.1.10' } as const;
    other.emulator.data.clients.push(client);
    const text = await (await other.fetch('/__emulator/workbench')).text();
    await other.emulator.close();
    const { url } = other.emulator;
    expect(text).toContain(
      `npm run dingtalk -- --emulator ${url} --device ios --account ada --url &#39;https://app.example.com/&#39;`,
    );
  });

  it('shows nothing to accounts outside the organization, and nothing unpublished', async () => {
    harness.app.homePage = 'https://app.example.com/';
    for (const account of ['eve', 'lea', 'ext']) {
      await signIn(account);
      expect(await workbench()).not.toContain('app.example.com');
    }
    await signIn('ada');
    harness.app.published = false;
    expect(await workbench()).not.toContain('app.example.com');
  });

  it('signs another account in to the client', async () => {
    await put('desk', { device: 'pc', account: 'ada' });
    const response = await harness.form('/__emulator/workbench?client=desk', { account: 'ben' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '?client=desk']);
    expect(harness.emulator.data.clients.map(({ id, account }) => [id, account])).toEqual([
      ['phone', 'ada'],
      ['desk', 'ben'],
    ]);
    expect(await workbench('?client=desk')).toMatch(/value="ben" selected/);
  });
});
