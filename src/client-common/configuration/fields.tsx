import { Alert, App, Button, Input, Space } from 'antd';
import { redirectUri } from '../addresses';
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
export function RedirectUrl({ app, id, t }: RedirectUrlProps) {
  const { message } = App.useApp();
  const value = redirectUri(app);
  const copy = async () => {
    if (await copyText(value)) {
      message.success(t('Copied'));
    } else {
      message.error(t('Could not copy. Please select the text and copy it yourself.'));
    }
  };
  return (
    <Space.Compact block>
      <Input
        id={id}
        // In v1, NocoBase's label does not belong to a field.
        aria-label={t('Redirect URL')}
        readOnly
        value={value}
        onFocus={(event) => event.target.select()}
      />
      <Button onClick={copy}>{t('Copy')}</Button>
    </Space.Compact>
  );
}

async function copyText(text: string): Promise<boolean> {
  // Browsers have it on https and on localhost alone, and this form is needed on plain http as well.
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement('textarea');
  area.value = text;
  // Beside the button: a drawer keeps the focus inside, so a text area elsewhere could not be selected.
  (document.activeElement?.parentElement ?? document.body).append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  return copied;
}
