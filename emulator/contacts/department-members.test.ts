import { gatewayError, Harness, oapiError, withDepartments } from '../harness';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ data: withDepartments });
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

type Fields = Record<string, unknown>;
interface Page {
  has_more: boolean;
  next_cursor?: number;
  list: Fields[];
}

const list = (dept_id: unknown, more: Fields = {}) =>
  harness.topapi('v2/user/list', { dept_id, cursor: 0, size: 100, ...more });
const pageOf = async (dept_id: number, more: Fields = {}) => (await list(dept_id, more)).body.result as Page;
const usersIn = async (dept_id: number, more: Fields = {}) =>
  (await pageOf(dept_id, more)).list.map(({ userid }) => userid);
const resultOf = async (path: string, body: Fields) => (await harness.topapi(path, body)).body.result;
const settings = () => harness.emulator.data.settings;
const take = (...names: string[]) => {
  harness.app.permissions = harness.app.permissions.filter((name) => !names.includes(name));
};

const badPage = oapiError(40035, '不合法的参数');

describe('user/list', () => {
  it('has whole members, with what they are in this department', async () => {
    const { list: members, ...cursors } = await pageOf(10);
    expect(cursors).toEqual({ has_more: false });
    expect(members).toEqual([
      {
        userid: 'ada-a',
        unionid: 'union-ada',
        name: 'Ada A',
        avatar: 'https://example.com/ada.jpg',
        mobile: '18911111111',
        state_code: '86',
        hide_mobile: false,
        org_email: 'ada@corp.example.com',
        exclusive_account: false,
        active: true,
        real_authed: true,
        senior: false,
        admin: true,
        boss: false,
        dept_id_list: [10, 12],
        dept_order: 7,
        leader: true,
      },
      expect.objectContaining({ userid: 'ben-a', active: false, dept_order: 1, leader: false }),
    ]);
    expect((await pageOf(12)).list).toMatchObject([{ userid: 'ada-a', dept_order: 3, leader: false }]);
  });

  it('has neither those of departments below, nor leavers, nor external contacts', async () => {
    expect(await usersIn(11)).toEqual([]);
    expect(await usersIn(1)).toEqual([]);
    expect(harness.emulator.data.accounts.map(({ id }) => id)).toEqual(expect.arrayContaining(['lea', 'ext']));
  });

  it('leaves out phone numbers and private fields without their permissions', async () => {
    harness.emulator.changeMember('ada', { telephone: '010-1', work_place: 'Park', remark: 'r', extension: '{"a":1}' });
    const [whole] = (await pageOf(10)).list;
    expect(whole).toMatchObject({ telephone: '010-1', work_place: 'Park', remark: 'r', extension: '{"a":1}' });
    take('fieldMobile');
    const [noPhone] = (await pageOf(10)).list;
    expect(Object.keys(whole).filter((name) => !(name in noPhone))).toEqual(['state_code', 'mobile']);
    take('fieldEmail');
    const [neither] = (await pageOf(10)).list;
    const gone = Object.keys(noPhone).filter((name) => !(name in neither));
    expect(gone).toEqual(['org_email', 'work_place', 'remark', 'extension']);
  });

  it('tells what is told of a dedicated account', async () => {
    harness.emulator.addMember({ name: 'Ded', dept_id_list: [20], exclusive_account: true, login_id: 'ded@corp' });
    expect((await pageOf(20)).list).toMatchObject([
      { exclusive_account: true, login_id: 'ded@corp', exclusive_account_type: 'dingtalk', disable_status: false },
    ]);
  });

  it('wants its own permission', async () => {
    take('qyapi_get_department_member');
    expect(await list(10)).toEqual(gatewayError('60011', '没有调用该接口的权限'));
  });

  it('refuses departments that are outside the scope or unknown, and what is no page', async () => {
    harness.app.contactScope = { departments: [11], users: ['ben-a'] };
    expect(await list(10)).toEqual(oapiError(50004, '请求的部门id不在授权范围内'));
    expect(await usersIn(12)).toEqual(['ada-a']);
    expect(await list(99)).toEqual(oapiError(60003, '部门不存在'));
    settings().userListOfNoDepartment = '60019';
    expect(await list(99)).toEqual(oapiError(60019, '从部门查询人员失败'));
    settings().userListOfNoDepartment = '40035';
    expect(await list(99)).toEqual(badPage);
    expect(await list('x')).toEqual(oapiError(400002, '无效的参数'));
    for (const wrong of [{ cursor: -1 }, { cursor: 'x' }, { cursor: undefined }, { size: 0 }, { order_field: 'x' }]) {
      expect(await list(12, wrong)).toEqual(badPage);
    }
  });

  it('may hide the departments of a member that are outside the scope', async () => {
    harness.app.contactScope = { departments: [11], users: [] };
    expect((await pageOf(12)).list).toMatchObject([{ dept_id_list: [10, 12] }]);
    settings().foreignDepartments = 'hidden';
    expect((await pageOf(12)).list).toMatchObject([{ dept_id_list: [12] }]);
    expect(await resultOf('v2/user/get', { userid: 'ada-a' })).toMatchObject({
      dept_id_list: [12],
      leader_in_dept: [{ dept_id: 12, leader: false }],
    });
  });
});

