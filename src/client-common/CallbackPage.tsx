import { Button, Spin } from 'antd';
import { useEffect, useState } from 'react';
import { failureAlert } from './failure-alert';
import type { ClientPlugin } from './nocobase';
import { enter, openPage, sentenceOf, signInPage, takeCallback } from './sign-in';

/** The page that finishes a sign-in, or says why it cannot be. */
export const callbackPage = (plugin: ClientPlugin) =>
  function CallbackPage() {
    const [callback] = useState(takeCallback);
    const [failure, setFailure] = useState('');

    useEffect(() => {
      if (callback.has('code')) {
        const { authenticator = '', ...code } = Object.fromEntries(callback);
        enter(plugin, authenticator, code)
          .then((signedIn) => openPage(plugin, signedIn))
          .catch((error) => setFailure(sentenceOf(error, plugin)));
      } else {
        // Only a code that has a sentence: nobody puts words on this page by a link.
        const given = callback.get('error') || 'STATE_INVALID';
        const code = /^[A-Z_]+$/.test(given) && plugin.t(given) !== given ? given : 'SIGN_IN_FAILED';
        setFailure(`${plugin.t(code)} (${code})`);
      }
    }, [callback]);

    return failure ? (
      <>
        {failureAlert(failure)}
        <Button block href={signInPage(plugin)}>
          {plugin.t('Back to sign-in')}
        </Button>
      </>
    ) : (
      <div role="status" style={{ textAlign: 'center' }}>
        <Spin /> {plugin.t('Signing in with DingTalk…')}
      </div>
    );
  };
