import type { Database, Transaction } from '@nocobase/database';
import { storableName } from '../../accounts/name-columns';
import { DEPARTMENTS } from './collections';
import { optionalId, readInPages } from './rows';
import type { DepartmentRow } from '../types';

type DepartmentValues = Omit<DepartmentRow, 'id'>;

/** The rows of a source in the table `dingtalkDepartments`. */
export async function readDepartmentRows(
  db: Database,
  sourceId: string,
  transaction?: Transaction,
): Promise<DepartmentRow[]> {
  const rows: DepartmentRow[] = [];
  await readInPages(db.getModel(DEPARTMENTS), { where: { sourceId }, transaction }, (row) =>
    rows.push({
      id: String(row.id),
      departmentId: Number(row.departmentId),
      nocobaseId: String(row.nocobaseId),
      title: String(row.title ?? ''),
      parentNocobaseId: optionalId(row.parentNocobaseId),
    }),
  );
  return rows;
}

/**
 * Adds a row to a source.
 *
 * @returns its ID
 */
export async function addDepartmentRow(
  db: Database,
  sourceId: string,
  department: DepartmentValues,
  transaction?: Transaction,
): Promise<string> {
  const values = { sourceId, ...(await columnsOf(db, department, transaction)) };
  return String((await db.getModel(DEPARTMENTS).create(values, { transaction })).get('id'));
}

export async function updateDepartmentRow(
  db: Database,
  id: string,
  department: DepartmentValues,
  transaction?: Transaction,
): Promise<void> {
  const values = await columnsOf(db, department, transaction);
  await db.getModel(DEPARTMENTS).update(values, { where: { id }, transaction });
}

export async function removeDepartmentRow(db: Database, id: string, transaction?: Transaction): Promise<void> {
  await db.getModel(DEPARTMENTS).destroy({ where: { id }, transaction });
}

async function columnsOf(db: Database, department: DepartmentValues, transaction?: Transaction) {
  const { departmentId, nocobaseId, title, parentNocobaseId } = department;
  return {
    departmentId,
    nocobaseId,
    title: (await storableName(db, [DEPARTMENTS, 'title'], title, transaction)) ?? '',
    parentNocobaseId: parentNocobaseId ?? null,
  };
}
