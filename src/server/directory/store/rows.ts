import { type Model, type ModelStatic, Op, type Transaction } from '@nocobase/database';

// How rows become plain data: databases differ in the types that they answer, and in how much of it fits into memory.

/**
 * As many rows as are in memory twice, as the database answers them and as they are kept. What is answered of some thousands
 * outlives the collections of young garbage, and then waits for one of the whole heap: with 10,000, a run of 100,000 people
 * took 100 MiB more.
 */
const PAGE = 1000;

/** As NocoBase declares the models of its collections. */
type RowModel = ModelStatic<Model>;

export interface Reading {
  attributes?: string[];
  where?: Record<string | symbol, unknown>;
  /** The column by which it is read, whose values no two of the rows share; `id` unless it is named. */
  key?: string;
  transaction?: Transaction;
}

/**
 * Hands over each row of a table, as plain values, in the order of the key. Models of Sequelize take ten times the memory.
 */
export async function readInPages(
  model: RowModel,
  { attributes, where, key = 'id', transaction }: Reading,
  take: (row: Record<string, unknown>) => void,
): Promise<void> {
  for (let last: unknown; ;) {
    const rows = (await model.findAll({
      attributes,
      where: { [Op.and]: [where ?? {}, last === undefined ? {} : { [key]: { [Op.gt]: last } }] },
      order: [[key, 'ASC']],
      limit: PAGE,
      raw: true,
      transaction,
    })) as unknown as Record<string, unknown>[];
    rows.forEach(take);
    if (rows.length < PAGE) {
      return;
    }
    last = rows[rows.length - 1][key];
  }
}

/** SQLite refuses some thousands of values in one statement. */
const CHUNK = 1000;

/** Parts of a list, each as long as an `IN` holds in every database. */
export const chunksOf = <Item>(items: Item[], size = CHUNK): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

export const optionalId = (value: unknown): string | undefined =>
  value === null || value === undefined ? undefined : String(value);

/** PostgreSQL answers a bigint as a text. */
export const optionalNumber = (value: unknown): number | undefined =>
  value === null || value === undefined ? undefined : Number(value);

/** MariaDB and SQLite keep JSON as a text, which Sequelize parses of a model alone. */
export function jsonOf<T>(value: unknown): T | undefined {
  const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  return (parsed as T | null) ?? undefined;
}

/** The IDs of rows that were added together, in the order of their keys. */
export function idsOf(keys: string[], rows: Model[], column: string): string[] {
  const ids = new Map(rows.map((row) => [String(row.get(column)), String(row.get('id'))]));
  return keys.map((key) => ids.get(key) ?? '');
}
