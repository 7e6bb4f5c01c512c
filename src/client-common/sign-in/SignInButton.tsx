import { DingtalkOutlined } from '@ant-design/icons';
import { Button, Typography } from 'antd';
import { useState } from 'react';
import { failureAlert } from './failure-alert';
import type { Authenticator, ClientPlugin } from '../nocobase';
import { beginSignIn, sentenceOf } from './sign-in';

/** The button under the sign-in form. */
export const signInButton = (plugin: ClientPlugin) =>
  function SignInButton({ authenticator }: { authenticator: Authenticator }) {
    /** `true` while the browser leaves for DingTalk; else why it could not, if it was tried. */
    const [attempt, setAttempt] = useState<boolean | string>();
    const title = authenticator.title || plugin.t('Sign in via DingTalk');

    const leave = () => {
      setAttempt(true);
      // Whoever comes back from DingTalk may get this page as it was left.
      addEventListener('pageshow', () => setAttempt(false));
      beginSignIn(plugin, authenticator.name).catch((error) => setAttempt(sentenceOf(error, plugin)));
    };

    return (
      <>
        <Button
          block
          icon={<DingtalkOutlined style={{ color: '#08f' }} />}
          loading={attempt === true}
          // The icons have names of their own.
          aria-label={title}
          onClick={leave}
        >
          <Typography.Text ellipsis>{title}</Typography.Text>
        </Button>
        {attempt === true || failureAlert(attempt)}
      </>
    );
  };
