import { type Database, type Model, Op } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import type { ErrorCode } from '../../../shared/codes';
import type { Counts, Entry, RunSummary, TakenAway, Trigger } from '../../../shared/directory';
import { withWriteLock } from '../../accounts/lock';
import { RUNS } from './collections';
import { jsonOf, optionalId, optionalNumber } from './rows';

// The reports of runs, rows of `dingtalkRuns`.

/** Reports of runs, and of what followed single changes: the latter would push all others out. */
export type ReportKind = 'runs' | 'events';

/** So many reports of a source are kept, and shown. Of those of a day more are kept, without their lines: see `finish`. */
const KEPT: Record<ReportKind, number> = { runs: 30, events: 200 };

/** For so long at most. */
const KEPT_MS = { runs: Infinity, events: 30 * 24 * 60 * 60 * 1000 };

/** Of the reports of a source. */
const ofKind = (sourceId: string, kind: ReportKind) => ({
  sourceId,
  trigger: kind === 'events' ? 'event' : { [Op.ne]: 'event' },
});

/** For so long the brake counts what was taken away. */
export const DAY_MS = 24 * 60 * 60 * 1000;

/** More lines nobody reads; those that matter come first. 20,000 are about 4 MB. */
export const MAX_ENTRIES = 20_000;

export const noCounts = (): Counts => ({
  created: 0,
  bound: 0,
  updated: 0,
  returned: 0,
  detached: 0,
  suspended: 0,
  deleted: 0,
  kept: 0,
  outside: 0,
  added: 0,
  changed: 0,
  removed: 0,
  open: 0,
  skipped: 0,
  failed: 0,
  unchanged: 0,
});

export const nothingTaken = (): TakenAway => ({ members: 0, departments: 0, memberships: 0 });

/** What a run is about. */
export interface RunStart {
  sourceId: string;
  trigger: Trigger;
  /** ID of the user who pressed the button. */
  by?: string;
  /** ID of NocoBase's task. */
  taskId?: string;
}

/** What a run came to. */
export interface RunEnd {
  outcome: Exclude<RunSummary['outcome'], 'running'>;
  code?: ErrorCode;
  counts?: Counts;
  takenAway?: TakenAway;
  entries?: Entry[];
}

/** A row, without its lines. */
export type RunRow = Omit<RunSummary, 'message'> & { code?: ErrorCode };

/** The IDs of runs that this process began, by its database: two applications in one process are two nodes. */
const begunHere = new WeakMap<Database, Set<string>>();

/** Whether this process began a run, which it is told once. */
export const takeBegunHere = (db: Database, id: string): boolean => begunHere.get(db)?.delete(id) ?? false;

/** Runs that a process began that is gone are failures. @returns the ID of the new row */
export async function beginRun(app: Application, start: RunStart): Promise<string> {
  const { db } = app;
  const id = await withWriteLock({ app, db }, () => begin(db, start));
  begunHere.set(db, (begunHere.get(db) ?? new Set()).add(id));
  return id;
}

async function begin(db: Database, { sourceId, trigger, by, taskId }: RunStart): Promise<string> {
  const runs = db.getModel(RUNS);
  const began = Date.now();
  await runs.update(
    { outcome: 'failed', code: 'SYNC_INTERRUPTED', ended: began },
    { where: { sourceId, outcome: 'running' } },
  );
  const row = await runs.create({
    sourceId,
    taskId: taskId ?? null,
    trigger,
    createdById: by ?? null,
    began,
    outcome: 'running',
    counts: noCounts(),
    takenAway: nothingTaken(),
    entries: [],
  });
  return String(row.get('id'));
}

/**
 * To be called before the first write: what is taken away by a run that is killed, or cannot say how it ended, counts for the
 * brake as well.
 */
export function noteTaken(app: Application, sourceId: string, id: string, takenAway: TakenAway): Promise<void> {
  return withWriteLock({ app, db: app.db }, async () => {
    await app.db.getModel(RUNS).update({ takenAway }, { where: { id, sourceId } });
  });
}

export function endRun(app: Application, sourceId: string, id: string, end: RunEnd): Promise<void> {
  return withWriteLock({ app, db: app.db }, async () => {
    await finish(app.db, sourceId, id, end);
    await forgetOlder(app.db, sourceId, 'runs');
    await forgetOlder(app.db, sourceId, 'events');
  });
}

