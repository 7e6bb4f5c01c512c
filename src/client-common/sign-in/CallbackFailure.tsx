import { Button, Flex } from 'antd';
import { useEffect, useState } from 'react';
import type { Callback } from '../callback';
import { type Failure, failureOf, failureOfCallback } from '../failure';
import { FailureNote } from '../FailureNote';
import type { ClientApp, ClientPlugin } from '../nocobase';
import { callAction, refusalOf } from '../request';
import { stayHere } from './first/stay';
import { pageWanted } from './page-wanted';
import { goesOnWithPreviousVersion } from './previous-version';
import { signInPage } from './sign-in';
import { SignInAnotherWay } from './SignInAnotherWay';

/**
 * Why a sign-in was not begun, or not finished. A bundle of its own, as most sign-ins succeed.
 *
 * @param where the callback, on whose page the ways on are shown as well; or the authenticator whose button was pressed
 */
export default (plugin: ClientPlugin) => async (error: unknown, where: Callback | string) => {
  try {
    if (await goesOnWithPreviousVersion(plugin, error, where)) {
      // The button stays busy, and the page goes on to say that it waits.
      return typeof where === 'string';
    }
  } catch (ofPrevious) {
    error = ofPrevious;
  }
  // The phone may have come back in another tab than the one that left.
  stayHere();
  const note = (failure: Failure) => <FailureNote plugin={plugin} failure={failure} />;
  return typeof where === 'object' ? (
    <>
      {note(failureOfCallback(plugin, where, error))}
      {/* Only the server says so: the fragment of a link may name any code. */}
      {error && refusalOf(error)?.code === 'LINK_FIRST' ? (
        <SignInAnotherWay plugin={plugin} />
      ) : (
        <WaysOn plugin={plugin} />
      )}
    </>
  ) : (
    note(failureOf(error, plugin))
  );
};

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
