import { createHash, randomUUID } from 'node:crypto';
import { type Database, type Model, Op, type Transaction } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import type { ErrorCode } from '../../shared/codes';
import { withWriteLock, withWriteTransaction } from '../accounts/lock';
import { chunksOf } from '../directory/store/rows';
import { EVENTS } from './collections';

// The rows of `dingtalkEvents`.

/**
 * A member, by userid, or a department that changed in DingTalk, whatever the change was. A member who is said to have left
 * is a `leaver`, who is read before all others, and the same one `again` a while later: DingTalk may answer for a moment that
 * somebody is there who has left.
 */
export interface EventId {
  kind: 'member' | 'department' | 'leaver' | 'again';
  id: string;
}

/** What an ID, or the wish for a whole run, is until it was read. */
export interface WaitingRow {
  kind: EventId['kind'] | 'all';
  id: string;
  revision: string;
  receivedAt: number;
  attempts: number;
}

/** Kinds that wait for no others, as what they may come to is the end of a session. */
export const urgent = ['leaver', 'again'] as const;

export const isUrgent = ({ kind }: Pick<WaitingRow, 'kind'>): boolean => urgent.some((one) => one === kind);

/** A statement has so many rows at most: SQLite takes 32,766 values. */
const ROWS_OF_STATEMENT = 500;

/** How long after an event a leaver is asked about again. */
const AGAIN_MS = 10_000;

const keyOf = (kind: WaitingRow['kind'], id: string) => createHash('sha256').update(`${kind} ${id}`).digest('hex');

const waiting = (sourceId: string, kind: WaitingRow['kind'], id: string, now: number) => ({
  sourceId,
  kind,
  dingtalkId: id,
  eventKey: keyOf(kind, id),
  revision: randomUUID(),
  receivedAt: now,
  dueAt: kind === 'again' ? now + AGAIN_MS : now,
  attempts: 0,
});

const conflict = { conflictAttributes: ['sourceId', 'eventKey'] };

/** Each of them is due now, or in a while, also where it waited for another attempt: it has changed since. */
export async function addWaiting(app: Application, sourceId: string, ids: EventId[], now: number): Promise<void> {
  // PostgreSQL refuses a statement that meets one row twice.
  const rows = [...new Map(ids.map(({ kind, id }) => [keyOf(kind, id), waiting(sourceId, kind, id, now)])).values()];
  for (const part of chunksOf(rows, ROWS_OF_STATEMENT)) {
    await withWriteLock({ app, db: app.db }, () =>
      app.db.getModel(EVENTS).bulkCreate(part, {
        updateOnDuplicate: ['revision', 'receivedAt', 'dueAt'],
        ...conflict,
      }),
    );
  }
}

/** Wishes for a whole run. One that waits already stays due when it was: there would be no end of runs. */
export async function addWholeRun(app: Application, sourceId: string, now: number): Promise<void> {
  await withWriteLock({ app, db: app.db }, () => wish(app.db, sourceId, now));
}

const wish = (db: Database, sourceId: string, now: number, transaction?: Transaction) =>
  db.getModel(EVENTS).bulkCreate([waiting(sourceId, 'all', '', now)], {
    updateOnDuplicate: ['revision', 'receivedAt'],
    ...conflict,
    transaction,
  });

/** In place of all that waits: a whole run reads that as well. */
export async function mergeWaiting(app: Application, sourceId: string, now: number): Promise<void> {
  await withWriteTransaction({ app, db: app.db }, async (transaction) => {
    await wish(app.db, sourceId, now, transaction);
    await app.db.getModel(EVENTS).destroy({ where: { sourceId, kind: { [Op.ne]: 'all' } }, transaction });
  });
}

/** How much has not been read yet: not what is only asked about again. */
export const countWaiting = (db: Database, sourceId: string): Promise<number> =>
  db.getModel(EVENTS).count({ where: { sourceId, kind: { [Op.ne]: 'again' } } });

/** When the next of what waits is due; undefined where nothing waits. */
export async function nextDueAt(db: Database, sourceId: string): Promise<number | undefined> {
  const next: unknown = await db.getModel(EVENTS).min('dueAt', { where: { sourceId } });
  return next === null || next === undefined ? undefined : Number(next);
}

/** The sources of which something is due. */
export async function dueSources(db: Database, now: number): Promise<string[]> {
  const rows: Model[] = await db
    .getModel(EVENTS)
    .findAll({ attributes: ['sourceId'], where: { dueAt: { [Op.lte]: now } }, group: ['sourceId'] });
  return rows.map((row) => String(row.get('sourceId')));
}

/**
 * What is due of a source.
 *
 * @param order `healthiest`: those that failed least often first, and of these the oldest; `oldest`: by when they were due
 * @param kinds those alone
 */
export async function readDue(
  db: Database,
  sourceId: string,
  now: number,
  limit: number,
  order: 'healthiest' | 'oldest' = 'healthiest',
  kinds?: readonly EventId['kind'][],
): Promise<WaitingRow[]> {
  const where = { sourceId, dueAt: { [Op.lte]: now }, ...(kinds && { kind: [...kinds] }) };
  const columns = [order === 'healthiest' ? 'attempts' : 'dueAt', 'id'];
  const rows: Model[] = await db
    .getModel(EVENTS)
    .findAll({ where, order: columns.map((column) => [column, 'ASC'] as [string, string]), limit });
  return rows.map((row) => ({
    kind: row.get('kind'),
    id: String(row.get('dingtalkId')),
    revision: String(row.get('revision')),
    receivedAt: Number(row.get('receivedAt')),
    attempts: Number(row.get('attempts')),
  }));
}

/** What was read is done, unless another event of it came meanwhile. */
export async function removeWaiting(app: Application, sourceId: string, rows: WaitingRow[]): Promise<void> {
  const where = { sourceId, revision: rows.map(({ revision }) => revision) };
  await withWriteLock({ app, db: app.db }, () => app.db.getModel(EVENTS).destroy({ where }));
}

/** All of a source: it was deleted, or wants none. */
export async function removeAllWaiting(app: Application, sourceId: string): Promise<void> {
  await withWriteLock({ app, db: app.db }, () => app.db.getModel(EVENTS).destroy({ where: { sourceId } }));
}

/** What failed is due again later; not that of which another event came meanwhile. */
export async function postponeWaiting(
  app: Application,
  sourceId: string,
  rows: WaitingRow[],
  values: { attempts?: number; dueAt: number; code: ErrorCode | null },
): Promise<void> {
  const where = { sourceId, revision: rows.map(({ revision }) => revision) };
  await withWriteLock({ app, db: app.db }, () => app.db.getModel(EVENTS).update(values, { where }));
}

/** Nothing of a source can be read: all that is due waits. */
export async function postponeDue(
  app: Application,
  sourceId: string,
  now: number,
  values: { dueAt: number; code: ErrorCode },
): Promise<void> {
  const where = { sourceId, dueAt: { [Op.lte]: now } };
  await withWriteLock({ app, db: app.db }, () => app.db.getModel(EVENTS).update(values, { where }));
}

/** The oldest that failed, and why it did last; undefined where nothing has. */
export async function oldestFailure(
  db: Database,
  sourceId: string,
): Promise<{ since: number; code: ErrorCode } | undefined> {
  const row: Model | null = await db
    .getModel(EVENTS)
    .findOne({ where: { sourceId, code: { [Op.ne]: null } }, order: [['receivedAt', 'ASC']] });
  return row ? { since: Number(row.get('receivedAt')), code: row.get('code') } : undefined;
}
