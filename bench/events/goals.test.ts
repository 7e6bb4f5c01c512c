import { judge } from './goals';
import type { Row, SignInRow } from './measure';

const row = (values: Partial<Row>): Row => ({
  nodes: 1,
  way: 'Stream',
  what: 'renamed',
  changes: 1,
  times: 20,
  p50: 1,
  p95: 2,
  calls: 1,
  floor: 0.05,
  ...values,
});
const signIns = (values: Partial<SignInRow>): SignInRow[] => {
  const alone = { waiting: 0, count: 500, failures: 0, p50: 80, least: 75, most: 90, p95: 120 };
  return [alone, { ...alone, waiting: 10_000, ...values }];
};
const missed = (rows: Row[], beside: SignInRow[] = []) => judge(rows, beside).filter(({ reached }) => !reached);

it.each([
  [{ p95: 5 }, { p95: 5.1 }],
  [
    { changes: 100, p95: 10 },
    { changes: 100, p95: 10.1 },
  ],
  [
    { changes: 1000, what: 'joined', p95: 60 },
    { changes: 1000, what: 'joined', p95: 60.1 },
  ],
  [
    { what: 'left', p95: 10 },
    { what: 'left', p95: 10.1 },
  ],
  [
    { what: 'left amid others', changes: 1000, p95: 10 },
    { what: 'left amid others', changes: 1000, p95: 10.1 },
  ],
] as [Partial<Row>, Partial<Row>][])('a goal that is reached, and one that is missed: %p', (reached, late) => {
  expect(judge([row(reached)], [])).toMatchObject([{ reached: true }]);
  expect(missed([row(late)])).toHaveLength(1);
});

it('each way and each number of nodes has goals of its own', () => {
  const where = judge([row({}), row({ nodes: 2, way: 'HTTP' })], []).map((goal) => goal.where);
  expect(where).toEqual(['one node, Stream', '2 nodes, HTTP']);
});

it('a sign-in is no slower beside what waits than in the slowest round without, and none fails', () => {
  expect(missed([], signIns({ p50: 90 }))).toEqual([]);
  expect(missed([], signIns({ p50: 90.1 }))).toMatchObject([{ figure: '90.1 (90.0 without)' }]);
  expect(missed([], signIns({ failures: 1 }))).toHaveLength(1);
});

it('what was not measured is no goal', () => {
  expect(judge([row({ changes: 7 })], [])).toEqual([]);
  expect(judge([], [])).toEqual([]);
});
