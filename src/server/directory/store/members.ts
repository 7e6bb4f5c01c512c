import { createHash } from 'node:crypto';
import { type Database, type Model, Op, type Transaction } from '@nocobase/database';
import { storableName } from '../../accounts/name-columns';
import { MEMBERS } from './collections';
import { idsOf, jsonOf, optionalNumber, readInPages } from './rows';
import { Interned } from '../interned';
import type { MemberRow } from '../types';

/** What a row is before it is written, and after. */
export type MemberValues = Omit<MemberRow, 'id'>;

/** In place of the unionId where a unique index has to tell `a` from `A`. Hexadecimal. */
export const unionKeyOf = (unionId: string): string => createHash('sha256').update(unionId).digest('hex');

/**
 * The rows of a source in the table `dingtalkMembers`: all, or those with these IDs. IDs are read as texts, and times as
 * numbers, whatever the database makes of them.
 */
export async function readMembers(
  db: Database,
  sourceId: string,
  {
    ids,
    transaction,
    interned = new Interned(),
  }: { ids?: string[]; transaction?: Transaction; interned?: Interned } = {},
): Promise<MemberRow[]> {
  const where = { sourceId, ...(ids && { id: ids }) };
  const rows: MemberRow[] = [];
  await readInPages(db.getModel(MEMBERS), { where, transaction }, (row) => rows.push(toMemberRow(row, interned)));
  return rows;
}

/** Those of these userids whose members have not left, as far as the source knows. */
export async function membersAmong(db: Database, sourceId: string, userids: string[]): Promise<string[]> {
  const where = { sourceId, dingtalkUserid: userids, state: { [Op.ne]: 'left' } };
  const rows: Model[] = userids.length
    ? await db.getModel(MEMBERS).findAll({ attributes: ['dingtalkUserid'], where })
    : [];
  return rows.map((row) => String(row.get('dingtalkUserid')));
}

function toMemberRow(row: Record<string, unknown>, interned: Interned): MemberRow {
  return {
    id: String(row.id),
    userid: String(row.dingtalkUserid),
    unionId: String(row.unionId),
    name: String(row.name ?? ''),
    userId: interned.optionalText(row.userId),
    state: interned.text(row.state) as MemberRow['state'],
    reason: interned.optionalText(row.reason) as MemberRow['reason'],
    // SQLite and MySQL have numbers for it.
    isCreated: Boolean(row.isCreated),
    isLeftOut: Boolean(row.isLeftOut),
    isAllowed: Boolean(row.isAllowed),
    isDetached: optionalFlag(row.isDetached),
    written: jsonOf<MemberRow['written']>(row.written) ?? {},
    memberships: interned.value(jsonOf<MemberRow['memberships']>(row.memberships) ?? {}),
    confirmed: interned.value(jsonOf<MemberRow['confirmed']>(row.confirmed) ?? []),
    leftAt: optionalNumber(row.leftAt),
    deleteAt: optionalNumber(row.deleteAt),
  };
}

const optionalFlag = (value: unknown) => (value === null || value === undefined ? undefined : Boolean(value));

/**
 * Adds rows to a source.
 *
 * @returns their IDs, in the same order
 * @throws where the source has a row of the same unionId
 */
export async function addMembers(
  db: Database,
  sourceId: string,
  members: MemberValues[],
  transaction?: Transaction,
): Promise<string[]> {
  const values: Record<string, unknown>[] = [];
  for (const member of members) {
    values.push({ sourceId, ...(await columnsOf(db, member, transaction)) });
  }
  const model = db.getModel(MEMBERS);
  if (values.length === 1) {
    return [String((await model.create(values[0], { transaction })).get('id'))];
  }
  await model.bulkCreate(values, { transaction });
  // MySQL and SQLite do not tell the IDs of several rows.
  const unionKeys = members.map(({ unionId }) => unionKeyOf(unionId));
  const added: Model[] = await model.findAll({
    attributes: ['id', 'unionKey'],
    where: { sourceId, unionKey: unionKeys },
    transaction,
  });
  return idsOf(unionKeys, added, 'unionKey');
}

/** Replaces what a row says: all of it, with nothing where there is no value. */
export async function updateMember(
  db: Database,
  id: string,
  member: MemberValues,
  transaction?: Transaction,
): Promise<void> {
  const values = await columnsOf(db, member, transaction);
  await db.getModel(MEMBERS).update(values, { where: { id }, transaction });
}

export async function removeMembers(db: Database, sourceId: string, transaction?: Transaction): Promise<void> {
  await db.getModel(MEMBERS).destroy({ where: { sourceId }, transaction });
}

/** A name is decoration: what the column cannot hold is left out. A userid that it cannot hold fails. */
async function columnsOf(db: Database, member: MemberValues, transaction?: Transaction) {
  const { userid, unionId, state, isCreated, isLeftOut, isAllowed, written, memberships, confirmed } = member;
  return {
    dingtalkUserid: userid,
    unionId,
    unionKey: unionKeyOf(unionId),
    name: (await storableName(db, [MEMBERS, 'name'], member.name, transaction)) ?? '',
    userId: member.userId ?? null,
    state,
    reason: member.reason ?? null,
    isCreated,
    isLeftOut,
    isAllowed,
    isDetached: member.isDetached ?? null,
    written,
    memberships,
    confirmed,
    leftAt: member.leftAt ?? null,
    deleteAt: member.deleteAt ?? null,
  };
}
