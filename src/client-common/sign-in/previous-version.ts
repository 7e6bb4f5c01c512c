import { AUTH_TYPE } from '../../shared/constants';
import type { Callback } from '../callback';
import type { ClientPlugin } from '../nocobase';
import { callAction } from '../request';
import { signIn } from './sign-in';

/**
 * Whether a server of the previous version handed over a code, as it does after an update until NocoBase restarts, and the
 * next page opens. A link can bring a code of any authenticator: only those of this plugin ask whether the sign-in was
 * begun in this browser.
 */
export async function isFinishedByPreviousVersion(
  plugin: ClientPlugin,
  { authenticator, code, state }: Callback,
): Promise<boolean> {
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
