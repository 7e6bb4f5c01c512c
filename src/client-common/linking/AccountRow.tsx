import { DingtalkOutlined } from '@ant-design/icons';
import { Avatar, Button, List } from 'antd';
import { useId } from 'react';
import type { Link } from '../../shared/contract';
import { NamedRow } from './NamedRow';

interface Props {
  t: (key: string) => string;
  link: Link;
  leaving: boolean;
  onLink(link: Link): void;
  onUnlink(link: Link): void;
}

/** One DingTalk authenticator, the account that is linked, and what can be done about it. */
export function AccountRow({ t, link, leaving, onLink, onUnlink }: Props) {
  const { title, linked, canUnlink } = link;
  const name = title || t('DingTalk');
  const reason = useId();
  const stuck = linked && !canUnlink;
  const action = linked ? (
    <Button
      disabled={!canUnlink}
      aria-label={`${t('Unlink')}: ${name}`}
      aria-describedby={stuck ? reason : undefined}
      onClick={() => onUnlink(link)}
    >
      {t('Unlink')}
    </Button>
  ) : (
    <Button loading={leaving} aria-label={`${t('Link')}: ${name}`} onClick={() => onLink(link)}>
      {t('Link')}
    </Button>
  );
  return (
    <List.Item>
      <Avatar icon={<DingtalkOutlined aria-hidden />} src={linked?.avatar && <Picture address={linked.avatar} />} />
      <NamedRow name={name} action={action} style={{ marginInlineStart: 16 }}>
        <div>{linked ? linked.nickname || t('Linked') : t('Not linked')}</div>
        {stuck && <div id={reason}>{t('This is your only way to sign in.')}</div>}
      </NamedRow>
    </List.Item>
  );
}

/** DingTalk's servers learn nothing of the page that shows the picture. */
function Picture({ address }: { address: string }) {
  return <img src={address} alt="" referrerPolicy="no-referrer" />;
}
