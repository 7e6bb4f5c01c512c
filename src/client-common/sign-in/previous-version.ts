import { AUTH_TYPE, CALLBACK_PATH } from '../../shared/constants';
import { callbackUri, redirectUri } from '../addresses';
import type { Callback } from '../callback';
import type { ClientPlugin } from '../nocobase';
import { callAction, refusalOf } from '../request';
import { beforeRouter } from './before-router';
import { signIn } from './sign-in';

/**
 * An update replaces the pages at once, and the server when NocoBase restarts. Until then users sign in with the previous
 * version.
 *
 * @returns whether another page opens
 */
export const goesOnWithPreviousVersion = (
  plugin: ClientPlugin,
  error: unknown,
  where: Callback | string,
): Promise<boolean> => (typeof where === 'object' ? finish(beforeRouter(plugin), where) : begin(plugin, error, where));

/** It is told the callback page, in place of finding it beside the page that begins. */
async function begin({ app }: ClientPlugin, error: unknown, authenticator: string): Promise<boolean> {
  if (refusalOf(error)?.code !== 'REQUEST_INVALID') {
    return false;
  }
  const request = {
    page: location.href,
    callback: callbackUri(app, CALLBACK_PATH),
    redirect: new URLSearchParams(location.search).get('redirect'),
    redirectUri: redirectUri(app),
  };
  location.assign((await callAction(app, 'dingtalk:getAuthUrl', request, authenticator)).url);
  return true;
}

/**
 * It hands over a code in place of a flow. A link can bring a code of any authenticator: only those of this plugin ask
 * whether the sign-in was begun in this browser.
 */
async function finish(plugin: ClientPlugin, { authenticator, code, state }: Callback): Promise<boolean> {
  if (!authenticator || !code || !state) {
    return false;
  }
  history.replaceState(history.state, '', location.pathname);
  const all = await callAction(plugin.app, 'authenticators:publicList');
  if (!all.some(({ name, authType }) => name === authenticator && authType === AUTH_TYPE)) {
    return false;
  }
  const { redirect } = await signIn(plugin, authenticator, { code, state });
  location.replace(redirect);
  return true;
}
