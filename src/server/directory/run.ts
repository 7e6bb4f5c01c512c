import type { Application } from '@nocobase/server';
import type { Counts, TakenAway } from '../../shared/directory';
import { CodedError } from '../http/coded-error';
import { describe } from '../http/report';
import { readDepartmentRows } from './store/department-rows';
import { toCoded, withCodes } from './failures';
import { fingerprintOf } from './store/fingerprint';
import { type Lease, withLease } from './lock';
import { readMembers } from './store/members';
import { missingDepartmentsOf, missingOf, plan } from './plan/plan';
import { askAbsences, askGone, readDirectory } from './read/read';
import { readerOf } from './read/reader';
import { withWaysIn } from './store/remaining-ways-in';
import { beginRun, endRun, noteTaken, type RunEnd, nothingTaken, type RunStart, withWritten } from './store/runs';
import type { Source } from './source';
import { readSourceRow, requireSameDirectory, setSourceRow } from './store/source-row';
import { loadState, type SourceContext } from './store/state';
import { isAllowed, stopOf } from './stops';
import type { Directory, Plan, PlanSettings, State } from './types';
import { writePlan } from './write/write';

/** How far a run is. */
export type Progress =
  { step: 'reading'; departments: number; members: number } | { step: 'writing'; done: number; all: number };

interface Work {
  /** Ends the work where the application stops. */
  signal: AbortSignal;
  progress?(progress: Progress): void;
}

export type RunRequest = Omit<RunStart, 'sourceId'> &
  Work & {
    /** Is called when no other run of the source is under way, nor can begin. */
    onBegin?(): Promise<void>;
  };

export interface RunResult {
  counts: Counts;
  takenAway: TakenAway;
}

/**
 * One run of a source, over all of the directory.
 *
 * @throws CodedError SYNC_RUNNING, OTHER_DIRECTORY, SYNC_STOPPED, SYNC_FAILED, and what can go wrong with DingTalk
 */
export function runDirectory(app: Application, source: Source, request: RunRequest): Promise<RunResult> {
  return withCodes(() => withLease(app, source.id, (lease) => runAlone(app, source, request, lease)));
}

async function runAlone(app: Application, source: Source, request: RunRequest, lease: Lease): Promise<RunResult> {
  const began = Date.now();
  await request.onBegin?.();
  const id = await beginRun(app, { ...request, sourceId: source.id });
  const log = { source: source.id, trigger: request.trigger };
  try {
    const end = await readAndWrite(app, source, { ...request, id }, lease);
    await endRun(app, source.id, id, { ...end, outcome: 'success' });
    app.logger.info('DingTalk directory', {
      outcome: 'SYNCED',
      ...log,
      ms: Date.now() - began,
      ...linesOf(end.counts),
    });
    return end;
  } catch (error) {
    const { code, detail } = toCoded(error);
    const end: Partial<RunEnd> = error instanceof RunError ? error.end : {};
    await endRun(app, source.id, id, { ...end, outcome: code === 'SYNC_STOPPED' ? 'stopped' : 'failed', code });
    const lines = linesOf(end.counts);
    app.logger.warn('DingTalk directory', { outcome: code, ...log, ms: Date.now() - began, ...lines, ...detail });
    throw error;
  }
}

/** A run that ended badly after it had a plan, with its lines. */
class RunError extends CodedError {
  readonly #end: Omit<RunEnd, 'outcome'>;

  constructor(code: 'SYNC_STOPPED' | 'SYNC_FAILED', end: Omit<RunEnd, 'outcome'>, reason?: string) {
    super(code, { reason });
    this.#end = end;
  }

  get end(): Omit<RunEnd, 'outcome'> {
    return this.#end;
  }
}

/** The counts that are not 0: one line of the log is for a whole run. */
const linesOf = (counts: Counts | undefined) =>
  Object.fromEntries(Object.entries(counts ?? {}).filter(([, count]) => count));

