import { flowContext } from '../../../testing/flow-context';
import { beginFlow, readFlow } from './flow';
import { finishPendingLink, isOlderKey, keepPendingLink, type PendingRecord, readPendingLink } from './pending-link';
import { PENDING, readSignedCookie, setSignedCookie } from './signed-cookie';

const account = {
  unionId: 'union',
  openId: 'open',
  corpId: 'ding1',
  nick: 'Ada',
  avatarUrl: 'https://static.example/a.png',
  mobile: '13800138000',
  stateCode: '86',
  email: 'ada@example.com',
};
const inTenMinutes = () => Date.now() + 10 * 60 * 1000;

/** Keeps an account: the confirmation, and the cookie that the browser sends from then on. */
function keep(
  values: Partial<Parameters<typeof keepPendingLink>[1]> = {},
  options: Parameters<typeof flowContext>[0] = {},
) {
  const ctx = flowContext(options);
  const pending = { authenticator: 'dingtalk', account, origin: 'signIn', expires: inTenMinutes(), ...values } as const;
  const confirmation = keepPendingLink(ctx, pending);
  return { confirmation, cookie: ctx.set.at(-1) ?? '' };
}
const read = (cookie: string, options = {}) => readPendingLink(flowContext({ cookie, ...options }));
const contentOf = (cookie: string) => Buffer.from(cookie.split('=')[1].split('.')[0], 'base64url').toString();

describe('an account that waits for a link', () => {
  afterEach(() => jest.restoreAllMocks());

  it('is read by the browser in which it waits, without phone number and e-mail address', () => {
    const expires = inTenMinutes();
    const { confirmation, cookie } = keep({ origin: 'link', userId: '7', expires });
    expect(confirmation).toMatch(/^[\w-]{43}$/);
    const { mobile, stateCode, email, ...kept } = account;
    expect(read(`a=b; ${cookie}; c=d`)).toEqual({
      confirmation,
      authenticator: 'dingtalk',
      account: kept,
      origin: 'link',
      userId: '7',
      since: expect.any(Number),
      expires,
    });
    for (const secret of [mobile, email]) {
      expect(contentOf(cookie)).not.toContain(secret);
    }
    expect(stateCode).toBe('86');
  });

  it('is not read without the cookie', () => {
    expect(read('')).toBeUndefined();
  });

  it('waits as long as its flow would have, and no longer', () => {
    const { cookie } = keep({ expires: Date.now() + 60_000 });
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now');
    clock.mockReturnValue(now + 59_000);
    expect(read(cookie)).toBeDefined();
    clock.mockReturnValue(now + 60_001);
    expect(read(cookie)).toBeUndefined();
  });

  it('T38: gives way to the next one: there is one cookie, and its confirmation names one account', () => {
    const [one, two] = [keep(), keep()];
    expect(two.cookie.split('=')[0]).toBe(one.cookie.split('=')[0]);
    const ctx = flowContext({ cookie: two.cookie });
    expect(() => finishPendingLink(ctx, one.confirmation, () => true)).toThrow('STATE_INVALID');
    expect(finishPendingLink(ctx, two.confirmation, () => true)).toMatchObject({ confirmation: two.confirmation });
  });

  it('T39: is confirmed once, and its cookie is deleted', () => {
    const { confirmation, cookie } = keep();
    const ctx = flowContext({ cookie });
    expect(finishPendingLink(ctx, confirmation, () => true)).toMatchObject({ account: { unionId: 'union' } });
    expect(ctx.set).toEqual([`${cookie.split('=')[0]}=`]);
    expect(read(cookie)).toBeUndefined();
    expect(() => finishPendingLink(flowContext({ cookie }), confirmation, () => true)).toThrow('STATE_INVALID');
  });

  it('T39: waits on where another one may not confirm it', () => {
    const { confirmation, cookie } = keep();
    expect(() => finishPendingLink(flowContext({ cookie }), confirmation, () => false)).toThrow('STATE_INVALID');
    expect(read(cookie)).toBeDefined();
  });

  it('T39: is not read by another application, nor after APP_KEY has changed', () => {
    const { cookie } = keep();
    const moved = cookie.replace('_main_', '_other_');
    // The control: the other application reads its own.
    expect(read(keep({}, { app: 'other' }).cookie, { app: 'other' })).toBeDefined();
    expect(read(moved, { app: 'other' })).toBeUndefined();
    expect(read(cookie, { secret: 'another secret' })).toBeUndefined();
  });

  it('T39: is not read once a character was changed', () => {
    const { cookie } = keep();
    const [name, value] = cookie.split('=');
    // The last character of the signature has bits that mean nothing.
    for (let at = 0; at < value.length - 1; at += 7) {
      const other = value[at] === 'A' ? 'B' : 'A';
      expect(read(`${name}=${value.slice(0, at)}${other}${value.slice(at + 1)}`)).toBeUndefined();
    }
    expect(read(cookie)).toBeDefined();
  });

  it('T39: is no flow, and a flow is none, wherever the record is moved to', () => {
    const ctx = flowContext();
    const state = beginFlow(ctx, { purpose: 'link', authenticator: 'dingtalk', userId: '7' });
    const [flowName, flowValue] = (ctx.set.at(-1) ?? '').split('=');
    const { confirmation, cookie } = keep();
    const [name, value] = cookie.split('=');

    // The control: each is read under its own name.
    expect(readFlow(flowContext({ cookie: `${flowName}=${flowValue}` }), state)).toBeDefined();
    expect(read(cookie)).toBeDefined();

    expect(read(`${name}=${flowValue}`)).toBeUndefined();
    expect(readFlow(flowContext({ cookie: `${flowName}=${value}` }), state)).toBeUndefined();
    const asFlow = name.replace(PENDING, confirmation.slice(0, 16));
    expect(readFlow(flowContext({ cookie: `${asFlow}=${value}` }), confirmation)).toBeUndefined();
  });

  it('T39: has a key of its own: what is signed as a flow, with the same content, is none', () => {
    const content = read(keep().cookie) as PendingRecord;
    const signed = (kind: 'sign-in flow' | 'pending link') => {
      const ctx = flowContext();
      setSignedCookie(ctx, { kind, name: PENDING, owner: PENDING }, content, content.expires);
      return ctx.set.at(-1) ?? '';
    };
    expect(read(signed('pending link'))).toEqual(content);
    expect(read(signed('sign-in flow'))).toBeUndefined();
  });

  it('is not read where the record is of another version', () => {
    const ctx = flowContext();
    const cookie = { kind: 'pending link', name: PENDING, owner: PENDING } as const;
    setSignedCookie(ctx, cookie, { confirmation: 'c', expires: inTenMinutes() }, inTenMinutes());
    const sent = flowContext({ cookie: ctx.set.at(-1) });
    expect(readSignedCookie(sent, cookie)).toMatchObject({ confirmation: 'c' });
    expect(readPendingLink(sent)).toBeUndefined();
  });

  it('T01: has a name over https that only this host can set', () => {
    const { cookie } = keep({}, { secure: true });
    expect(cookie).toMatch(/^__Host-nb_dingtalk_main_pending=/);
    expect(read(cookie, { secure: true })).toBeDefined();
    expect(read(cookie.replace('__Host-', ''), { secure: true })).toBeUndefined();
  });

  it('knows an older key again, without telling it', () => {
    const { cookie } = keep({ olderKeys: ['13800138000'] });
    const pending = read(cookie) as PendingRecord;
    expect(contentOf(cookie)).not.toContain('13800138000');
    const ctx = flowContext();
    expect([isOlderKey(ctx, pending, '13800138000'), isOlderKey(ctx, pending, '13800138001')]).toEqual([true, false]);
    expect(isOlderKey(ctx, read(keep().cookie) as PendingRecord, '13800138000')).toBe(false);
  });
});

