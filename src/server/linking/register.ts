import type { Plugin } from '@nocobase/server';
import { registerActions } from '../http/actions';
import { auditedAction, currentUser, namedUser } from '../http/audit';
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
