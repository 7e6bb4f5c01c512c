import type { Context } from '@nocobase/actions';
import type { Model, Transaction } from '@nocobase/database';
import { presetAuthType } from '@nocobase/plugin-auth';
import { AUTH_TYPE } from '../../shared/constants';
import type { Link, LinkedUsers } from '../../shared/contract';
import { idOf } from '../accounts/accounts';
import type { AuthDingTalk } from '../sign-in/auth-dingtalk';
import { SignInError } from '../http/errors';

const MAX_LINKED_USERS = 20;

/**
 * Links a user with the DingTalk account that approved.
 *
 * @throws SignInError DINGTALK_ACCOUNT_TAKEN, UNLINK_FIRST, or whatever DingTalk refuses
 */
export async function link(auth: AuthDingTalk, userId: string, code: string): Promise<void> {
  const person = await auth.identify(code);
  await auth.exclusively(async (accounts) => {
    const user = await accounts.hold(userId);
    if (!user) {
      throw new SignInError('STATE_INVALID');
    }
    // Whom this account signs in today.
    const { bound, byOldKey, isBound } = await accounts.knownAs(person, [user]);
    const owners = bound ? [bound] : byOldKey;
    if (owners.some((owner) => idOf(owner) !== userId)) {
      throw new SignInError('DINGTALK_ACCOUNT_TAKEN');
    }
    if (owners.length) {
      await accounts.rebind(user, person);
      return;
    }
    if (isBound(user)) {
      throw new SignInError('UNLINK_FIRST');
    }
    await accounts.bind(user, person);
  });
}

/**
 * Takes a user's link away. Sessions that there are go on.
 *
 * @throws SignInError NOT_LINKED; LAST_WAY_IN where the user could not sign in any more, unless it is done `anyway`
 */
export async function unlink(
  auth: AuthDingTalk,
  userId: string,
  { anyway = false }: { anyway?: boolean } = {},
): Promise<void> {
  await auth.exclusively(async (accounts, transaction) => {
    const user = await accounts.hold(userId);
    if (!user || !(await accounts.isBound(user))) {
      throw new SignInError('NOT_LINKED');
    }
    if (!anyway && !(await accessOf(auth.ctx, userId, transaction)).hasWayBeside(auth.name)) {
      throw new SignInError('LAST_WAY_IN');
    }
    await accounts.unbind(user);
  });
}

/** Every DingTalk authenticator that a user may be linked with. */
export async function linksOf(ctx: Context, userId: string): Promise<Link[]> {
  const { authenticators, rowOf, hasWayBeside } = await accessOf(ctx, userId);
  return authenticators
    .filter(({ authType }) => authType === AUTH_TYPE)
    .map(({ name, title }) => {
      const row = rowOf.get(name);
      return { name, title, linked: row ? account(row) : null, canUnlink: Boolean(row) && hasWayBeside(name) };
    });
}

/** The enabled authenticators, what binds a user to them, and whether the user can sign in by another than this one. */
async function accessOf(ctx: Context, userId: string, transaction?: Transaction) {
  const user = await ctx.db.getModel('users').findByPk(userId, { transaction });
  const hasPassword = Boolean(user?.get('password') && (user.get('username') || user.get('email')));
  const authenticators = await enabledAuthenticators(ctx, transaction);
  const rowOf = await rowsOf(ctx, userId, transaction);
  /** For certain: with a password and a name to go with it, or because the authenticator knows the user. */
  const ways = authenticators.filter(({ name, authType }) =>
    // An authenticator of a plugin that is off lets nobody in.
    authType === presetAuthType ? hasPassword : rowOf.has(name) && ctx.app.authManager.getAuthConfig(authType),
  );
  return { authenticators, rowOf, hasWayBeside: (name: string) => ways.some((way) => way.name !== name) };
}

interface Authenticator {
  name: string;
  authType: string;
  title: string | null;
}

async function enabledAuthenticators({ db }: Context, transaction?: Transaction): Promise<Authenticator[]> {
  const rows: Model[] = await db.getModel('authenticators').findAll({
    attributes: ['name', 'authType', 'title'],
    where: { enabled: true },
    order: ['sort'],
    transaction,
  });
  return rows.map((row) => row.get());
}

/** What binds a user, by the name of the authenticator. */
async function rowsOf({ db }: Context, userId: string, transaction?: Transaction): Promise<Map<string, Model>> {
  const rows: Model[] = await db.getModel('usersAuthenticators').findAll({ where: { userId }, transaction });
  return new Map(rows.map((row) => [String(row.get('authenticator')), row]));
}

function account(row: Model): Link['linked'] {
  const { nickname, avatar } = row.get();
  return { nickname: nickname ?? '', ...(/^https:\/\//.test(avatar ?? '') && { avatar }) };
}

/** Some of the users whom an authenticator knows, see `Accounts.bound`. */
export async function linkedUsers({ accounts }: AuthDingTalk, search: string): Promise<LinkedUsers> {
  const found = await accounts.bound(search, MAX_LINKED_USERS + 1);
  const users = found.slice(0, MAX_LINKED_USERS).map((user) => {
    const { id, nickname, username, usersAuthenticators } = user.dataValues;
    return { id, nickname, username, linked: usersAuthenticators.nickname ?? '' };
  });
  return { users, more: found.length > MAX_LINKED_USERS };
}
