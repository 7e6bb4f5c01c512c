import type { Database, Model, Transaction } from '@nocobase/database';
import type { MemberChange, MemberRow } from '../types';
import type { Loaded } from './write-facts';

/** What is added of one user: NocoBase's ID by DingTalk's. */
type Added = { departmentId: number; nocobaseId: string; isOwner: boolean }[];

interface Places {
  db: Database;
  transaction: Transaction;
  /** NocoBase's IDs of departments, by DingTalk's. */
  departmentIds: Map<number, string>;
}

/**
 * Those that can be added: the department is there, and nobody has put the user there by hand meanwhile, whose membership
 * it would then be.
 */
export function addedOf(
  { memberships }: MemberChange,
  departmentIds: Map<number, string>,
  { departments }: Loaded,
  current: Map<string, boolean> = new Map(),
): Added {
  return (memberships?.add ?? []).flatMap(({ departmentId, isOwner }) => {
    const nocobaseId = departmentIds.get(departmentId);
    return nocobaseId !== undefined && departments.has(nocobaseId) && !current.has(nocobaseId)
      ? [{ departmentId, nocobaseId, isOwner }]
      : [];
  });
}

/** What the row says of memberships, without those that could not be added. */
export function membershipsAfter({ memberships, next }: MemberChange, added: Added): MemberRow['memberships'] {
  const done = new Set(added.map(({ departmentId }) => String(departmentId)));
  const missed = (memberships?.add ?? []).map(({ departmentId }) => String(departmentId)).filter((id) => !done.has(id));
  return Object.fromEntries(Object.entries(next.memberships).filter(([id]) => !missed.includes(id)));
}

/**
 * Writes the memberships of a user who was there before, one by one, so that NocoBase hears of each: by that it keeps the
 * main department, and forgets the roles that the user had by a department.
 *
 * @returns those that were added
 */
export async function writeMemberships(
  { db, transaction, departmentIds }: Places,
  userId: string,
  change: MemberChange,
  facts: Loaded,
): Promise<Added> {
  const { memberships, row } = change;
  if (!memberships || !db.hasCollection('departmentsUsers')) {
    return [];
  }
  const model = db.getModel('departmentsUsers');
  const current = facts.memberships.get(userId) ?? new Map<string, boolean>();
  const added = addedOf(change, departmentIds, facts, current);
  const idOfMain = memberships.main === undefined ? undefined : departmentIds.get(memberships.main);
  // The main one first: NocoBase takes the first department of a user who has none for it.
  const isMain = ({ nocobaseId }: Added[number]) => nocobaseId === idOfMain;
  for (const { nocobaseId, isOwner } of [...added.filter(isMain), ...added.filter((one) => !isMain(one))]) {
    await model.create({ userId, departmentId: nocobaseId, isOwner }, { transaction });
  }
  for (const { departmentId, isOwner } of memberships.setOwner) {
    const nocobaseId = departmentIds.get(departmentId) ?? '';
    // A flag that was set by hand stays.
    if (current.get(nocobaseId) === row?.memberships[departmentId]) {
      const where = { userId, departmentId: nocobaseId };
      await model.update({ isOwner }, { where, individualHooks: true, transaction });
    }
  }
  const removed = memberships.remove
    .flatMap((departmentId) => departmentIds.get(Number(departmentId)) ?? [])
    .filter((nocobaseId) => current.has(nocobaseId));
  const remaining = new Set([...current.keys(), ...added.map(({ nocobaseId }) => nocobaseId)]);
  removed.forEach((nocobaseId) => remaining.delete(nocobaseId));
  if (idOfMain !== undefined && remaining.has(idOfMain)) {
    await setMain({ db, transaction }, userId, idOfMain, remaining);
  }
  for (const departmentId of removed) {
    await model.destroy({ where: { userId, departmentId }, individualHooks: true, transaction });
  }
  return added;
}

/**
 * Where the user does not stay in the present main department, and before that goes: NocoBase would take any other one.
 */
async function setMain(
  { db, transaction }: Pick<Places, 'db' | 'transaction'>,
  userId: string,
  mainDepartmentId: string,
  remaining: Set<string>,
): Promise<void> {
  const users = db.getRepository('users');
  const user: Model | null = await users.findOne({
    filterByTk: userId,
    fields: ['id', 'mainDepartmentId'],
    transaction,
  });
  if (!remaining.has(String(user?.get('mainDepartmentId')))) {
    await users.update({ filterByTk: userId, values: { mainDepartmentId }, transaction });
  }
}

/** A user who was created just now, and the departments to come into. */
export interface Newcomer {
  userId: string;
  added: Added;
  main?: number;
}

/**
 * The same for users who were created in this transaction, all at once. NocoBase has nothing in memory of them, and a
 * user who is just being made is not told to have changed.
 */
export async function placeNewcomers({ db, transaction }: Places, newcomers: Newcomer[]): Promise<void> {
  const memberships = newcomers.flatMap(({ userId, added }) =>
    added.map(({ nocobaseId, isOwner }) => ({ userId, departmentId: nocobaseId, isOwner })),
  );
  if (!memberships.length) {
    return;
  }
  await db.getModel('departmentsUsers').bulkCreate(memberships, { transaction });
  const byMain = new Map<string, string[]>();
  for (const { userId, added, main } of newcomers) {
    const place = added.find(({ departmentId }) => departmentId === main) ?? added[0];
    if (place) {
      byMain.set(place.nocobaseId, [...(byMain.get(place.nocobaseId) ?? []), userId]);
    }
  }
  for (const [mainDepartmentId, id] of byMain) {
    const options = { where: { id }, hooks: false, silent: true, transaction };
    await db.getModel('users').update({ mainDepartmentId }, options);
  }
}
