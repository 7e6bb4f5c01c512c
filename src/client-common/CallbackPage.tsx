import { Alert, Button, Spin } from 'antd';
import { useEffect, useState } from 'react';
import type { ClientPlugin } from './nocobase';
import { finishSignIn, sentenceOf, signInPage, takeCallback } from './sign-in';

/** The page that finishes a sign-in, or says why it cannot be. */
export const callbackPage = (plugin: ClientPlugin) =>
  function CallbackPage() {
    const [callback] = useState(takeCallback);
    const [failure, setFailure] = useState('');

    useEffect(() => {
      if (callback.has('code')) {
        finishSignIn(plugin, callback).catch((error) => setFailure(sentenceOf(error, plugin)));
      } else {
        // Only a code that has a sentence: nobody puts words on this page by a link.
        const given = callback.get('error') || 'STATE_INVALID';
        const code = /^[A-Z_]+$/.test(given) && plugin.t(given) !== given ? given : 'SIGN_IN_FAILED';
        setFailure(`${plugin.t(code)} (${code})`);
      }
    }, [callback]);

    return failure ? (
      <>
        <Alert type="error" role="alert" message={failure} style={{ marginBottom: 16 }} />
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
