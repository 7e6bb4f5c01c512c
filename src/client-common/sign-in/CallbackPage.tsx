import { type ReactNode, useEffect, useState } from 'react';
import { CALLBACK_PATH } from '../../shared/constants';
import { readCallback } from '../callback';
import { waiting } from '../feedback';
import type { ClientPlugin } from '../nocobase';
import { signIn } from './sign-in';
import { tellFailure } from './tell-failure';

/** The page that finishes a sign-in, or says why it could not. */
export const callbackPage = (plugin: ClientPlugin) => {
  // Once a page load: React and NocoBase may mount the page more than once, but a flow ends once.
  let finished: Promise<ReactNode> | undefined;

  /**
   * @param isEarly nothing is shown yet
   * @returns what tells a failure; nothing if the next page opens
   */
  const finish = (isEarly?: boolean) => {
    const callback = readCallback();
    const { authenticator = '', flow } = callback;
    const { token } = plugin.app.apiClient.auth;
    return (finished ??= (flow ? signIn(plugin, authenticator, { flow }) : Promise.reject())
      .then(
        ({ redirect, route }) =>
          (isEarly && route && !token
            ? history.replaceState(null, '', redirect)
            : // What was loaded so far was loaded for another user, or for another client.
              location.replace(redirect)) as undefined,
      )
      .catch((error) => tellFailure(plugin, error, callback)));
  };

  return {
    /**
     * To be waited for before NocoBase shows anything: where nobody was signed in, it then begins with the page that the user
     * first wanted, and asks who is signed in, as it does for everybody who opens that page. By the answer a second factor
     * takes the user to its own page.
     */
    ready: location.pathname.endsWith(CALLBACK_PATH) && finish(true),

    Page() {
      const [failure, setFailure] = useState<ReactNode>();

      useEffect(() => {
        finish().then(setFailure);
      }, []);

      return failure || waiting(plugin.t('Signing in with DingTalk…'));
    },
  };
};
