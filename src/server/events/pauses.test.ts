import { errorCodes, type ErrorCode } from '../../shared/codes';
import { batchOf, gatheredAt, isOfOneId, pauseAfter, sizeAfter } from './pauses';

describe('a burst is read', () => {
  it.each([
    ['half a second after its only event', 0, 0, 500],
    ['half a second after the latest', 0, 1500, 2000],
    ['three seconds after the first, where it goes on', 0, 2900, 3000],
  ])('%s', (_, first, latest, at) => {
    expect(gatheredAt(first, latest)).toBe(at);
  });
});

it('pauses grow to five minutes', () => {
  expect([1, 2, 3, 4, 5, 100].map(pauseAfter)).toEqual([2000, 10_000, 60_000, 300_000, 300_000, 300_000]);
});

it('what failed together is taken apart, down to one', () => {
  expect([0, 1, 2, 3, 4, 100].map(sizeAfter)).toEqual([500, 60, 8, 1, 1, 1]);
});

describe('what is read together', () => {
  const rows = (...attempts: number[]) => attempts.map((count, index) => ({ attempts: count, index }));

  it('has failed equally often: one that fails each time keeps none back that did not', () => {
    expect(batchOf(rows(0, 0, 1, 3))).toEqual(rows(0, 0));
  });

  it('is one at a time, after three failures', () => {
    expect(batchOf(rows(3, 3, 3))).toEqual(rows(3));
  });

  it('is nothing where nothing waits', () => {
    expect(batchOf([])).toEqual([]);
  });
});

it('an ID can be to blame for nothing else than what was answered, or written, of it', () => {
  expect((Object.keys(errorCodes) as ErrorCode[]).filter(isOfOneId)).toEqual(['DIRECTORY_INCOMPLETE', 'SYNC_FAILED']);
});
