import { AuthErrorCode } from '@nocobase/auth';
import { type Database, Op, type Transaction } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { tokenOf, type Token } from '../http/token';
import { ENDED_SESSIONS } from './collections';
import { type Locking, withWriteLock } from './lock';

/**
 * Ends the sessions of a user, and the API keys too if asked: the next request with such a token is a 401, on every node.
 *
 * What begins afterwards works. An API key says no more than the second in which it was made, so one that is made within
 * the second of the ending is ended as well. Times are those of the nodes: where the clock of one is ahead, the sessions
 * which began there within that difference before the ending do not end.
 */
export async function endSessions(
  db: Database,
  userId: string,
  { apiKeys }: { apiKeys: boolean },
  transaction?: Transaction,
): Promise<void> {
  const model = db.getModel(ENDED_SESSIONS);
  const now = Date.now();
  // First the row, then its times, as no upsert keeps the later one. MySQL locks a row that is not there yet together
  // with its neighbors: asked the other way round, two endings at once would wait for each other.
  await model.upsert({ userId }, { transaction });
  for (const kind of apiKeys ? (['sessions', 'apiKeys'] as const) : (['sessions'] as const)) {
    await model.update({ [kind]: now }, { where: { userId, [kind]: { [Op.lt]: now } }, transaction });
  }
}

/**
 * Ends sessions once more, after the transaction of a block, an unlinking or a detaching: a sign-in that began after `endSessions`,
 * and read before the commit, saw nothing of it.
 */
export function endSessionsSince(ctx: Locking, userId: string, given: { apiKeys: boolean }): Promise<void> {
  return withWriteLock(ctx, () => endSessions(ctx.db, userId, given));
}

/**
 * Refuses tokens that were ended wherever NocoBase checks one: for a request, for a web socket, and for its OAuth. It does
 * so before an ended session would be renewed. NocoBase's own list of blocked tokens is no help: without a shared cache
 * each process has its own, and other nodes would accept the token for up to a day.
 *
 * A request that is signed in takes one statement more, by primary key; an anonymous one takes none.
 */
export function refuseEndedSessions({ authManager, db }: Application): void {
  const get = authManager.get.bind(authManager);
  authManager.get = async (name, ctx) => {
    const auth = await get(name, ctx);
    // An authenticator of another plugin may know no tokens of NocoBase: without this, its requests would fail.
    const checkToken = auth.checkToken?.bind(auth);
    if (!checkToken) {
      return auth;
    }
    auth.checkToken = async () => {
      const checked = await checkToken();
      if (await isEnded(db, String(checked.user.id), tokenOf(ctx))) {
        // NocoBase's pages drop the token and open the sign-in page by this code.
        const message = ctx.t('Your session has expired. Please sign in again.', { ns: 'auth' });
        ctx.throw(401, { code: AuthErrorCode.BLOCKED_TOKEN, message });
      }
      return checked;
    };
    return auth;
  };
}

/** A token that does not say when it began has ended with every other one. */
async function isEnded(db: Database, userId: string, token: Token | undefined): Promise<boolean> {
  const row = await db.getModel(ENDED_SESSIONS).findByPk(userId, { raw: true });
  const { sessions = 0, apiKeys = 0 } = (row ?? {}) as { sessions?: unknown; apiKeys?: unknown };
  return token ? token.began <= Number(token.isSession ? sessions : apiKeys) : row !== null;
}

/** NocoBase's list of what it issued at each sign-in. It drops what is older than a session may be, at the next sign-in. */
const ISSUED_TOKENS = 'issuedTokens';

/**
 * When a user last signed in by an authenticator, in milliseconds since 1970; undefined where NocoBase does not know any
 * more. It notes every sign-in itself, so that nothing has to be written for this.
 */
export async function lastSignInOf(db: Database, userId: string, authenticator: string): Promise<number | undefined> {
  const last: unknown = await db.getModel(ISSUED_TOKENS).max('signInTime', { where: { userId, authenticator } });
  return Number(last) || undefined;
}
