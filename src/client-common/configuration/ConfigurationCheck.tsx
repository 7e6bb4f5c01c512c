import { Alert, Button, Flex } from 'antd';
import { useEffect, useRef, useState } from 'react';
import type { AuthenticatorOptions, Finding } from '../../shared/contract';
import { redirectUri } from '../addresses';
import { Findings } from '../Findings';
import type { ClientApp, Translate } from '../nocobase';
import { callInSession, sentenceOf } from '../request';

interface Props {
  app: ClientApp;
  options: AuthenticatorOptions;
  /** Name of the authenticator. */
  authenticator?: string;
  t: Translate;
}

/** Lets the server ask DingTalk whether the values of the form work, before they are saved. */
export function ConfigurationCheck({ app, options, authenticator, t }: Props) {
  const [checking, setChecking] = useState(false);
  const [result, setResult] = useState<{ form: string; findings?: Finding[]; failure?: string }>();
  const outcome = useRef<HTMLDivElement>(null);
  const form = JSON.stringify([options, authenticator]);
  const { clientId, clientSecret } = options.dingtalk ?? {};

  // The button is near the lower edge of the page: else the findings would be out of sight.
  useEffect(() => {
    if (result) {
      outcome.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [result]);

  const check = async () => {
    setChecking(true);
    try {
      const request = { options, redirectUri: redirectUri(app), authenticator };
      setResult({ form, findings: await callInSession(app, 'dingtalk:checkConfiguration', request) });
    } catch (error) {
      setResult({ form, failure: sentenceOf(error, { t }, 'CHECK_FAILED') });
    } finally {
      setChecking(false);
    }
  };

  // Findings say nothing about other values, so they disappear when the form changes.
  const current = result?.form === form ? result : undefined;
  return (
    <div style={{ marginBottom: 24 }}>
      <Flex wrap align="center" gap="small">
        <Button loading={checking} disabled={!clientId || !clientSecret} onClick={check}>
          {t('Check configuration')}
        </Button>
        <span>{t('Asks DingTalk about these values. Nothing is saved.')}</span>
      </Flex>
      <div ref={outcome} aria-live="polite" aria-busy={checking}>
        {current?.failure && <Alert type="error" message={current.failure} style={{ marginTop: 12 }} />}
        {current?.findings && <Findings findings={current.findings} t={t} />}
      </div>
    </div>
  );
}
