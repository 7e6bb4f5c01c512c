import { isTooMuch } from './brake';

const limits = { free: 5, percent: 10, most: 100 };
const of = (members: number, departments = 0, memberships = 0) => ({ members, departments, memberships });

describe('the brake', () => {
  it.each<[string, ReturnType<typeof of>, ReturnType<typeof of>, ReturnType<typeof of>, boolean]>([
    ['five of ten are always free', of(5), of(0), of(10), false],
    ['six of ten', of(6), of(0), of(10), true],
    ['six of sixty are ten percent, and not more', of(6), of(0), of(60), false],
    ['seven of sixty', of(7), of(0), of(60), true],
    ['a hundred of ten thousand', of(100), of(0), of(10_000), false],
    ['a hundred and one of ten thousand', of(101), of(0), of(10_000), true],
    ['T67: many small bites within a day', of(2), of(5), of(50), true],
    ['a small run a day after a large one', of(1), of(5), of(10_000), false],
    ['a run that takes nothing away, after a large one', of(0), of(99), of(100), false],
    ['departments by themselves', of(0, 6), of(0), of(1000, 10, 1000), true],
    ['memberships by themselves', of(0, 0, 6), of(0), of(1000, 1000, 10), true],
    ['nothing known', of(6), of(0), of(0), true],
  ])('%s', (_, now, before, known, expected) => {
    expect(isTooMuch(now, before, known, limits)).toBe(expected);
  });
});
