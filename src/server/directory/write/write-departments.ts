import type { Database, Model, Transaction } from '@nocobase/database';
import type { Entry } from '../../../shared/directory';
import { storableName } from '../../accounts/name-columns';
import { ItemError, writeInBatches } from './batches';
import { withWriteTransaction } from '../../accounts/lock';
import { addDepartmentRow, readDepartmentRows, updateDepartmentRow } from '../store/department-rows';
import type { Lease } from '../lock';
import type { SourceContext } from '../store/state';
import type { DepartmentChange } from '../types';
import type { WriteLog } from './write-log';

export type DepartmentWriting = Extract<DepartmentChange, { type: 'create' | 'update' }>;

interface Work {
  lease: Pick<Lease, 'check'>;
  log: WriteLog;
  /** Is told how many more were dealt with. */
  onDone(count: number): void;
}

/** NocoBase's IDs of the departments that the source knows, by DingTalk's. */
export async function readDepartmentIds(
  { db, sourceId }: Pick<SourceContext, 'db' | 'sourceId'>,
  transaction?: Transaction,
): Promise<Map<number, string>> {
  const rows = await readDepartmentRows(db, sourceId, transaction);
  return new Map(rows.map(({ departmentId, nocobaseId }) => [departmentId, nocobaseId]));
}

/**
 * Creates and updates departments, parents before their children.
 *
 * @returns the lines of those that failed
 * @throws where nothing more can be written
 */
export async function writeDepartments(
  context: SourceContext,
  changes: DepartmentWriting[],
  { lease, log, onDone }: Work,
): Promise<Entry[]> {
  const failed: Entry[] = [];
  await writeInBatches(changes, {
    async write(batch) {
      await withWriteTransaction(context, async (transaction) => {
        await lease.check(transaction);
        const ids = await readDepartmentIds(context, transaction);
        for (const [index, change] of batch.entries()) {
          await (
            change.type === 'create'
              ? create(context, change, ids, transaction)
              : update(context, change, ids, transaction)
          ).catch((error: unknown) => {
            throw new ItemError(index, error);
          });
        }
      });
      onDone(batch.length);
    },
    async fail({ entry: { kind, id, name } }, error) {
      log.add('WRITE_FAILED', error);
      failed.push({ kind, id, name, action: 'failed', reason: 'WRITE_FAILED' });
      onDone(1);
    },
  });
  return failed;
}

type Ids = Map<number, string>;

async function create(
  { db, sourceId }: SourceContext,
  { department, parentId }: Extract<DepartmentWriting, { type: 'create' }>,
  ids: Ids,
  transaction: Transaction,
): Promise<void> {
  const parent = await findParent(db, parentId, ids, transaction);
  const title = await titleOf(db, department.name, department.id, transaction);
  const values = { title, isLeaf: true, ...(parent && { parentId: parent.get('id') }) };
  const created: Model = await db.getRepository('departments').create({ values, transaction });
  await growChild(db, parent, transaction);
  const nocobaseId = String(created.get('id'));
  ids.set(department.id, nocobaseId);
  const row = { departmentId: department.id, nocobaseId, title, parentNocobaseId: idOf(parent) };
  await addDepartmentRow(db, sourceId, row, transaction);
}

/** What was changed by hand since it was planned stays. */
async function update(
  { db }: SourceContext,
  { row, ...change }: Extract<DepartmentWriting, { type: 'update' }>,
  ids: Ids,
  transaction: Transaction,
): Promise<void> {
  const departments = db.getRepository('departments');
  const options = { lock: true, transaction };
  const present: Model | null = await db.getModel('departments').findByPk(row.nocobaseId, options);
  if (!present) {
    return;
  }
  const title = change.title === undefined ? undefined : await titleOf(db, change.title, row.departmentId, transaction);
  const isMoved = change.parentId !== undefined;
  const parent = isMoved ? await findParent(db, change.parentId ?? undefined, ids, transaction) : undefined;
  const from = optional(present.get('parentId'));
  const to = idOf(parent);
  const values = {
    ...(title !== undefined && present.get('title') === row.title && { title }),
    ...(isMoved && from === row.parentNocobaseId && from !== to && { parentId: parent?.get('id') ?? null }),
  };
  if (Object.keys(values).length) {
    await departments.update({ filterByTk: row.nocobaseId, values, transaction });
  }
  if ('parentId' in values) {
    await growChild(db, parent, transaction);
    await loseChild(db, from, transaction);
  }
  const next = { ...row, title: title ?? row.title, parentNocobaseId: isMoved ? to : row.parentNocobaseId };
  await updateDepartmentRow(db, row.id, next, transaction);
}

/** @throws where it was to be created and was not: what is below it would land elsewhere, and stay there */
async function findParent(
  db: Database,
  departmentId: number | undefined,
  ids: Ids,
  transaction: Transaction,
): Promise<Model | undefined> {
  if (departmentId === undefined) {
    return undefined;
  }
  const nocobaseId = ids.get(departmentId);
  const parent = nocobaseId && (await db.getModel('departments').findByPk(nocobaseId, { transaction }));
  if (!parent) {
    throw new Error('the parent is missing');
  }
  return parent;
}

// NocoBase does these two in its actions, so that nobody else does: its tree opens no department that has no children.

async function growChild(db: Database, parent: Model | undefined, transaction: Transaction): Promise<void> {
  if (parent && parent.get('isLeaf') !== false) {
    const values = { isLeaf: false };
    await db.getRepository('departments').update({ filterByTk: parent.get('id') as number, values, transaction });
  }
}

export async function loseChild(db: Database, parentId: string | undefined, transaction: Transaction): Promise<void> {
  const departments = db.getModel('departments');
  if (parentId !== undefined && !(await departments.count({ where: { parentId }, transaction }))) {
    const values = { isLeaf: true };
    await db.getRepository('departments').update({ filterByTk: parentId, values, transaction });
  }
}

/** As the column can hold it; a department whose name is none is called by its ID. */
async function titleOf(db: Database, name: string, id: number, transaction: Transaction): Promise<string> {
  return (await storableName(db, ['departments', 'title'], name, transaction)) ?? String(id);
}

const idOf = (department: Model | undefined) => optional(department?.get('id'));

export const optional = (id: unknown): string | undefined => (id === null || id === undefined ? undefined : String(id));
