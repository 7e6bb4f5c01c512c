import { DingtalkOutlined } from '@ant-design/icons';
import { Avatar } from 'antd';
import { useState } from 'react';

/**
 * The picture of an account, or DingTalk's mark where there is none, or where it does not load: its address is as old as
 * the link, and browsers would show their own sign of a broken picture. Without a referrer: DingTalk's servers would learn the address of this NocoBase.
 */
export function AccountPicture({ address, size }: { address?: string; size?: number }) {
  const [broken, setBroken] = useState<string>();
  const picture = address && address !== broken && (
    <img src={address} alt="" referrerPolicy="no-referrer" onError={() => setBroken(address)} />
  );
  return <Avatar icon={<DingtalkOutlined aria-hidden />} src={picture} size={size} style={{ flexShrink: 0 }} />;
}
