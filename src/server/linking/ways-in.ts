import type { Context } from '@nocobase/actions';
import type { Model, Transaction } from '@nocobase/database';
import { presetAuthType } from '@nocobase/plugin-auth';
import { AUTH_TYPE } from '../../shared/constants';
import { Exclusions, isIn } from '../accounts/exclusions';
import { type AuthenticatorRow, enabledAuthenticators, waysIn } from '../accounts/ways-in';
import { titleOf } from '../configuration/titles';

interface LoadedAccess {
  /** The enabled ones. */
  authenticators: AuthenticatorRow[];
  /** The user's bindings by the names of their authenticators. */
  bindings: Map<string, Model>;
  /** The names of those by which the user can certainly sign in. */
  ways: string[];
}

export async function loadAccess(ctx: Context, userId: string, transaction?: Transaction): Promise<LoadedAccess> {
  const { app, db } = ctx;
  const user = await db.getModel('users').findByPk(userId, { transaction });
  const authenticators = await enabledAuthenticators(db, transaction);
  const bindingRows: Model[] = await db.getModel('usersAuthenticators').findAll({ where: { userId }, transaction });
  const bindings = new Map(bindingRows.map((row) => [String(row.get('authenticator')), row]));
  const blockedBy: string[] = [];
  for (const { name, authType } of authenticators) {
    const unionId = bindings.get(name)?.get('uuid') as string | undefined;
    const excluded =
      authType === AUTH_TYPE && unionId
        ? await new Exclusions(db, name, transaction).of({ unionId, userIds: [userId] })
        : [];
    if (isIn('blocked', excluded)) {
      blockedBy.push(name);
    }
  }
  const ways = waysIn({
    authenticators,
    boundTo: [...bindings.keys()],
    blockedBy,
    hasPassword: Boolean(user?.get('password') && (user.get('username') || user.get('email'))),
    passwordType: presetAuthType,
    isAvailable: (authType) => Boolean(app.authManager.getAuthConfig(authType)),
  });
  return { authenticators, bindings, ways };
}

/** What the sign-in page calls an authenticator: its title, else that of its type. */
export const nameOnSignInPage = (ctx: Context, { name, title, authType }: AuthenticatorRow): string =>
  titleOf(ctx, title || ctx.app.authManager.getAuthConfig(authType)?.title, name);