describe('the cookie of an account that waits', () => {
  const long = (length: number) => 'x'.repeat(length);

  it('is shorter than the 4 kB that a browser keeps, whatever DingTalk names', () => {
    const { cookie } = keep({
      authenticator: '名'.repeat(255),
      userId: '9'.repeat(18),
      origin: 'link',
      olderKeys: [long(255)],
      account: {
        unionId: long(255),
        openId: long(255),
        corpId: long(255),
        nick: '🐱'.repeat(10_000),
        avatarUrl: `https://${long(247)}`,
      },
    });
    expect(cookie.length).toBeLessThan(4096);
    expect([...(read(cookie)?.account.nick ?? '')]).toHaveLength(64);
  });

  it('has no picture whose address is long', () => {
    const avatarUrl = `https://${long(248)}`;
    expect(read(keep({ account: { ...account, avatarUrl } }).cookie)?.account).not.toHaveProperty('avatarUrl');
  });

  it('counts among the cookies that a new one makes room for', () => {
    const flows = ['1', '2'].map(() => {
      const ctx = flowContext();
      beginFlow(ctx, { purpose: 'signIn', authenticator: 'dingtalk', redirect: `/admin?${long(1900)}` });
      return ctx.set.at(-1) ?? '';
    });
    const ctx = flowContext({ cookie: [keep().cookie, ...flows].join('; ') });
    beginFlow(ctx, { purpose: 'signIn', authenticator: 'dingtalk' });
    const deleted = ctx.set.filter((cookie) => cookie.endsWith('='));
    expect(deleted).toContain('nb_dingtalk_main_pending=');
  });

  it('makes no room for the one that it replaces', () => {
    const others = keep().cookie.replace(PENDING, 'x'.repeat(16)).concat(long(3500));
    const ctx = flowContext({ cookie: [others, keep().cookie].join('; ') });
    keepPendingLink(ctx, { authenticator: 'dingtalk', account, origin: 'signIn', expires: inTenMinutes() });
    expect(ctx.set).toHaveLength(1);
  });
});
