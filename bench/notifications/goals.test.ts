import { judge } from './goals';
import type { Row } from './measure';

const row = (values: Partial<Row> = {}): Row => ({
  database: 'postgres',
  kind: 'one message',
  latency: 50,
  messages: 1,
  people: 1000,
  calls: 10,
  seconds: 0.19,
  statements: 12,
  memory: 5,
  lookUp: 3,
  ...values,
});
const missed = (values: Partial<Row>) =>
  judge([row(values)])
    .filter(({ reached }) => !reached)
    .map(({ figure }) => figure);

it('all goals are reached', () => {
  expect(judge([row()])).toHaveLength(3);
  expect(missed({})).toEqual([]);
  expect(missed({ kind: 'one each', messages: 100, people: 1, calls: 100, seconds: 7 })).toEqual([]);
});

it.each<[string, Partial<Row>, string[]]>([
  ['a statement more', { lookUp: 4 }, ['4']],
  ['a call more', { calls: 11 }, ['11']],
  ['calls one after the other', { seconds: 0.5 }, ['1.00']],
  ['an answer that takes longer than the calls', { latency: 200, seconds: 0.81 }, ['0.41']],
])('one is missed: %s', (_, values, figures) => {
  expect(missed(values)).toEqual(figures);
});

it('without answer times there is no share of them', () => {
  expect(judge([row({ latency: 0 })])).toHaveLength(2);
});
