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
        // Nothing but a code: nobody puts words on this page by a link.
        const code = callback.get('error')?.replace(/[^A-Z_]/g, '') || 'STATE_INVALID';
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
