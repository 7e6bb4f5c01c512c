import type { Database, Model } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { withWriteTransaction } from '../../accounts/lock';
import { HOST_SOURCES } from '../source';
import { RUNS, SOURCES } from './collections';
import { forgetSource } from './source-row';

/**
 * The sources that were deleted and have rows in these tables, as work that was under way has written some since.
 *
 * @returns none where NocoBase's plugin for synchronization is off: its sources are there, and nobody sees them
 */
export async function goneSources(db: Database, tables: string[]): Promise<string[]> {
  if (!db.hasCollection(HOST_SOURCES)) {
    return [];
  }
  const named = new Set<string>();
  for (const table of tables) {
    const rows: Model[] = await db.getModel(table).findAll({ attributes: ['sourceId'], group: ['sourceId'] });
    rows.forEach((row) => named.add(String(row.get('sourceId'))));
  }
  // After the others: of a source that was made meanwhile, no row was read before its own.
  const found: Model[] = await db.getModel(HOST_SOURCES).findAll({ attributes: ['id'], where: { id: [...named] } });
  found.forEach((row) => named.delete(String(row.get('id'))));
  return [...named];
}

/** Forgets them, as their deletion has done before. */
export async function forgetGoneSources(app: Application): Promise<void> {
  for (const sourceId of await goneSources(app.db, [SOURCES, RUNS])) {
    await withWriteTransaction({ app, db: app.db }, (transaction) => forgetSource(app.db, sourceId, transaction));
  }
}
