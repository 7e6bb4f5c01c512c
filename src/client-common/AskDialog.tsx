import { Modal } from 'antd';
import { type ReactNode, useState } from 'react';

interface Props<Asked> {
  t: (key: string) => string;
  /** What is asked about; undefined while the dialog is closed. */
  asked: Asked | undefined;
  title: string;
  /** The button that does it. */
  action: string;
  /** Whether it takes something away. */
  danger?: boolean;
  /** Whether something has to be chosen first. */
  disabled?: boolean;
  onAgree(asked: Asked): Promise<void>;
  onClose(): void;
  /** What will happen. */
  children: ReactNode;
}

/** Asks before something is done. `modal.confirm` of antd does it as well, but screen readers get no name of it. */
export function AskDialog<Asked extends object>(props: Props<Asked>) {
  const { t, asked, title, action, danger, disabled, onAgree, onClose, children } = props;
  const [acting, setActing] = useState(false);
  const agree = async (what: Asked) => {
    setActing(true);
    await onAgree(what);
    setActing(false);
    onClose();
  };
  return (
    <Modal
      destroyOnClose
      closable={false}
      open={!!asked}
      title={title}
      okText={action}
      okButtonProps={{ danger, disabled }}
      cancelText={t('Cancel')}
      confirmLoading={acting}
      onOk={() => asked && agree(asked)}
      onCancel={onClose}
    >
      {children}
    </Modal>
  );
}
