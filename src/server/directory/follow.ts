import { setTimeout as pause } from 'node:timers/promises';
import type { Application } from '@nocobase/server';
import type { Entry } from '../../shared/directory';
import { CodedError } from '../http/coded-error';
import { withCodes } from './failures';
import { type Lease, withLease } from './lock';
import { countsOf } from './plan/report';
import { type Beside, contextOf, prepareChanges } from './prepare';
import type { Changes } from './read/read-changes';
import { RunError, withReport, writeReported } from './reported';
import { isDirectoryOff, type Source } from './source';
import { joinStops, type StoredStop } from './stops';
import { readSourceRow, requireSameDirectory, setSourceRow } from './store/source-row';
import type { SourceContext } from './store/state';
import type { Plan } from './types';
import { writePlan } from './write/write';

export type { Changes } from './read/read-changes';

export interface Followed {
  /** Whether something has changed that only a whole run can tell. */
  needsRun: boolean;
  /** How many lines the report has; 0 where there is none, as nothing has changed. */
  entries: number;
}

/** How often it is asked, while DingTalk is read, whether others are not to wait for the end of it. */
const LOOK_MS = 500;

/**
 * After work there is as long for sign-ins, up to some seconds: most of long work is waiting for DingTalk's pace, which holds
 * none up.
 */
export const restAfter = (ms: number): number => Math.min(ms, 4000);

export type Follow = (source: Source, changes: Changes) => Promise<Followed>;

export interface FollowWork {
  /** Ends the work where the application stops. */
  signal: AbortSignal;
  /**
   * Follows those who are not to wait while others are read, which takes a minute: is called again and again, until that
   * ends. The work that it is given is done under the same lease. It must not reject: the reading would go on without one.
   */
  meanwhile?(follow: Follow): Promise<void>;
}

/**
 * Reads anew what DingTalk said to have changed, and writes what follows from it, by the same rules as a run. Somebody who
 * left is detached, and deleted by a run alone.
 *
 * @throws CodedError SYNC_RUNNING (a run works on the source, or is about to: come again), SYNC_STOPPED (the brake: what
 * was to be taken away is in the stop of the source, and the next run looks at it anew), SYNC_OFF, OTHER_DIRECTORY,
 * SYNC_FAILED, and what can go wrong with DingTalk
 */
export function followChanges(
  app: Application,
  source: Source,
  changes: Changes,
  { signal, meanwhile }: FollowWork,
): Promise<Followed> {
  return withCodes(async () => {
    if (isDirectoryOff()) {
      throw new CodedError('SYNC_OFF');
    }
    const work = (lease: Lease) => {
      const signals = AbortSignal.any([signal, lease.signal]);
      const followOthers: Follow = (now, others) =>
        withCodes(() => followTwice(app, now, others, { lease, signal: signals }));
      const beside = meanwhile && followBeside(meanwhile, followOthers);
      return followTwice(app, source, changes, { lease, signal: signals, beside });
    };
    return withLease(app, source.id, work, { isForEvents: true });
  });
}

/** What has been read is planned after it, so that no two plans are written side by side. */
const followBeside =
  (look: (follow: Follow) => Promise<void>, follow: Follow): Beside =>
  async (reading) => {
    const ended = new AbortController();
    const end = () => ended.abort();
    void reading.then(end, end);
    const userids = new Set<string>();
    const noted: Follow = (source, changes) => {
      changes.userids.forEach((userid) => userids.add(userid));
      return follow(source, changes);
    };
    while (!ended.signal.aborted) {
      const began = performance.now();
      await look(noted);
      const length = Math.max(LOOK_MS, restAfter(performance.now() - began));
      await pause(length, undefined, { signal: ended.signal }).catch(() => undefined);
    }
    return userids;
  };

interface Following {
  lease: Lease;
  signal: AbortSignal;
  beside?: Beside;
}

