import { setTimeout as pause } from 'node:timers/promises';
import type { Application } from '@nocobase/server';
import type { ErrorCode } from '../../shared/codes';
import { toCoded } from '../directory/failures';
import { type Changes, type Follow, type Followed, type FollowWork, restAfter } from '../directory/follow';
import { tellOutcome } from '../directory/notices';
import { isDirectoryOff, loadSource, type Source } from '../directory/source';
import { membersAmong } from '../directory/store/members';
import { hasWholeRunSince } from '../directory/store/runs';
import { readSourceRow, setSourceRow } from '../directory/store/source-row';
import { CodedError } from '../http/coded-error';
import { describe } from '../http/report';
import { batchOf, BUSY_MS, gatheredAt, isOfOneId, pauseAfter, sizeAfter, WHOLE_RUN_MS } from './pauses';
import {
  addWholeRun,
  dueSources,
  isUrgent,
  nextDueAt,
  postponeDue,
  postponeWaiting,
  readDue,
  removeAllWaiting,
  removeWaiting,
  urgent,
  type WaitingRow,
} from './waiting';

/** So many sources are read at once: a slow one holds no other one up, and a process does other things as well. */
const SOURCES_AT_ONCE = 2;

/** Reads members and departments anew, and writes what is different: `followChanges` of the directory. */
export type FollowChanges = (
  app: Application,
  source: Source,
  changes: Changes,
  work: FollowWork,
) => Promise<Pick<Followed, 'needsRun'>>;

type Attempt = (changes: Changes) => ReturnType<FollowChanges>;

/** When a source is looked at next. */
interface Burst {
  /** When the first event of it came. */
  first: number;
  at: number;
  timer: NodeJS.Timeout;
}

/** So many leavers are followed beside a batch at a time: those who leave meanwhile wait some seconds for them. */
const BESIDE = 60;

/**
 * Reads what waits, source by source, in each process. Of several that do, the source's lease lets one work at a time, and
 * the others then find nothing left.
 */
export class Worker {
  private readonly bursts = new Map<string, Burst>();
  private readonly due = new Set<string>();
  private readonly active = new Map<string, Promise<void>>();
  /** By source: how often it failed, one time after the other, for a reason that is not one of its IDs, and until when it waits. */
  private readonly failures = new Map<string, { count: number; until: number }>();
  /** Sources of which the next batch is of what is due for longest. */
  private readonly isOldestNext = new Set<string>();
  private controller = new AbortController();

  constructor(
    private readonly app: Application,
    private readonly followChanges: FollowChanges,
  ) {
    this.controller.abort();
  }

  start(): void {
    this.controller = new AbortController();
  }

  /** Once it has resolved, nothing uses the database any more. */
  async stop(): Promise<void> {
    this.controller.abort(new CodedError('SYNC_INTERRUPTED'));
    this.bursts.forEach(({ timer }) => clearTimeout(timer));
    this.bursts.clear();
    this.due.clear();
    await Promise.all(this.active.values());
  }

  /** Something came of a source: it is read when the burst is over. */
  wake(sourceId: string): void {
    const now = Date.now();
    const first = Math.min(this.bursts.get(sourceId)?.first ?? now, now);
    this.lookAt(sourceId, { first, at: gatheredAt(first, now) });
  }

  /** Reads what nobody else has: of nodes that were killed, and what failed a while ago. */
  async tick(): Promise<void> {
    (await dueSources(this.app.db, Date.now())).forEach((sourceId) => this.begin(sourceId));
  }

  /** What waits is due then; an event that came meanwhile is read no later for it. */
  private wakeAt(sourceId: string, at: number): void {
    if (at < (this.bursts.get(sourceId)?.at ?? Infinity)) {
      this.lookAt(sourceId, { first: at, at });
    }
  }

  private lookAt(sourceId: string, { first, at }: Omit<Burst, 'timer'>): void {
    if (this.controller.signal.aborted) {
      return;
    }
    clearTimeout(this.bursts.get(sourceId)?.timer);
    const look = () => {
      if (Date.now() < at) {
        // A timer may end a millisecond early, at which nothing would be due.
        this.lookAt(sourceId, { first, at });
        return;
      }
      this.bursts.delete(sourceId);
      this.begin(sourceId);
    };
    // A process that has nothing else to do may end: the rows wait.
    const timer = setTimeout(look, Math.max(0, at - Date.now())).unref();
    this.bursts.set(sourceId, { first, at, timer });
  }

  private begin(sourceId: string): void {
    this.due.add(sourceId);
    this.next();
  }

