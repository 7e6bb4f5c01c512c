import { Modal } from 'antd';
import { useState } from 'react';

interface Props<Asked> {
  t: (key: string) => string;
  /** What is to be unlinked; undefined while the dialog is closed. */
  asked: Asked | undefined;
  title: string;
  onUnlink(asked: Asked): Promise<void>;
  onClose(): void;
}

/** Asks before something is unlinked. `modal.confirm` of antd does it as well, but screen readers get no name of it. */
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
