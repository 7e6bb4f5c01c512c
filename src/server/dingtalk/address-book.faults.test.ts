import { type App, type Emulator, type FaultRule, startEmulator } from '../../../emulator';
import {
  countMembers,
  type DirectoryMember,
  getDepartment,
  getDirectoryMember,
  getScopes,
  listMembers,
  listParentDepartmentIds,
  listSubDepartmentIds,
  listSubDepartments,
} from './address-book';
import { getAppToken } from './api';
import { DingTalkError, type DingTalkErrorKind } from './errors';
import { Pace } from './pace';

/** An address book of 251 members in a department, as it is read, and what comes between. */

let dingtalk: Emulator;
let app: App;
let token: string;

const inTime = () => AbortSignal.timeout(5000);

beforeAll(async () => {
  dingtalk = await startEmulator();
  // NocoBase warns that the emulator is on this machine.
  jest.spyOn(console, 'warn').mockReturnValue();
});

afterAll(() => dingtalk.close());

beforeEach(async () => {
  dingtalk.reset();
  process.env.DINGTALK_API_URL = process.env.DINGTALK_OAPI_URL = dingtalk.url;
  [app] = dingtalk.data.apps;
  app.permissions.push('qyapi_get_department_list', 'qyapi_get_department_member');
  token = (await getAppToken(app, inTime())).accessToken;
  dingtalk.addDepartment({ dept_id: 2, name: '市场部' });
  dingtalk.addDepartment({ dept_id: 3, name: '北京', parent_id: 2 });
  const values = { leader_in_dept: [{ dept_id: 3, leader: true }], job_number: '0042', title: '经理' };
  dingtalk.addMember({ userid: 'zhang wei', name: '张伟', dept_id_list: [3, 2], ...values });
  for (let i = 0; i < 250; i++) {
    dingtalk.addMember({ userid: `m${i}`, dept_id_list: [3] });
  }
});

const fault = (rule: FaultRule) => dingtalk.data.faults.push(rule);

/** All members of a department, and how many pages they take. */
async function readAll(department: number) {
  const members: DirectoryMember[] = [];
  let pages = 0;
  for (let cursor: number | undefined = 0; cursor !== undefined; pages++) {
    const page = await listMembers(token, department, cursor, inTime());
    members.push(...page.members);
    cursor = page.nextCursor;
  }
  return { members, pages };
}

async function kindOf(call: Promise<unknown>): Promise<DingTalkErrorKind> {
  const error = await call.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DingTalkError);
  return (error as DingTalkError).kind;
}

describe('pages of members', () => {
  const readDepartment = async () => {
    const { members, pages } = await readAll(3);
    expect(pages).toBe(3);
    expect(new Set(members.map(({ userid }) => userid)).size).toBe(251);
    expect(members.find(({ userid }) => userid === 'zhang wei')).toMatchObject({
      name: '张伟',
      departmentIds: [3, 2],
      leads: { 3: true },
      jobNumber: '0042',
      title: '经理',
      active: true,
      isDedicated: false,
    });
  };

  it('are read to the last', readDepartment);

  it.each(['absent', 'zero', 'end'] as const)('end where DingTalk says so, whatever its cursor: %s', async (end) => {
    dingtalk.data.settings.nextCursorAtEnd = end;
    await readDepartment();
  });

  it('may have all values as texts', async () => {
    dingtalk.data.settings.userListValues = 'texts';
    await readDepartment();
  });

  it.each(['array', 'object'] as const)('may have one member alone, as %s', async (style) => {
    dingtalk.data.settings.userListOfOne = style;
    expect((await readAll(2)).members).toMatchObject([{ userid: 'zhang wei', leads: { 2: false } }]);
  });

  it('whose next page is the same end the reading', async () => {
    fault({ endpoint: 'v2/user/list', fault: 'endlessPages', after: 1 });
    expect(await kindOf(readAll(3))).toBe('unexpected');
    expect(dingtalk.calls.filter(({ path }) => path.endsWith('/user/list'))).toHaveLength(2);
  });

  it('of which the last fails are no members', async () => {
    fault({ endpoint: 'v2/user/list', fault: 'lastPageFails' });
    expect(await kindOf(readAll(3))).toBe('unexpected');
  });

  it('name members who have not joined, with or without unionId', async () => {
    dingtalk.addMember({ userid: 'invited', dept_id_list: [2], active: false });
    expect((await readAll(2)).members).toContainEqual(
      expect.objectContaining({ userid: 'invited', active: false, unionId: expect.any(String) }),
    );
    dingtalk.data.settings.inactiveHaveUnionid = false;
    expect((await readAll(2)).members).toContainEqual(
      expect.objectContaining({ userid: 'invited', active: false, unionId: undefined }),
    );
  });
});

