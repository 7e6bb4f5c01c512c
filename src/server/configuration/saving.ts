import type { Context, Next } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { isSendable } from '../../shared/auth-uid';
import { AUTH_TYPE } from '../../shared/constants';
import { CodedError } from '../http/coded-error';
import { refuse } from '../http/report';

const SAVING = ['create', 'update', 'updateOrCreate', 'firstOrCreate'];

/** What is saved of one authenticator, as far as it is known. */
interface Values {
  name?: unknown;
  authType?: unknown;
}

/**
 * Refuses a DingTalk authenticator with a name that no browser can send before NocoBase saves it: nobody could sign in
 * with it, and the sign-in page would not say why. One that has such a name already can still be changed and disabled;
 * the check tells of it.
 */
export async function checkAuthUid(ctx: Context, next: Next): Promise<void> {
  const { resourceName, actionName, params } = ctx.action;
  if (resourceName === 'authenticators' && SAVING.includes(actionName)) {
    // `create` takes a list as well.
    for (const values of [params.values ?? {}].flat()) {
      if (await isRefused(ctx, values, params.filterByTk)) {
        refuse(ctx, 'configuration check', new CodedError('AUTH_UID_INVALID'));
      }
    }
  }
  await next();
}

async function isRefused(ctx: Context, values: Values, id: unknown): Promise<boolean> {
  const authenticators = ctx.db.getModel<Model>('authenticators');
  const saved = /^\d{1,18}$/.test(String(id)) ? await authenticators.findByPk(String(id)) : null;
  const name: unknown = values.name ?? saved?.get('name');
  if (typeof name !== 'string' || isSendable(name) || (values.authType ?? saved?.get('authType')) !== AUTH_TYPE) {
    return false;
  }
  // The collations of MySQL find `a` for `á`, and for `a` with a blank.
  const named = await authenticators.findAll({ where: { name, authType: AUTH_TYPE } });
  return !named.some((row) => row.get('name') === name);
}
