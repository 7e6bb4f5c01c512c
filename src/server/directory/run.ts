import type { Application } from '@nocobase/server';
import type { Counts, TakenAway } from '../../shared/directory';
import { withCodes } from './failures';
import { type Lease, withLease } from './lock';
import { contextOf, prepare, type Work } from './prepare';
import { type Done, RunError, withReport, writeReported } from './reported';
import type { Source } from './source';
import { isAllowed, stopOf } from './stops';
import type { RunStart } from './store/runs';
import { readSourceRow, requireSameDirectory, setSourceRow } from './store/source-row';

type RunRequest = Omit<RunStart, 'sourceId'> &
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
  const { trigger, by, taskId, signal } = request;
  const start = { sourceId: source.id, trigger, by, taskId };
  const work = async (lease: Lease) => {
    await request.onBegin?.();
    return withReport(app, start, (id) => readAndWrite(app, source, { ...request, id }, lease));
  };
  return withCodes(() => withLease(app, source.id, work, { signal }));
}

async function readAndWrite(
  app: Application,
  source: Source,
  { id, ...request }: RunRequest & { id: string },
  lease: Lease,
): Promise<Done> {
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
  return writeReported(context, planned, {
    id,
    lease,
    // What was allowed does not count again when the next run asks what was taken away within a day.
    counted: planned.isTooMuch ? undefined : takenAway,
    progress: (done, all) => request.progress?.({ step: 'writing', done, all }),
  });
}
