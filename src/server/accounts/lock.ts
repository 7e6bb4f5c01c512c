import { type Database, Transaction } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import type { Application } from '@nocobase/server';

/** What work needs of NocoBase, be it for a request, whose context has both, or for none. */
export interface Host {
  app: Application;
  db: Database;
}

/** NocoBase's lock is released after this, in case its holder never ends. */
const LOCK_TTL_MS = 30_000;

/**
 * Runs work that binds or creates users, one piece at a time for an authenticator, in a transaction of its own: in this
 * process by NocoBase's lock, on other nodes by the lock of the authenticator's row. No unique index forbids two
 * bindings of one account, so that two first sign-ins at once would create two users.
 */
export function withBindingLock<T>(
  host: Host,
  authenticator: AuthModel,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const { db } = host;
  // SQLite has no row locks, and fails where a transaction that began with reading wants to write.
  const type = db.inDialect('sqlite') ? Transaction.TYPES.IMMEDIATE : undefined;
  return withProcessLock(host, () =>
    db.sequelize.transaction({ type }, async (transaction) => {
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
export function withWriteLock<T>(host: Host, work: () => Promise<T>): Promise<T> {
  return host.db.inDialect('sqlite') ? withProcessLock(host, work) : work();
}

/** One key for all authenticators: NocoBase's lock adapter keeps every key for ever. */
function withProcessLock<T>({ app }: Host, work: () => Promise<T>): Promise<T> {
  return app.lockManager.runExclusive(`auth-dingtalk:${app.name}`, work, LOCK_TTL_MS);
}
