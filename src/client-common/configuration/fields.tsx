import { Alert } from 'antd';
import { redirectUri } from '../addresses';
import { CopyField } from '../CopyField';
import type { ClientApp } from '../nocobase';

interface Props {
  t: (key: string) => string;
}

/** Warns an administrator whose settings let anyone with a DingTalk account register. */
export function SignUpWarning({ t }: Props) {
  const message = t('Without a Corp ID, anyone with a DingTalk account can register.');
  return <Alert type="warning" showIcon message={message} style={{ marginBottom: 24 }} />;
}

interface RedirectUrlProps extends Props {
  app: ClientApp;
  id?: string;
}

/** The Redirect URL, read-only, with a button that copies it. */
export const RedirectUrl = ({ app, id, t }: RedirectUrlProps) => (
  <CopyField t={t} id={id} label={t('Redirect URL')} value={redirectUri(app)} />
);
