import { type ReactNode, useEffect, useState } from 'react';
import type { AuthorizationResponse } from '../../shared/contract';
import { takeCallback } from '../callback';
import { waiting } from '../feedback';
import type { ClientPlugin } from '../nocobase';
import { openPage, signIn } from './sign-in';
import { tellFailure } from './tell-failure';

/** The page that finishes a sign-in, or says why it could not. */
export const callbackPage = (plugin: ClientPlugin) => {
  // Once a page load: React and NocoBase may mount the page more than once, but an authorization code works once.
  let finished: Promise<ReactNode> | undefined;

  return function CallbackPage() {
    const [failure, setFailure] = useState<ReactNode>();

    useEffect(() => {
      (finished ??= finishSignIn(plugin)).then(setFailure);
    }, []);

    return failure || waiting(plugin.t('Signing in with DingTalk…'));
  };
};

/** @returns what tells a failure; nothing if the next page opens */
async function finishSignIn(plugin: ClientPlugin): Promise<ReactNode> {
  const callback = takeCallback();
  const { authenticator = '', ...response } = Object.fromEntries(callback);
  return (
    response.code ? signIn(plugin, authenticator, response as unknown as AuthorizationResponse) : Promise.reject()
  )
    .then((signedIn) => openPage(plugin, signedIn))
    .catch((error) => tellFailure(plugin, error, callback));
}
