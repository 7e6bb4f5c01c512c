import { DingtalkOutlined } from '@ant-design/icons';
import { Avatar } from 'antd';

/** Without a referrer: DingTalk's servers would learn the address of this NocoBase. */
export function AccountPicture({ address, size }: { address?: string; size?: number }) {
  const picture = address && <img src={address} alt="" referrerPolicy="no-referrer" />;
  return <Avatar icon={<DingtalkOutlined aria-hidden />} src={picture} size={size} style={{ flexShrink: 0 }} />;
}
