import { DingtalkOutlined } from '@ant-design/icons';
import { Alert, Button } from 'antd';
import { useEffect, useState } from 'react';
import type { Authenticator, ClientPlugin } from './nocobase';
import { beginSignIn, sentenceOf } from './sign-in';

/** The button under the sign-in form. */
export const signInButton = (plugin: ClientPlugin) =>
  function SignInButton({ authenticator }: { authenticator: Authenticator }) {
    const [leaving, setLeaving] = useState(false);
    const [failure, setFailure] = useState('');

    useEffect(() => {
      // Whoever comes back from DingTalk may get this page as it was left.
      const stay = () => setLeaving(false);
      window.addEventListener('pageshow', stay);
      return () => window.removeEventListener('pageshow', stay);
    }, []);

    const leave = () => {
      setLeaving(true);
      beginSignIn(plugin, authenticator.name).catch((error) => {
        setLeaving(false);
        setFailure(sentenceOf(error, plugin));
      });
    };

    return (
      <>
        <Button block icon={<DingtalkOutlined />} loading={leaving} onClick={leave}>
          {plugin.t(authenticator.title || 'Sign in via DingTalk')}
        </Button>
        {failure && <Alert type="error" role="alert" message={failure} style={{ marginTop: 8 }} />}
      </>
    );
  };
