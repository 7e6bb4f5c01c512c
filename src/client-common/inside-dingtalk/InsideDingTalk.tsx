import { Flex, Spin, theme } from 'antd';
import { useEffect, useState } from 'react';
import { failureAlert } from '../sign-in/failure-alert';
import type { Authenticator, ClientPlugin } from '../nocobase';
import { beginSignIn } from '../sign-in/sign-in';
import { signInButton } from '../sign-in/SignInButton';
import { sentenceInside, signInInside } from './sign-in-inside';
import { arrive } from './visit';

/** The button under the sign-in form, on a page inside the DingTalk client. Runs before NocoBase shows anything. */
export default async function insideDingTalk(plugin: ClientPlugin) {
  const visit = await arrive(plugin);
  const SignInButton = signInButton(plugin);

  return function SignInButtonInside({ authenticator }: { authenticator: Authenticator }) {
    const [acting, setActing] = useState(false);
    const [failure, setFailure] = useState(() => visit.failureOf(authenticator));

    useEffect(() => {
      if (!visit.signsInWith(authenticator)) {
        return;
      }
      setActing(true);
      // Whoever comes back from DingTalk's approval gets this page as it was left.
      window.addEventListener('pageshow', () => setActing(false), { once: true });
      const { name, options } = authenticator;
      (options.corpId ? signInInside(plugin, authenticator) : beginSignIn(plugin, name)).catch((error) => {
        setActing(false);
        setFailure(sentenceInside(error, plugin));
      });
    }, [authenticator]);

    return (
      <>
        {acting && <Curtain text={plugin.t('Signing in with DingTalk…')} />}
        <SignInButton authenticator={authenticator} />
        {failureAlert(failure)}
      </>
    );
  };
}

/** Nobody is to begin typing a password meanwhile. */
function Curtain({ text }: { text: string }) {
  const { token } = theme.useToken();
  return (
    <Flex
      role="status"
      align="center"
      justify="center"
      gap="small"
      style={{ position: 'fixed', inset: 0, zIndex: 3000, background: token.colorBgContainer, color: token.colorText }}
    >
      <Spin /> {text}
    </Flex>
  );
}
