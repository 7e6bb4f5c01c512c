import { DingtalkOutlined } from '@ant-design/icons';
import { Avatar, Flex, Typography } from 'antd';
import type { CSSProperties, ReactNode } from 'react';

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
