import { median, percentile } from './statistics';

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

test('percentile', () => {
  expect([0.5, 0.95, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([51, 96, 100, 100]);
  expect(percentile([7], 0.5)).toBe(7);
});

test('median', () => {
  expect(median([10, 9, 2])).toBe(9);
  expect(median([10, 9, 2, 100])).toBe(9.5);
  expect(hundred[0]).toBe(100);
});
