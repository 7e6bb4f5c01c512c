import type { Model, Transaction } from '@nocobase/database';
import type { Entry } from '../../../shared/directory';
import { ItemError, writeInBatches } from './batches';
import { DEPARTMENTS, MEMBERS } from '../store/collections';
import { removeDepartmentRow } from '../store/department-rows';
import type { Lease } from '../lock';
import { jsonOf } from '../store/rows';
import type { SourceContext } from '../store/state';
import { withWriteTransaction } from '../../accounts/lock';
import type { DepartmentChange, DepartmentRow, MemberRow } from '../types';
import { ownersAmong } from '../store/undeletable';
import { loseChild, optional } from './write-departments';
import type { WriteLog } from './write-log';

export type DepartmentRemoval = Extract<DepartmentChange, { type: 'remove' | 'release' }>;

interface Work {
  lease: Pick<Lease, 'check'>;
  log: WriteLog;
  onDone(count: number): void;
}

/**
 * Removes departments from NocoBase, the deepest first, and forgets those that stay there as departments made by hand.
 * NocoBase takes everything below a department and in it along: whether something made by hand is among it is asked again
 * in the transaction, and then the department stays.
 *
 * @returns the lines of those that failed, or that stay although they were to go
 * @throws where nothing more can be written
 */
export async function removeDepartments(
  context: SourceContext,
  changes: DepartmentRemoval[],
  { lease, log, onDone }: Work,
): Promise<Entry[]> {
  const lines: Entry[] = [];
  const write = async ([change]: DepartmentRemoval[]) => {
    const fate = await withWriteTransaction(context, async (transaction) => {
      await lease.check(transaction);
      return removeOrRelease(context, change, transaction).catch((error: unknown) => {
        throw new ItemError(0, error);
      });
    });
    if (fate) {
      lines.push({ ...change.entry, action: 'skipped', ...fate });
    }
    onDone(1);
  };
  const fail = async ({ entry: { kind, id, name } }: DepartmentRemoval, error: unknown) => {
    log.add('WRITE_FAILED', error);
    lines.push({ kind, id, name, action: 'failed', reason: 'WRITE_FAILED' });
    onDone(1);
  };
  // One at a time: what a removal finds depends on the one before, and their number is limited.
  await writeInBatches(changes, { write, fail }, 1);
  return lines;
}

/** Why a department stays: something made by hand hangs on it; somebody or something of this source is still there. */
const inUse = { notes: ['DEPARTMENT_IN_USE'] } satisfies Partial<Entry>;
const wait = { reason: 'CHANGED_MEANWHILE' } satisfies Partial<Entry>;

type Fate = typeof inUse | typeof wait | undefined;

/** @returns why it stays; undefined where it went */
async function removeOrRelease(
  context: SourceContext,
  { type, row }: DepartmentRemoval,
  transaction: Transaction,
): Promise<Fate> {
  const { db } = context;
  const options = { lock: true, transaction };
  const present: Model | null = await db.getModel('departments').findByPk(row.nocobaseId, options);
  const fate = present && type === 'remove' ? await fateOf(context, row, transaction) : undefined;
  if (fate === wait) {
    return fate;
  }
  await removeDepartmentRow(db, row.id, transaction);
  if (present && type === 'remove' && !fate) {
    await db.getRepository('departments').destroy({ filterByTk: row.nocobaseId, transaction });
    await loseChild(db, optional(present.get('parentId')), transaction);
  }
  return fate;
}

/** What hangs on it that would go along. */
async function fateOf(
  { db, sourceId }: SourceContext,
  { departmentId, nocobaseId }: DepartmentRow,
  transaction: Transaction,
): Promise<Fate> {
  const find = (collection: string, where: object): Promise<Model[]> =>
    db.getModel(collection).findAll({ where: { ...where }, transaction });
  const children = (await find('departments', { parentId: nocobaseId })).map((row) => String(row.get('id')));
  const ourChildren = children.length ? await find(DEPARTMENTS, { sourceId, nocobaseId: children }) : [];
  const roles = await find('departmentsRoles', { departmentId: nocobaseId });
  const members = (await find('departmentsUsers', { departmentId: nocobaseId })).map((row) =>
    String(row.get('userId')),
  );
  const rows = members.length ? await find(MEMBERS, { sourceId, userId: members }) : [];
  const isOurs = (row: Model) => departmentId in (jsonOf<MemberRow['memberships']>(row.get('memberships')) ?? {});
  const ourMembers = new Set(rows.filter(isOurs).map((row) => String(row.get('userId'))));
  const isByHand = children.length > ourChildren.length || members.some((userId) => !ourMembers.has(userId));
  const owners = await ownersAmong(db, 'departments', [nocobaseId], transaction);
  if (roles.length || isByHand || owners.length) {
    return inUse;
  }
  return children.length || members.length ? wait : undefined;
}
