import type { Database, Model, Transaction } from '@nocobase/database';
import { SOURCE_TYPE } from '../../../shared/constants';
import type { SourceOptions } from '../../../shared/directory';
import { EXCLUSIONS } from '../../accounts/collections';
import { MEMBERS } from './collections';
import { chunksOf, readInPages } from './rows';
import { HOST_SOURCES } from '../source';

/**
 * Lets accounts sign in again that are refused as leavers, but are known as such to no source of the authenticator any
 * more: the source was deleted, begins anew, or has another authenticator. They are in no list, so that nobody else could.
 */
export async function forgiveUnknownLeavers(db: Database, transaction?: Transaction): Promise<void> {
  const left = await readLeft(db, transaction);
  if (!left.size) {
    return;
  }
  const sources: Model[] = db.hasCollection(HOST_SOURCES)
    ? await db.getModel(HOST_SOURCES).findAll({ where: { sourceType: SOURCE_TYPE }, transaction })
    : [];
  for (const [authenticator, rows] of left) {
    const ids = sources
      .filter((row) => (row.get('options') as SourceOptions | null)?.authenticator === authenticator)
      .map((row) => String(row.get('id')));
    const known = await readLeavers(db, ids, transaction);
    const forgiven = rows.filter(({ unionId }) => !known.has(unionId)).map(({ id }) => id);
    for (const some of chunksOf(forgiven)) {
      await db.getModel(EXCLUSIONS).destroy({ where: { id: some }, transaction });
    }
  }
}

type Refusal = { id: string; unionId: string };

/** By authenticator. */
async function readLeft(db: Database, transaction?: Transaction): Promise<Map<string, Refusal[]>> {
  const left = new Map<string, Refusal[]>();
  const attributes = ['id', 'authenticator', 'unionId'];
  const reading = { attributes, where: { reason: 'left' }, transaction };
  await readInPages(db.getModel(EXCLUSIONS), reading, ({ id, authenticator, unionId }) => {
    const name = String(authenticator);
    const rows = left.get(name) ?? [];
    rows.push({ id: String(id), unionId: String(unionId) });
    left.set(name, rows);
  });
  return left;
}

async function readLeavers(db: Database, sourceIds: string[], transaction?: Transaction): Promise<Set<string>> {
  const unionIds = new Set<string>();
  const where = { sourceId: sourceIds, state: 'left' };
  const reading = { attributes: ['id', 'unionId'], where, transaction };
  await readInPages(db.getModel(MEMBERS), reading, ({ unionId }) => unionIds.add(String(unionId)));
  return unionIds;
}
