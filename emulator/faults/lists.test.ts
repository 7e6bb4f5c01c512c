import type { FaultRule } from '../index';
import { Harness, oapiError, withDepartments } from '../harness';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ data: withDepartments });
});
beforeEach(() => {
  for (let index = 0; index < 4; index++) {
    harness.emulator.addMember({ userid: `u${index}`, dept_id_list: [20] });
  }
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const strike = (rule: FaultRule) => harness.emulator.data.faults.push(rule);
const list = async (dept_id: number, cursor = 0, size = 2) =>
  (await harness.topapi('v2/user/list', { dept_id, cursor, size })).body;
const errors = async (...answers: ReturnType<typeof list>[]) =>
  (await Promise.all(answers)).map(({ errcode }) => errcode);

it('emptyList: the right shape, and nothing in it', async () => {
  strike({ endpoint: '*', fault: 'emptyList' });
  expect((await list(20)).result).toEqual({ has_more: false, list: [] });
  expect((await harness.topapi('v2/department/listsub', { dept_id: 1 })).body.result).toEqual([]);
  expect((await harness.topapi('v2/department/listsubid', { dept_id: 1 })).body.result).toEqual({ dept_id_list: [] });
});

it('halfList: half of it, which says that it is all', async () => {
  strike({ endpoint: '*', fault: 'halfList' });
  expect((await list(20)).result).toMatchObject({ has_more: false, list: [{ userid: 'u0' }] });
  expect((await harness.topapi('v2/department/listsub', { dept_id: 1 })).body.result).toHaveLength(1);
});

it('endlessPages: each page leads to itself', async () => {
  strike({ endpoint: 'v2/user/list', fault: 'endlessPages' });
  expect((await list(20, 2)).result).toMatchObject({ has_more: true, next_cursor: 2 });
});

it('lastPageFails: those before it come', async () => {
  strike({ endpoint: 'v2/user/list', fault: 'lastPageFails' });
  expect(await list(20)).toMatchObject({ errcode: 0, result: { has_more: true } });
  expect(await list(20, 2)).toMatchObject({ errcode: -1 });
});

it('the refusals of the address book', async () => {
  for (const [fault, expected] of [
    ['noDepartment60003', oapiError(60003, '部门不存在')],
    ['outOfScope50004', oapiError(50004, '请求的部门id不在授权范围内')],
    ['outOfScope50002', oapiError(50002, '请求的员工userid不在授权范围内')],
    ['noMember60121', oapiError(60121, '找不到该用户')],
  ] as const) {
    strike({ endpoint: 'v2/user/get', fault, times: 1 });
    expect(await harness.topapi('v2/user/get', { userid: 'ada-a' })).toEqual(expected);
  }
});

it('where: a rule strikes only the requests that it describes', async () => {
  strike({ endpoint: 'v2/user/list', fault: 'busyMinus1', where: { dept_id: 20, cursor: 2 } });
  expect(await errors(list(10), list(20), list(20, 2), list(20, 2))).toEqual([0, 0, -1, -1]);
});

it('after: a rule spares so many of them', async () => {
  strike({ endpoint: 'v2/user/list', fault: 'busyMinus1', where: { dept_id: 20 }, after: 2, times: 1 });
  const answers = [await list(10), await list(20), await list(20), await list(20), await list(20)];
  expect(answers.map(({ errcode }) => errcode)).toEqual([0, 0, 0, -1, 0]);
});
