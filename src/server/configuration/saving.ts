import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { isSendable } from '../../shared/auth-uid';
import { AUTH_TYPE } from '../../shared/constants';
import { CodedError } from '../http/coded-error';
import { checkSaving, type SavedValues } from '../http/saving';
import { requireDefaultRole } from './default-role';

const AUTHENTICATORS = 'authenticators';

/** Refuses what a DingTalk authenticator must not be saved with. */
export const checkAuthenticators = checkSaving({
  collection: AUTHENTICATORS,
  topic: 'configuration check',
  async check(ctx, values, saved) {
    const authType = values.authType ?? saved?.get('authType');
    if (authType === AUTH_TYPE) {
      await requireSendable(ctx, values, saved);
    }
    // NocoBase makes one without a type as well, which may get one later.
    if (authType === AUTH_TYPE || authType === undefined) {
      await requireDefaultRole(ctx, values, saved);
    }
    return undefined;
  },
});

/**
 * With a name that no browser can send nobody could sign in, and the sign-in page would not say why. One that has such a
 * name already can still be changed and disabled; the check tells of it.
 */
async function requireSendable({ db }: Context, values: SavedValues, saved: Model | null): Promise<void> {
  const name: unknown = values.name ?? saved?.get('name');
  if (typeof name !== 'string' || isSendable(name)) {
    return;
  }
  // The collations of MySQL find `a` for `á`, and for `a` with a blank.
  const named: Model[] = await db.getModel(AUTHENTICATORS).findAll({ where: { name, authType: AUTH_TYPE } });
  if (!named.some((row) => row.get('name') === name)) {
    throw new CodedError('AUTH_UID_INVALID');
  }
}
