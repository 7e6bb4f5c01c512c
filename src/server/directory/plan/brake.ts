import type { BrakeLimits, TakenAway } from '../../../shared/directory';

const kinds = ['members', 'departments', 'memberships'] as const;

/**
 * Whether a run takes away too much: more than is always allowed, and more than a share of what is known; or more than is
 * ever allowed. What was taken away within the last day counts, so that many small bites are one.
 *
 * @param known how much there is now
 */
export const isTooMuch = (
  now: TakenAway,
  before: TakenAway,
  known: TakenAway,
  { free, percent, most }: BrakeLimits,
): boolean =>
  kinds.some((kind) => {
    const count = now[kind] + before[kind];
    // What was taken away before is not among what is known now, and a day after it a small run would stop.
    const isLarge = count > free && count * 100 > percent * (known[kind] + before[kind]);
    // A run that takes nothing away ends no brake of the day before, and needs none.
    return now[kind] > 0 && (isLarge || count > most);
  });
