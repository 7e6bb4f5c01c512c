import type { Application } from '@nocobase/server';
import type { Counts, TakenAway } from '../../shared/directory';
import { CodedError } from '../http/coded-error';
import { describe } from '../http/report';
import { toCoded } from './failures';
import type { Lease } from './lock';
import { beginRun, endRun, noteTaken, type RunEnd, nothingTaken, type RunStart, withWritten } from './store/runs';
import type { SourceContext } from './store/state';
import type { Plan } from './types';
import { writePlan } from './write/write';

/** What came of work that went well. */
export type Done = Required<Pick<RunEnd, 'counts' | 'takenAway' | 'entries'>>;

/** What ended badly after there was a plan, with its lines. */
export class RunError extends CodedError {
  readonly #end: Omit<RunEnd, 'outcome'>;

  constructor(code: 'SYNC_STOPPED' | 'SYNC_FAILED', end: Omit<RunEnd, 'outcome'>, reason?: string) {
    super(code, { reason });
    this.#end = end;
  }

  get end(): Omit<RunEnd, 'outcome'> {
    return this.#end;
  }
}

/**
 * Does work of which there is a report and a line in the log, whatever comes of it.
 *
 * @param work is given the ID of the report
 */
export async function withReport<T extends Done>(
  app: Application,
  start: RunStart,
  work: (id: string) => Promise<T>,
): Promise<T> {
  const began = Date.now();
  const { sourceId, trigger } = start;
  const id = await beginRun(app, start);
  const log = { source: sourceId, trigger };
  try {
    const end = await work(id);
    await endRun(app, sourceId, id, { ...end, outcome: 'success' });
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
    await endRun(app, sourceId, id, { ...end, outcome: code === 'SYNC_STOPPED' ? 'stopped' : 'failed', code });
    const lines = linesOf(end.counts);
    app.logger.warn('DingTalk directory', { outcome: code, ...log, ms: Date.now() - began, ...lines, ...detail });
    throw error;
  }
}

/** The counts that are not 0: one line of the log is for a whole run. */
const linesOf = (counts: Counts | undefined) =>
  Object.fromEntries(Object.entries(counts ?? {}).filter(([, count]) => count));

interface Writing {
  /** ID of the report. */
  id: string;
  lease: Lease;
  /** What counts for the brake from now on; undefined where it was allowed. */
  counted?: TakenAway;
  progress?(done: number, all: number): void;
}

/**
 * Writes a plan that the brake let through.
 *
 * @throws CodedError SYNC_FAILED, and as `writePlan`
 */
export async function writeReported(
  context: SourceContext,
  planned: Plan,
  { id, lease, counted, progress }: Writing,
): Promise<Done> {
  if (counted && Object.values(counted).some(Boolean)) {
    await noteTaken(context.app, context.sourceId, id, counted);
  }
  try {
    const { failed, refused } = await writePlan(context, planned, lease, progress);
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
