import { type Answer, CORP, gatewayError, Harness, OAPI_REQUEST_ID, oapiError, withDepartments } from '../harness';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ data: withDepartments });
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const call = (path: string, body: Record<string, unknown> = {}) => harness.topapi(`v2/department/${path}`, body);
const resultOf = async (path: string, body: Record<string, unknown> = {}) => (await call(path, body)).body.result;
const idsOf = async (dept_id?: number) =>
  ((await resultOf('listsub', { dept_id })) as { dept_id: number }[]).map((each) => each.dept_id);
const ok = (result: unknown): Answer => ({
  status: 200,
  type: 'application/json;charset=UTF-8',
  body: { errcode: 0, errmsg: 'ok', result, request_id: OAPI_REQUEST_ID },
});
const settings = () => harness.emulator.data.settings;

const outside = oapiError(50004, '请求的部门id不在授权范围内');
const unknown = oapiError(60003, '部门不存在');
const bad = oapiError(400002, '无效的参数');

it('listsub has the direct children alone', async () => {
  expect(await call('listsub', { dept_id: 10 })).toEqual(
    ok([{ auto_add_user: true, create_dept_group: true, dept_id: 11, name: 'East', parent_id: 10 }]),
  );
  expect(await idsOf(11)).toEqual([12]);
  expect(await idsOf(12)).toEqual([]);
});

it('listsub of nothing is that of the root, or refused', async () => {
  expect(await idsOf()).toEqual([20, 10]);
  settings().listsubWithoutId = 'refused';
  expect(await call('listsub')).toEqual(bad);
});

it('the order of listsub is not documented', async () => {
  expect(await idsOf(1)).toEqual([20, 10]);
  settings().listsubOrder = 'id';
  expect(await idsOf(1)).toEqual([10, 20]);
  settings().listsubOrder = 'reverse';
  expect(await idsOf(1)).toEqual([20, 10]);
});

it('school departments are listed with a negative number, by which nothing is found', async () => {
  settings().schoolDepartments = true;
  expect(await idsOf(1)).toEqual([20, 10, -7]);
  for (const path of ['get', 'listsub', 'listsubid', 'listparentbydept']) {
    expect(await call(path, { dept_id: -7 })).toEqual(oapiError(40009, '不合法的部门id'));
  }
});

it('get tells order and leaders; the root has the name of the organization and no parent', async () => {
  expect(await resultOf('get', { dept_id: 10 })).toMatchObject({
    dept_id: 10,
    name: 'Sales',
    parent_id: 1,
    order: 2,
    dept_manager_userid_list: ['ada-a'],
    member_count: 2,
  });
  const root = await resultOf('get', { dept_id: 1 });
  expect(root).toMatchObject({ dept_id: 1, name: 'A & B <Ltd>' });
  expect(root).not.toHaveProperty('parent_id');
});

it('parents are listed from the department itself up to the root', async () => {
  expect(await resultOf('listparentbydept', { dept_id: 12 })).toEqual({ parent_id_list: [12, 11, 10, 1] });
  expect(await resultOf('listparentbyuser', { userid: 'ada-a' })).toEqual({
    parent_list: [{ parent_dept_id_list: [10, 1] }, { parent_dept_id_list: [12, 11, 10, 1] }],
  });
  for (const userid of ['nobody', 'lea-a', 'ext-a']) {
    expect(await call('listparentbyuser', { userid })).toEqual(oapiError(33012, '无效的USERID'));
  }
  expect(await call('listparentbyuser')).toEqual(bad);
});

it('numbers may come as texts; what is none is refused, and so is what does not exist', async () => {
  expect(await resultOf('listsubid', { dept_id: '10' })).toEqual({ dept_id_list: [11] });
  for (const path of ['listsub', 'listsubid', 'get', 'listparentbydept']) {
    expect(await call(path, { dept_id: 'ten' })).toEqual(bad);
    expect(await call(path, { dept_id: 99 })).toEqual(unknown);
  }
});

