import { randomBytes } from 'node:crypto';
import Cookies from 'cookies';
import { flowContext } from '../../../testing/flow-context';
import { heapInUse, MiB } from '../../../testing/memory';
import { beginFlow, endFlow, finishFlow, type Flow, readFlow } from './flow';

const flow: Flow = { purpose: 'signIn', authenticator: 'dingtalk', redirect: '/admin' };
const begun = { ...flow, expires: expect.any(Number) };
const newState = () => randomBytes(32).toString('base64url');

/** Begins a flow: its state, and the cookie that the browser sends from then on. */
function begin(begun = flow, options: Parameters<typeof flowContext>[0] = {}) {
  const ctx = flowContext(options);
  const state = beginFlow(ctx, begun);
  const cookie = ctx.set.at(-1) ?? '';
  return { state, cookie };
}

describe('a flow', () => {
  afterEach(() => jest.restoreAllMocks());

  it('is read by the browser that began it, with its state', () => {
    const { state, cookie } = begin();
    expect(state).toMatch(/^[\w-]{43}$/);
    expect(readFlow(flowContext({ cookie: `a=b; ${cookie}; c=d` }), state)).toEqual(begun);
  });

  it('is not read without the cookie', () => {
    expect(readFlow(flowContext(), begin().state)).toBeUndefined();
  });

  it('is not read with the state of another flow of the same browser', () => {
    const [one, two] = [begin(), begin()];
    const moved = one.cookie.replace(one.state.slice(0, 16), two.state.slice(0, 16));
    expect(readFlow(flowContext({ cookie: moved }), two.state)).toBeUndefined();
  });

  it('is not read by another application, nor after APP_KEY has changed', () => {
    const { state, cookie } = begin();
    const moved = cookie.replace('_main_', '_other_');
    expect(readFlow(flowContext({ cookie: moved, app: 'other' }), state)).toBeUndefined();
    expect(readFlow(flowContext({ cookie, secret: 'another secret' }), state)).toBeUndefined();
  });

  it('ends after ten minutes', () => {
    const { state, cookie } = begin();
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now');
    clock.mockReturnValue(now + 10 * 60 * 1000 - 1000);
    expect(readFlow(flowContext({ cookie }), state)).toEqual(begun);
    clock.mockReturnValue(now + 10 * 60 * 1000 + 1);
    expect(readFlow(flowContext({ cookie }), state)).toBeUndefined();
  });

  it('T02: is finished once, and its cookie is deleted', () => {
    const { state, cookie } = begin();
    const ctx = flowContext({ cookie });
    expect(finishFlow(ctx, state, () => true)).toEqual(begun);
    expect(ctx.set).toEqual([`${cookie.split('=')[0]}=`]);
    expect(() => finishFlow(flowContext({ cookie }), state, () => true)).toThrow('STATE_INVALID');
  });

  it('T06, T08: goes on where it is not the one that is expected', () => {
    const { state, cookie } = begin();
    expect(() => finishFlow(flowContext({ cookie }), state, ({ purpose }) => purpose === 'link')).toThrow(
      'STATE_INVALID',
    );
    expect(readFlow(flowContext({ cookie }), state)).toEqual(begun);
  });

  it('has a record that is no token of NocoBase: it has two parts, not three, and a key of its own', () => {
    const value = begin().cookie.split('=')[1];
    expect(value.split('.')).toHaveLength(2);
  });
});

describe('the cookies of flows', () => {
  it('T01: have a name over https that only this host can set', () => {
    const { state, cookie } = begin(flow, { secure: true });
    expect(cookie).toMatch(/^__Host-nb_dingtalk_main_/);
    const planted = cookie.replace('__Host-', '');
    expect(readFlow(flowContext({ cookie, secure: true }), state)).toEqual(begun);
    expect(readFlow(flowContext({ cookie: planted, secure: true }), state)).toBeUndefined();
  });

  it('stay below 4 kB and a new one: the oldest are deleted', () => {
    const long = { ...flow, redirect: `/admin?${'x'.repeat(1900)}` };
    const cookies = [begin(long), begin(long), begin(long)].map(({ cookie }) => cookie);
    const ctx = flowContext({ cookie: cookies.join('; ') });
    beginFlow(ctx, flow);
    const deleted = ctx.set.filter((cookie) => cookie.endsWith('='));
    const oldest = cookies.slice(0, 2).map((cookie) => `${cookie.split('=')[0]}=`);
    expect(deleted.sort()).toEqual(oldest.sort());
  });

  it('are not deleted while they are short, nor are cookies of others', () => {
    const ctx = flowContext({ cookie: `${begin().cookie}; other=${'x'.repeat(5000)}` });
    beginFlow(ctx, flow);
    expect(ctx.set).toHaveLength(1);
  });
});

describe('T22: the memory after a flood of states', () => {
  const growth = async (work: () => unknown) => {
    const before = await heapInUse();
    // Kept until it is measured.
    const result = work();
    return { bytes: (await heapInUse()) - before, result };
  };
  const times = (count: number, work: () => void) => Array.from({ length: count }).forEach(work);
  const ctx = flowContext();

  it('grows with Koa’s cookies, which keep every name that they were asked for', async () => {
    const cookies = new Cookies({ headers: { cookie: 'a=b' } } as never, {} as never);
    const { bytes } = await growth(() => {
      times(20_000, () => cookies.get(`state_${newState()}`));
      return cookies;
    });
    expect(bytes).toBeGreaterThan(2 * MiB);
  });

  it('does not grow with ours', async () => {
    expect((await growth(() => times(20_000, () => readFlow(ctx, newState())))).bytes).toBeLessThan(MiB / 2);
  });

  /** As it is cut out of the address of a request: V8 keeps the whole address for it. */
  const stateInAddress = () => `${'x'.repeat(12_000)}${newState()}`.slice(-43);

  it('grows where a part of an address is kept', async () => {
    const kept = () => new Set(Array.from({ length: 2000 }, stateInAddress));
    expect((await growth(kept)).bytes).toBeGreaterThan(20 * MiB);
  });

  it('holds the states alone of ended flows, and no more than ten thousand', async () => {
    const { set } = ctx;
    const end = (count: number) => growth(() => times(count, () => (endFlow(ctx, stateInAddress()), (set.length = 0))));
    expect((await end(10_000)).bytes).toBeLessThan(2 * MiB);
    expect((await end(20_000)).bytes).toBeLessThan(MiB);
  });
});
