import { busiestSecond } from './pace';

const calls = (path: string, ...times: number[]) => times.map((at) => ({ path, at }));

test.each([
  ['no call', [], 0],
  ['calls a second apart', calls('/a', 0, 1000, 2000), 1],
  ['those of any second count, not of those of the clock', calls('/a', 900, 1000, 1100, 1899, 1900), 4],
  ['each endpoint has its own', [...calls('/a', 1, 2), ...calls('/b', 1, 2, 3)], 3],
  ['in whatever order they are told', calls('/a', 2000, 10, 0), 2],
])('%s', (_, given, most) => {
  expect(busiestSecond(given)).toBe(most);
});
