import { type Emulator, startEmulator } from '../../../../emulator';
import { newTokenCache } from '../../../../testing/token-cache';
import { row } from '../../../../testing/directory/company';
import type { DingTalkApp } from '../../dingtalk/api';
import { Pace } from '../../dingtalk/pace';
import type { DepartmentRow, MemberRow } from '../types';
import type { Reader } from './calls';
import { type Changes, readChanges } from './read-changes';

let dingtalk: Emulator;
let reader: Reader;

beforeAll(async () => {
  dingtalk = await startEmulator();
  process.env.DINGTALK_API_URL = process.env.DINGTALK_OAPI_URL = dingtalk.url;
  // NocoBase warns that the emulator is on this machine.
  jest.spyOn(console, 'warn').mockReturnValue();
});

afterAll(() => dingtalk.close());

beforeEach(() => {
  dingtalk.reset();
  dingtalk.data.accounts = [];
  const [app] = dingtalk.data.apps;
  app.permissions.push('qyapi_get_department_list', 'qyapi_get_department_member');
  const cache = newTokenCache();
  const { clientId, clientSecret } = app satisfies DingTalkApp;
  reader = { app: { clientId, clientSecret }, cache, pace: new Pace(Infinity), signal: new AbortController().signal };
});

const department = (name: string, parent_id = 1) => dingtalk.addDepartment({ name, parent_id }).dept_id;
const member = (userid: string, ...departments: number[]) => {
  dingtalk.addMember({ userid, dept_id_list: departments.length ? departments : [1] });
  return userid;
};
const many = (count: number, name: string, ...departments: number[]) =>
  Array.from({ length: count }, (_, index) => member(`${name}${index}`, ...departments));

/** What the source knows of those who are there, as a run would have written it. */
function knownOf(): { members: MemberRow[]; departmentRows: DepartmentRow[] } {
  const { accounts, departments } = dingtalk.data;
  return {
    members: accounts.map(({ unionId, memberships: [{ userid, dept_id_list = [] }] }) =>
      row(userid, {
        unionId,
        userId: userid,
        memberships: Object.fromEntries(dept_id_list.filter((id) => id > 1).map((id) => [id, false])),
      }),
    ),
    departmentRows: departments.map(({ dept_id, name, parent_id }) => ({
      id: String(dept_id),
      departmentId: dept_id,
      nocobaseId: `n${dept_id}`,
      title: name,
      ...(parent_id > 1 && { parentNocobaseId: `n${parent_id}` }),
    })),
  };
}

