import type { Context } from '@nocobase/actions';
import type { Model, Transaction } from '@nocobase/database';
import { AUTH_TYPE } from '../../shared/constants';
import type { Link, PendingLink } from '../../shared/contract';
import { hiddenAmong } from '../accounts/administrators';
import { Bindings, columnsOf, idOf } from '../accounts/bindings';
import { type Excluded, Exclusions, isIn } from '../accounts/exclusions';
import { isOtherOrganization } from '../accounts/identify';
import { withBindingLock } from '../accounts/lock';
import { possiblePhone } from '../accounts/phone';
import { endSessions, endSessionsSince, lastSignInOf } from '../accounts/sessions';
import { enabledAuthenticators, waysInOf } from '../accounts/ways-in';
import { isOlderKey, type PendingRecord } from '../authorization/pending-link';
import type { Authenticator } from '../configuration/authenticators';
import type { DingTalkAccount } from '../dingtalk/api';
import { CodedError } from '../http/coded-error';
import { decideLink, decideUnlink } from './decide';

/**
 * Refuses early what would be refused when the user has confirmed.
 *
 * @returns the key of the user's binding, where it is an older one of this account, which linking replaces
 * @throws CodedError
 */
export async function requireLinkable(
  ctx: Context,
  authenticator: Authenticator,
  userId: string,
  account: DingTalkAccount,
): Promise<string | undefined> {
  const bindings = new Bindings(ctx.db, authenticator.model);
  const exclusions = new Exclusions(ctx.db, authenticator.name);
  const user = await ctx.db.getModel('users').findByPk(userId);
  const decision = await decide(authenticator, bindings, exclusions, { userId, user, account });
  const binding = 'rebind' in decision ? await bindings.of(decision.rebind) : undefined;
  return binding?.key === account.unionId ? undefined : binding?.key;
}

/**
 * Links a user with the account that waited.
 *
 * @throws CodedError
 */
export async function confirm(
  ctx: Context,
  authenticator: Authenticator,
  userId: string,
  pending: PendingRecord,
): Promise<void> {
  const { model, name } = authenticator;
  const { account } = pending;
  await withBindingLock(ctx, model, async (transaction) => {
    const bindings = new Bindings(ctx.db, model, transaction);
    const exclusions = new Exclusions(ctx.db, name, transaction);
    const user = await bindings.findForUpdate(userId);
    const isOlder = (key: string) => isOlderKey(ctx, pending, key);
    const evidence = { userId, user, account, isOlder, since: pending.since };
    const decision = await decide(authenticator, bindings, exclusions, evidence);
    await ('bind' in decision ? bindings.bind(decision.bind, account) : bindings.rebind(decision.rebind, account));
    // The user has agreed: neither of the two is left out any more.
    await exclusions.matchAgain({ unionId: keysOf(account), userId });
  });
}

/** What an exclusion may name the account by: openId was the key of a plugin before. */
const keysOf = ({ unionId, openId }: DingTalkAccount) => [unionId, ...(openId ? [openId] : [])];

interface Linking {
  userId: string;
  user: Model | null;
  account: DingTalkAccount;
  /** Whether a key of the user's binding is an older one of the account, whose phone number is not known any more. */
  isOlder?: (key: string) => boolean;
  /** When the account began to wait; milliseconds since 1970. */
  since?: number;
}

async function decide(
  { settings }: Authenticator,
  bindings: Bindings,
  exclusions: Exclusions,
  { userId, user, account, isOlder, since = Infinity }: Linking,
) {
  const { unionId, corpId } = account;
  const { boundUsers, legacy, isBound } = await bindings.findOwners(account, user ? [user] : []);
  const excluded = await exclusions.of({ unionId: keysOf(account), userIds: [userId] });
  const binding = user && isOlder ? await bindings.of(user) : undefined;
  const decision = decideLink({
    userId,
    found: user ? { user, isBound: isBound(user) } : undefined,
    isOtherOrganization: isOtherOrganization(settings, corpId),
    isBlocked: isIn('blocked', excluded),
    hasLeft: isIn('left', excluded),
    isSpent: excluded.some((row) => row.reason === 'unlinked' && row.unionId === unionId && row.since > since),
    boundIds: boundUsers.map(idOf),
    legacyIds: [
      ...legacy.map(({ user: owner }) => idOf(owner)),
      ...(binding && isOlder?.(binding.key) ? [userId] : []),
    ],
  });
  if ('refuse' in decision) {
    throw new CodedError(decision.refuse);
  }
  return decision;
}

interface Unlinking {
  /** Also where the user could not sign in any more, as an administrator may do. */
  canLockOut: boolean;
  /** ID of the user who does it. */
  by: string;
  /** Whether the user's sessions end. */
  endSessions?: boolean;
  /** Whether the user and the account may be matched by phone again. */
  matchAgain?: boolean;
}

/**
 * Takes a user's link away. Neither the user nor the account is matched by phone again, as the next sign-in would
 * otherwise undo it.
 *
 * @throws CodedError NOT_LINKED, LAST_WAY_IN
 */
