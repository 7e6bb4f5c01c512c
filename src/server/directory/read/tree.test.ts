import { parentsFirst } from './tree';

const department = (id: number, parentId?: number) => ({ id, parentId, name: `department ${id}` });
const sorted = (...departments: [number, number?][]) =>
  parentsFirst(departments.map(([id, parentId]) => department(id, parentId))).map(({ id, parentId }) => [id, parentId]);

describe('departments', () => {
  it('come with parents before children, in whatever order they were read', () => {
    expect(sorted([4, 3], [3, 2], [2, 1], [5, 2])).toEqual([
      [2, 1],
      [3, 2],
      [5, 2],
      [4, 3],
    ]);
  });

  it('without a parent among them are roots', () => {
    expect(sorted([3, 2], [7], [2, 99])).toEqual([
      [7, undefined],
      [2, 99],
      [3, 2],
    ]);
  });

  it('of a loop lose one parent, and all of them come once', () => {
    expect(sorted([2, 4], [3, 2], [4, 3], [5, 3])).toEqual([
      [2, undefined],
      [3, 2],
      [4, 3],
      [5, 3],
    ]);
    expect(sorted([2, 2])).toEqual([[2, undefined]]);
  });

  it('are sorted in a moment, a hundred thousand of them', () => {
    const wide = Array.from({ length: 50_000 }, (_, index) => department(index + 2, 1));
    const deep = Array.from({ length: 50_000 }, (_, index) => department(index + 60_000, index + 59_999));
    expect(parentsFirst([...deep.reverse(), ...wide])).toHaveLength(100_000);
  });
});
