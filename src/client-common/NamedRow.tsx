import { Flex, Typography } from 'antd';
import type { CSSProperties, ReactNode } from 'react';

interface Props {
  name: string;
  /** Its button. On narrow screens it stands below. */
  action?: ReactNode;
  style?: CSSProperties;
  children: ReactNode;
}

/** A name, what is known about it, and a button. */
export function NamedRow({ name, action, style, children }: Props) {
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

/** A user by the names that NocoBase knows; the ID where it knows none. */
export const nameOf = ({
  id,
  nickname,
  username,
}: {
  id: number | string;
  nickname: string | null;
  username: string | null;
}) => [nickname, username && `(${username})`].filter(Boolean).join(' ') || String(id);
