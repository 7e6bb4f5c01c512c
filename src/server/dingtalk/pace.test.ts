import { getMaxListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { TestClock } from '../../../testing/test-clock';
import { DingTalkError, type DingTalkErrorDetail, type DingTalkErrorKind } from './errors';
import { CALLS_PER_SECOND, Pace } from './pace';

const errorOf = (kind: DingTalkErrorKind, detail: Partial<DingTalkErrorDetail> = {}) =>
  new DingTalkError(kind, { endpoint: '/x', reason: 'refused by DingTalk', ...detail });

const busy = errorOf('busy');
const noLimit = new AbortController().signal;

let clock: TestClock;
let pace: Pace;
/** When the calls began. */
let began: number[];

beforeEach(() => {
  clock = new TestClock();
  pace = new Pace(undefined, clock);
  began = [];
});

/** A call that takes some time, and fails as long as there are errors for it. */
const callOf =
  (errors: unknown[] = [], ms = 100) =>
  async () => {
    began.push(clock.now());
    await clock.sleep(ms);
    if (errors.length) {
      throw errors.shift();
    }
    return 'answer';
  };

const runMany = (count: number, call: () => Promise<unknown> = callOf(), endpoint = 'list') =>
  Array.from({ length: count }, () => pace.run(endpoint, call, noLimit));

const gaps = () => began.slice(1).map((at, i) => at - began[i]);

/** DingTalk’s limit: 20 calls in any second. */
function throttling() {
  const taken: number[] = [];
  return async () => {
    const now = clock.now();
    began.push(now);
    await clock.sleep(50);
    if (taken.filter((at) => at > now - 1000).length >= 20) {
      throw busy;
    }
    taken.push(now);
  };
}

describe('the pace of an endpoint', () => {
  it('is what DingTalk allows: calls without it are refused', async () => {
    const call = throttling();
    const outcomes = await clock.pass(Promise.allSettled(Array.from({ length: 100 }, call)));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(80);
  });

  it('T83: keeps every call below that limit, and leaves some of it to sign-ins', async () => {
    await clock.pass(Promise.all(runMany(100, throttling())));
    expect(began).toHaveLength(100);
    const busiest = Math.max(...began.map((from) => began.filter((at) => at >= from && at < from + 1000).length));
    expect(busiest).toBe(15);
    expect(began.at(-1)).toBeLessThan(7000);
  });

  it('is even, in the order of arrival, and does not wait for answers', async () => {
    const order: number[] = [];
    const calls = Array.from({ length: 30 }, (_, i) => async () => {
      order.push(i);
      await callOf([], 5000)();
    });
    await clock.pass(Promise.all(calls.map((call) => pace.run('list', call, noLimit))));
    expect(Math.min(...gaps())).toBeGreaterThanOrEqual(1000 / CALLS_PER_SECOND);
    expect(Math.max(...gaps())).toBeLessThan(1000 / CALLS_PER_SECOND + 1);
    expect(order).toEqual(calls.map((_, i) => i));
  });

  it('saves nothing up while nobody calls', async () => {
    await clock.pass(pace.run('list', callOf(), noLimit));
    await clock.pass(clock.sleep(60_000));
    await clock.pass(Promise.all(runMany(3)));
    expect(Math.min(...gaps())).toBeGreaterThanOrEqual(1000 / CALLS_PER_SECOND);
  });

  it('is its own: another endpoint does not wait', async () => {
    await clock.pass(Promise.all([...runMany(2), ...runMany(2, callOf(), 'listsub')]));
    expect(began.filter((at) => at === 0)).toHaveLength(2);
  });

  it.each([1, 5, 40])('can be set: %s a second', async (rate) => {
    pace.setRate(rate);
    await clock.pass(Promise.all(runMany(3)));
    expect(began).toEqual([0, 1000 / rate, 2000 / rate]);
  });

  it('can be switched off', async () => {
    pace.setRate(Infinity);
    await clock.pass(Promise.all(runMany(1000)));
    expect(new Set(began)).toEqual(new Set([0]));
  });

  it('gives the answer', async () => {
    expect(await clock.pass(pace.run('list', callOf(), noLimit))).toBe('answer');
  });
});

describe('when DingTalk is busy', () => {
  const forever = () => Array.from({ length: 1000 }, () => busy);

  it('a call is repeated after growing pauses, a minute in all, and fails then', async () => {
    pace.setRate(1000);
    const failed = pace.run('list', callOf(forever(), 0), noLimit).catch((error: unknown) => error);
    expect(await clock.pass(failed)).toBe(busy);
    expect(gaps()).toEqual([1000, 2000, 4000, 8000, 16_000, 29_000]);
  });

  it('for less than that, the call succeeds', async () => {
    const call = async () => {
      began.push(clock.now());
      if (clock.now() < 59_000) {
        throw busy;
      }
      return 'answer';
    };
    expect(await clock.pass(pace.run('list', call, noLimit))).toBe('answer');
    expect(began).toHaveLength(7);
  });

  it('the other calls of that endpoint wait as well, those of another do not', async () => {
    const first = pace.run('list', callOf([busy], 0), noLimit);
    const others = [...runMany(2), ...runMany(2, callOf(), 'listsub')];
    await clock.pass(Promise.all([first, ...others]));
    const gap = 1000 / CALLS_PER_SECOND;
    const ofOther = [0, expect.closeTo(gap, 0)];
    const after = [1000, 1000 + 2 * gap, 1000 + 4 * gap].map((ms) => expect.closeTo(ms, -1));
    expect(began).toEqual([0, ...ofOther, ...after]);
  });

  it('the endpoint is half as fast, and recovers with what succeeds', async () => {
    await clock.pass(pace.run('list', callOf([busy]), noLimit));
    began = [];
    await clock.pass(Promise.all(runMany(200)));
    expect(gaps()[0]).toBeCloseTo(2000 / CALLS_PER_SECOND, -1);
    expect(gaps()[20]).toBeLessThan(gaps()[0]);
    expect(gaps()[50]).toBeGreaterThan(1200 / CALLS_PER_SECOND);
    expect(gaps().at(-1)).toBeCloseTo(1000 / CALLS_PER_SECOND, 0);
  });

  it('calls that are refused together slow it down once', async () => {
    const call = callOf([busy, busy, busy, busy], 500);
    await clock.pass(Promise.all(runMany(4, call)));
    began = [];
    await clock.pass(Promise.all(runMany(2)));
    expect(gaps()[0]).toBeCloseTo(2000 / CALLS_PER_SECOND, -1);
  });

  it('it never gets slower than a sixteenth', async () => {
    await clock.pass(pace.run('list', callOf(forever()), noLimit).catch(() => undefined));
    began = [];
    await clock.pass(Promise.all(runMany(2)));
    expect(gaps()[0]).toBeGreaterThan(900);
    expect(gaps()[0]).toBeLessThanOrEqual(16_000 / CALLS_PER_SECOND + 1);
  });

  it('a limit that others use up too ends in answers to all', async () => {
    pace.setRate(60);
    await clock.pass(Promise.all(runMany(300, throttling())));
    expect(began.length).toBeLessThan(400);
  });
});

describe('a call that fails', () => {
  const reset = errorOf('unreachable', { networkCode: 'ECONNRESET' });
  const fault = errorOf('unexpected', { status: 200, dingTalkCode: '-1' });
  const other = new TypeError('a fault of ours');

  it.each<[string, unknown[], unknown, number]>([
    ['is repeated once more after a broken connection', [reset], 'answer', 2],
    ['is repeated twice, whatever the transient failures are', [reset, fault], 'answer', 3],
    ['is not repeated a third time', [fault, reset, fault], fault, 3],
    ['is repeated by both rules at once', [busy, fault, busy, reset], 'answer', 5],
    ['is not repeated where DingTalk forbids it', [errorOf('permission')], expect.any(DingTalkError), 1],
    ['is not repeated where there is no answer in time', [errorOf('unreachable')], expect.any(DingTalkError), 1],
    ['is not repeated where its token is refused', [errorOf('token')], expect.any(DingTalkError), 1],
    [
      'is not repeated where the answer is half',
      [errorOf('unexpected', { status: 200 })],
      expect.any(DingTalkError),
      1,
    ],
    ['is not repeated where we are at fault', [other], other, 1],
  ])('%s', async (_, errors, expected, calls) => {
    const outcome = pace.run('list', callOf(errors), noLimit).catch((error: unknown) => error);
    expect(await clock.pass(outcome)).toEqual(expected);
    expect(began).toHaveLength(calls);
  });

  it('does not slow the endpoint down for that', async () => {
    await clock.pass(pace.run('list', callOf([reset, fault]), noLimit));
    began = [];
    await clock.pass(Promise.all(runMany(2)));
    expect(gaps()[0]).toBeCloseTo(1000 / CALLS_PER_SECOND, 0);
  });
});

describe('a signal that is aborted', () => {
  const abortable = (errors?: unknown[]) => {
    const controller = new AbortController();
    const outcome = pace.run('list', callOf(errors), controller.signal).catch((error: unknown) => error);
    return { outcome, abort: () => controller.abort() };
  };
  const tooLate = { kind: 'unreachable', endpoint: 'list', reason: 'no answer in time' };

  it('ends the waiting at once, wherever in the queue, and takes no turn of the others', async () => {
    const waiting = Array.from({ length: 5 }, () => abortable());
    await setImmediate();
    waiting[1].abort();
    waiting[3].abort();
    expect(await waiting[1].outcome).toMatchObject(tooLate);
    expect(await waiting[3].outcome).toMatchObject(tooLate);
    expect(clock.now()).toBe(0);
    await clock.pass(Promise.all([0, 2, 4].map((i) => waiting[i].outcome)));
    expect(began).toHaveLength(3);
    expect(began[2]).toBeCloseTo(2000 / CALLS_PER_SECOND, -1);
  });

  it('before the call makes none', async () => {
    const outcome = pace.run('list', callOf(), AbortSignal.abort()).catch((error: unknown) => error);
    expect(await outcome).toMatchObject(tooLate);
    expect(began).toEqual([]);
  });

  it('ends a pause, and the error says why there was one', async () => {
    const { outcome, abort } = abortable([busy, busy]);
    await clock.pass(clock.sleep(500));
    abort();
    expect(await outcome).toBe(busy);
    expect(clock.now()).toBe(500);
    expect(began).toHaveLength(1);
  });
});

it('Node does not warn of a leak where hundreds of calls wait with one signal', async () => {
  const { signal } = new AbortController();
  expect(getMaxListeners(signal)).toBe(10);
  await clock.pass(pace.run('list', callOf(), signal));
  expect(getMaxListeners(signal)).toBe(Infinity);
});

describe('by the clock of this machine', () => {
  it('calls are made, one after the other', async () => {
    const real = new Pace(1000);
    const call = jest.fn(async () => 'answer');
    const answers = await Promise.all([1, 2, 3].map(() => real.run('list', call, noLimit)));
    expect(answers).toEqual(['answer', 'answer', 'answer']);
    expect(call).toHaveBeenCalledTimes(3);
  });

  it('a waiting call is ended', async () => {
    const real = new Pace(1e-6);
    const controller = new AbortController();
    await real.run('list', async () => 'answer', controller.signal);
    const waiting = real.run('list', async () => 'answer', controller.signal);
    await setImmediate();
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'unreachable' });
  });
});