  private next(): void {
    for (const sourceId of this.due) {
      if (this.controller.signal.aborted || this.active.size >= SOURCES_AT_ONCE) {
        return;
      }
      if (!this.active.has(sourceId)) {
        this.due.delete(sourceId);
        const work = this.workOn(sourceId)
          .catch((error: unknown) => this.log(sourceId, error))
          .finally(() => {
            this.active.delete(sourceId);
            this.next();
          });
        this.active.set(sourceId, work);
      }
    }
  }

  private log(sourceId: string, error: unknown): void {
    const reason = describe(error);
    this.app.logger.error('DingTalk events', { outcome: 'EVENTS_FAILED', source: sourceId, reason });
  }

  /** One batch, and the next one after those of other sources: of one that is flooded there is no last one. */
  private async workOn(sourceId: string): Promise<void> {
    const { signal } = this.controller;
    const until = this.refusedUntil(sourceId);
    if (until !== undefined) {
      // What comes meanwhile would be refused as well: each burst would be another question, and lengthen a ban.
      this.wakeAt(sourceId, until);
      return;
    }
    const batch = signal.aborted || isDirectoryOff() ? [] : await this.takeBatch(sourceId);
    if (!batch.length) {
      await this.wakeForNext(sourceId);
      return;
    }
    const began = Date.now();
    const source = await this.load(sourceId);
    const goesOn = source && (await this.read(source, batch));
    if (!goesOn) {
      return;
    }
    await this.rest(sourceId, batch, restAfter(Date.now() - began));
    if (!signal.aborted) {
      this.due.add(sourceId);
    }
  }

  /**
   * Between two batches is time for sign-ins, and for whoever else works on the source. What comes after the last one does
   * not wait for that, nor does who has left during a batch of others.
   */
  private async rest(sourceId: string, batch: WaitingRow[], ms: number): Promise<void> {
    const isAnyDue = async (kinds?: typeof urgent) =>
      (await readDue(this.app.db, sourceId, Date.now(), 1, 'healthiest', kinds)).length > 0;
    if ((await isAnyDue()) && (batch.every(isUrgent) || !(await isAnyDue(urgent)))) {
      await pause(ms, undefined, { signal: this.controller.signal }).catch(() => undefined);
    }
  }

  /** What is due later is read then, and not at the next tick: a burst in between has replaced its timer. */
  private async wakeForNext(sourceId: string): Promise<void> {
    const at = this.controller.signal.aborted || isDirectoryOff() ? undefined : await nextDueAt(this.app.db, sourceId);
    if (at !== undefined) {
      this.wakeAt(sourceId, at);
    }
  }

  /**
   * In turn those that failed least often, which would else wait for what fails, and those that are due for longest. Leavers
   * come first, and alone, or beside a batch: one of others takes a minute, in which they would be signed in.
   */
  private async takeBatch(sourceId: string): Promise<WaitingRow[]> {
    const order = this.isOldestNext.delete(sourceId) ? 'oldest' : 'healthiest';
    const read = (kinds?: typeof urgent) => readDue(this.app.db, sourceId, Date.now(), sizeAfter(0), order, kinds);
    const leavers = order === 'healthiest' ? await read(urgent) : [];
    const due = leavers.length ? leavers : await read();
    if (due.length && order === 'healthiest') {
      this.isOldestNext.add(sourceId);
    }
    const others = due.filter((row) => !isUrgent(row) || row.attempts > 0);
    return batchOf(others.length ? others : due);
  }

  /** @returns undefined where nothing is to be read now */
  private async load(sourceId: string): Promise<Source | undefined> {
    try {
      const source = await loadSource(this.app, sourceId);
      if (source.settings.events !== 'off') {
        return source;
      }
      await removeAllWaiting(this.app, sourceId);
    } catch (error) {
      const { code } = toCoded(error);
      if (code === 'SOURCE_UNAVAILABLE') {
        await removeAllWaiting(this.app, sourceId);
      } else {
        await this.waitFor(sourceId, code);
      }
    }
    return undefined;
  }

  /** @returns whether there may be more to read at once */
  private async read(source: Source, rows: WaitingRow[]): Promise<boolean> {
    const wish = rows.find(({ kind }) => kind === 'all');
    const ids = rows.filter(({ kind }) => kind !== 'all');
    if (wish) {
      await this.wishForRun(source, wish);
    }
    const { signal } = this.controller;
    const meanwhile = (follow: Follow) =>
      this.followLeavers(source.id, rows, follow).catch((error: unknown) => this.log(source.id, error));
    return (
      !ids.length ||
      this.attempt(source, ids, (changes) => this.followChanges(this.app, source, changes, { signal, meanwhile }))
    );
  }

