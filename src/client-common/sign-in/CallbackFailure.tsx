import { Button, Flex } from 'antd';
import { useEffect, useState } from 'react';
import { readCallback, sentenceOfCallback } from '../callback';
import { failureAlert } from '../feedback';
import type { ClientApp, ClientPlugin } from '../nocobase';
import { callAction, refusalOf } from '../request';
import { pageWanted } from './page-wanted';
import { signInPage } from './sign-in';
import { SignInAnotherWay } from './SignInAnotherWay';

/** Why a sign-in was not finished, and the ways on. A bundle of its own, as most sign-ins succeed. */
export default (plugin: ClientPlugin) => (error: unknown) => (
  <>
    {failureAlert(sentenceOfCallback(plugin, readCallback(), error))}
    {/* Only the server says so: the fragment of a link may name any code. */}
    {error && refusalOf(error)?.code === 'LINK_FIRST' ? (
      <SignInAnotherWay plugin={plugin} />
    ) : (
      <WaysOn plugin={plugin} />
    )}
  </>
);

/** The way back and, for a browser that has a session, the way on: the callback changed nothing of that session. */
function WaysOn({ plugin }: { plugin: ClientPlugin }) {
  const [isSignedIn, setSignedIn] = useState(false);

  useEffect(() => {
    hasSession(plugin.app).then(setSignedIn);
  }, [plugin]);

  return (
    <Flex vertical gap="small">
      {isSignedIn && (
        <Button block type="primary" href={pageWanted(plugin)}>
          {plugin.t('Continue')}
        </Button>
      )}
      <Button block href={signInPage(plugin)}>
        {plugin.t('Back to sign-in')}
      </Button>
    </Flex>
  );
}

/** Whether a user is signed in here. Asked of the server: a token that was ended is still in the browser. */
async function hasSession(app: ClientApp): Promise<boolean> {
  const user = app.apiClient.auth.token && (await callAction(app, 'auth:check').catch(() => undefined));
  return Boolean(user && user.id);
}