async function readAndWrite(
  app: Application,
  source: Source,
  { id, ...request }: RunRequest & { id: string },
  lease: Lease,
): Promise<Required<Pick<RunEnd, 'counts' | 'takenAway' | 'entries'>>> {
  const { stop, ...known } = await readSourceRow(app.db, source.id);
  requireSameDirectory(source, known);
  const context = contextOf(app, source);
  const signal = AbortSignal.any([request.signal, lease.signal]);
  const { plan: planned } = await prepare(context, source, { ...request, signal });
  const now = Date.now();
  const { counts, takenAway } = planned;
  const mayTake = isAllowed(planned, stop, now);
  if (planned.isTooMuch && !mayTake) {
    const stopped = stopOf(planned, now, stop);
    await setSourceRow(app, source.id, { stop: stopped });
    throw new RunError('SYNC_STOPPED', { counts, entries: stopped.entries });
  }
  // A consent is for one run, whatever comes of it. What was stopped before is decided anew.
  const { corpId, clientId } = source.appSettings;
  await setSourceRow(app, source.id, { stop: null, corpId, clientId });
  // What was allowed does not count again when the next run asks what was taken away within a day.
  const counted = planned.isTooMuch ? undefined : takenAway;
  if (counted && Object.values(counted).some(Boolean)) {
    await noteTaken(app, source.id, id, counted);
  }
  try {
    const { failed, refused } = await writePlan(context, planned, lease, (done, all) =>
      request.progress?.({ step: 'writing', done, all }),
    );
    const end = { ...withWritten(planned, [...failed, ...refused]), takenAway: counted };
    if (failed.length) {
      throw new RunError('SYNC_FAILED', end, `${failed.length} could not be written`);
    }
    return { ...end, takenAway: counted ?? nothingTaken() };
  } catch (error) {
    // How much of it was written is not known here: for the brake, all of it was.
    throw error instanceof CodedError ? error : new RunError('SYNC_FAILED', { takenAway: counted }, describe(error));
  }
}

/** What is read, compared and planned, of all of a source or of one member: nothing is written. */
export async function prepare(
  context: SourceContext,
  source: Source,
  { signal, progress }: Work,
): Promise<{ directory: Directory; state: State; plan: Plan }> {
  const { app, db, sourceId, settings } = context;
  const reader = readerOf(app, source, signal);
  const read = await readDirectory(reader, source.settings.departments, (done) =>
    progress?.({ step: 'reading', ...done }),
  );
  const found: Directory = { ...read, absences: new Map(), userids: new Map(), goneDepartments: new Set() };
  const missing = missingOf(await readMembers(db, sourceId), found);
  const asked = settings.only === undefined ? missing : missing.filter(({ userid }) => userid === settings.only);
  const missingDepartments = missingDepartmentsOf(await readDepartmentRows(db, sourceId), found);
  const directory: Directory = {
    ...read,
    ...(await askAbsences(reader, asked, found, source.settings.departments)),
    goneDepartments: settings.only === undefined ? await askGone(reader, missingDepartments) : new Set(),
  };
  // Last, so that it is as new as can be when it is written.
  const state = await loadState(context);
  return { directory, state, plan: await withWaysIn(context, plan(directory, state, settings)) };
}

export function contextOf(app: Application, source: Source, only?: string): SourceContext {
  const { id, settings, authenticator, appSettings } = source;
  const planSettings: PlanSettings = {
    newUsers: settings.newUsers,
    leavers: settings.leavers,
    fields: settings.fields,
    writesPhoneOfOthers: settings.writesPhoneOfOthers,
    emailDomains: appSettings.emailDomains,
    brake: settings.brake,
    fingerprint: fingerprintOf(app, id),
    now: Date.now(),
    ...(only !== undefined && { only }),
  };
  return {
    app,
    db: app.db,
    sourceId: id,
    authenticator,
    settings: planSettings,
    protectedRoles: authenticator.protectedRoles,
  };
}
