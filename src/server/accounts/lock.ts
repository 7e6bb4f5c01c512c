import { type Database, Transaction } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import type { Application } from '@nocobase/server';

/** NocoBase's lock is released after this, in case its holder never ends. */
const LOCK_TTL_MS = 30_000;

/** A request, or work that no request began. */
export interface Locking {
  app: Pick<Application, 'name' | 'lockManager'>;
  db: Database;
}

/**
 * Runs work that binds or creates users, one piece at a time for an authenticator, in a transaction of its own: in this
 * process by NocoBase's lock, on other nodes by the lock of the authenticator's row. No unique index forbids two
 * bindings of one account, so that two first sign-ins at once would create two users.
 */
export function withBindingLock<T>(
  ctx: Locking,
  authenticator: AuthModel,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const { db } = ctx;
  return withProcessLock(ctx, () =>
    db.sequelize.transaction({ type: typeOf(db) }, async (transaction) => {
      const { id } = authenticator;
      await db.getModel('authenticators').findByPk(id, { attributes: ['id'], lock: true, transaction });
      return work(transaction);
    }),
  );
}

/**
 * Runs work that writes outside of `withBindingLock`. SQLite has one writer: without the lock the write fails as "busy"
 * while one of our transactions is open. Other databases need no lock for it.
 */
export function withWriteLock<T>(ctx: Locking, work: () => Promise<T>): Promise<T> {
  return ctx.db.inDialect('sqlite') ? withProcessLock(ctx, work) : work();
}

/**
 * Runs work that writes, but binds nobody, in a transaction of its own: no first sign-in on another node waits for it.
 */
export function withWriteTransaction<T>(ctx: Locking, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  return withWriteLock(ctx, () => ctx.db.sequelize.transaction({ type: typeOf(ctx.db) }, work));
}

/** SQLite has no row locks, and fails where a transaction that began with reading wants to write. */
const typeOf = (db: Database) => (db.inDialect('sqlite') ? Transaction.TYPES.IMMEDIATE : undefined);

/** One key for all authenticators: NocoBase's lock adapter keeps every key for ever. */
function withProcessLock<T>({ app }: Locking, work: () => Promise<T>): Promise<T> {
  return app.lockManager.runExclusive(`auth-dingtalk:${app.name}`, work, LOCK_TTL_MS);
}