  /** Who leaves while a batch is read does not wait for the end of it, which may take a minute. */
  private async followLeavers(sourceId: string, batch: WaitingRow[], follow: Follow): Promise<void> {
    if (this.refusedUntil(sourceId) !== undefined) {
      return;
    }
    const due = await readDue(this.app.db, sourceId, Date.now(), batch.length + BESIDE, 'healthiest', urgent);
    const ofBatch = new Set(batch.map(({ revision }) => revision));
    const others = due.filter(({ revision }) => !ofBatch.has(revision));
    const leavers = batchOf(others).slice(0, BESIDE);
    // It may have been changed, or want no events any more, since the batch was begun.
    const source = leavers.length ? await this.load(sourceId) : undefined;
    if (source) {
      await this.attempt(source, leavers, (changes) => follow(source, changes));
    }
  }

  /** @returns whether there may be more to read at once */
  private async attempt(source: Source, rows: WaitingRow[], follow: Attempt): Promise<boolean> {
    try {
      await this.follow(source, rows, follow);
      await removeWaiting(this.app, source.id, rows);
      return true;
    } catch (error) {
      return this.fail(source, rows, toCoded(error).code);
    }
  }

  private async follow(source: Source, rows: WaitingRow[], follow: Attempt): Promise<void> {
    const idsOf = (kind: WaitingRow['kind']) => rows.filter((row) => row.kind === kind).map(({ id }) => id);
    const { app } = this;
    const still = await membersAmong(app.db, source.id, idsOf('again'));
    const changes: Changes = {
      userids: [...new Set([...idsOf('leaver'), ...idsOf('member'), ...still])],
      departmentIds: idsOf('department').map(Number),
    };
    if (!changes.userids.length && !changes.departmentIds.length) {
      return;
    }
    const { needsRun } = await follow(changes);
    if (needsRun) {
      await addWholeRun(app, source.id, Date.now());
    }
    this.failures.delete(source.id);
  }

  private async fail(source: Source, rows: WaitingRow[], code: ErrorCode): Promise<boolean> {
    const { app } = this;
    if (this.controller.signal.aborted) {
      return false;
    }
    if (code === 'SYNC_RUNNING') {
      // Nothing has failed: what another node reads now is gone then.
      this.wakeAt(source.id, Date.now() + BUSY_MS);
      return false;
    }
    if (code === 'SYNC_STOPPED') {
      // The list is kept, and a run reads all once it was allowed.
      await removeWaiting(app, source.id, rows);
      await tellOutcome(app, source, { trigger: 'event', failure: new CodedError(code) });
      return true;
    }
    app.logger.warn('DingTalk events', { outcome: code, source: source.id, ids: rows.length });
    if (!isOfOneId(code)) {
      await this.waitFor(source.id, code);
      return false;
    }
    const attempts = rows[0].attempts + 1;
    const dueAt = Date.now() + pauseAfter(attempts);
    await postponeWaiting(app, source.id, rows, { attempts, dueAt, code });
    this.wakeAt(source.id, dueAt);
    return true;
  }

  private refusedUntil(sourceId: string): number | undefined {
    const { until = 0 } = this.failures.get(sourceId) ?? {};
    return until > Date.now() ? until : undefined;
  }

  /** Nothing of the source can be read. */
  private async waitFor(sourceId: string, code: ErrorCode): Promise<void> {
    const count = (this.failures.get(sourceId)?.count ?? 0) + 1;
    const now = Date.now();
    const dueAt = now + pauseAfter(count);
    this.failures.set(sourceId, { count, until: dueAt });
    await postponeDue(this.app, sourceId, now, { dueAt, code });
    this.wakeAt(sourceId, dueAt);
  }

  /** The schedule begins it, as one of the source's runs. The wish stays until one that began later has read all. */
  private async wishForRun(source: Source, wish: WaitingRow): Promise<void> {
    const { app } = this;
    // The first run is for an administrator, or the schedule, to begin: it may make thousands of users.
    const { corpId } = await readSourceRow(app.db, source.id);
    if (!corpId || (await hasWholeRunSince(app.db, source.id, wish.receivedAt))) {
      await removeWaiting(app, source.id, [wish]);
      return;
    }
    const now = Date.now();
    await postponeWaiting(app, source.id, [wish], { dueAt: now + WHOLE_RUN_MS, code: null });
    await setSourceRow(app, source.id, { nextRun: now });
  }
}
