import { randomBytes } from 'node:crypto';
import Cookies from 'cookies';
import { flowContext } from '../../../testing/flow-context';
import { heapInUse, MiB } from '../../../testing/memory';
import { beginFlow, endFlow, finishApproved, finishFlow, type Flow, keepCode, readCode, readFlow } from './flow';

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
    const [name] = cookie.split('=');
    expect(ctx.set).toEqual([`${name}=`, `${name}_code=`]);
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

describe('the code of a flow', () => {
  afterEach(() => jest.restoreAllMocks());

  /** A browser that DingTalk has sent back: the ID of the flow, and both cookies. */
  function comeBack(code = 'code', options: Parameters<typeof flowContext>[0] = {}) {
    const { state, cookie } = begin(flow, options);
    const ctx = flowContext({ ...options, cookie });
    const begun = readFlow(ctx, state);
    const id = begun ? keepCode(ctx, { code, state }, begun) : '';
    return { id, state, cookies: { flow: cookie, code: ctx.set.at(-1) ?? '' } };
  }
  const both = ({ cookies }: ReturnType<typeof comeBack>) => `${cookies.flow}; ${cookies.code}`;
  const finish = (cookie: string, id: string, options = {}) =>
    finishApproved(flowContext({ cookie, ...options }), id, () => true);

  it('comes back by the ID, with the flow', () => {
    const back = comeBack();
    expect(back.id).toBe(back.state.slice(0, 16));
    expect(finish(both(back), back.id)).toEqual({ flow: begun, code: 'code', state: back.state });
  });

  it('T02: is used once, and both cookies are deleted', () => {
    const back = comeBack();
    const ctx = flowContext({ cookie: both(back) });
    finishApproved(ctx, back.id, () => true);
    expect(ctx.set.every((cookie) => cookie.endsWith('='))).toBe(true);
    expect(ctx.set).toHaveLength(2);
    expect(() => finish(both(back), back.id)).toThrow('STATE_INVALID');
  });

  it('T05: is not in the ID, from which nobody can tell the state', () => {
    const { id, state } = comeBack();
    expect(id).not.toContain(state.slice(16));
    expect(state).toHaveLength(43);
  });

  it.each([
    ['without a cookie', () => ''],
    ['without the cookie of the flow', ({ cookies }: ReturnType<typeof comeBack>) => cookies.code],
    ['without the cookie of the code', ({ cookies }: ReturnType<typeof comeBack>) => cookies.flow],
  ])('T01: is not given to a browser %s', (_, cookieOf) => {
    const back = comeBack();
    expect(() => finish(cookieOf(back), back.id)).toThrow('STATE_INVALID');
    // The control: nothing else was wrong.
    expect(finish(both(back), back.id).code).toBe('code');
  });

  it('T02: is bound to its flow: under the name of another it is none', () => {
    const [victim, attacker] = [comeBack(), comeBack('stolen')];
    const moved = attacker.cookies.code.replace(attacker.id, victim.id);
    expect(readCode(flowContext({ cookie: moved }), victim.id)).toBeUndefined();
    expect(() => finish(`${victim.cookies.flow}; ${moved}`, victim.id)).toThrow('STATE_INVALID');
  });

  it('T08: is no flow, and a flow is no code, whatever their names', () => {
    const { id, state, cookies } = comeBack();
    const asFlow = cookies.code.replace('_code=', '=');
    const asCode = cookies.flow.replace(`${id}=`, `${id}_code=`);
    expect(readFlow(flowContext({ cookie: asFlow }), state)).toBeUndefined();
    expect(readCode(flowContext({ cookie: asCode }), id)).toBeUndefined();
  });

  it('T01: is not read over https where a sibling domain planted it', () => {
    const back = comeBack('code', { secure: true });
    const planted = both(back).replaceAll('__Host-', '');
    expect(() => finish(planted, back.id, { secure: true })).toThrow('STATE_INVALID');
    expect(finish(both(back), back.id, { secure: true }).code).toBe('code');
  });

  it('is not read by another application, nor after APP_KEY has changed', () => {
    const { id, cookies } = comeBack();
    const moved = cookies.code.replace('_main_', '_other_');
    expect(readCode(flowContext({ cookie: moved, app: 'other' }), id)).toBeUndefined();
    expect(readCode(flowContext({ cookie: cookies.code, secret: 'another secret' }), id)).toBeUndefined();
  });

  it('ends with its flow', () => {
    const back = comeBack();
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 10 * 60 * 1000 + 1);
    expect(() => finish(both(back), back.id)).toThrow('STATE_INVALID');
  });

  it('waits on where the flow is not one that the caller can finish', () => {
    const back = comeBack();
    const ctx = flowContext({ cookie: both(back) });
    expect(() => finishApproved(ctx, back.id, () => false)).toThrow('STATE_INVALID');
    expect(ctx.set).toEqual([]);
    expect(finish(both(back), back.id).code).toBe('code');
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

  it('stay below 4 kB also when a code comes back: others are deleted, and not those of its own flow', () => {
    const long = { ...flow, redirect: `/admin?${'x'.repeat(1900)}` };
    const [oldest, ...later] = [begin(long), begin(long)];
    const ctx = flowContext({ cookie: [oldest, ...later].map(({ cookie }) => cookie).join('; ') });
    const begun = readFlow(ctx, oldest.state);
    expect(begun).toBeDefined();
    keepCode(ctx, { code: 'code', state: oldest.state }, begun ?? { ...flow, expires: 0 });
    const deleted = ctx.set.filter((cookie) => cookie.endsWith('='));
    expect(deleted).toEqual(later.map(({ cookie }) => `${cookie.split('=')[0]}=`));
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
