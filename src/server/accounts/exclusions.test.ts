import type { ExclusionReason } from '../../shared/contract';
import { isIn, reasonsOf } from './exclusions';

const row = (reason: string) => ({ id: '1', reason: reason as ExclusionReason, account: '', since: 0 });

describe('the list of an exclusion', () => {
  it.each(['unlinked', 'detached', 'what a later version writes'])(
    'T34: %s only stops the match by phone',
    (reason) => {
      expect(isIn('notMatchedAgain', [row(reason)])).toBe(true);
      expect(isIn('blocked', [row(reason)])).toBe(false);
    },
  );

  it('T34: a block refuses, whatever stands beside it', () => {
    expect(isIn('blocked', [row('unlinked'), row('blocked')])).toBe(true);
    expect(isIn('notMatchedAgain', [row('blocked')])).toBe(false);
  });

  it('has its reasons, and no other', () => {
    expect(reasonsOf('blocked')).toEqual(['blocked']);
    expect(reasonsOf('notMatchedAgain')).toEqual(['unlinked', 'detached']);
  });
});
