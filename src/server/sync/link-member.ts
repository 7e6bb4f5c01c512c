import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { Bindings, idOf } from '../accounts/bindings';
import { Exclusions, isIn } from '../accounts/exclusions';
import { withBindingLock } from '../accounts/lock';
import { Privileges } from '../accounts/privileges';
import type { Authenticator } from '../configuration/authenticators';
import { updateMember } from '../directory/store/members';
import type { MemberRow } from '../directory/types';
import { CodedError } from '../http/coded-error';

/** What decides whether an administrator binds a member to a user. */
interface LinkEvidence {
  row: Pick<MemberRow, 'state' | 'reason' | 'isLeftOut'>;
  /** Whether there is such a user. */
  isUser: boolean;
  isPrivileged: boolean;
  /** Whether the user is bound to any account under the authenticator, or the account to any user. */
  isBound: boolean;
  isBlocked: boolean;
  /** Whether one of them was bound before, and unlinked or detached; or the user of the member was deleted. */
  wasBound: boolean;
  /** Whether the administrator said that this one may come back. */
  allow: boolean;
}

/**
 * Only a member of the last reading, never a privileged user, nobody who is bound or
 * blocked; who was bound before, only where the administrator allows it.
 */
export function mayLink({ row, isUser, isPrivileged, isBound, isBlocked, wasBound, allow }: LinkEvidence): boolean {
  const isListed = row.state === 'open' || row.state === 'active';
  const isUncertain = row.reason === 'USERID_REUSED' || row.reason === 'SEVERAL_BOUND';
  return (
    isListed &&
    !isUncertain &&
    !row.isLeftOut &&
    isUser &&
    !isPrivileged &&
    !isBound &&
    !isBlocked &&
    (allow || !(wasBound || row.reason === 'UNLINKED_BEFORE' || row.reason === 'DELETED_BEFORE'))
  );
}

/**
 * Binds a member to a user. Call it while nobody else works on the source.
 *
 * @throws CodedError MEMBER_NOT_LINKABLE
 */
export async function linkToUser(
  ctx: Context,
  authenticator: Authenticator,
  row: MemberRow,
  { userId, allow }: { userId: string; allow: boolean },
): Promise<void> {
  const { db } = ctx;
  const { model, name, settings } = authenticator;
  await withBindingLock(ctx, model, async (transaction) => {
    const bindings = new Bindings(db, model, transaction);
    const exclusions = new Exclusions(db, name, transaction);
    const user: Model | null = await bindings.findForUpdate(userId);
    // Of the row, not of the request: a database may find the user by another spelling of the ID.
    const ids = user ? [idOf(user)] : [];
    const account = { unionId: row.unionId, nick: row.name, corpId: settings.corpId };
    const excluded = await exclusions.of({ unionId: row.unionId, userIds: ids });
    const { users } = await bindings.findBinding(row.unionId);
    const privileged = await new Privileges(db, authenticator.protectedRoles, transaction).among(ids);
    const evidence = {
      row,
      isUser: Boolean(user),
      isPrivileged: privileged.size > 0,
      isBound: users.length > 0 || Boolean(user && (await bindings.of(user))),
      isBlocked: isIn('blocked', excluded),
      wasBound: isIn('notMatchedAgain', excluded),
      allow,
    };
    if (!user || !mayLink(evidence)) {
      throw new CodedError('MEMBER_NOT_LINKABLE');
    }
    await bindings.bind(user, account);
    if (allow) {
      await exclusions.matchAgain({ unionId: row.unionId, userId: idOf(user) });
    }
    // What the source wrote for another user, or an administrator of roles confirmed, says nothing of this one.
    const { written, memberships, confirmed } =
      row.userId === idOf(user) ? row : { written: {}, memberships: {}, confirmed: [] };
    const next = {
      ...row,
      state: 'active' as const,
      userId: idOf(user),
      reason: undefined,
      isAllowed: false,
      // A link that is undone after this was undone by somebody.
      isDetached: undefined,
      isCreated: false,
      written,
      memberships,
      confirmed,
    };
    await updateMember(db, row.id, next, transaction);
  });
}
