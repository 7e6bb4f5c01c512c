import { generateCompany } from '../company';
import { CORP, Harness, withDepartments } from '../harness';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ data: withDepartments });
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const subs = async (dept_id: number) =>
  ((await harness.topapi('v2/department/listsub', { dept_id })).body.result as { dept_id: number }[]).map(
    (each) => each.dept_id,
  );
const users = async (dept_id: number, on = harness) => {
  const { result } = (await on.topapi('v2/user/list', { dept_id, cursor: 0, size: 100 })).body;
  return (result as { list: { userid: string }[] }).list.map(({ userid }) => userid);
};
const userGet = async (userid: string, on = harness) => (await on.topapi('v2/user/get', { userid })).body.errcode;

it('departments are added, renamed, moved and removed while they are read', async () => {
  const { emulator } = harness;
  const added = emulator.addDepartment({ name: 'New', parent_id: 20 });
  expect(added).toMatchObject({ corpId: CORP, dept_id: 21, parent_id: 20 });
  expect(await subs(20)).toEqual([21]);
  emulator.changeDepartment(21, { name: 'Newer' });
  emulator.moveDepartment(11, 21);
  expect([await subs(10), await subs(21)]).toEqual([[], [11]]);
  expect(emulator.data.departments.find(({ dept_id }) => dept_id === 21)?.name).toBe('Newer');

  emulator.removeDepartment(20);
  expect(await subs(1)).toEqual([10]);
  expect((await harness.topapi('v2/department/get', { dept_id: 12 })).body.errcode).toBe(60003);
  expect(await users(10)).toEqual(['ada-a', 'ben-a']);
  emulator.removeDepartment(10);
  expect(await users(1)).toEqual(['ada-a', 'ben-a']);
});

it('members join, move, change and leave', async () => {
  const { emulator } = harness;
  const account = emulator.addMember({ userid: 'new', name: 'New', mobile: '13900000000', dept_id_list: [20] });
  expect(account).toMatchObject({ nick: 'New', mobile: '13900000000' });
  expect(await users(20)).toEqual(['new']);
  emulator.moveMember(account, [10, 11]);
  expect([await users(20), await users(11)]).toEqual([[], ['new']]);
  emulator.changeMember('ada', { name: 'Ada C' });
  expect((await harness.topapi('v2/user/get', { userid: 'ada-a' })).body.result).toMatchObject({ name: 'Ada C' });
  emulator.leave(account);
  expect([await users(11), await userGet('new')]).toEqual([[], 60121]);
});

it('what contradicts itself is refused', () => {
  const { emulator } = harness;
  expect(() => emulator.addDepartment({ name: 'X', dept_id: 10 })).toThrow('exists already');
  expect(() => emulator.addDepartment({ name: 'X', dept_id: 1 })).toThrow('exists already');
  expect(() => emulator.addDepartment({ name: 'X', parent_id: 99 })).toThrow('No department has the dept_id 99');
  expect(() => emulator.moveDepartment(10, 12)).toThrow('cannot be below itself');
  expect(() => emulator.removeDepartment(1)).toThrow('The root cannot be removed');
  expect(() => emulator.removeDepartment(99)).toThrow('dept_id 99');
  expect(() => emulator.moveMember('ada', [99])).toThrow('dept_id 99');
  expect(() => emulator.addMember({ dept_id_list: [99] })).toThrow('dept_id 99');
  expect(() => emulator.leave('eve')).toThrow('No account "eve" is in the organization');
});

it('what is changed in the data by hand counts as well', async () => {
  const ada = harness.accountOf('ada-a');
  ada.memberships[0].dept_id_list = [20];
  expect([await users(10), await users(20)]).toEqual([['ben-a'], ['ada-a']]);
  ada.memberships[0].left = true;
  expect(await userGet('ada-a')).toBe(60121);
});

it('departments are merged by organization and number', async () => {
  const patch = {
    departments: [
      { corpId: CORP, dept_id: 10, order: 0 },
      { corpId: CORP, dept_id: 40, name: 'Forty' },
    ],
  };
  await harness.fetch('/__emulator/data', {
    method: 'PATCH',
    body: JSON.stringify(patch),
    headers: { 'Content-Type': 'application/json' },
  });
  expect(await subs(1)).toEqual([10, 40, 20]);
});

describe('onCall', () => {
  it('changes something before the n-th call of an endpoint is answered, once', async () => {
    const asked: unknown[] = [];
    harness.emulator.onCall('v2/user/list', 2, (parameters) => {
      asked.push(parameters.dept_id);
      harness.emulator.leave('ada');
    });
    expect(await subs(1)).toEqual([20, 10]);
    expect([await users(10), await users(10), await users(12)]).toEqual([['ada-a', 'ben-a'], ['ben-a'], []]);
    expect(asked).toEqual([10]);
  });

  it('is awaited, and forgotten by reset', async () => {
    harness.emulator.onCall('v2/user/list', 1, async () => {
      await new Promise(setImmediate);
      harness.emulator.moveMember('ada', [20]);
    });
    expect(await users(20)).toEqual(['ada-a']);
    harness.emulator.onCall('v2/user/list', 1, () => harness.emulator.leave('ben'));
    harness.emulator.reset();
    expect(await users(10)).toEqual(['ada-a', 'ben-a']);
  });
});

describe('many accounts', () => {
  let large: Harness;
  beforeAll(async () => {
    const company = generateCompany({ people: 2500, departments: 20 });
    const [{ corpId }] = company.organizations;
    const apps = [{ ...harness.app, corpId }];
    large = await Harness.start({ data: { ...company, apps } });
  });
  afterAll(() => large.emulator.close());

  it('are frozen once they are read: a change that would be missed is an error', async () => {
    const [first] = large.emulator.data.accounts;
    const { userid } = first.memberships[0];
    expect(await userGet(userid, large)).toBe(0);
    expect(() => (first.memberships[0].left = true)).toThrow(TypeError);
    expect(() => large.emulator.data.accounts.pop()).toThrow('Cannot delete');
    expect(await userGet(userid, large)).toBe(0);
  });

  it('are changed by the methods', async () => {
    const { emulator } = large;
    const [first, second] = emulator.data.accounts;
    expect(await userGet(second.memberships[0].userid, large)).toBe(0);
    emulator.leave(second);
    expect(await userGet(second.memberships[0].userid, large)).toBe(60121);
    const added = emulator.addDepartment({ name: 'New' });
    emulator.moveMember(first, [added.dept_id]);
    const { userid } = emulator.addMember({ dept_id_list: [added.dept_id] }).memberships[0];
    expect(await users(added.dept_id, large)).toEqual([first.memberships[0].userid, userid]);
    emulator.changeDepartment(added.dept_id, { name: 'Newer' });
    emulator.removeDepartment(added.dept_id);
    const { body } = await large.topapi('v2/user/get', { userid });
    expect(body.result).toMatchObject({ dept_id_list: [1] });
    emulator.reset();
    expect(await userGet(second.memberships[0].userid, large)).toBe(0);
  });
});