describe('pages', () => {
  beforeEach(() => {
    for (let index = 0; index < 5; index++) {
      harness.emulator.addMember({ userid: `u${index}`, dept_id_list: [20] });
    }
  });

  it('follow each other by the cursor, which the last one lacks', async () => {
    expect(await usersIn(20, { size: 2 })).toEqual(['u0', 'u1']);
    expect(await pageOf(20, { size: 2 })).toMatchObject({ has_more: true, next_cursor: 2 });
    expect(await usersIn(20, { size: 2, cursor: 4 })).toEqual(['u4']);
    expect(await pageOf(20, { size: 2, cursor: 4 })).not.toHaveProperty('next_cursor');
    expect(await usersIn(20, { size: 2, cursor: 99 })).toEqual([]);
  });

  it('the last one may have a cursor all the same', async () => {
    settings().nextCursorAtEnd = 'zero';
    expect(await pageOf(20)).toMatchObject({ has_more: false, next_cursor: 0 });
    settings().nextCursorAtEnd = 'end';
    expect(await pageOf(20)).toMatchObject({ has_more: false, next_cursor: 5 });
  });

  it('are cut to the maximum, or refused above it', async () => {
    settings().maxPageSize = 2;
    expect(await usersIn(20, { size: 3 })).toEqual(['u0', 'u1']);
    expect(await pageOf(20, { size: 3 })).toMatchObject({ has_more: true, next_cursor: 2 });
    settings().overMaxPageSize = 'refused';
    expect(await list(20, { size: 3 })).toEqual(badPage);
    const simple = await harness.topapi('user/listsimple', { dept_id: 20, cursor: 0, size: 3 });
    expect(simple).toEqual(oapiError(40069, '不合法的分页大小'));
  });

  it('have the order of the department, or of entry', async () => {
    harness.emulator.changeMember(harness.accountOf('u3'), { dept_order_list: [{ dept_id: 20, order: 9 }] });
    expect(await usersIn(20)).toEqual(['u3', 'u0', 'u1', 'u2', 'u4']);
    expect(await usersIn(20, { order_field: 'entry_asc' })).toEqual(['u0', 'u1', 'u2', 'u3', 'u4']);
    expect(await usersIn(20, { order_field: 'entry_desc' })).toEqual(['u4', 'u3', 'u2', 'u1', 'u0']);
  });

  it('who enters or leaves meanwhile shifts those behind', async () => {
    expect(await usersIn(20, { size: 2 })).toEqual(['u0', 'u1']);
    harness.emulator.leave(harness.accountOf('u0'));
    expect(await usersIn(20, { size: 2, cursor: 2 })).toEqual(['u3', 'u4']);
  });
});

