import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type Database, type Model, Op, type Transaction } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { withWriteLock } from '../accounts/lock';
import { CodedError } from '../http/coded-error';
import { SOURCES } from './store/collections';
import { FOR_EVENTS, isClaimed, isHeld, readSourceRow } from './store/source-row';

/** How long a process holds a source without saying so again. A process that was killed holds it for so long. */
const LEASE_MS = 60_000;

/** How often it says so. */
const EXTENSION_MS = 15_000;

/** How long whoever else works on a source waits for the end of what follows single changes, and how often it looks. */
const WAIT_MS = 30_000;
const LOOK_MS = 250;

/** How often work on single changes looks whether a run is about to begin. */
const WATCH_MS = 1000;

export interface LeaseOptions {
  /**
   * Follows single changes: refused where anybody works on the source or is about to, and ended while it reads where a run
   * is. Others wait for its end.
   */
  isForEvents?: boolean;
  /** Ends the waiting. */
  signal?: AbortSignal;
}

/** What lets work go on that nobody else may do at the same time. */
export interface Lease {
  /**
   * To be called first in each transaction that writes. The row of the source is locked until that ends: whoever takes the
   * source over waits for it, and whoever has lost it writes nothing.
   *
   * @throws CodedError SYNC_RUNNING where another process has taken the source over
   */
  check(transaction: Transaction): Promise<void>;
  /** Is aborted when another process has taken the source over, or a run waits; its reason is that error. */
  signal: AbortSignal;
}

/**
 * Works on a source, alone among all nodes and kinds of work: the row of the source in `dingtalkSources` names the process, and until when.
 * NocoBase's own lock is each process's unless Redis is set up for it, and ends for good where its holder pauses.
 *
 * The times are those of the nodes. As 45 seconds and more are left whenever the lease is extended in time, clocks may
 * differ by that much. Where they differ by more, or where a process stands still for longer, two of them may read the
 * directory at once; `check` still lets only the latter write.
 *
 * @throws CodedError SYNC_RUNNING where another one works on it: at once, but for the end of work on single changes
 */
export async function withLease<T>(
  app: Application,
  sourceId: string,
  work: (lease: Lease) => Promise<T>,
  options: LeaseOptions = {},
): Promise<T> {
  const { db } = app;
  const { isForEvents = false } = options;
  const holder = `${isForEvents ? FOR_EVENTS : ''}${randomUUID()}`;
  const lost = new AbortController();
  await acquire(app, sourceId, holder, options);
  const extend = () =>
    withWriteLock({ app, db }, () => update(db, { heldUntil: Date.now() + LEASE_MS }, { sourceId, holder }));
  const timer = setInterval(() => {
    // A database that is down for a moment takes nothing away: the next extension, or `check`, finds out.
    extend().then(
      (isHeld) => isHeld || lost.abort(takenOver(sourceId)),
      () => undefined,
    );
  }, EXTENSION_MS);
  const watch =
    isForEvents &&
    setInterval(() => {
      readSourceRow(db, sourceId).then(
        (row) => isClaimed(row) && lost.abort(running(sourceId)),
        () => undefined,
      );
    }, WATCH_MS);
  try {
    return await work({ check: (transaction) => check(db, sourceId, holder, transaction), signal: lost.signal });
  } finally {
    clearInterval(timer);
    clearInterval(watch || undefined);
    // Where it fails, the lease ends by itself; the error of the work is the one that counts.
    await withWriteLock({ app, db }, () => update(db, { holder: null, heldUntil: null }, { sourceId, holder })).catch(
      () => undefined,
    );
  }
}

async function acquire(
  app: Application,
  sourceId: string,
  holder: string,
  { isForEvents = false, signal }: LeaseOptions,
): Promise<void> {
  const { db } = app;
  const latest = Date.now() + WAIT_MS;
  while (!(await withWriteLock({ app, db }, () => take(db, sourceId, holder, isForEvents)))) {
    if (isForEvents || Date.now() > latest || isHeld(await readSourceRow(db, sourceId))) {
      throw running(sourceId);
    }
    await setTimeout(LOOK_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

/** One statement decides: of two processes that ask at once, the second finds the row changed. */
async function take(db: Database, sourceId: string, holder: string, isForEvents: boolean): Promise<boolean> {
  const now = Date.now();
  const values = { holder, heldUntil: now + LEASE_MS };
  // A clock that was wrong would otherwise hold the source until it was right.
  const never = { [Op.gt]: now + 2 * LEASE_MS };
  const unheld = { [Op.or]: [{ heldUntil: null }, { heldUntil: { [Op.lt]: now } }, { heldUntil: never }] };
  const unclaimed = { [Op.or]: [{ claimedUntil: null }, { claimedUntil: { [Op.lte]: now } }] };
  const free = { sourceId, [Op.and]: isForEvents ? [unheld, unclaimed] : [unheld] };
  if (await update(db, values, free)) {
    return true;
  }
  // No row yet, or one that is held: another process may make it as well, and then takes it, or not.
  await db.getModel(SOURCES).bulkCreate([{ sourceId }], { ignoreDuplicates: true });
  return update(db, values, free);
}

async function check(db: Database, sourceId: string, holder: string, transaction: Transaction): Promise<void> {
  const row: Model | null = await db
    .getModel(SOURCES)
    .findByPk(sourceId, { attributes: ['holder'], lock: true, transaction });
  if (row?.get('holder') !== holder) {
    throw takenOver(sourceId);
  }
}

const running = (sourceId: string) => new CodedError('SYNC_RUNNING', { reason: `source ${sourceId}` });

const takenOver = (sourceId: string) =>
  new CodedError('SYNC_RUNNING', { reason: `another process took source ${sourceId} over` });

async function update(db: Database, values: object, where: Record<string | symbol, unknown>): Promise<boolean> {
  const [count] = await db.getModel(SOURCES).update(values, { where });
  return count > 0;
}
