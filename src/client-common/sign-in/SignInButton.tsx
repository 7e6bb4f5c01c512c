import { DingtalkOutlined } from '@ant-design/icons';
import { Button, Typography } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { loadBundle } from '../bundles';
import type { Authenticator, ClientPlugin } from '../nocobase';
import { beginSignIn } from './sign-in';
import { tellFailure } from './tell-failure';

/** The button under the sign-in form. */
export const signInButton = (plugin: ClientPlugin) =>
  function SignInButton({ authenticator }: { authenticator: Authenticator }) {
    /** `true` while the browser leaves for DingTalk; what tells a failure if it could not leave. */
    const [attempt, setAttempt] = useState<ReactNode>();
    const [below, setBelow] = useState<ReactNode>();
    const title = authenticator.title || plugin.t('Sign in via DingTalk');

    useEffect(() => {
      // Back from DingTalk, browsers show this page as it was left, and the button would stay busy for ever.
      const stay = () => setAttempt(false);
      addEventListener('pageshow', stay);
      if (authenticator.options.first) {
        loadBundle<typeof import('./first/DingTalkFirst')>(plugin, 'DingTalkFirst').then(
          (first) => setBelow(first(authenticator)),
          // Without it the page is NocoBase's own, by which users can sign in as well.
          stay,
        );
      }
      return () => removeEventListener('pageshow', stay);
      // eslint-disable-next-line react-hooks/exhaustive-deps -- once: NocoBase shows a button for one authenticator
    }, []);

    const leave = () => {
      setAttempt(true);
      beginSignIn(plugin, authenticator.name).catch((error) =>
        tellFailure(plugin, error, authenticator.name).then(setAttempt),
      );
    };

    return (
      <>
        <Button
          block
          icon={<DingtalkOutlined style={{ color: '#08f' }} />}
          loading={attempt === true}
          // Without it the names of both icons are part of the button's name.
          aria-label={title}
          onClick={leave}
        >
          <Typography.Text ellipsis>{title}</Typography.Text>
        </Button>
        {attempt}
        {below}
      </>
    );
  };

/** The button for this browser: inside the DingTalk client, one that may sign in without a click. */
export const signInButtonForHere = async (plugin: ClientPlugin) => {
  const button = signInButton(plugin);
  return /DingTalk/i.test(navigator.userAgent)
    ? loadBundle<typeof import('./inside/InsideDingTalk')>(plugin, 'InsideDingTalk')
        // Users can still click.
        .catch(() => button)
    : button;
};
