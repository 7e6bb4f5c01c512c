import { parseData } from '../../emulator';
import { callsFor, changesFor, companyOf } from './company';

it('a company takes a call for the scope, and two for each department and the organization', () => {
  const data = parseData(companyOf({ people: 200, departments: 10 }));
  expect(callsFor(data)).toBe(1 + 11 + 11);
  expect(callsFor(data, 3)).toBe(1 + 11 + 11 + 3);
});

it('a page has a hundred members', () => {
  const data = parseData(companyOf({ people: 1, departments: 0 }));
  const [one] = data.accounts;
  const many = (count: number) => ({ ...data, accounts: Array.from({ length: count }, () => one) });
  expect([0, 100, 101, 200, 201].map((count) => callsFor(many(count)))).toEqual([3, 3, 4, 4, 5]);
});

test.each([1_000, 10_000, 100_000])('a hundredth of %i people changes', (people) => {
  const { renamed, moved, hired, left } = changesFor(people);
  expect(renamed + moved + hired + left).toBe(people / 100);
});
