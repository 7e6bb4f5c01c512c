import { Flex, Spin, theme } from 'antd';
import { useEffect, useState } from 'react';
import { FailureNote } from '../../FailureNote';
import type { Authenticator, ClientPlugin } from '../../nocobase';
import { beginSignIn } from '../sign-in';
import { SignInAnotherWay } from '../SignInAnotherWay';
import { signInButton } from '../SignInButton';
import { failureInside } from './jsapi-error';
import { signInInsideAndOpenPage } from './sign-in-inside';
import { arrive } from './visit';

/**
 * The button under the sign-in form, on a page inside the DingTalk client. NocoBase waits for it before it shows
 * anything, so a session of another user is found before any of their data is.
 */
export default async function insideDingTalk(plugin: ClientPlugin) {
  const visit = await arrive(plugin);
  const SignInButton = signInButton(plugin);

  return function SignInButtonInside({ authenticator }: { authenticator: Authenticator }) {
    const [acting, setActing] = useState(false);
    const [failure, setFailure] = useState(() => visit.failureOf(authenticator));

    useEffect(() => {
      // Back from DingTalk's approval, the client shows this page as it was left, and the curtain would cover it.
      const stay = () => setActing(false);
      addEventListener('pageshow', stay);
      return () => removeEventListener('pageshow', stay);
    }, []);

    useEffect(() => {
      if (!visit.claimAutoSignIn(authenticator)) {
        return;
      }
      setActing(true);
      const { name, options } = authenticator;
      // Without a Corp ID the client gives no code without asking the user, so DingTalk's own page asks.
      (options.corpId ? signInInsideAndOpenPage(plugin, authenticator) : beginSignIn(plugin, name)).catch((error) => {
        setActing(false);
        setFailure(failureInside(error, plugin));
      });
    }, [authenticator]);

    return (
      <>
        {acting && <Curtain text={plugin.t('Signing in with DingTalk…')} />}
        <SignInButton authenticator={authenticator} />
        {failure && <FailureNote plugin={plugin} failure={failure} />}
        {failure?.code === 'LINK_FIRST' && <SignInAnotherWay plugin={plugin} />}
      </>
    );
  };
}

/** Covers the sign-in form: else users would begin to type a password that is not needed. */
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
