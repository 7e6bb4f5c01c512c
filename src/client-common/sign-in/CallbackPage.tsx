import { type ReactNode, useEffect, useState } from 'react';
import { takeCallback } from './take-callback';
import { loadBeside } from '../load-beside';
import type { ClientPlugin } from '../nocobase';
import { enter, openPage } from './sign-in';
import { waiting } from './waiting';

/** The page that finishes a sign-in, or says why it cannot be. */
export const callbackPage = (plugin: ClientPlugin) =>
  function CallbackPage() {
    const [callback] = useState(takeCallback);
    const [failure, setFailure] = useState<ReactNode>();

    useEffect(() => {
      const { authenticator = '', ...code } = Object.fromEntries(callback);
      (code.code ? enter(plugin, authenticator, code) : Promise.reject())
        .then((signedIn) => openPage(plugin, signedIn))
        .catch((error) =>
          loadBeside<typeof import('./callback-failure')>(plugin, 'CallbackFailure.js')
            .then((failureOf) => failureOf(callback, error))
            .catch(() => plugin.t('SIGN_IN_FAILED'))
            .then(setFailure),
        );
    }, [callback]);

    return failure || waiting(plugin.t('Signing in with DingTalk…'));
  };
