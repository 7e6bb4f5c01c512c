import { Alert, theme } from 'antd';
import { type ReactNode, useEffect, useId, useState } from 'react';
import { isSendable } from '../../shared/auth-uid';
import { CONSOLE } from '../../shared/codes';
import { basePath } from '../addresses';
import { Means } from '../field';
import { LINK } from '../Findings';
import type { ClientApp, Translate } from '../nocobase';
import { listRecords } from '../nocobase-records';

/** The list of the organization's apps. The page of one app has an address that only DingTalk knows. */
const APPS = `${CONSOLE}fe/app#/corp/app`;

/** What of the form stands in DingTalk's console, where menus are Chinese in every language of NocoBase. */
type Found = 'redirectUrl' | 'clientId' | 'clientSecret' | 'corpId' | 'agentId';

/** Where in DingTalk's console a value is found, or entered. */
export function FoundAt({ t, value }: { t: Translate; value: Found }) {
  const ofApp = t('Open the app, then 凭证与基础信息.');
  const places: Record<Found, [string, string]> = {
    redirectUrl: [t('Register this address with your DingTalk app, under 安全设置 › 重定向URL.'), APPS],
    clientId: [ofApp, APPS],
    clientSecret: [ofApp, APPS],
    corpId: [t('The CorpId, at the top right of the 首页.'), CONSOLE],
    agentId: [
      t('Needed for messages. The developer console shows it as AgentId beside the Client ID, under 凭证与基础信息.'),
      APPS,
    ],
  };
  const [sentence, page] = places[value];
  return (
    <Means>
      {sentence} <Outside href={page}>{t('DingTalk developer console')}</Outside>
    </Means>
  );
}

/** A page in a tab of its own: the form is not saved yet. */
const Outside = ({ href, children }: { href: string; children: ReactNode }) => (
  <a href={href} target="_blank" rel="noopener noreferrer" style={LINK}>
    {children}
  </a>
);

interface SecretProps {
  app: ClientApp;
  t: Translate;
  /** What is in the field. */
  value?: string | null;
}

/** How to make a variable for the secret, where none is chosen and NocoBase has none that is encrypted. */
export function SecretVariable({ app, t, value }: SecretProps) {
  const [hasNone, setHasNone] = useState(false);
  useEffect(() => {
    listRecords(app, 'environmentVariables:list').then(
      (variables) => setHasNone(!variables.some(({ type }) => type === 'secret')),
      // Where the plugin for variables is off, there is no such page either.
      () => setHasNone(false),
    );
  }, [app]);
  return hasNone && !value?.includes('{{') ? (
    <Means>
      {t(
        'NocoBase logs a secret that is entered here. To avoid that, create a variable of the type Encrypted first, and choose it here:',
      )}{' '}
      <Outside href={`${basePath(app)}/admin/settings/environment`}>{t('Variables and secrets')}</Outside>
    </Means>
  ) : null;
}

interface State {
  t: Translate;
  /** Auth UID. */
  name?: string;
  enabled?: boolean;
}

/** What keeps everybody from signing in with this authenticator, of the fields that are NocoBase's own. */
export function AuthenticatorState({ t, name, enabled }: State) {
  const notes = [
    ...(name && !isSendable(name) ? [['error', t('AUTH_UID_INVALID')] as const] : []),
    ...(enabled ? [] : [['info', t('This authenticator is not enabled: nobody can sign in with it.')] as const]),
  ];
  return notes.map(([type, sentence]) => (
    <Alert key={type} showIcon type={type} role="status" message={sentence} style={{ marginBottom: 24 }} />
  ));
}

/** A part of the form, with its name. */
export function Section({ title, children }: { title: string; children?: ReactNode }) {
  const { token } = theme.useToken();
  const heading = useId();
  return (
    <section aria-labelledby={heading}>
      <h3 id={heading} style={{ fontSize: token.fontSizeLG, margin: '24px 0 12px' }}>
        {title}
      </h3>
      {children}
    </section>
  );
}