describe('an app', () => {
  const optional = ['mobile', 'stateCode', 'email', 'orgEmail', 'workPlace'] as const;

  it('reads phone numbers and private fields only with permission', async () => {
    const values = { mobile: '13800000001', state_code: '86', email: 'a@x.example', org_email: 'a@corp.example' };
    dingtalk.addMember({ userid: 'full', dept_id_list: [2], work_place: '北京', ...values });
    const fields = async () => {
      const member = await getDirectoryMember(token, 'full', inTime());
      return optional.filter((name) => member[name] !== undefined);
    };
    app.permissions = ['qyapi_get_member', 'fieldMobile', 'fieldEmail'];
    expect(await fields()).toEqual(optional);
    app.permissions = ['qyapi_get_member', 'fieldMobile'];
    expect(await fields()).toEqual(['mobile', 'stateCode']);
    app.permissions = ['qyapi_get_member'];
    expect(await fields()).toEqual([]);
  });

  it('without permission reads nothing', async () => {
    app.permissions = ['qyapi_base'];
    const calls = [
      listSubDepartments(token, 1, inTime()),
      getDepartment(token, 2, inTime()),
      listSubDepartmentIds(token, 1, inTime()),
      listParentDepartmentIds(token, 2, inTime()),
      listMembers(token, 2, 0, inTime()),
      getDirectoryMember(token, 'm1', inTime()),
      countMembers(token, inTime()),
    ];
    expect(await Promise.all(calls.map(kindOf))).toEqual(calls.map(() => 'permission'));
    expect(await getScopes(token, inTime())).toMatchObject({ departmentIds: [1] });
  });

  it('with a narrow scope is told which, and what is outside of it', async () => {
    app.contactScope = { departments: [3], users: ['m1'] };
    expect(await getScopes(token, inTime())).toMatchObject({ departmentIds: [3], userids: ['m1'] });
    expect((await readAll(3)).members).toHaveLength(251);
    expect(await kindOf(listSubDepartments(token, 1, inTime()))).toBe('scope');
    expect(await kindOf(listMembers(token, 2, 0, inTime()))).toBe('scope');
    expect(await kindOf(getDepartment(token, 2, inTime()))).toBe('scope');
    expect(await kindOf(getDirectoryMember(token, '2053652607919', inTime()))).toBe('scope');
    expect(await listSubDepartmentIds(token, 2, inTime())).toEqual([3]);
    expect(await listParentDepartmentIds(token, 2, inTime())).toEqual([2, 1]);
    expect(await countMembers(token, inTime())).toBeGreaterThan(251);
  });
});

describe('departments and members', () => {
  it('that do not exist are told apart from those outside of the scope', async () => {
    expect(await kindOf(listSubDepartments(token, 99, inTime()))).toBe('gone');
    expect(await kindOf(getDepartment(token, 99, inTime()))).toBe('gone');
    expect(await kindOf(listParentDepartmentIds(token, 99, inTime()))).toBe('gone');
    expect(await kindOf(listMembers(token, 99, 0, inTime()))).toBe('gone');
    expect(await kindOf(getDirectoryMember(token, 'nobody', inTime()))).toBe('notMember');
  });

  it('of a school are left out', async () => {
    dingtalk.data.settings.schoolDepartments = true;
    expect(await listSubDepartments(token, 1, inTime())).toEqual([{ id: 2, name: '市场部', parentId: 1 }]);
    expect(await listSubDepartmentIds(token, 1, inTime())).toEqual([2]);
  });

  it('the organization itself has no parent', async () => {
    expect((await getDepartment(token, 1, inTime())).parentId).toBeUndefined();
  });
});

it('a throttled call is refused, and answered after a pause where it is paced', async () => {
  const ask = () => getDirectoryMember(token, 'm1', inTime());
  fault({ endpoint: 'v2/user/get', fault: 'throttle88', times: 2 });
  expect(await kindOf(ask())).toBe('busy');
  expect(await new Pace().run('user/get', ask, inTime())).toMatchObject({ userid: 'm1' });
});
