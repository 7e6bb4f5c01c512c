import { type Database, Op, type Transaction } from '@nocobase/database';
import { MEMBERS } from './collections';
import { chunksOf } from './rows';

/** Of these users, those whom no run deletes. */
export async function undeletableAmong(
  db: Database,
  sourceId: string,
  userIds: string[],
  transaction?: Transaction,
): Promise<Set<string>> {
  const found = new Set<string>();
  for (const some of chunksOf(userIds)) {
    (await ownersAmong(db, 'users', some, transaction)).forEach((id) => found.add(id));
    (await knownElsewhere(db, sourceId, some, transaction)).forEach((id) => found.add(id));
  }
  return found;
}

/**
 * Owners of rows that NocoBase would delete with the user or department, or for whose sake it would not delete that: of
 * collections that administrators made, by a relation that they made so. What NocoBase itself keeps of them, such as roles,
 * goes.
 *
 * @param owner the name of their collection
 */
export async function ownersAmong(
  db: Database,
  owner: 'users' | 'departments',
  ownerIds: string[],
  transaction?: Transaction,
): Promise<string[]> {
  const references = (db.referenceMap.getReferences(owner) ?? []).filter(
    ({ sourceCollectionName: name, onDelete }) =>
      isOfAdministrators(db, name) && ['CASCADE', 'RESTRICT'].includes(onDelete),
  );
  const found: string[] = [];
  for (const { sourceCollectionName, sourceField, targetField } of references) {
    // A relation may lead to another column than the ID.
    const keys = await keysOf(db, { owner, column: targetField }, ownerIds, transaction);
    const { model } = db.getCollection(sourceCollectionName);
    const rows = await model.findAll({
      attributes: [sourceField],
      where: { [sourceField]: [...keys.keys()] },
      group: [sourceField],
      raw: true,
      transaction,
    });
    const owned = rows as unknown as Record<string, unknown>[];
    found.push(...owned.flatMap((row) => keys.get(String(row[sourceField])) ?? []));
  }
  return found;
}

/** Those that administrators see, and add fields to. The tables behind relations of many to many own nothing. */
function isOfAdministrators(db: Database, name: string): boolean {
  const collection = db.getCollection(name);
  const { loadedFromCollectionManager, isThrough } = collection?.options ?? {};
  return Boolean(loadedFromCollectionManager) && !isThrough && !collection.isView();
}

async function keysOf(
  db: Database,
  { owner, column }: { owner: string; column: string },
  ids: string[],
  transaction?: Transaction,
): Promise<Map<string, string>> {
  if (column === 'id') {
    return new Map(ids.map((id) => [id, id]));
  }
  const where = { id: ids };
  const rows = await db.getModel(owner).findAll({ attributes: ['id', column], where, raw: true, transaction });
  const owners = rows as unknown as Record<string, unknown>[];
  return new Map(owners.filter((row) => row[column] !== null).map((row) => [String(row[column]), String(row.id)]));
}

/**
 * Users whom another source has made, or knows: of this plugin, or of NocoBase's synchronization. Those that were pushed
 * there name any source they like, so that each of its records counts.
 */
async function knownElsewhere(
  db: Database,
  sourceId: string,
  userIds: string[],
  transaction?: Transaction,
): Promise<string[]> {
  const others = await db.getModel(MEMBERS).findAll({
    attributes: ['userId'],
    where: { sourceId: { [Op.ne]: sourceId }, userId: userIds },
    raw: true,
    transaction,
  });
  const records = db.hasCollection('userDataSyncRecordsResources')
    ? await db.getModel('userDataSyncRecordsResources').findAll({
        attributes: ['resourcePk'],
        where: { resource: 'users', resourcePk: userIds },
        raw: true,
        transaction,
      })
    : [];
  return [
    ...(others as unknown as { userId: unknown }[]).map(({ userId }) => String(userId)),
    ...(records as unknown as { resourcePk: unknown }[]).map(({ resourcePk }) => String(resourcePk)),
  ];
}
