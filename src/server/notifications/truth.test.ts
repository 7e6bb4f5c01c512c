import english from '../../locale/en-US.json';
import { fatesOf } from './results';
import { stamp } from './stamp';
import { gather, type Outcome, tell } from './truth';
import type { Say } from './words';

const say: Say = (key, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{{${name}}}`, String(value)), english[key]);

const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  all: 3,
  accepted: 3,
  tasks: ['77'],
  losses: [],
  isShortened: false,
  refusedLinks: 0,
  isAsked: false,
  ...more,
});
const loss = (code: Outcome['losses'][number]['code'], ...names: string[]) => ({ code, names });

describe('what the log says', () => {
  it.each<[string, Partial<Outcome>, string, RegExp]>([
    ['everybody', {}, 'success', /^DingTalk accepted the message for 3 of 3 people \(task 77\)\.$/],
    [
      'some are not linked',
      { accepted: 2, losses: [loss('NO_ACCOUNT', 'Ada')] },
      'success',
      /accepted.*2 of 3[\s\S]*1 not reached: Ada\. No DingTalk account.*\(NO_ACCOUNT\)/,
    ],
    ['nobody is linked', { accepted: 0, tasks: [], losses: [loss('NO_ACCOUNT', 'Ada')] }, 'failure', /0 of 3.*task –/],
    [
      'a time-out of some is a success, as those who got it would get it twice',
      { accepted: 2, losses: [loss('MAY_HAVE_ARRIVED', 'Ada')] },
      'success',
      /unknown whether/,
    ],
    ['a time-out of all', { accepted: 0, losses: [loss('MAY_HAVE_ARRIVED', 'Ada')] }, 'failure', /unknown whether/],
    ['what is asked later', { isAsked: true }, 'success', /asked in some seconds/],
    [
      'what is not asked later, as nobody got it',
      { isAsked: true, accepted: 0 },
      'failure',
      /^DingTalk accepted[^\n]*$/,
    ],
    ['the result', { isAsked: true, delivered: 3 }, 'success', /^DingTalk delivered the message to 3 of 3[^\n]*$/],
    [
      'a silent loss of all',
      { isAsked: true, delivered: 0, losses: [loss('LOST_DUPLICATE', 'a', 'b', 'c')] },
      'failure',
      /delivered.*0 of 3[\s\S]*3 not reached: a, b, c\..*same content/,
    ],
    [
      'a result that is not there yet',
      { delivered: 0, losses: [loss('NOT_TOLD_YET', 'a')] },
      'success',
      /has not said yet/,
    ],
    ['that it was shortened', { isShortened: true }, 'success', /shortened/],
    ['that links are text', { refusedLinks: 2 }, 'success', /plain text: 2\./],
  ])('%s', (_, more, status, reason) => {
    expect(tell(outcome(more), say)).toEqual({ status, reason: expect.stringMatching(reason) });
  });

  it('names ten of many, and is never longer than a page', () => {
    const names = Array.from({ length: 5000 }, (_, index) => `Name ${index}`);
    const { reason } = tell(outcome({ losses: [loss('HAS_LEFT', ...names)] }), say);
    expect(reason).toContain('5000 not reached: Name 0, ');
    expect(reason).toContain('Name 9, 4990 more.');
    expect(reason).not.toContain('Name 10');
    const long = [loss('HAS_LEFT', 'x'.repeat(9000))];
    expect(tell(outcome({ losses: long }), say).reason.length).toBeLessThanOrEqual(4000);
  });

  it('has the codes of DingTalk once each', () => {
    const losses = gather([
      { code: 'MESSAGE_REFUSED', name: 'a', dingTalkCode: '40008' },
      { code: 'HAS_LEFT', name: 'b' },
      { code: 'MESSAGE_REFUSED', name: 'c', dingTalkCode: '40008' },
    ]);
    expect(losses.map(({ code, names }) => [code, names])).toEqual([
      ['MESSAGE_REFUSED', ['a', 'c']],
      ['HAS_LEFT', ['b']],
    ]);
    expect(tell(outcome({ losses }), say).reason).toContain('(MESSAGE_REFUSED) [40008]');
  });
});

it('a result names why DingTalk dropped a message, and whoever got it got it', () => {
  const fates = fatesOf({
    delivered: ['a', 'b'],
    invalid: ['c'],
    outside: ['d'],
    failed: ['e', 'b'],
    dropped: ['143103', '143104', '143105', '143106', '1430002', '1430003', '1430004', '7'].map((code) => ({
      userid: code,
      code,
    })),
  });
  const lost = Object.fromEntries(
    [...fates].map(([userid, fate]) => [userid, fate === 'delivered' ? fate : fate.loss]),
  );
  expect(lost).toEqual({
    a: 'delivered',
    b: 'delivered',
    c: 'LOST_INVALID',
    d: 'LOST_OUT_OF_SCOPE',
    e: 'LOST_OTHERWISE',
    143103: 'LOST_TOO_MANY_A_MINUTE',
    143104: 'LOST_TOO_MANY_A_MINUTE',
    143105: 'LOST_TOO_MANY_A_DAY',
    143106: 'LOST_DUPLICATE',
    1430002: 'LOST_FORBIDDEN_WORDS',
    1430003: 'LOST_PROTECTED',
    1430004: 'LOST_PROTECTED',
    7: 'LOST_OTHERWISE',
  });
});

it('no two messages have the same time', () => {
  const now = new Date(2026, 10, 7, 6, 5, 4);
  expect([stamp(now), stamp(now), stamp(now)]).toEqual(['11-07 06:05:04', '11-07 06:05:04 (2)', '11-07 06:05:04 (3)']);
  expect(stamp(new Date(2026, 10, 7, 6, 5, 5))).toBe('11-07 06:05:05');
});