/** How often each endpoint was asked. */
function calls(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { path } of dingtalk.calls.filter((call) => call.path.startsWith('/topapi'))) {
    const name = path.replace(/^\/topapi(\/v2)?\//, '');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

async function read(
  changes: Partial<Changes>,
  known: ReturnType<typeof knownOf>,
  { chosen = null, hasDepartments = true }: { chosen?: number[] | null; hasDepartments?: boolean } = {},
) {
  const all = { userids: [], departmentIds: [], ...changes };
  const { directory, needsRun } = await readChanges(reader, chosen, all, { ...known, hasDepartments });
  return {
    needsRun,
    departments: directory.departments.map(({ id }) => id).sort((one, other) => one - other),
    members: directory.members.map(({ userid }) => userid).sort(),
    leads: Object.fromEntries(directory.members.map(({ userid, leads }) => [userid, leads])),
    absences: Object.fromEntries(directory.absences),
    gone: [...directory.goneDepartments],
  };
}

describe('a change is read in as few calls as may be', () => {
  it('a department of 500 that moved at once, with an event for each, is one reading', async () => {
    const [a, b] = [department('A'), department('B')];
    const userids = many(500, 'm', a);
    const known = knownOf();
    dingtalk.moveDepartment(a, b);
    const found = await read({ departmentIds: [a], userids }, known);
    expect(found.members).toHaveLength(500);
    expect(found.departments).toEqual([a]);
    expect(calls()).toEqual({ 'department/get': 1, 'user/list': 5 });
  });

  it('one member is one call', async () => {
    const a = department('A');
    many(3, 'm', a);
    const found = await read({ userids: ['m1'] }, knownOf());
    expect(found).toMatchObject({ members: ['m1'], departments: [], absences: {}, needsRun: false });
    expect(calls()).toEqual({ 'user/get': 1 });
  });

  it('several of one department are its list, and who is elsewhere by now is asked for', async () => {
    const [a, b] = [department('A'), department('B')];
    many(150, 'm', a);
    const known = knownOf();
    dingtalk.moveMember(dingtalk.data.accounts[0], [b]);
    const found = await read({ userids: ['m0', 'm1', 'm2', 'm3'] }, known);
    expect(found.members).toEqual(expect.arrayContaining(['m0', 'm1', 'm2', 'm3']));
    expect(calls()).toEqual({ 'user/list': 2, 'user/get': 1 });
    // Two pages cost as much as two members.
    await read({ userids: ['m4', 'm5'] }, known);
    expect(calls()).toEqual({ 'user/list': 2, 'user/get': 3 });
  });

  it('newcomers who are found in one department are its list from then on', async () => {
    const a = department('A');
    const known = knownOf();
    const userids = many(90, 'new', a);
    const found = await read({ userids }, known);
    expect(found.members).toHaveLength(90);
    // One of them of the organization itself, where they might be as well.
    expect(calls()['user/list']).toBe(2);
    expect(calls()['user/get']).toBeLessThan(40);
  });

  it.each([
    ['newcomers, of whom nobody knows where they are', false],
    ['members who are known to be there', true],
  ])('of many in a department each, both endpoints tell half: %s', async (_, isKnown) => {
    reader.pace = new Pace(200);
    const places = Array.from({ length: 60 }, (__, index) => department(`D${index}`));
    const empty = knownOf();
    const userids = places.map((place, index) => member(`m${index}`, place));
    const found = await read({ userids }, isKnown ? knownOf() : empty);
    expect(found.members).toEqual([...userids].sort());
    const { 'user/get': asked, 'user/list': lists, ...others } = calls();
    // By `user/get` alone they would be 60, one after the other.
    expect(asked).toBeLessThan(40);
    expect(lists).toBeLessThan(40);
    expect(others).toEqual({});
  });

  it('newcomers who are few beside the departments are asked for one by one', async () => {
    reader.pace = new Pace(200);
    const places = Array.from({ length: 60 }, (_, index) => department(`D${index}`));
    const known = knownOf();
    const userids = places.slice(0, 20).map((place, index) => member(`m${index}`, place));
    await read({ userids }, known);
    expect(calls()).toEqual({ 'user/get': 20 });
  });

  it('a list says who leads its own department alone: who was asked about is asked in addition', async () => {
    const [a, b] = [department('A'), department('B')];
    dingtalk.addMember({ userid: 'li', dept_id_list: [a, b], leader_in_dept: [{ dept_id: b, leader: true }] });
    dingtalk.addMember({ userid: 'wu', dept_id_list: [a, b], leader_in_dept: [{ dept_id: b, leader: true }] });
    const found = await read({ departmentIds: [a], userids: ['li'] }, knownOf());
    expect(found.leads).toEqual({ li: { [a]: false, [b]: true }, wu: { [a]: false } });
    expect(calls()).toEqual({ 'department/get': 1, 'user/list': 1, 'user/get': 1 });
  });

  it('who left is asked about by two calls, as by a run; what was not asked about is not missing', async () => {
    const a = department('A');
    many(3, 'm', a);
    const known = knownOf();
    dingtalk.leave(dingtalk.data.accounts[0]);
    dingtalk.leave(dingtalk.data.accounts[1]);
    expect(await read({ userids: ['m0', 'nobody'] }, known)).toMatchObject({
      members: [],
      absences: { 'row-m0': 'left' },
    });
    expect(calls()).toEqual({ 'user/get': 2, 'user/getbyunionid': 1 });
  });
});

describe('what a change makes necessary', () => {
  it('a new department with everything below it and above it, whatever was told of it first', async () => {
    const a = department('A');
    const known = knownOf();
    const b = department('B', a);
    const c = department('C', b);
    const d = department('D', c);
    member('li', d);
    expect(await read({ departmentIds: [c] }, known)).toMatchObject({ departments: [b, c, d], members: ['li'] });
    expect(await read({ userids: ['li'] }, known)).toMatchObject({ departments: [b, c, d], members: ['li'] });
  });

  it('whoever had a userid that another member has now', async () => {
    member('li');
    const known = knownOf();
    dingtalk.leave(dingtalk.data.accounts[0]);
    dingtalk.addMember({ userid: 'li' });
    expect(await read({ userids: ['li'] }, known)).toMatchObject({ members: ['li'], absences: { 'row-li': 'left' } });
  });

  it('who and what is known to be in a department that is gone', async () => {
    const [a, b] = [department('A'), department('B')];
    const c = department('C', a);
    member('li', a);
    member('wu', b);
    const known = knownOf();
    dingtalk.removeDepartment(a);
    expect(await read({ departmentIds: [a] }, known)).toMatchObject({ gone: [a, c], members: ['li'], needsRun: false });
  });

  it('nothing of departments, where NocoBase has none', async () => {
    const a = department('A');
    member('li', a);
    const found = await read({ departmentIds: [a], userids: ['li'] }, knownOf(), { hasDepartments: false });
    expect(found).toMatchObject({ departments: [], members: ['li'] });
  });

  it('nothing of the departments 0 and below, which belong to other books', async () => {
    expect(await read({ departmentIds: [0, -7] }, knownOf())).toMatchObject({ departments: [], needsRun: false });
    expect(calls()).toEqual({});
  });
});

describe('a part of the organization', () => {
  const scope = (departments: number[], users: string[] = []) =>
    Object.assign(dingtalk.data.apps[0], { contactScope: { departments, users } });

  it('is left alone by what is outside, be it chosen away or out of sight', async () => {
    const [a, b] = [department('A'), department('B')];
    member('li', a);
    const known = knownOf();
    const c = department('C', b);
    member('wu', c);
    const changes = { departmentIds: [c], userids: ['wu'] };
    const nothing = { departments: [], members: [], needsRun: false };
    expect(await read(changes, known, { chosen: [a] })).toMatchObject(nothing);
    scope([a]);
    expect(await read(changes, known)).toMatchObject(nothing);
  });

  it('needs a run where a department has left it', async () => {
    const [a, b] = [department('A'), department('B')];
    const c = department('C', a);
    const known = knownOf();
    dingtalk.moveDepartment(c, b);
    expect(await read({ departmentIds: [c] }, known, { chosen: [a] })).toMatchObject({
      departments: [],
      needsRun: true,
    });
    scope([a]);
    expect(await read({ departmentIds: [c] }, known)).toMatchObject({ departments: [], needsRun: true });
  });

  it('gets what comes into it with everything below', async () => {
    const [a, b] = [department('A'), department('B')];
    const c = department('C', b);
    member('li', c);
    const known = knownOf();
    dingtalk.moveDepartment(b, a);
    const { departments, members } = await read({ departmentIds: [b] }, known, { chosen: [a] });
    expect([departments, members]).toEqual([[b, c], ['li']]);
  });

  it('loses a member who went out of the chosen departments, or out of sight, as a run says it', async () => {
    const [a, b] = [department('A'), department('B')];
    member('li', a);
    const known = knownOf();
    dingtalk.moveMember(dingtalk.data.accounts[0], [b]);
    const absence = async (chosen: number[] | null) => (await read({ userids: ['li'] }, known, { chosen })).absences;
    expect(await absence([a])).toEqual({ 'row-li': 'notChosen' });
    scope([a]);
    expect(await absence(null)).toEqual({ 'row-li': 'outOfScope' });
  });

  it('has members whom the app may see by themselves', async () => {
    const [a, b] = [department('A'), department('B')];
    scope([a], [member('li', b)]);
    const found = await read({ userids: ['li'] }, { members: [], departmentRows: [] });
    expect(found).toMatchObject({ departments: [], members: ['li'] });
  });
});

it('a failure of DingTalk fails all of it: nobody is taken for a leaver', async () => {
  member('li');
  const known = knownOf();
  dingtalk.data.faults.push({ endpoint: 'v2/user/get', fault: 'permission88', times: 9 });
  await expect(read({ userids: ['li'] }, known)).rejects.toMatchObject({ kind: 'permission' });
});
