import { ACCOUNT_PATH, LINK_PATH } from '../../shared/constants';
import type { PendingLink } from '../../shared/contract';
import { basePath, callbackUri, redirectUri } from '../addresses';
import type { Callback } from '../callback';
import { type Failure, failureOfCallback } from '../failure';
import type { ClientApp, ClientPlugin } from '../nocobase';
import { callAction } from '../request';

export const readLinks = (app: ClientApp) => callAction(app, 'dingtalk:getLinks');

/** Leaves for DingTalk's approval. */
export async function beginLink(app: ClientApp, authenticator: string): Promise<void> {
  const request = { authenticator, callback: callbackUri(app, LINK_PATH), redirectUri: redirectUri(app) };
  const { url } = await callAction(app, 'dingtalk:getLinkUrl', request);
  location.assign(url);
}

/**
 * Hands over what came from DingTalk, and opens the account page, which asks whether to link the account that waits now,
 * or tells why there is none.
 */
export async function finishLink(plugin: ClientPlugin, callback: Callback): Promise<void> {
  const { app } = plugin;
  const { flow } = callback;
  const waiting = flow ? callAction(app, 'dingtalk:link', { flow }) : Promise.reject();
  await waiting.catch((error) => {
    // If the session ended meanwhile, NocoBase has dropped the token. The next user of this tab must not read why.
    if (app.apiClient.auth.token) {
      sessionStorage.setItem(FAILURE, JSON.stringify(failureOfCallback(plugin, callback, error, 'LINK_FAILED')));
    }
  });
  location.replace(basePath(app) + ACCOUNT_PATH);
}

export const unlink = (app: ClientApp, authenticator: string) => callAction(app, 'dingtalk:unlink', { authenticator });

/** The account that waits in this browser until its user agrees: of a link, or of a sign-in that ended with `LINK_FIRST`. */
export const readPending = async (app: ClientApp) => (await callAction(app, 'dingtalk:getPendingLink', {})).pending;

export const confirmPending = (app: ClientApp, { confirmation }: PendingLink) =>
  callAction(app, 'dingtalk:confirmLink', { confirmation });

export const declinePending = (app: ClientApp, { confirmation }: PendingLink) =>
  callAction(app, 'dingtalk:declineLink', { confirmation });

/** Key in sessionStorage, by which the callback page hands a failure over: it ends with a page load. */
const FAILURE = 'dingtalk-failed-link';

export const readFailure = (): Failure | null => JSON.parse(sessionStorage.getItem(FAILURE) ?? 'null');

export const forgetFailure = () => sessionStorage.removeItem(FAILURE);