async function followTwice(
  app: Application,
  source: Source,
  changes: Changes,
  { beside, ...work }: Following,
): Promise<Followed> {
  const { stale, ...followed } = await follow(app, source, changes, { ...work, beside });
  if (!isAny(stale)) {
    return followed;
  }
  // No other event comes of these: somebody signed in meanwhile, or was changed by an administrator.
  const again = await follow(app, source, stale, work);
  return {
    needsRun: followed.needsRun || again.needsRun || isAny(again.stale),
    entries: followed.entries + again.entries,
  };
}

async function follow(
  app: Application,
  source: Source,
  changes: Changes,
  { lease, signal, beside }: Following,
): Promise<Followed & { stale: Changes }> {
  const known = await readSourceRow(app.db, source.id);
  requireSameDirectory(source, known);
  if (!known.corpId) {
    // It has not run yet: everything would be new.
    return { needsRun: true, entries: 0, stale: staleAmong([]) };
  }
  const context = contextOf(app, source);
  const { plan, needsRun } = await prepareChanges(context, source, changes, { signal, beside });
  const planned = ofChanges(plan);
  if (planned.isTooMuch) {
    return stop(app, source, planned);
  }
  const { entries, written } = await write(context, planned, lease);
  return { needsRun, entries: entries.length, stale: staleAmong(written) };
}

/** What was not written, as what it was planned by had changed when it was to be. */
function staleAmong(written: Entry[]): Changes {
  const stale = written.filter(({ reason }) => reason === 'CHANGED_MEANWHILE');
  const idsOf = (kind: Entry['kind']) => stale.filter((entry) => entry.kind === kind).map(({ id }) => id);
  return { userids: idsOf('member'), departmentIds: idsOf('department').map(Number) };
}

const isAny = ({ userids, departmentIds }: Changes): boolean => userids.length + departmentIds.length > 0;

/** A plan whose lines are those of what changes: a list of 500 tells of many more, as it did before. */
function ofChanges(plan: Plan): Plan {
  const keyOf = ({ kind, id }: Entry) => `${kind} ${id}`;
  const changed = new Set([...plan.departments, ...plan.members].map(({ entry }) => keyOf(entry)));
  const entries = plan.entries.filter((entry) => changed.has(keyOf(entry)));
  return { ...plan, entries, counts: countsOf(entries, 0) };
}

/**
 * Keeps what would be taken away for an administrator to decide. A consent is for a run: none is used up here, and none
 * holds for more than it was given for.
 */
async function stop(app: Application, source: Source, planned: Plan): Promise<never> {
  const { stop: before } = await readSourceRow(app.db, source.id);
  const joined: StoredStop = joinStops(before, planned, Date.now());
  if (joined === before) {
    // It was told when it stopped first.
    throw new CodedError('SYNC_STOPPED', { reason: `source ${source.id}` });
  }
  return withReport(app, { sourceId: source.id, trigger: 'event' }, async (): Promise<never> => {
    await setSourceRow(app, source.id, { stop: joined });
    throw new RunError('SYNC_STOPPED', { counts: planned.counts, entries: planned.entries });
  });
}

interface Outcome {
  /** Lines of the report. */
  entries: Entry[];
  /** What came of each change that came otherwise than planned, be it in the report or not. */
  written: Entry[];
}

/** There is a report of what somebody sees, and of what failed. */
async function write(context: SourceContext, planned: Plan, lease: Lease): Promise<Outcome> {
  const { app, sourceId } = context;
  const start = { sourceId, trigger: 'event' } as const;
  if (planned.entries.length) {
    const { entries } = await withReport(app, start, (id) =>
      writeReported(context, planned, { id, lease, counted: planned.takenAway }),
    );
    return { entries, written: entries };
  }
  if (!planned.members.length && !planned.departments.length) {
    return { entries: [], written: [] };
  }
  const { failed, refused } = await writePlan(context, planned, lease);
  if (!failed.length) {
    return { entries: [], written: refused };
  }
  return withReport(app, start, async (): Promise<never> => {
    throw new RunError('SYNC_FAILED', { entries: failed }, `${failed.length} could not be written`);
  });
}
