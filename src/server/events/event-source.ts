import { type Database, type Model, Op, type Transaction } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { withWriteLock } from '../accounts/lock';
import { goneSources } from '../directory/store/gone-sources';
import { jsonOf, optionalNumber } from '../directory/store/rows';
import { EVENT_SOURCES, EVENTS } from './collections';

/** What is known of the events of a source: its row in `dingtalkEventSources`. */
export interface EventSourceRow {
  /** Encrypted, as of the other. */
  callbackToken?: string;
  callbackAesKey?: string;
  madeAt?: number;
  checkedAt?: number;
  lastEventAt?: number;
  lastEventType?: string;
  foreignCount: number;
  foreignTypes: string[];
  skewMs?: number;
}

export async function readEventSource(db: Database, sourceId: string): Promise<EventSourceRow> {
  const row: Model | null = await db.getModel(EVENT_SOURCES).findByPk(sourceId);
  return {
    callbackToken: row?.get('callbackToken') || undefined,
    callbackAesKey: row?.get('callbackAesKey') || undefined,
    madeAt: optionalNumber(row?.get('madeAt')),
    checkedAt: optionalNumber(row?.get('checkedAt')),
    lastEventAt: optionalNumber(row?.get('lastEventAt')),
    lastEventType: row?.get('lastEventType') || undefined,
    foreignCount: Number(row?.get('foreignCount') ?? 0),
    foreignTypes: jsonOf<string[]>(row?.get('foreignTypes')) ?? [],
    skewMs: optionalNumber(row?.get('skewMs')),
  };
}

type Values = { [Key in keyof EventSourceRow]?: EventSourceRow[Key] | null } & {
  failedAskedAt?: number;
  downSince?: number | null;
  isDownTold?: boolean | null;
};

type Where = Record<string | symbol, unknown>;

/** Changes the row, which is there afterwards. */
export async function setEventSource(app: Application, sourceId: string, values: Values): Promise<void> {
  await changeEventSource(app, sourceId, values, {});
}

/**
 * Changes the row where it is as it was expected: of several nodes that find it so, one does.
 *
 * @returns whether this process has changed it
 */
export async function changeEventSource(
  app: Application,
  sourceId: string,
  values: Values,
  expected: Where,
): Promise<boolean> {
  const model = app.db.getModel(EVENT_SOURCES);
  return withWriteLock({ app, db: app.db }, async () => {
    // Another process may make it meanwhile.
    await model.bulkCreate([{ sourceId }], { ignoreDuplicates: true });
    const [changed] = await model.update(values, { where: { sourceId, ...expected } });
    return changed > 0;
  });
}

/** Where a column has no value, or one before that time. */
export const isBefore = (column: string, time: number): Where => ({
  [Op.or]: [{ [column]: null }, { [column]: { [Op.lte]: time } }],
});

/** A source that was deleted. */
export async function forgetEvents(db: Database, sourceId: string, transaction?: Transaction): Promise<void> {
  await db.getModel(EVENTS).destroy({ where: { sourceId }, transaction });
  await db.getModel(EVENT_SOURCES).destroy({ where: { sourceId }, transaction });
}

/** Those of which a row was written after they were deleted. */
export async function forgetGoneEvents(app: Application): Promise<void> {
  for (const sourceId of await goneSources(app.db, [EVENT_SOURCES])) {
    await withWriteLock({ app, db: app.db }, () => forgetEvents(app.db, sourceId));
  }
}
