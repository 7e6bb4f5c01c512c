import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { Op } from '@nocobase/database';
import { presetAuthType } from '@nocobase/plugin-auth';
import { mayManagePrivileged } from '../accounts/administrators';
import { Bindings, idOf } from '../accounts/bindings';
import { withBindingLock } from '../accounts/lock';
import { Privileges } from '../accounts/privileges';
import { endSessions, endSessionsSince } from '../accounts/sessions';
import { SMS_TYPE } from '../accounts/ways-in';
import type { Authenticator } from '../configuration/authenticators';
import type { MemberRow } from '../directory/types';
import { CodedError } from '../http/coded-error';

const ENDED = { apiKeys: true };

const resetsPasswords = (authenticator: Model): boolean =>
  authenticator.get('authType') === presetAuthType &&
  Boolean(authenticator.get('options')?.public?.enableResetPassword);

/**
 * Ends what the user of a member who left can still sign in by: password, bindings, API keys, and the phone number and
 * the email address where they sign in or set a new password. Sessions end, too. The user, with roles and records, stays.
 * Never root's, nor a privileged user's unless the administrator could take that one over anyway.
 *
 * @throws CodedError MEMBER_UNAVAILABLE where the member has not left or has no user, MEMBER_NOT_LINKABLE
 */
export async function endWaysOf(ctx: Context, authenticator: Authenticator, row: MemberRow): Promise<string> {
  const { db } = ctx;
  const userId = row.state === 'left' ? row.userId : undefined;
  if (userId === undefined) {
    throw new CodedError('MEMBER_UNAVAILABLE');
  }
  await withBindingLock(ctx, authenticator.model, async (transaction) => {
    const user = await new Bindings(db, authenticator.model, transaction).findForUpdate(userId);
    if (!user) {
      throw new CodedError('MEMBER_UNAVAILABLE');
    }
    const where = { userId: idOf(user) };
    const isRoot = await db.getModel('rolesUsers').count({ where: { ...where, roleName: 'root' }, transaction });
    const privileged = await new Privileges(db, authenticator.protectedRoles, transaction).among([idOf(user)]);
    const isOneself = idOf(user) === String(ctx.state.currentUser?.id);
    if (isRoot || isOneself || (privileged.size && !mayManagePrivileged(ctx))) {
      throw new CodedError('MEMBER_NOT_LINKABLE');
    }
    const enabled: Model[] = await db
      .getModel('authenticators')
      .findAll({ where: { authType: [SMS_TYPE, presetAuthType], enabled: true }, transaction });
    const values = {
      password: null,
      resetToken: null,
      ...(enabled.some((row) => row.get('authType') === SMS_TYPE) && { phone: null }),
      // NocoBase sends the link for a new password to whoever has the address, also where there is no old one.
      ...(enabled.some(resetsPasswords) && { email: null }),
    };
    await db.getModel('users').update(values, { where: { id: idOf(user) }, hooks: false, transaction });
    // A suspended binding is of one who is privileged, and comes back with the member.
    const others = { ...where, authenticator: { [Op.ne]: authenticator.name } };
    await db.getModel('usersAuthenticators').destroy({ where: others, transaction });
    if (db.hasCollection('apiKeys')) {
      await db.getModel('apiKeys').destroy({ where: { createdById: idOf(user) }, transaction });
    }
    await endSessions(db, idOf(user), ENDED, transaction);
  });
  await endSessionsSince(ctx, userId, ENDED);
  return userId;
}
