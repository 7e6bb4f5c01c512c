import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import type { Exclusion, ExclusionList, ExclusionsFound } from '../../shared/contract';
import { hiddenAmong } from '../accounts/administrators';
import { Bindings, idOf } from '../accounts/bindings';
import { Exclusions, type ExclusionRow, isShown, type ShownRow } from '../accounts/exclusions';
import { firstShown, isFoundBy } from '../accounts/linked-users';
import { withBindingLock } from '../accounts/lock';
import { possiblePhone } from '../accounts/phone';
import { phoneFingerprint } from '../accounts/phone-fingerprint';
import { endSessions, endSessionsSince } from '../accounts/sessions';
import { waysInOf } from '../accounts/ways-in';
import type { Authenticator } from '../configuration/authenticators';
import { nameOnSignInPage } from '../configuration/titles';
import { CodedError } from '../http/coded-error';
import { decideBlock } from './decide';
import { excludedOf, findManagedUser } from './links';

const MAX_EXCLUSIONS = 20;

/** What a block ends besides the sessions. */
const ENDED = { apiKeys: true };

/**
 * Refuses a user, and the account that the user is bound to, until unblocked. The binding stays, so that nobody else
 * takes it and unblocking gives it back; sessions and API keys end.
 *
 * @param by ID of the administrator
 * @returns the titles of the authenticators by which the user can still sign in
 * @throws CodedError NOT_LINKED where there is no such user, LAST_WAY_IN
 */
export async function block(ctx: Context, authenticator: Authenticator, userId: string, by: string): Promise<string[]> {
  const { db } = ctx;
  const { model, name } = authenticator;
  const titles = await withBindingLock(ctx, model, async (transaction) => {
    const user = await findManagedUser(ctx, authenticator, userId, transaction);
    const ways = await waysInOf(ctx, [userId], { besides: { name }, transaction });
    const decision = decideBlock({
      found: user,
      isOneself: userId === by,
      waysIn: ways.get(userId) ?? [],
    });
    if ('refuse' in decision) {
      throw new CodedError(decision.refuse);
    }
    const binding = await new Bindings(db, model, transaction).of(decision.block);
    const exclusions = new Exclusions(db, name, transaction);
    const excluded = excludedOf(idOf(decision.block), binding);
    for (const fingerprint of fingerprintsOf(ctx, name, [decision.block.get('phone'), binding?.key])) {
      await exclusions.add('blocked', { ...excluded, phoneFingerprint: fingerprint }, by);
    }
    await endSessions(db, idOf(decision.block), ENDED, transaction);
    return decision.waysIn.map((way) => nameOnSignInPage(ctx, way));
  });
  await endSessionsSince(ctx, userId, ENDED);
  return titles;
}

/**
 * Of the phone numbers among these texts, each once. One that is undefined stands for no number: the user is blocked with
 * it as well.
 */
function fingerprintsOf(ctx: Context, authenticator: string, texts: unknown[]): Set<string | undefined> {
  const numbers = texts.flatMap((text) => (typeof text === 'string' ? (possiblePhone(text) ?? []) : []));
  const fingerprints = numbers.map((phone) => phoneFingerprint(ctx, authenticator, phone));
  return new Set(fingerprints.length ? fingerprints : [undefined]);
}

/**
 * Takes an exclusion of any reason back.
 *
 * @returns the user whom it named, who may be gone
 * @throws CodedError NOT_LINKED where there is none
 */
export function unblock(ctx: Context, authenticator: Authenticator, id: string): Promise<string | undefined> {
  const { model, name } = authenticator;
  return withBindingLock(ctx, model, async (transaction) => {
    const exclusions = new Exclusions(ctx.db, name, transaction);
    const row = await exclusions.byId(id);
    const hidden = await hiddenAmong(ctx, authenticator, row?.userId ? [row.userId] : [], transaction);
    if (!row || !isShown(row) || (row.userId && hidden.has(row.userId))) {
      throw new CodedError('NOT_LINKED');
    }
    await exclusions.removeById(row.id);
    return row.userId;
  });
}

/**
 * @param search as in the list of linked users; of an account, a part of its nickname. A whole phone number also finds
 *   who was blocked with it and is gone, as whoever has the number now would otherwise look for the block in vain.
 */
export async function exclusionsOf(
  ctx: Context,
  authenticator: Authenticator,
  { list, search }: { list: ExclusionList; search: string },
): Promise<ExclusionsFound> {
  const exclusions = new Exclusions(ctx.db, authenticator.name);
  const [fingerprint] = fingerprintsOf(ctx, authenticator.name, [search]);
  const isFound = (row: ExclusionRow, user: Model | undefined) =>
    isNamed(row, user, search) || (fingerprint !== undefined && row.phoneFingerprint === fingerprint);
  const { shown, more } = await firstShown(
    MAX_EXCLUSIONS,
    (page) => exclusions.list(list, page),
    async (rows) => {
      const userIds = [...new Set(rows.flatMap(({ userId }) => userId ?? []))];
      const hidden = await hiddenAmong(ctx, authenticator, userIds);
      const users: Model[] = userIds.length ? await ctx.db.getModel('users').findAll({ where: { id: userIds } }) : [];
      return rows
        .filter(isShown)
        .filter(({ userId }) => !userId || !hidden.has(userId))
        .map((row) => ({ row, user: users.find((user) => idOf(user) === row.userId) }))
        .filter(({ row, user }) => !search || isFound(row, user))
        .map(({ row, user }) => toExclusion(row, user));
    },
  );
  return { exclusions: shown, more };
}

function isNamed({ account }: ExclusionRow, user: Model | undefined, search: string): boolean {
  const names = [account, user?.get('nickname'), user?.get('username')];
  return isFoundBy(search, { names, phone: user?.get('phone'), email: user?.get('email') });
}

function toExclusion({ id, reason, account, since }: ShownRow, user: Model | undefined): Exclusion {
  const { id: userId, nickname, username } = user?.get() ?? {};
  return { id, reason, account, user: user ? { id: userId, nickname, username } : null, since };
}
