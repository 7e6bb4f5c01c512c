import type { Context } from '@nocobase/actions';
import type { Plugin } from '@nocobase/server';
import { RESOURCE } from '../../shared/constants';
import type { ActionName } from '../../shared/contract';
import { registerActions } from '../http/actions';
import { loggedFields } from '../http/privacy';
import * as actions from './actions';

/** Linking and unlinking accounts, by users themselves and by administrators. */
export function registerLinking({ app }: Plugin): void {
  const { getLinks, getLinkUrl, link, getPendingLink, confirmLink, declineLink, unlink } = actions;
  registerActions(app, 'session', [getLinks, getLinkUrl, link, getPendingLink, confirmLink, declineLink, unlink]);
  const { getLinkedUsers, unlinkUser, blockUser, unblock, getBlocked } = actions;
  registerActions(app, 'administrators', [getLinkedUsers, unlinkUser, blockUser, unblock, getBlocked]);
  app.auditManager.registerActions([
    auditedAction('confirmLink', currentUser),
    auditedAction('unlink', currentUser),
    auditedAction('unlinkUser', namedUser),
    auditedAction('blockUser', namedUser),
    auditedAction('unblock', namedUser),
  ]);
}

const currentUser = (ctx: Context): unknown => ctx.state.currentUser?.id;

const namedUser = (ctx: Context): unknown => loggedFields(ctx).user;

/** NocoBase's audit log gets who did it, to which user, by which authenticator; no code, state or token. */
function auditedAction(action: ActionName, targetOf: (ctx: Context) => unknown) {
  return {
    name: `${RESOURCE}:${action}`,
    async getMetaData(ctx: Context) {
      return { request: { query: {}, body: loggedFields(ctx) } };
    },
    async getSourceAndTarget(ctx: Context) {
      const target = targetOf(ctx);
      // Where NocoBase refused the request itself, the target is whatever the client sent.
      const isId = ['string', 'number'].includes(typeof target);
      return { targetCollection: 'users', targetRecordUK: isId ? String(target) : '' };
    },
  };
}
