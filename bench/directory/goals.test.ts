import { judge } from './goals';
import type { Row } from './measure';

const row = (values: Partial<Row>): Row => ({
  database: 'postgres',
  people: 10_000,
  departments: 500,
  kind: 'unchanged',
  runs: 3,
  calls: 1004,
  extraCalls: 0,
  seconds: 2,
  read: 1,
  cpu: 1,
  statements: 40,
  writes: 0,
  memory: 100,
  written: 0,
  busiest: 100,
  ...values,
});

const rows = [
  row({ kind: 'first', seconds: 200, writes: 30_000 }),
  row({}),
  row({ kind: '1 % changed', seconds: 9, writes: 300 }),
  row({ kind: 'unchanged, paced', seconds: 34, busiest: 15 }),
];
const missed = (given: Row[]) => judge(given).filter(({ reached }) => !reached);

it('a run that reaches every goal', () => {
  expect(judge(rows)).toHaveLength(8);
  expect(missed(rows)).toEqual([]);
});

test.each([
  ['first', { kind: 'first', seconds: 241 }, 'Seconds of the first run: at most 240'],
  ['unchanged', { seconds: 3.1 }, 'Seconds of an unchanged run: at most 3'],
  ['a write', { writes: 1 }, 'Writes of an unchanged run: at most 0'],
  ['changed', { kind: '1 % changed', seconds: 11 }, 'Seconds of a run with 1 % changed: at most 10'],
  ['paced', { kind: 'unchanged, paced', seconds: 43, busiest: 15 }, 'Seconds of an unchanged run, paced: at most 42'],
  ['too fast', { kind: 'unchanged, paced', busiest: 17 }, 'Calls of an endpoint in a second, paced: at most 15'],
  ['calls', { extraCalls: 1 }, 'Calls more than scope'],
  ['memory', { memory: 151 }, 'MiB of memory: at most 150'],
] as const)('a goal that is missed: %s', (_, values, goal) => {
  const found = missed([...rows, row(values)]);
  expect(found).toHaveLength(1);
  expect(found[0].goal).toMatch(goal);
});

it('the first run has a goal on PostgreSQL alone', () => {
  expect(missed([row({ kind: 'first', database: 'sqlite', seconds: 1000 })])).toEqual([]);
});

it('a company of another size has goals of its own', () => {
  expect(missed([row({ people: 1000, seconds: 100, memory: 1000 })])).toEqual([]);
  expect(missed([row({ people: 100_000, memory: 501 })])).toMatchObject([{ goal: 'MiB of memory: at most 500' }]);
});

it('each size is compared with the one before it', () => {
  const sizes = (seconds: number) => [row({ people: 100_000, seconds }), row({ people: 10_000, seconds: 2 })];
  expect(missed(sizes(30))).toEqual([]);
  expect(missed(sizes(31))).toMatchObject([{ figure: '1.55' }]);
});

it('what was not measured is no goal', () => {
  expect(judge([])).toEqual([]);
});