it('all want the permission', async () => {
  harness.app.permissions = ['qyapi_get_member', 'qyapi_get_department_member'];
  for (const path of ['listsub', 'listsubid', 'get', 'listparentbydept', 'listparentbyuser']) {
    expect(await call(path, { dept_id: 1 })).toEqual(gatewayError('60011', '没有调用该接口的权限'));
  }
});

describe('an app whose scope is a department', () => {
  beforeEach(() => {
    harness.app.contactScope = { departments: [11], users: ['ben-a'] };
  });

  it('reads it and what is below it, and is refused above and beside it', async () => {
    expect(await idsOf(11)).toEqual([12]);
    expect(await idsOf(12)).toEqual([]);
    for (const dept_id of [1, 10, 20]) {
      expect(await call('listsub', { dept_id })).toEqual(outside);
      expect(await call('get', { dept_id })).toEqual(outside);
    }
    settings().departmentGetOutside = '43007';
    expect(await call('get', { dept_id: 10 })).toEqual(oapiError(43007, '需要授权'));
  });

  it('sees through listsubid and the lists of parents, which ignore the scope', async () => {
    expect(await resultOf('listsubid', { dept_id: 1 })).toEqual({ dept_id_list: [20, 10] });
    expect(await resultOf('listparentbydept', { dept_id: 20 })).toEqual({ parent_id_list: [20, 1] });
    expect(await resultOf('listparentbyuser', { userid: 'ada-a' })).toHaveProperty('parent_list');
  });
});

describe('auth/scopes', () => {
  const scopes = async () => (await harness.ask(`/auth/scopes?access_token=${await harness.appToken()}`)).body;

  it.each([
    ['all', { authed_user: [], authed_dept: [1] }],
    [['ben-a'], { authed_user: ['ben-a'], authed_dept: [] }],
    [
      { departments: [11], users: ['ben-a'] },
      { authed_user: ['ben-a'], authed_dept: [11] },
    ],
  ] as const)('of %j', async (contactScope, expected) => {
    Object.assign(harness.app, { contactScope });
    expect(await scopes()).toMatchObject({ errcode: 0, errmsg: 'ok', auth_org_scopes: expected });
  });

  it('refuses at the top level, as all that is not below /topapi', async () => {
    expect((await harness.ask('/auth/scopes?access_token=x')).body).toMatchObject({ errcode: 40014 });
    expect((await harness.ask('/auth/scopes')).body).toMatchObject({ errcode: 40000 });
    harness.app.permissions = [];
    expect(await scopes()).toMatchObject({ errcode: 60011, errmsg: '没有调用该接口的权限' });
  });
});

it('a tree may be broken by a setting alone: a parent that is missing, a department below itself', async () => {
  const { emulator } = harness;
  const broken = (brokenTree: boolean) => ({
    ...emulator.data,
    settings: { ...emulator.data.settings, brokenTree },
    departments: [
      { corpId: CORP, dept_id: 30, name: 'Orphan', parent_id: 99 },
      { corpId: CORP, dept_id: 31, name: 'One', parent_id: 32 },
      { corpId: CORP, dept_id: 32, name: 'Two', parent_id: 31 },
    ],
  });
  const before = structuredClone(emulator.data);
  expect(() => emulator.load(broken(false))).toThrow(
    /department 30 has the parent 99[^]*department 31 is below itself[^]*member "ada-a" is in the department 10/,
  );
  emulator.load(broken(true));
  expect(await idsOf(31)).toEqual([32]);
  expect(await idsOf(32)).toEqual([31]);
  expect(await resultOf('listparentbydept', { dept_id: 31 })).toEqual({ parent_id_list: [31, 32] });
  expect(await resultOf('listparentbydept', { dept_id: 30 })).toEqual({ parent_id_list: [30] });
  emulator.load(before);
});
