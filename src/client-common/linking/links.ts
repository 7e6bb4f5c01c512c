import { ACCOUNT_PATH, LINK_PATH } from '../../shared/constants';
import type { Link } from '../../shared/contract';
import { sentenceOfCallback } from '../sign-in/callback-failure';
import { type LinkOutcome, leaveOutcome } from './link-outcome';
import type { ClientApp, ClientPlugin } from '../nocobase';
import { redirectUri } from '../configuration/redirect-uri';
import { ask, base, callbackUri } from '../sign-in/sign-in';

export const readLinks = (app: ClientApp) => ask<Link[]>(app, 'dingtalk:getLinks');

/** Leaves for DingTalk. */
export async function beginLink(app: ClientApp, authenticator: string): Promise<void> {
  const callback = callbackUri(app, LINK_PATH);
  const body = { authenticator, callback, redirectUri: redirectUri(app) };
  const { url } = await ask<{ url: string }>(app, 'dingtalk:getLinkUrl', body);
  location.assign(url);
}

/** Links the account with what came from DingTalk, and says on the account page what came of it. */
export async function finishLink(plugin: ClientPlugin, callback: URLSearchParams): Promise<void> {
  const { code, state } = Object.fromEntries(callback);
  const linking = code ? ask<LinkOutcome>(plugin.app, 'dingtalk:link', { code, state }) : Promise.reject();
  const outcome = await linking.catch((error) => ({
    failure: sentenceOfCallback(plugin, callback, error, 'LINK_FAILED'),
  }));
  // Where the session is over, NocoBase has dropped the token, and whoever signs in next may be somebody else.
  if (plugin.app.apiClient.auth.token) {
    leaveOutcome(outcome);
  }
  location.replace(base(plugin.app) + ACCOUNT_PATH);
}

export const unlink = (app: ClientApp, authenticator: string) => ask(app, 'dingtalk:unlink', { authenticator });
