import type { Context, Next } from '@nocobase/actions';
import { AuthErrorCode } from '@nocobase/auth';
import type { Database, Transaction } from '@nocobase/database';
import { ENDED_SESSIONS } from './collections';

/** What NocoBase signs into a token. Only that of a session says when the user signed in. */
interface Token {
  /** Whether it is of a session: not of an API key. */
  isSession: boolean;
  /** When the user signed in, or the API key was made; milliseconds since 1970. */
  began: number;
}

/** The token of a request that NocoBase has accepted: its signature is not verified again here. */
export function tokenOf(ctx: Context): Token | undefined {
  const [, payload] = String(ctx.getBearerToken() ?? '').split('.');
  try {
    const { temp, signInTime, iat } = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
    return { isSession: temp === true, began: Number(signInTime) || Number(iat) * 1000 };
  } catch {
    return undefined;
  }
}

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
