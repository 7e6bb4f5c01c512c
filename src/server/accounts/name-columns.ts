import type { Database, Transaction } from '@nocobase/database';
import { cleanName, withoutAstral } from './names';

/** Where names of accounts are written: a field of a collection. */
type NameColumn = readonly [collection: string, field: string];

/** Character sets of MySQL that hold every character. */
const COMPLETE = ['utf8mb4', 'utf16', 'utf16le', 'utf32', 'gb18030'];

/**
 * A name as the column can hold it: tables of MySQL and MariaDB with the character set `utf8` refuse a picture or a rare
 * Han character, and with it the sign-in. A name is decoration, so those characters are left out.
 *
 * The database is asked only of a name that has such a character.
 */
export async function storableName(
  db: Database,
  [collection, field]: NameColumn,
  name: string | undefined,
  transaction?: Transaction,
): Promise<string | undefined> {
  const clean = cleanName(name);
  if (!clean || !/[\u{10000}-\u{10FFFF}]/u.test(clean) || !db.inDialect('mysql', 'mariadb')) {
    return clean;
  }
  const { model } = db.getCollection(collection);
  const [rows] = await db.sequelize.query(
    `SELECT CHARACTER_SET_NAME AS charset FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :table AND COLUMN_NAME = :column`,
    { replacements: { table: model.tableName, column: model.rawAttributes[field].field ?? field }, transaction },
  );
  const [column] = rows as { charset: string | null }[];
  return COMPLETE.includes(String(column?.charset)) ? clean : withoutAstral(clean);
}
