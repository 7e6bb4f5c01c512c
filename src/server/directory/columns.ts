import type { Collection, Database, Field } from '@nocobase/database';
import type { FieldName } from '../../shared/directory';
import { CodedError } from '../http/coded-error';
import type { SourceSettings } from './options';

// DingTalk's values may decide nothing in NocoBase: who can sign in, who owns a record, what a page does.

/** Of these fields, the one column that each may go to. */
const FIXED: Partial<Record<FieldName, string>> = { nickname: 'nickname', phone: 'phone', email: 'email' };

/** The columns that NocoBase and its plugins have in `users`. Those of other types are refused by their types. */
const OF_NOCOBASE = new Set([
  'appLang',
  'email',
  'nickname',
  'password',
  'passwordChangeTz',
  'phone',
  'resetToken',
  'sort',
  'systemSettings',
  'username',
]);

const TEXT_TYPES = ['string', 'text'];
const TEXT_INTERFACES = ['input', 'textarea'];

/** The text columns of `users` that an administrator added, by their names. */
function freeColumns(db: Database): string[] {
  const users = db.getCollection('users');
  const keys = keysOfRelations(db);
  return [...users.fields.values()].filter((field) => isFree(users, field, keys)).map(({ name }) => name);
}

function isFree(users: Collection, { name, type, options }: Field, keys: Set<string>): boolean {
  return (
    TEXT_TYPES.includes(type) &&
    TEXT_INTERFACES.includes(String(options.interface)) &&
    !OF_NOCOBASE.has(name) &&
    !options.hidden &&
    !options.unique &&
    !options.primaryKey &&
    !options.isForeignKey &&
    !keys.has(name) &&
    !uniqueColumns(users).has(name)
  );
}

/** By an index, too, the value of one user would keep another one from being written. */
function uniqueColumns({ model }: Collection): Set<string> {
  const indexes: { unique?: boolean; fields?: unknown[] }[] = [...(model.options.indexes ?? [])];
  return new Set(indexes.filter(({ unique }) => unique).flatMap(({ fields }) => (fields ?? []).map(String)));
}

/** The columns of `users` by which records of any collection belong together: a value there would move them. */
function keysOfRelations(db: Database): Set<string> {
  const keys = [...db.collections.values()].flatMap((collection) =>
    [...collection.fields.values()].flatMap(({ options }) => {
      const { foreignKey, otherKey, sourceKey, targetKey, target } = options;
      return [
        ...(collection.name === 'users' ? [foreignKey, sourceKey] : []),
        ...(target === 'users' ? [foreignKey, targetKey, otherKey] : []),
      ];
    }),
  );
  return new Set(keys.filter((key) => typeof key === 'string'));
}

/**
 * That each field goes to a column that it may go to, see `What is written` in docs/directory.md.
 *
 * @throws CodedError SOURCE_COLUMN_REFUSED
 */
export function requireColumns(db: Database, fields: SourceSettings['fields']): void {
  const free = freeColumns(db);
  for (const [field, rule] of Object.entries(fields) as [FieldName, { column: string }][]) {
    const fixed = FIXED[field];
    if (fixed ? rule.column !== fixed : !free.includes(rule.column)) {
      throw new CodedError('SOURCE_COLUMN_REFUSED', { reason: `${field}: ${rule.column}` }, { column: rule.column });
    }
  }
}