export async function unlink(
  ctx: Context,
  authenticator: Authenticator,
  userId: string,
  options: Unlinking,
): Promise<void> {
  const { db } = ctx;
  const { name, model } = authenticator;
  const { canLockOut, by } = options;
  await withBindingLock(ctx, model, async (transaction) => {
    const bindings = new Bindings(db, model, transaction);
    const user = await (canLockOut
      ? findManagedUser(ctx, authenticator, userId, transaction)
      : bindings.findForUpdate(userId));
    const binding = user ? await bindings.of(user) : undefined;
    const decision = decideUnlink({
      found: user ? { user, isBound: Boolean(binding) } : undefined,
      canLockOut,
      waysIn: canLockOut ? [] : await namesOfWaysIn(ctx, userId, transaction),
      authenticator: name,
    });
    if ('refuse' in decision) {
      throw new CodedError(decision.refuse);
    }
    await bindings.unbind(decision.unbind);
    const exclusions = new Exclusions(db, name, transaction);
    const excluded = excludedOf(userId, binding);
    await (options.matchAgain ? exclusions.matchAgain(excluded) : exclusions.add('unlinked', excluded, by));
    if (options.endSessions) {
      await endSessions(db, userId, { apiKeys: false }, transaction);
    }
  });
  if (options.endSessions) {
    await endSessionsSince(ctx, userId, { apiKeys: false });
  }
}

/** The user, locked until the transaction ends; undefined where none exists for the administrator who asks. */
export async function findManagedUser(
  ctx: Context,
  authenticator: Authenticator,
  userId: string,
  transaction: Transaction,
): Promise<Model | undefined> {
  const user = await new Bindings(ctx.db, authenticator.model, transaction).findForUpdate(userId);
  // Of the row, not of the request: a database may find the user by another spelling of the ID.
  const hidden = user ? await hiddenAmong(ctx, authenticator, [idOf(user)], transaction) : undefined;
  return user && !hidden?.has(idOf(user)) ? user : undefined;
}

/** A user and the account of the binding, as an exclusion names them. */
export function excludedOf(
  userId: string,
  binding: { key: string; nickname: string } | undefined,
): Excluded & { userId: string; account?: string } {
  // A phone number is a key of the plugin used before: no account has it as its unionId, and it is not ours to keep.
  const unionId = binding && !possiblePhone(binding.key) ? binding.key : undefined;
  return { userId, unionId, account: binding?.nickname };
}

async function namesOfWaysIn(ctx: Context, userId: string, transaction?: Transaction): Promise<string[]> {
  const ways = await waysInOf(ctx, [userId], { transaction });
  return (ways.get(userId) ?? []).map(({ name }) => name);
}

/** Every DingTalk authenticator that a user can be linked with. */
export async function linksOf(ctx: Context, userId: string): Promise<Link[]> {
  const rows: Model[] = await ctx.db.getModel('usersAuthenticators').findAll({ where: { userId } });
  const bindings = new Map(rows.map((row) => [String(row.get('authenticator')), row]));
  const ways = await namesOfWaysIn(ctx, userId);
  const authenticators = (await enabledAuthenticators(ctx.db)).filter(({ authType }) => authType === AUTH_TYPE);
  return Promise.all(
    authenticators.map(async ({ name, title }) => {
      const binding = bindings.get(name);
      const canUnlink = Boolean(binding) && ways.some((way) => way !== name);
      const linked = binding ? { ...shownAccount(binding.get()), ...(await timesOf(ctx, binding)) } : null;
      return { name, title, linked, canUnlink };
    }),
  );
}

/** Since when a binding stands, and when its user last signed in by it. */
async function timesOf(ctx: Context, binding: Model): Promise<{ since?: number; lastSignIn?: number }> {
  const since = binding.get('createdAt')?.getTime() ?? 0;
  const last = await lastSignInOf(ctx.db, String(binding.get('userId')), String(binding.get('authenticator')));
  // A sign-in before that was with another account. MySQL rounds the time of a row to seconds.
  return { ...(since && { since }), ...(last && last > since - 1000 && { lastSignIn: last }) };
}

function shownAccount({ nickname, avatar }: { nickname?: string | null; avatar?: string | null }) {
  return { nickname: nickname ?? '', ...(avatar && /^https:\/\//.test(avatar) && { avatar }) };
}

/** The account that waits, as the page names it before the user agrees. */
export function toPendingLink(
  { name, model }: Authenticator,
  { confirmation, account }: Pick<PendingRecord, 'confirmation' | 'account'>,
): PendingLink {
  const { corpId } = account;
  return {
    confirmation,
    authenticator: name,
    title: model.get('title') ?? null,
    account: { ...shownAccount(columnsOf(account)), ...(corpId && { corpId }) },
  };
}

/** Whether a user is linked with another account: nobody is asked about a second one. */
export async function isLinkedOtherwise(
  ctx: Context,
  { model }: Authenticator,
  userId: string,
  pending: PendingRecord,
): Promise<boolean> {
  const user: Model | null = await ctx.db.getModel('users').findByPk(userId);
  const binding = user ? await new Bindings(ctx.db, model).of(user) : undefined;
  return Boolean(binding) && !isOlderKey(ctx, pending, binding?.key ?? '');
}
