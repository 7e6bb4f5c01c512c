import { Modal } from 'antd';
import { useState } from 'react';

interface Props<Asked> {
  t: (key: string) => string;
  /** Whom or what it is about, while it is shown. */
  asked: Asked | undefined;
  title: string;
  onUnlink(asked: Asked): Promise<void>;
  onClose(): void;
}

/** Asks first. Unlike `modal.confirm`, it has a name that screen readers say. */
export function UnlinkDialog<Asked extends object>({ t, asked, title, onUnlink, onClose }: Props<Asked>) {
  const [unlinking, setUnlinking] = useState(false);
  const unlink = async (what: Asked) => {
    setUnlinking(true);
    await onUnlink(what);
    setUnlinking(false);
    onClose();
  };
  return (
    <Modal
      destroyOnClose
      closable={false}
      open={!!asked}
      title={title}
      okText={t('Unlink')}
      okButtonProps={{ danger: true }}
      cancelText={t('Cancel')}
      confirmLoading={unlinking}
      onOk={() => asked && unlink(asked)}
      onCancel={onClose}
    >
      {t('The next sign-in with DingTalk then looks for the phone number again.')}
    </Modal>
  );
}
