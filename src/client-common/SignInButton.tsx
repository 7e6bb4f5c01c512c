import { DingtalkOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { failureAlert } from './failure-alert';
import type { Authenticator, ClientPlugin } from './nocobase';
import { beginSignIn, sentenceOf } from './sign-in';

/** The button under the sign-in form. */
export const signInButton = (plugin: ClientPlugin) =>
  function SignInButton({ authenticator }: { authenticator: Authenticator }) {
    const [leaving, setLeaving] = useState(false);
    const [failure, setFailure] = useState('');

    const leave = () => {
      setLeaving(true);
      // Whoever comes back from DingTalk may get this page as it was left.
      window.addEventListener('pageshow', () => setLeaving(false), { once: true });
      beginSignIn(plugin, authenticator.name).catch((error) => {
        setLeaving(false);
        setFailure(sentenceOf(error, plugin));
      });
    };

    return (
      <>
        <Button block icon={<DingtalkOutlined />} loading={leaving} onClick={leave}>
          {authenticator.title || plugin.t('Sign in via DingTalk')}
        </Button>
        {failureAlert(failure)}
      </>
    );
  };
