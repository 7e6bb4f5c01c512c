import { Alert } from 'antd';

/** For an administrator who lets everybody with a DingTalk account register. */
export function SignUpWarning({ t }: { t: (key: string) => string }) {
  const message = t('Without a Corp ID, anyone with a DingTalk account can register.');
  return <Alert type="warning" showIcon message={message} style={{ marginBottom: 24 }} />;
}
