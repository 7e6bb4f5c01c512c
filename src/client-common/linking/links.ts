import { ACCOUNT_PATH, LINK_PATH } from '../../shared/constants';
import { basePath, callbackUri, redirectUri } from '../addresses';
import { sentenceOfCallback } from '../callback';
import type { ClientApp, ClientPlugin } from '../nocobase';
import { callAction } from '../request';

export const readLinks = (app: ClientApp) => callAction(app, 'dingtalk:getLinks');

/** Leaves for DingTalk's approval. */
export async function beginLink(app: ClientApp, authenticator: string): Promise<void> {
  const request = { authenticator, callback: callbackUri(app, LINK_PATH), redirectUri: redirectUri(app) };
  const { url } = await callAction(app, 'dingtalk:getLinkUrl', request);
  location.assign(url);
}

/** Links the account with what came from DingTalk, and opens the account page, which tells the outcome. */
export async function finishLink(plugin: ClientPlugin, callback: URLSearchParams): Promise<void> {
  const { app } = plugin;
  const { code, state } = Object.fromEntries(callback);
  const linking = code ? callAction(app, 'dingtalk:link', { code, state }) : Promise.reject();
  const outcome: LinkOutcome = await linking.then(
    () => ({}),
    (error) => ({ failure: sentenceOfCallback(plugin, callback, error, 'LINK_FAILED') }),
  );
  // If the session ended meanwhile, NocoBase has dropped the token. The next user of this tab must not read the outcome.
  if (app.apiClient.auth.token) {
    sessionStorage.setItem(OUTCOME, JSON.stringify(outcome));
  }
  location.replace(basePath(app) + ACCOUNT_PATH);
}

export const unlink = (app: ClientApp, authenticator: string) => callAction(app, 'dingtalk:unlink', { authenticator });

export interface LinkOutcome {
  /** The sentence of a failure; missing if the account was linked. */
  failure?: string;
}

/** Key in sessionStorage, by which the callback page hands the outcome over: it ends with a page load. */
const OUTCOME = 'dingtalk-link-outcome';

export function readOutcome(): LinkOutcome | undefined {
  const stored = sessionStorage.getItem(OUTCOME);
  return stored ? JSON.parse(stored) : undefined;
}

export const forgetOutcome = () => sessionStorage.removeItem(OUTCOME);
