import { DingtalkOutlined } from '@ant-design/icons';
import { Avatar, Button, Flex, List, Typography } from 'antd';
import { type CSSProperties, type ReactNode, useId } from 'react';
import type { Link } from '../../shared/contract';

interface Props {
  t: (key: string) => string;
  link: Link;
  leaving: boolean;
  onLink(link: Link): void;
  onUnlink(link: Link): void;
}

/** One DingTalk authenticator, the account that is linked, and the button that links or unlinks it. */
export function AccountRow({ t, link, leaving, onLink, onUnlink }: Props) {
  const { title, linked, canUnlink } = link;
  const name = title || t('DingTalk');
  const reason = useId();
  const isLastWayIn = linked && !canUnlink;
  const action = linked ? (
    <Button
      disabled={!canUnlink}
      aria-label={`${t('Unlink')}: ${name}`}
      aria-describedby={isLastWayIn ? reason : undefined}
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
        {isLastWayIn && <div id={reason}>{t('This is your only way to sign in.')}</div>}
      </NamedRow>
    </List.Item>
  );
}

/** Without a referrer: DingTalk's servers would learn the address of this NocoBase. */
function Picture({ address }: { address: string }) {
  return <img src={address} alt="" referrerPolicy="no-referrer" />;
}

interface NamedRowProps {
  name: string;
  /** Its button. On narrow screens it stands below. */
  action: ReactNode;
  style?: CSSProperties;
  children: ReactNode;
}

/** A name, what is known about it, and a button. */
export function NamedRow({ name, action, style, children }: NamedRowProps) {
  return (
    <Flex flex={1} wrap align="center" justify="space-between" gap="small" style={style}>
      <div style={{ flex: '1 1 160px', overflowWrap: 'anywhere' }}>
        <Typography.Text strong>{name}</Typography.Text>
        {children}
      </div>
      {action}
    </Flex>
  );
}
