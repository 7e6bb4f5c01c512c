import type { ErrorCode } from '../../shared/codes';

// When what waits is read, and how much of it together.

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** A burst is over when nothing more has come for so long. */
const QUIET_MS = SECOND_MS / 2;

/** One that goes on is read nevertheless. */
const LONGEST_MS = 3 * SECOND_MS;

/** How long a run, or another node, is waited for. */
export const BUSY_MS = 2 * SECOND_MS;

/** After a whole run was asked for, so long none is. */
export const WHOLE_RUN_MS = 10 * MINUTE_MS;

const PAUSES_MS = [2 * SECOND_MS, 10 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS];

/** How many are read together: those that failed together are taken apart, so that one of them keeps none back for good. */
const SIZES = [500, 60, 8, 1];

/** When a burst is read, by when its first and its latest event came. */
export const gatheredAt = (first: number, latest: number): number => Math.min(latest + QUIET_MS, first + LONGEST_MS);

/** @param failures how often it has failed, this time included */
export const pauseAfter = (failures: number): number => lastOf(PAUSES_MS, failures - 1);

export const sizeAfter = (attempts: number): number => lastOf(SIZES, attempts);

const lastOf = (values: number[], index: number) => values[Math.min(index, values.length - 1)];

/** What is read together of what is due, in its order: of those that failed equally often. */
export function batchOf<Row extends { attempts: number }>(due: Row[]): Row[] {
  const attempts = due[0]?.attempts ?? 0;
  return due.filter((row) => row.attempts === attempts).slice(0, sizeAfter(attempts));
}

/** Failures that one of many IDs may be to blame for. Others are the same for each, and to ask again for each helps nobody. */
export const isOfOneId = (code: ErrorCode): boolean => code === 'SYNC_FAILED' || code === 'DIRECTORY_INCOMPLETE';
