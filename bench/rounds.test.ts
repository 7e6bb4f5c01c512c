import { summary } from './rounds';

const batch = (times: number[], cpu: number) => ({
  times,
  cpu,
  rate: 1000 / times[0],
  failures: 1,
  statements: 11,
  calls: 2 * times.length,
  connections: 1,
  dingtalk: 10,
  cpuOfCalls: 2,
});

it('each batch is compared with the floor of its own round', () => {
  // The machine is three times as slow in the second round, and in the third the floor alone was disturbed.
  const floor = [batch([10, 10], 8), batch([30, 30], 24), batch([90, 90], 72)];
  const password = [batch([40, 40], 20), batch([100, 100], 60), batch([42, 46], 20)];
  const ours = [batch([20, 20], 10), batch([40, 40], 30), batch([21, 23], 10)];

  const { count, p50, p99, failures, cpu, calls, connections, cpuOfFloor, latencyOfExpected, latencyOfPassword } =
    summary(ours, floor, password);

  expect({ count, p50, p99, failures, cpu, calls }).toEqual({
    count: 6,
    p50: 22,
    p99: 40,
    failures: 3,
    cpu: 10,
    calls: 2,
  });
  expect(connections).toBe(0.5);
  expect(cpuOfFloor).toBe(1.25);
  expect(latencyOfExpected).toBe(1);
  expect(latencyOfPassword).toBe(0.5);
});
