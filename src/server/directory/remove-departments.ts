import type { Database, Model, Transaction } from '@nocobase/database';
import type { Entry } from '../../shared/directory';
import { ItemError, writeInBatches } from './batches';
import { MEMBERS } from './collections';
import { removeDepartmentRow } from './department-rows';
import type { Lease } from './lock';
import { jsonOf } from './rows';
import type { SourceContext } from './state';
import { withWriteTransaction } from './transaction';
import type { DepartmentChange, DepartmentRow, MemberRow } from './types';
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
    const members = await withWriteTransaction(context, async (transaction) => {
      await lease.check(transaction);
      return removeOrRelease(context, change, transaction).catch((error: unknown) => {
        throw new ItemError(0, error);
      });
    });
    if (members === 'inUse') {
      lines.push({ ...change.entry, action: 'skipped', notes: ['DEPARTMENT_IN_USE'] });
    } else {
      for (const userId of members) {
        await context.app.cache.del(`departments:${userId}`);
      }
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

/** @returns the users who were in it, or that it stays */
async function removeOrRelease(
  context: SourceContext,
  { type, row }: DepartmentRemoval,
  transaction: Transaction,
): Promise<string[] | 'inUse'> {
  const { db } = context;
  const options = { lock: true, transaction };
  const present: Model | null = await db.getModel('departments').findByPk(row.nocobaseId, options);
  await removeDepartmentRow(db, row.id, transaction);
  if (!present || type === 'release') {
    return [];
  }
  const members = await membersOf(db, row, transaction);
  if (await isUsedByHand(context, row, members, transaction)) {
    return 'inUse';
  }
  await db.getRepository('departments').destroy({ filterByTk: row.nocobaseId, transaction });
  await loseChild(db, optional(present.get('parentId')), transaction);
  return members;
}

async function membersOf(db: Database, { nocobaseId }: DepartmentRow, transaction: Transaction): Promise<string[]> {
  const where = { departmentId: nocobaseId };
  const rows: Model[] = await db.getModel('departmentsUsers').findAll({ where, transaction });
  return rows.map((row) => String(row.get('userId')));
}

/** Whether a department, a role or a user hangs on it that the source did not put there. */
async function isUsedByHand(
  { db, sourceId }: SourceContext,
  { departmentId, nocobaseId }: DepartmentRow,
  members: string[],
  transaction: Transaction,
): Promise<boolean> {
  // The source's own departments below it have gone before, or stay for the same reason.
  const children = await db.getModel('departments').count({ where: { parentId: nocobaseId }, transaction });
  const roles = await db.getModel('departmentsRoles').count({ where: { departmentId: nocobaseId }, transaction });
  const rows: Model[] = members.length
    ? await db.getModel(MEMBERS).findAll({ where: { sourceId, userId: members }, transaction })
    : [];
  const ours = new Set(
    rows
      .filter((row) => departmentId in (jsonOf<MemberRow['memberships']>(row.get('memberships')) ?? {}))
      .map((row) => String(row.get('userId'))),
  );
  return children > 0 || roles > 0 || members.some((userId) => !ours.has(userId));
}
