import { Transaction } from '@nocobase/database';
import { type Locking, withWriteLock } from '../accounts/lock';

/** Runs work that writes, but binds nobody, in a transaction of its own: no first sign-in waits for it. */
export function withWriteTransaction<T>(context: Locking, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  // A transaction of SQLite that began with reading fails when it wants to write and somebody else has written.
  const type = context.db.inDialect('sqlite') ? Transaction.TYPES.IMMEDIATE : undefined;
  return withWriteLock(context, () => context.db.sequelize.transaction({ type }, work));
}
