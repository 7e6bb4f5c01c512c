import type { Context, Next } from '@nocobase/actions';
import { AuthErrorCode } from '@nocobase/auth';
import type { Database, Transaction } from '@nocobase/database';
import { tokenOf } from '../http/token';
import { ENDED_SESSIONS } from './collections';

/** Ends the sessions of a user, and the API keys too if asked: the next request with such a token is a 401, on every node. */
export async function endSessions(
  db: Database,
  userId: string,
  { apiKeys }: { apiKeys: boolean },
  transaction?: Transaction,
): Promise<void> {
  const now = Date.now();
  await db
    .getModel(ENDED_SESSIONS)
    .upsert({ userId, sessions: now, ...(apiKeys && { apiKeys: now }) }, { transaction });
}

/**
 * Refuses a token that was ended. NocoBase itself ends a token in the process that is told so alone: other nodes that
 * share the database only would accept it for up to a day. One statement, by primary key.
 */
export async function refuseEndedSession(ctx: Context, next: Next): Promise<void> {
  const user = ctx.state.currentUser;
  const token = user && tokenOf(ctx);
  if (token) {
    const row = await ctx.app.db.getModel(ENDED_SESSIONS).findByPk(user.id);
    const ended = Number(row?.get(token.isSession ? 'sessions' : 'apiKeys') ?? 0);
    if (token.began < ended) {
      // NocoBase's pages drop the token and open the sign-in page by this code.
      const message = ctx.t('Your session has expired. Please sign in again.', { ns: 'auth' });
      ctx.throw(401, { code: AuthErrorCode.BLOCKED_TOKEN, message });
    }
  }
  await next();
}