async function finish(db: Database, sourceId: string, id: string, end: RunEnd): Promise<void> {
  const { outcome, code, counts = noCounts(), takenAway, entries = [] } = end;
  const runs = db.getModel(RUNS);
  const values = { outcome, code: code ?? null, counts, entries: entries.slice(0, MAX_ENTRIES) };
  await runs.update({ ...values, ...(takenAway && { takenAway }), ended: Date.now() }, { where: { id, sourceId } });
}

async function forgetOlder(db: Database, sourceId: string, kind: ReportKind): Promise<void> {
  const runs = db.getModel(RUNS);
  const where = ofKind(sourceId, kind);
  const now = Date.now();
  if (KEPT_MS[kind] < Infinity) {
    await runs.destroy({ where: { ...where, began: { [Op.lt]: now - KEPT_MS[kind] } } });
  }
  const older: Model[] = await runs.findAll({
    attributes: ['id', 'takenAway'],
    where,
    order: [['id', 'DESC']],
    offset: KEPT[kind],
    limit: KEPT[kind],
  });
  if (older.length) {
    // Thirty runs of one hour would else be thirty bites of which the brake knows nothing any more.
    const id = { [Op.lte]: older[0].get('id') };
    await runs.destroy({ where: { ...where, id, began: { [Op.lt]: now - DAY_MS } } });
    const isBite = (row: Model) => Object.values(jsonOf<TakenAway>(row.get('takenAway')) ?? {}).some(Boolean);
    const idsOf = (rows: Model[]) => ({ sourceId, id: { [Op.in]: rows.map((row) => row.get('id')) } });
    await runs.update({ entries: [] }, { where: idsOf(older.filter(isBite)) });
    await runs.destroy({ where: idsOf(older.filter((row) => !isBite(row))) });
  }
}

const SUMMARY = ['id', 'trigger', 'createdById', 'began', 'ended', 'outcome', 'code', 'counts', 'takenAway'];

/** The latest first. */
export async function listRuns(
  db: Database,
  sourceId: string,
  { kind = 'runs', limit = KEPT[kind] }: { kind?: ReportKind; limit?: number } = {},
): Promise<RunRow[]> {
  const rows: Model[] = await db
    .getModel(RUNS)
    .findAll({ attributes: SUMMARY, where: ofKind(sourceId, kind), order: [['id', 'DESC']], limit });
  return rows.map(toRun);
}

/**
 * Whether a run over all of the directory has begun since then, and has read all of it. One that the brake stopped would
 * stop again, and what it found is for an administrator to decide.
 */
export async function hasWholeRunSince(db: Database, sourceId: string, since: number): Promise<boolean> {
  const where = {
    sourceId,
    outcome: ['success', 'stopped'],
    trigger: { [Op.ne]: 'event' },
    began: { [Op.gte]: since },
  };
  return (await db.getModel(RUNS).count({ where })) > 0;
}

/** @returns undefined where the source has no such report */
export async function readRun(
  db: Database,
  sourceId: string,
  id: string,
): Promise<{ run: RunRow; entries: Entry[] } | undefined> {
  const row: Model | null = await db.getModel(RUNS).findOne({ where: { id, sourceId } });
  return row ? { run: toRun(row), entries: jsonOf<Entry[]>(row.get('entries')) ?? [] } : undefined;
}

function toRun(row: Model): RunRow {
  return {
    id: String(row.get('id')),
    trigger: row.get('trigger'),
    by: optionalId(row.get('createdById')),
    began: Number(row.get('began')),
    ended: optionalNumber(row.get('ended')),
    outcome: row.get('outcome'),
    code: row.get('code') ?? undefined,
    counts: { ...noCounts(), ...jsonOf<Counts>(row.get('counts')) },
    takenAway: { ...nothingTaken(), ...jsonOf<TakenAway>(row.get('takenAway')) },
  };
}

/** What was planned, with the lines of what came of it in their places, in front. */
export function withWritten(
  { entries, counts }: { entries: Entry[]; counts: Counts },
  lines: Entry[],
): { entries: Entry[]; counts: Counts } {
  const keyOf = ({ kind, id }: Entry) => `${kind} ${id}`;
  const keys = new Set(lines.map(keyOf));
  const adjusted = { ...counts };
  for (const { action } of entries.filter((entry) => keys.has(keyOf(entry)))) {
    adjusted[action] -= 1;
  }
  for (const { action } of lines) {
    adjusted[action] += 1;
  }
  return { entries: [...lines, ...entries.filter((entry) => !keys.has(keyOf(entry)))], counts: adjusted };
}
