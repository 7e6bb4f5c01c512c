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
      <AccountPicture address={linked?.avatar} />
      <NamedRow name={name} action={action} style={{ marginInlineStart: 16 }}>
        <div>{linked ? <bdi>{linked.nickname || t('Linked')}</bdi> : t('Not linked')}</div>
        {isLastWayIn && <div id={reason}>{t('This is your only way to sign in.')}</div>}
      </NamedRow>
    </List.Item>
  );
}

/** Without a referrer: DingTalk's servers would learn the address of this NocoBase. */
export function AccountPicture({ address, size }: { address?: string; size?: number }) {
  const picture = address && <img src={address} alt="" referrerPolicy="no-referrer" />;
  return <Avatar icon={<DingtalkOutlined aria-hidden />} src={picture} size={size} style={{ flexShrink: 0 }} />;
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
        <Typography.Text strong>
          <bdi>{name}</bdi>
        </Typography.Text>
        {children}
      </div>
      {action}
    </Flex>
  );
}
