import { CORP, Harness, OTHER_CORP, withDepartments } from '../harness';
import { generateCompany } from '../company';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ data: withDepartments });
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const told = ({ emulator } = harness) =>
  emulator.events.map(({ type, data }) => [type, ...((data.userId ?? data.deptId) as (string | number)[])]);
const patch = (body: object, method = 'PATCH') =>
  harness.ask('/__emulator/data', {
    method,
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  });

it('departments: created, modified, removed', () => {
  const { emulator } = harness;
  emulator.addDepartment({ name: 'New' });
  emulator.changeDepartment(21, { name: 'Newer' });
  emulator.changeDepartment(21, { name: 'Newer' });
  emulator.moveDepartment(21, 10);
  emulator.removeDepartment(21);
  expect(told()).toEqual([
    ['org_dept_create', 21],
    ['org_dept_modify', 21],
    ['org_dept_modify', 21],
    ['org_dept_remove', 21],
  ]);
});

it('a department that goes with those below it, and with people in it, is one event of each kind', () => {
  harness.emulator.removeDepartment(10);
  expect(told()).toEqual([
    ['user_modify_org', 'ada-a', 'ben-a'],
    ['org_dept_remove', 10, 11, 12],
  ]);
});

it('members: join, are changed, move, activate their account, leave, come back', () => {
  const { emulator } = harness;
  const added = emulator.addMember({ userid: 'new', name: 'New', active: false });
  emulator.changeMember(added, { name: 'Newer', telephone: '1' });
  emulator.moveMember(added, [20]);
  emulator.changeMember(added, { active: true });
  emulator.leave(added);
  emulator.changeMember(added, { left: false });
  const types = ['add', 'modify', 'modify', 'active', 'leave', 'add'].map((each) => [`user_${each}_org`, 'new']);
  expect(told()).toEqual(types);
});

it('what changed is told by `diffInfo`, of a modification alone', () => {
  const { emulator } = harness;
  emulator.changeMember('ada', { name: 'Ada C', manager_userid: 'ben-a', job_number: '7' });
  emulator.leave('ada');
  const time = String(Date.UTC(2026, 0, 1));
  expect(emulator.events.map(({ data }) => data)).toEqual([
    {
      timeStamp: time,
      userId: ['ada-a'],
      diffInfo: {
        prev: { name: 'Ada A' },
        curr: { name: 'Ada C', managerUserid: 'ben-a', jobNumber: '7' },
        userid: 'ada-a',
      },
    },
    { timeStamp: time, userId: ['ada-a'] },
  ]);
});

it('who activates an account, and departments, have no time in the data', () => {
  harness.emulator.changeMember('ben', { active: true });
  harness.emulator.changeDepartment(20, { name: 'Help' });
  expect(harness.emulator.events.map(({ data }) => data)).toEqual([{ userId: ['ben-a'] }, { deptId: [20] }]);
});

it('nothing is told of profiles, administrators, external contacts, and what stays as it is', async () => {
  const { emulator } = harness;
  await patch({ accounts: [{ id: 'ada', nick: 'Lady', avatarUrl: 'https://example.com/new.jpg' }] });
  emulator.changeMember('ada', { admin: false });
  emulator.changeMember('ada', { name: 'Ada A' });
  emulator.addMember({ contact_type: 1 });
  emulator.addMember({ left: true });
  emulator.changeMember('ext', { name: 'Other' });
  expect(told()).toEqual([]);
});

it('what becomes an external contact leaves', () => {
  harness.emulator.changeMember('ada', { contact_type: 1 });
  harness.emulator.changeMember('ben', { userid: 'ben-c' });
  expect(told()).toEqual([
    ['user_leave_org', 'ada-a'],
    ['user_leave_org', 'ben-a'],
    ['user_add_org', 'ben-c'],
  ]);
});

it('each organization has its own', () => {
  harness.emulator.leave('ada', 'leave', OTHER_CORP);
  expect(harness.emulator.events).toMatchObject([{ corpId: OTHER_CORP, type: 'user_leave_org' }]);
});

it('what happens together is told together, in parts', () => {
  const { emulator } = harness;
  emulator.data.settings.idsPerEvent = 2;
  emulator.together(() => {
    emulator.together(() => emulator.moveMember('ada', [20]));
    emulator.moveMember('ada', [10]);
    emulator.moveMember('ben', [20]);
    emulator.addMember({ userid: 'a' });
    emulator.addMember({ userid: 'b' });
    emulator.addMember({ userid: 'c' });
  });
  expect(told()).toEqual([
    ['user_modify_org', 'ada-a', 'ben-a'],
    ['user_add_org', 'a', 'b'],
    ['user_add_org', 'c'],
  ]);
  expect(emulator.events[0].data).not.toHaveProperty('diffInfo');
  expect(() =>
    emulator.together(() => {
      emulator.moveMember('ben', [10]);
      emulator.moveMember('ben', [99]);
    }),
  ).toThrow('dept_id 99');
  expect(told().at(-1)).toEqual(['user_modify_org', 'ben-a']);
});

it('what the control API changes is told', async () => {
  const department = (dept_id: number, name: string) => ({ corpId: CORP, dept_id, name });
  await patch({ departments: [department(10, 'Sales 2'), department(40, 'Forty'), department(1, 'Root')] });
  const { accounts, departments, ...more } = harness.emulator.data;
  const others = accounts.filter(({ id }) => id !== 'ada');
  await patch({ ...more, accounts: others, departments: departments.filter(({ dept_id }) => dept_id !== 40) }, 'PUT');
  expect(told()).toEqual([
    ['org_dept_modify', 10, 1],
    ['org_dept_create', 40],
    ['user_leave_org', 'ada-a'],
    ['user_leave_org', 'ada-b'],
    ['org_dept_remove', 40],
  ]);
});

it('other data are told only where that is asked for; a reset is not', () => {
  const { emulator } = harness;
  const before = structuredClone(emulator.data);
  const bare = { ...before, departments: [], settings: { brokenTree: true } };
  emulator.load(bare);
  emulator.reset();
  expect(told()).toEqual([]);
  emulator.load(before, { tells: true });
  expect(told()).toEqual([['org_dept_create', 10, 11, 12, 20]]);
});

it('of frozen data too', async () => {
  const large = await Harness.start({ data: generateCompany({ people: 2500, departments: 20 }) });
  const { userid } = large.emulator.data.accounts[7].memberships[0];
  await large.topapi('v2/user/get', { userid });
  large.emulator.changeMember(large.emulator.data.accounts[7], { name: 'Other' });
  large.emulator.changeDepartment(1001, { name: 'Other' });
  expect(told(large)).toEqual([
    ['user_modify_org', userid],
    ['org_dept_modify', 1001],
  ]);
  await large.emulator.close();
});
