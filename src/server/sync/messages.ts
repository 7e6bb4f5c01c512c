import type { Context } from '@nocobase/actions';
import type { ErrorCode, SyncText } from '../../shared/codes';
import type { Counts } from '../../shared/directory';
import type { Progress } from '../directory/prepare';
import type { SentenceValues } from '../http/coded-error';
import { say } from '../http/report';

// What NocoBase's list of tasks shows, in the language of whoever began the run.

/** Their parts of the summary, in this order. */
const parts = {
  created: 'SYNC_CREATED',
  bound: 'SYNC_BOUND',
  returned: 'SYNC_RETURNED',
  updated: 'SYNC_UPDATED',
  suspended: 'SYNC_SUSPENDED',
  detached: 'SYNC_DETACHED',
  deleted: 'SYNC_DELETED',
  kept: 'SYNC_KEPT',
  outside: 'SYNC_OUTSIDE',
  added: 'SYNC_ADDED',
  changed: 'SYNC_CHANGED',
  removed: 'SYNC_REMOVED',
  open: 'SYNC_OPEN',
  skipped: 'SYNC_SKIPPED',
} as const satisfies Partial<Record<keyof Counts, SyncText>>;

/** With the code, which an administrator can look up. */
export const sentenceOf = (ctx: Context, code: ErrorCode, values?: SentenceValues): string =>
  `(${code}) ${say(ctx, code, values)}`;

/** `12 created, 3 open` */
export function summaryOf(ctx: Context, counts: Counts): string {
  const said = (Object.keys(parts) as (keyof typeof parts)[])
    .filter((action) => counts[action] > 0)
    .map((action) => say(ctx, parts[action], { number: counts[action] }));
  return said.join(', ') || say(ctx, 'SYNC_NOTHING');
}

export function toProgress(ctx: Context, progress: Progress): string {
  const { step, ...numbers } = progress;
  return say(ctx, step === 'reading' ? 'SYNC_READING' : 'SYNC_WRITING', numbers);
}
