import { Alert, Button, Flex } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { LINK_PATH } from '../../shared/constants';
import type { AuthenticatorOptions } from '../../shared/contract';
import { callbackUri, redirectUri } from '../addresses';
import { LINK } from '../Findings';
import type { ClientApp } from '../nocobase';
import { callInSession, sentenceOf } from '../request';

interface Props {
  app: ClientApp;
  /** Name of the authenticator, saved or not. */
  authenticator?: string;
  options: AuthenticatorOptions;
  t: (key: string) => string;
}

interface Attempt {
  /** What was tested. */
  form: string;
  failure?: string;
  /** Where DingTalk asks, if the browser opened no tab for it. */
  url?: string;
}

/**
 * Goes to DingTalk and back with the values of the form, before they are saved. In a tab of its own, as the form would be
 * lost with this page; the result is shown there, see `SignInTestResult`.
 */
export function SignInTest({ app, authenticator, options, t }: Props) {
  const [beginning, setBeginning] = useState(false);
  const [attempt, setAttempt] = useState<Attempt>();
  const outcome = useRef<HTMLDivElement>(null);
  const form = JSON.stringify(options);
  const { clientId, clientSecret } = options.dingtalk ?? {};

  useEffect(() => {
    if (attempt) {
      outcome.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [attempt]);

  const test = async () => {
    setBeginning(true);
    // Before anything is waited for: browsers open a tab only while they handle a click.
    const tab = open('', '_blank');
    try {
      const { url } = await callInSession(app, 'dingtalk:testSignIn', {
        authenticator: authenticator ?? '',
        options,
        callback: callbackUri(app, LINK_PATH),
        redirectUri: redirectUri(app),
      });
      if (tab) {
        // DingTalk's page could lead this one elsewhere.
        tab.opener = null;
        tab.location.replace(url);
      }
      setAttempt({ form, ...(!tab && { url }) });
    } catch (error) {
      tab?.close();
      setAttempt({ form, failure: sentenceOf(error, { t }, 'CHECK_FAILED') });
    } finally {
      setBeginning(false);
    }
  };

  const current = attempt?.form === form ? attempt : undefined;
  return (
    <div style={{ marginBottom: 24 }}>
      <Flex wrap align="center" gap="small">
        <Button loading={beginning} disabled={!clientId || !clientSecret} onClick={test}>
          {t('Test sign-in')}
        </Button>
        <span>
          {t(
            'Signs you in to DingTalk with these values, to see what would happen. Nobody is signed in to NocoBase, and nothing is saved.',
          )}
        </span>
      </Flex>
      <div ref={outcome} aria-live="polite" aria-busy={beginning}>
        {current && (
          <Alert style={{ marginTop: 12 }} {...(current.failure ? failed(current.failure) : waiting(current))} />
        )}
      </div>
    </div>
  );

  function failed(failure: string) {
    return { type: 'error', message: failure } as const;
  }

  /** What to look for: the browser never comes back from an error page of DingTalk. */
  function waiting({ url }: Attempt) {
    const message = url ? (
      <>
        {t('Your browser did not open a new tab.')}{' '}
        <a href={url} target="_blank" rel="noopener noreferrer" style={LINK}>
          {t('Open DingTalk')}
        </a>
      </>
    ) : (
      t('DingTalk is open in another tab. Approve there: the result appears in that tab.')
    );
    const description = t(
      'If that tab shows an error page of DingTalk, such as one about redirect_uri, the Redirect URL is not registered exactly as shown above, or the Client ID is wrong.',
    );
    return { type: 'info', message, description } as const;
  }
}
