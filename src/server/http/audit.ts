import type { Context } from '@nocobase/actions';
import { RESOURCE } from '../../shared/constants';
import type { ActionName } from '../../shared/contract';
import { loggedFields } from './privacy';

/**
 * An action for NocoBase's audit log, which gets who did it, to what, by which authenticator or source; no code, state or
 * token.
 *
 * @param targetOf the ID of the record of the collection that is changed
 */
export function auditedAction(action: ActionName, targetOf: (ctx: Context) => unknown, targetCollection = 'users') {
  return {
    name: `${RESOURCE}:${action}`,
    async getMetaData(ctx: Context) {
      return { request: { query: {}, body: loggedFields(ctx) } };
    },
    async getSourceAndTarget(ctx: Context) {
      const target = targetOf(ctx);
      // Where NocoBase refused the request itself, the target is whatever the client sent.
      const isId = ['string', 'number'].includes(typeof target);
      return { targetCollection, targetRecordUK: isId ? String(target) : '' };
    },
  };
}

/** The same, of an action that answers a secret: NocoBase would log the answer. */
export function withSecretAnswer(audited: ReturnType<typeof auditedAction>) {
  return {
    ...audited,
    getMetaData: async (ctx: Context) => ({ ...(await audited.getMetaData(ctx)), response: { body: {} } }),
  };
}

export const currentUser = (ctx: Context): unknown => ctx.state.currentUser?.id;

export const namedUser = (ctx: Context): unknown => loggedFields(ctx).user;
