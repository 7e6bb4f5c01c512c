import { CheckCircleFilled, CloseCircleFilled, ExclamationCircleFilled, InfoCircleFilled } from '@ant-design/icons';
import { Alert, Button, Flex, theme } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { CHECK_ACTION } from '../../shared/constants';
import type { AuthenticatorOptions, Finding } from '../../shared/contract';
import type { ClientApp } from '../nocobase';
import { redirectUri } from './redirect-uri';
import { sentenceOf } from '../sign-in/sign-in';

interface Props {
  app: ClientApp;
  options: AuthenticatorOptions;
  t: (key: string) => string;
}

/** Has the server ask DingTalk whether what stands in the form works, before it is saved. */
export function ConfigurationCheck({ app, options, t }: Props) {
  const [checking, setChecking] = useState(false);
  const [result, setResult] = useState<{ form: string; findings?: Finding[]; failure?: string }>();
  const outcome = useRef<HTMLDivElement>(null);
  const form = JSON.stringify(options);
  const { clientId, clientSecret } = options.dingtalk ?? {};

  // The button is the last thing on the page: what was found is below its edge.
  useEffect(() => {
    if (result) {
      outcome.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [result]);

  const check = async () => {
    setChecking(true);
    try {
      const data = { options, redirectUri: redirectUri(app) };
      const response = await app.apiClient.request<Finding[]>({
        url: CHECK_ACTION,
        method: 'post',
        data,
        skipNotify: true,
      });
      setResult({ form, findings: response.data.data });
    } catch (error) {
      setResult({ form, failure: sentenceOf(error, { app, t: () => t('CHECK_FAILED') }) });
    } finally {
      setChecking(false);
    }
  };

  // What was found says nothing of other values.
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

/** The colour of NocoBase's links is too pale to read on white. */
const LINK = { color: 'inherit', textDecoration: 'underline' };

function Findings({ findings, t }: { findings: Finding[]; t: Props['t'] }) {
  const { token } = theme.useToken();
  const signs = {
    ok: <CheckCircleFilled aria-label={t('In order')} style={{ color: token.colorSuccess }} />,
    info: <InfoCircleFilled aria-label={t('Note')} style={{ color: token.colorInfo }} />,
    warning: <ExclamationCircleFilled aria-label={t('Warning')} style={{ color: token.colorWarning }} />,
    error: <CloseCircleFilled aria-label={t('Error')} style={{ color: token.colorError }} />,
  };
  return (
    <ul aria-label={t('What the check found')} style={{ listStyle: 'none', margin: '12px 0 0', padding: 0 }}>
      {findings.map(({ outcome, message, page }) => (
        <li key={message} style={{ display: 'flex', alignItems: 'baseline', gap: 8, marginTop: 8 }}>
          <span>{signs[outcome]}</span>
          <span style={{ overflowWrap: 'anywhere' }}>
            {message}{' '}
            {page && (
              <a href={page} target="_blank" rel="noopener noreferrer" style={LINK}>
                {t('DingTalk developer console')}
              </a>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
