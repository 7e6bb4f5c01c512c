import type { Application } from '@nocobase/server';
import { Refusals } from './refusals';
import { Seen } from './seen';

it('T84: strangers have one line in a minute, with counts of our own reasons', () => {
  let now = 0;
  const warn = jest.fn();
  const refusals = new Refusals({ logger: { warn } } as unknown as Application, () => now);
  for (let count = 0; count < 10_000; count++) {
    refusals.note(count % 2 ? 'source' : 'signature');
  }
  expect(warn.mock.calls).toEqual([['DingTalk events', { outcome: 'EVENT_REFUSED', signature: 1 }]]);
  now = 60_000;
  refusals.note('time');
  expect(warn.mock.calls[1]).toEqual([
    'DingTalk events',
    { outcome: 'EVENT_REFUSED', source: 5000, signature: 4999, time: 1 },
  ]);
});

describe('the callbacks that were accepted', () => {
  it('are known again, in whichever spelling of the signature', () => {
    const seen = new Seen();
    seen.add('AB12');
    expect([seen.has('ab12'), seen.has('Ab12'), seen.has('ab13')]).toEqual([true, true, false]);
  });

  it('are the last 10,000', () => {
    const seen = new Seen();
    for (let count = 0; count < 10_001; count++) {
      seen.add(String(count));
    }
    expect([seen.has('0'), seen.has('1'), seen.has('10000')]).toEqual([false, true, true]);
  });
});
