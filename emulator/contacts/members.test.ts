import {
  type Answer,
  CLIENT,
  CORP,
  gatewayError,
  Harness,
  MINUTE,
  OAPI_REQUEST_ID,
  oapiError,
  OTHER_CLIENT,
  OTHER_CORP,
} from '../harness';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const call = async (path: string, body: Record<string, unknown>) =>
  harness.post(`/topapi/${path}?access_token=${await harness.appToken()}`, body);
const ok = (result: unknown): Answer => ({
  status: 200,
  type: 'application/json;charset=UTF-8',
  body: { errcode: 0, errmsg: 'ok', result, request_id: OAPI_REQUEST_ID },
});
const notFound = oapiError(60121, '找不到该用户');
const take = (...names: string[]) => {
  harness.app.permissions = harness.app.permissions.filter((name) => !names.includes(name));
};

describe('the gateway of the old API', () => {
  const PATH = '/topapi/user/getbyunionid';
  const body = { unionid: 'union-ada' };

  it('reads the token from the query or a form', async () => {
    const access_token = await harness.appToken();
    const right = ok({ contact_type: 0, userid: 'ada-a' });
    const form = (fields: Record<string, string>) =>
      harness.ask(PATH, { method: 'POST', body: new URLSearchParams(fields) });
    expect(await harness.post(`${PATH}?access_token=${access_token}`, body)).toEqual(right);
    expect(await form({ ...body, access_token })).toEqual(right);
  });

  it('sees no token in a header or in JSON', async () => {
    const access_token = await harness.appToken();
    const blank = gatewayError('40000', 'access_token is blank');
    expect(await harness.post(PATH, body)).toEqual(blank);
    expect(await harness.post(PATH, { ...body, access_token })).toEqual(blank);
    expect(await harness.post(PATH, body, { 'x-acs-dingtalk-access-token': access_token })).toEqual(blank);
  });

  it('refuses unknown tokens and user tokens', async () => {
    const bad = gatewayError('40014', '不合法的access_token');
    expect(await harness.post(`${PATH}?access_token=x`, body)).toEqual(bad);
    expect(await harness.post(`${PATH}?access_token=${await harness.userToken()}`, body)).toEqual(bad);
  });

  it('wants the permission, in two wordings', async () => {
    take('qyapi_get_member');
    expect(await call('user/getbyunionid', body)).toEqual(gatewayError('60011', '没有调用该接口的权限'));
    harness.emulator.data.settings.permissionWording = 'recent';
    expect(await call('user/getbyunionid', body)).toEqual(
      gatewayError(
        '60011',
        '应用尚未开通所需的权限：[qyapi_get_member]，点击链接申请并开通即可：https://open-dev.dingtalk.com/appscope/apply?content=dingclient%23qyapi_get_member, {requiredScopes=[qyapi_get_member]}',
      ),
    );
  });

  it('keeps the white list', async () => {
    harness.app.ipWhiteList = ['10.0.0.1'];
    expect(await call('user/getbyunionid', body)).toEqual(
      gatewayError('60020', '访问ip不在白名单之中,request ip=127.0.0.1 appKey(dingclient)'),
    );
  });

  it('names an unknown method', async () => {
    const submsg = '不合法ApiName，ApiName = dingtalk.oapi.v2.user.notexist';
    const expected = oapiError(22, `Invalid method[submsg=${submsg}]`);
    expect(await harness.post('/topapi/v2/user/notexist', {})).toEqual({
      ...expected,
      body: { ...expected.body, sub_msg: submsg },
    });
    expect((await harness.post(`${PATH}/`, body)).body.errcode).toBe(22);
    expect((await harness.ask('/user/get')).body).toEqual({
      errcode: 40014,
      errmsg: '不合法的access_token',
      request_id: OAPI_REQUEST_ID,
    });
  });
});

it('getbyunionid finds members and external contacts, and no others', async () => {
  const find = (unionid?: string) => call('user/getbyunionid', { unionid });
  expect(await find('union-ext')).toEqual(ok({ contact_type: 1, userid: 'ext-a' }));
  for (const id of ['union-eve', 'union-lea', 'unknown']) {
    expect(await find(id)).toEqual(notFound);
  }
  expect(await find()).toEqual(oapiError(400002, '无效的参数'));
});

