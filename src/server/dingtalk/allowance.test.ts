import { Allowance } from './allowance';

/** A clock that goes on while somebody sleeps. */
function clockOf() {
  const clock = {
    time: 0,
    now: () => clock.time,
    sleep: async (ms: number, signal: AbortSignal) => {
      signal.throwIfAborted();
      clock.time += ms;
    },
  };
  return clock;
}

const { signal } = new AbortController();

it('lets all through until there are too many, and then as many as fit', async () => {
  const clock = clockOf();
  const allowance = new Allowance(3, 1000, clock);
  const times: number[] = [];
  for (let call = 0; call < 7; call++) {
    expect(await allowance.turn(signal)).toBe(true);
    times.push(clock.time);
  }
  expect(times).toEqual([0, 0, 0, 1000, 1000, 1000, 2000]);
});

it('has no stretch of time with more, wherever it begins', async () => {
  const clock = clockOf();
  const allowance = new Allowance(3, 1000, clock);
  const times: number[] = [];
  for (const pause of [0, 400, 400, 400, 0, 0, 100, 900, 0]) {
    clock.time += pause;
    await allowance.turn(signal);
    times.push(clock.time);
  }
  for (const time of times) {
    expect(times.filter((other) => other >= time && other < time + 1000).length).toBeLessThanOrEqual(3);
  }
});

it('says how many more fit', () => {
  const clock = clockOf();
  const allowance = new Allowance(10, 1000, clock);
  allowance.take(7);
  expect(allowance.left()).toBe(3);
  clock.time = 999;
  expect(allowance.left()).toBe(3);
  clock.time = 1000;
  expect(allowance.left()).toBe(10);
});

it('ends the waiting where nobody waits any more', async () => {
  const allowance = new Allowance(1, 1000, clockOf());
  const stop = new AbortController();
  expect(await allowance.turn(stop.signal)).toBe(true);
  stop.abort();
  expect(await allowance.turn(stop.signal)).toBe(false);
});
