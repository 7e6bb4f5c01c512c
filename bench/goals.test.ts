import { judge } from './goals';
import type { Row } from './rounds';

const row = (values: Partial<Row>): Row => ({
  database: 'postgres',
  kind: 'returning',
  latency: 0,
  limit: 50,
  count: 100,
  rate: 100,
  p50: 10,
  p95: 11,
  p99: 12,
  failures: 0,
  cpu: 10,
  statements: 11,
  calls: 2,
  connections: 0,
  dingtalk: 1,
  cpuOfCalls: 1,
  cpuOfFloor: 1.2,
  latencyOfExpected: 1.05,
  latencyOfPassword: 0.6,
  ...values,
});
const floor = row({ kind: 'floor', statements: 10, calls: 0, cpuOfFloor: 1, latencyOfExpected: 1 });
const inARow = [{ database: 'postgres' as const, signIns: 100, opened: 1 }];

const missed = (rows: Row[], connections = inARow) =>
  judge(rows, connections)
    .filter(({ reached }) => !reached)
    .map(({ goal, figure }) => `${goal}: ${figure}`);

const rows = [floor, row({}), row({ kind: 'first match', statements: 16 }), row({ kind: 'whole way' })];

it('a run that reaches every goal', () => {
  const goals = judge(rows, inARow);
  expect(goals).toHaveLength(8);
  expect(goals.every(({ reached }) => reached)).toBe(true);
});

test.each([
  ['calls', { calls: 2.01 }, 'Calls to DingTalk a sign-in: at most 2'],
  ['latency', { latencyOfExpected: 1.11 }, 'floor + DingTalk = 1: at most 1.1'],
  ['processor time', { cpuOfFloor: 1.26 }, 'Processor time of a returning user, floor = 1: at most 1.25'],
  ['statements', { statements: 12 }, 'SQL statements of a returning user, more than the floor: at most 1'],
  ['failures', { failures: 1 }, 'Failures: at most 0'],
])('%s beyond the goal, in one row of many', (_, values, goal) => {
  const found = missed([...rows, row({ ...values, latency: 200 })]);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(goal);
  expect(found[0]).toMatch('(returning, DingTalk 200 ms, 50 at a time)');
});

it('statements of a first match are compared with the floor at as many at a time', () => {
  expect(missed([...rows, row({ kind: 'first match', statements: 17 })])).toHaveLength(1);
  expect(missed([row({ kind: 'first match', statements: 16 })])).toHaveLength(1);
});

it('a whole way is compared with a password where DingTalk answers at once', () => {
  const way = (values: Partial<Row>) => row({ kind: 'whole way', latencyOfPassword: 0.61, ...values });
  expect(missed([...rows, way({ latency: 50 })])).toEqual([]);
  expect(missed([...rows, way({})])).toEqual([
    'p50 of the whole way, a sign-in with a password = 1: at most 0.6: 0.61 (whole way, DingTalk 0 ms, 50 at a time)',
  ]);
});

it('a second connection', () => {
  expect(missed(rows, [{ ...inARow[0], opened: 2 }])).toEqual([
    'Connections to DingTalk for 100 sign-ins in a row: at most 1: 2',
  ]);
});

it('failures count on PostgreSQL, 50 at a time', () => {
  const few = { limit: 10, failures: 1 };
  const sqlite = { database: 'sqlite', failures: 1 } as const;
  const elsewhere = [few, sqlite].flatMap((values) => [{ ...floor, ...values }, row(values)]);
  expect(missed([...rows, ...elsewhere])).toEqual([]);
});

it('what was not measured is no goal', () => {
  expect(judge([], [])).toEqual([]);
});