describe('user/get', () => {
  const get = (userid?: string) => call('v2/user/get', { userid });
  const base = {
    hide_mobile: false,
    exclusive_account: false,
    dept_id_list: [1],
    dept_order_list: [{ dept_id: 1, order: 1 }],
    leader_in_dept: [{ dept_id: 1, leader: false }],
    senior: false,
    boss: false,
  };

  it('is properly typed', async () => {
    expect(await get('ada-a')).toEqual(
      ok({
        ...base,
        userid: 'ada-a',
        unionid: 'union-ada',
        name: 'Ada A',
        avatar: 'https://example.com/ada.jpg',
        mobile: '18911111111',
        state_code: '86',
        org_email: 'ada@corp.example.com',
        active: true,
        real_authed: true,
        admin: true,
      }),
    );
    expect((await get('ben-a')).body.result).toMatchObject({ active: false, mobile: '61234567', state_code: '852' });
  });

  it('hides fields without their permissions, and from other vendors', async () => {
    const hidden = ['mobile', 'state_code', 'org_email'];
    take('fieldMobile', 'fieldEmail');
    for (const name of hidden) {
      expect((await get('ada-a')).body.result).not.toHaveProperty(name);
    }
    harness.emulator.reset();
    harness.app.kind = 'isv';
    for (const name of hidden) {
      expect((await get('ada-a')).body.result).not.toHaveProperty(name);
    }
  });

  it('leaves out what is not set, or sends it empty', async () => {
    const unset = { avatar: '', title: '', email: '', org_email: '' };
    for (const name of Object.keys(unset)) {
      expect((await get('ben-a')).body.result).not.toHaveProperty(name);
    }
    harness.emulator.data.settings.unsetFields = 'empty';
    expect((await get('ben-a')).body.result).toMatchObject(unset);
    take('fieldEmail');
    expect((await get('ben-a')).body.result).not.toHaveProperty('email');
  });

  it('refuses unknown userids, none, and those outside the contact scope', async () => {
    for (const userid of ['eve-b', 'lea-a', 'unknown']) {
      expect(await get(userid)).toEqual(notFound);
    }
    expect(await get()).toEqual(oapiError(33012, '无效的USERID'));
    harness.app.contactScope = ['ben-a'];
    expect(await get('ada-a')).toEqual(oapiError(50002, '请求的员工userid不在授权范围内'));
    expect((await get('ben-a')).body.errcode).toBe(0);
  });
});

it('getbymobile finds members by the number of the organization, in both spellings outside China', async () => {
  const find = (mobile?: string) => call('v2/user/getbymobile', { mobile });
  expect(await find('18911111111')).toEqual(ok({ userid: 'ada-a' }));
  expect(await find('+852-61234567')).toEqual(ok({ userid: 'ben-a' }));
  for (const mobile of ['18900000000', '18922222222']) {
    expect(await find(mobile)).toEqual(notFound);
  }
  expect(await find('12a')).toEqual(oapiError(40104, '企业中无效的手机号'));
  expect(await find()).toEqual(oapiError(400002, '无效的参数'));
  take('qyapi_get_member_by_mobile');
  expect((await find('18911111111')).body.sub_code).toBe('60011');
});

describe('getuserinfo', () => {
  const unknown = oapiError(40078, '不存在的临时授权码');
  const denied = oapiError(40079, '不存在的授权信息');
  const code = (account: string, clientId = CLIENT.clientId, corpId = CORP) =>
    harness.emulator.jsapiCode({ clientId, account, corpId });
  const info = (value?: string) => call('v2/user/getuserinfo', { code: value });

  it('takes a JSAPI code, once', async () => {
    const once = code('ada');
    expect(await info(once)).toEqual(
      ok({
        userid: 'ada-a',
        unionid: 'union-ada',
        device_id: expect.stringMatching(/./) as unknown,
        sys: true,
        sys_level: 1,
        name: 'Ada A',
      }),
    );
    expect(await info(once)).toEqual(unknown);
  });

  it('refuses late codes, browser codes, codes of other apps, none', async () => {
    expect(await info(harness.code())).toEqual(unknown);
    expect(await info(code('ada', OTHER_CLIENT.clientId))).toEqual(unknown);
    expect(await info()).toEqual(oapiError(41026, '缺少tmp_auth_code'));
    const late = code('ada');
    harness.pass(5 * MINUTE);
    expect(await info(late)).toEqual(unknown);
  });

  it('refuses accounts outside the organization or the contact scope', async () => {
    expect(await info(code('eve'))).toEqual(denied);
    expect(await info(code('ada', CLIENT.clientId, OTHER_CORP))).toEqual(denied);
    harness.app.contactScope = ['ben-a'];
    expect(await info(code('ada'))).toEqual(denied);
  });
});
