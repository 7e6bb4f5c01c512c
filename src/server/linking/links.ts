import type { Context } from '@nocobase/actions';
import type { Model, Transaction } from '@nocobase/database';
import { presetAuthType } from '@nocobase/plugin-auth';
import { AUTH_TYPE } from '../../shared/constants';
import type { Link, LinkedUsers } from '../../shared/contract';
import { Bindings, idOf } from '../accounts/bindings';
import { withBindingLock } from '../accounts/lock';
import { fetchApprovedAccount } from '../authorization/browser';
import type { Authenticator } from '../configuration/authenticators';
import { CodedError } from '../http/coded-error';
import { decideLink, decideUnlink, waysIn } from './decide';

const MAX_LINKED_USERS = 20;

/**
 * Links a user with the account that approved.
 *
 * @param code authorization code; it works once
 * @throws CodedError
 */
export async function link(ctx: Context, authenticator: Authenticator, userId: string, code: string): Promise<void> {
  const { model, settings } = authenticator;
  const account = await fetchApprovedAccount(settings, code);
  await withBindingLock(ctx, model, async (transaction) => {
    const bindings = new Bindings(ctx.db, model, transaction);
    const user = await bindings.findForUpdate(userId);
    const { boundUser, legacyUsers, isBound } = await bindings.findOwners(account, user ? [user] : []);
    const decision = decideLink({
      userId,
      found: user ? { user, isBound: isBound(user) } : undefined,
      ownerIds: (boundUser ? [boundUser] : legacyUsers).map(idOf),
    });
    if ('refuse' in decision) {
      throw new CodedError(decision.refuse);
    }
    await ('bind' in decision ? bindings.bind(decision.bind, account) : bindings.rebind(decision.rebind, account));
  });
}

/**
 * Takes a user's link away. Sessions that the user has go on.
 *
 * @param canLockOut also where the user could not sign in any more
 * @throws CodedError NOT_LINKED, LAST_WAY_IN
 */
export async function unlink(
  ctx: Context,
  { name, model }: Authenticator,
  userId: string,
  { canLockOut }: { canLockOut: boolean },
): Promise<void> {
  await withBindingLock(ctx, model, async (transaction) => {
    const bindings = new Bindings(ctx.db, model, transaction);
    const user = await bindings.findForUpdate(userId);
    const decision = decideUnlink({
      found: user ? { user, isBound: await bindings.isBound(user) } : undefined,
      canLockOut,
      waysIn: canLockOut ? [] : (await loadAccess(ctx, userId, transaction)).ways,
      authenticator: name,
    });
    if ('refuse' in decision) {
      throw new CodedError(decision.refuse);
    }
    await bindings.unbind(decision.unbind);
  });
}

/** Every DingTalk authenticator that a user can be linked with. */
export async function linksOf(ctx: Context, userId: string): Promise<Link[]> {
  const { authenticators, bindings, ways } = await loadAccess(ctx, userId);
  return authenticators
    .filter(({ authType }) => authType === AUTH_TYPE)
    .map(({ name, title }) => {
      const binding = bindings.get(name);
      const canUnlink = Boolean(binding) && ways.some((way) => way !== name);
      return { name, title, linked: binding ? toLinked(binding) : null, canUnlink };
    });
}

interface AuthenticatorRow {
  name: string;
  authType: string;
  title: string | null;
}

/** The enabled authenticators, the user's bindings by their names, and the names of those that certainly sign in. */
async function loadAccess(
  { app, db }: Context,
  userId: string,
  transaction?: Transaction,
): Promise<{ authenticators: AuthenticatorRow[]; bindings: Map<string, Model>; ways: string[] }> {
  const user = await db.getModel('users').findByPk(userId, { transaction });
  const authenticatorRows: Model[] = await db.getModel('authenticators').findAll({
    attributes: ['name', 'authType', 'title'],
    where: { enabled: true },
    order: ['sort'],
    transaction,
  });
  const bindingRows: Model[] = await db.getModel('usersAuthenticators').findAll({ where: { userId }, transaction });
  const authenticators = authenticatorRows.map((row) => row.get() as AuthenticatorRow);
  const bindings = new Map(bindingRows.map((row) => [String(row.get('authenticator')), row]));
  const ways = waysIn({
    authenticators,
    boundTo: [...bindings.keys()],
    hasPassword: Boolean(user?.get('password') && (user.get('username') || user.get('email'))),
    passwordType: presetAuthType,
    isAvailable: (authType) => Boolean(app.authManager.getAuthConfig(authType)),
  });
  return { authenticators, bindings, ways };
}

function toLinked(binding: Model): Link['linked'] {
  const { nickname, avatar } = binding.get();
  return { nickname: nickname ?? '', ...(/^https:\/\//.test(avatar ?? '') && { avatar }) };
}

/** @param search of which a part of a name, an e-mail address or a phone number is enough; empty for all */
export async function linkedUsersOf(ctx: Context, { model }: Authenticator, search: string): Promise<LinkedUsers> {
  const found = await new Bindings(ctx.db, model).search(search, MAX_LINKED_USERS + 1);
  const users = found.slice(0, MAX_LINKED_USERS).map((user) => {
    const { id, nickname, username, usersAuthenticators } = user.dataValues;
    return { id, nickname, username, linked: usersAuthenticators.nickname ?? '' };
  });
  return { users, more: found.length > MAX_LINKED_USERS };
}