describe('what DingTalk’s documents leave open', () => {
  it('inactive members and dedicated accounts may be missing in lists, and inactive ones have no unionid', async () => {
    settings().inactiveHaveUnionid = false;
    expect((await pageOf(10)).list[1]).not.toHaveProperty('unionid');
    expect((await pageOf(10)).list[0]).toHaveProperty('unionid');
    const find = await harness.topapi('user/getbyunionid', { unionid: 'union-ben' });
    expect(find).toEqual(oapiError(60121, '找不到该用户'));
    settings().inactiveListed = false;
    expect(await usersIn(10)).toEqual(['ada-a']);
  });

  it('those with limited access are listed for who asks for them', async () => {
    harness.emulator.changeMember('ada', { access_limited: true });
    expect(await usersIn(10)).toEqual(['ben-a']);
    expect(await usersIn(10, { contain_access_limit: true })).toEqual(['ada-a', 'ben-a']);
  });

  it('texts for everything, as the samples print it', async () => {
    settings().userListValues = 'texts';
    const page = await pageOf(10);
    expect(page).toMatchObject({ has_more: 'false' });
    expect(page.list[0]).toMatchObject({ dept_id_list: '[10,12]', dept_order: '7', leader: 'true', name: 'Ada A' });
  });

  it('an object for a list of one', async () => {
    settings().userListOfOne = 'object';
    expect(await pageOf(12)).toMatchObject({ list: { userid: 'ada-a', dept_order: 3 } });
    expect((await pageOf(10)).list).toHaveLength(2);
    expect((await pageOf(11)).list).toEqual([]);
  });
});

it('listsimple has names; listid has all userids, whatever the scope and without pages', async () => {
  expect(await resultOf('user/listsimple', { dept_id: 10, cursor: 0, size: 1 })).toEqual({
    has_more: true,
    next_cursor: 1,
    list: [{ userid: 'ada-a', name: 'Ada A' }],
  });
  const noCursor = await harness.topapi('user/listsimple', { dept_id: 10, size: 1 });
  expect(noCursor).toEqual(oapiError(40068, '不合法的偏移量'));
  harness.app.contactScope = [];
  expect(await resultOf('user/listid', { dept_id: 10 })).toEqual({ userid_list: ['ada-a', 'ben-a'] });
  expect(await harness.topapi('user/listid', { dept_id: 99 })).toEqual(oapiError(60003, '部门不存在'));
});

it('count counts the employees of the whole organization, whatever the scope', async () => {
  harness.app.contactScope = [];
  expect(await resultOf('user/count', { only_active: false })).toEqual({ count: 2 });
  expect(await resultOf('user/count', { only_active: 'true' })).toEqual({ count: 1 });
  expect(await harness.topapi('user/count', {})).toEqual(oapiError(400002, '无效的参数'));
});

it('user/get has the departments, and follows the scope of departments and users', async () => {
  const get = (userid: string) => harness.topapi('v2/user/get', { userid });
  expect((await get('ada-a')).body.result).toMatchObject({
    dept_id_list: [10, 12],
    dept_order_list: [
      { dept_id: 10, order: 7 },
      { dept_id: 12, order: 3 },
    ],
    leader_in_dept: [
      { dept_id: 10, leader: true },
      { dept_id: 12, leader: false },
    ],
  });
  harness.app.contactScope = { departments: [20], users: ['ben-a'] };
  expect((await get('ben-a')).body.errcode).toBe(0);
  expect(await get('ada-a')).toEqual(oapiError(50002, '请求的员工userid不在授权范围内'));
  harness.app.contactScope = { departments: [11], users: [] };
  expect((await get('ada-a')).body.errcode).toBe(0);
  expect(await get('nobody')).toEqual(oapiError(60121, '找不到该用户'));
});
