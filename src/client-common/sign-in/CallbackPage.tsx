import { type ReactNode, useEffect, useState } from 'react';
import { readCallback } from '../callback';
import { waiting } from '../feedback';
import type { ClientPlugin } from '../nocobase';
import { signIn } from './sign-in';
import { tellFailure } from './tell-failure';

/** Who is signed in, as NocoBase v1 keeps it for all pages. */
interface User {
  refreshAsync(): Promise<unknown>;
}

/**
 * The page that finishes a sign-in, or says why it could not.
 *
 * @param useUser v1's, which asks once a page load who is signed in, and when it is told to. v2 asks on every page for users
 */
export const callbackPage = (plugin: ClientPlugin, useUser?: () => User) => {
  // Once a page load: React and NocoBase may mount the page more than once, but a flow ends once.
  let finished: Promise<ReactNode> | undefined;

  /** @returns what tells a failure; nothing if the next page opens */
  const finish = async (user?: User): Promise<ReactNode> => {
    const callback = readCallback();
    const { authenticator = '', flow } = callback;
    const { token } = plugin.app.apiClient.auth;
    return (flow ? signIn(plugin, authenticator, { flow }) : Promise.reject())
      .then(
        ({ redirect, route }) =>
          // Where nobody was signed in, it goes on inside the loaded page, as NocoBase's own forms do. A page that was loaded
          // for another user would show what that one may see, and other clients have to be loaded anyway. NocoBase asks then
          // who is signed in, by whose answer a second factor takes the user to its own page.
          Promise.resolve(token || !route ? Promise.reject() : user?.refreshAsync())
            .then(() => plugin.app.router.navigate(route, { replace: true }))
            .catch(() => location.replace(redirect)) as Promise<undefined>,
      )
      .catch((error) => tellFailure(plugin, error, callback));
  };

  return function CallbackPage() {
    const [failure, setFailure] = useState<ReactNode>();
    const user = useUser?.();

    useEffect(() => {
      (finished ??= finish(user)).then(setFailure);
    }, [user]);

    return failure || waiting(plugin.t('Signing in with DingTalk…'));
  };
};
