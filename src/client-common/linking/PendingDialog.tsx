import { Button, Flex, Modal, Typography } from 'antd';
import { useState } from 'react';
import type { PendingLink } from '../../shared/contract';
import { AccountPicture } from './AccountPicture';

interface Props {
  t: (key: string) => string;
  /** The account that waits; undefined while there is none. */
  pending: PendingLink | undefined;
  onLink(pending: PendingLink): Promise<void>;
  onDecline(pending: PendingLink): Promise<void>;
  /** The question is left open: nothing is linked, and the page asks again when it is opened again. */
  onClose(): void;
}

/**
 * Names the DingTalk account that waits in this browser, and asks whether it is the user's own. Nothing is linked without
 * this question: another user of this computer, or an attacker, may have left the account here.
 */
export function PendingDialog({ t, pending, onLink, onDecline, onClose }: Props) {
  const [decided, setDecided] = useState<'link' | 'decline'>();
  const decide = async (decision: 'link' | 'decline') => {
    if (pending) {
      setDecided(decision);
      await (decision === 'link' ? onLink : onDecline)(pending);
      setDecided(undefined);
    }
  };
  return (
    <Modal
      destroyOnClose
      closable={false}
      // A click beside the dialog is no answer.
      maskClosable={false}
      open={!!pending}
      title={t('Link this DingTalk account with your user?')}
      onCancel={onClose}
      footer={[
        <Button key="decline" loading={decided === 'decline'} disabled={!!decided} onClick={() => decide('decline')}>
          {t('Not my account')}
        </Button>,
        <Button
          key="link"
          type="primary"
          loading={decided === 'link'}
          disabled={!!decided}
          onClick={() => decide('link')}
        >
          {t('Link')}
        </Button>,
      ]}
    >
      {pending && <Account t={t} pending={pending} />}
      <Typography.Paragraph style={{ marginBottom: 0 }}>
        {t('Link it only if it is yours: whoever uses this DingTalk account can then sign in as you.')}
      </Typography.Paragraph>
    </Modal>
  );
}

function Account({ t, pending: { title, account } }: { t: Props['t']; pending: PendingLink }) {
  const { nickname, avatar, corpId } = account;
  return (
    <Flex align="center" gap="middle" style={{ marginBottom: 16 }}>
      <AccountPicture address={avatar} size={48} />
      <div style={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>
        <Typography.Text strong>
          <bdi>{nickname || t('DingTalk account')}</bdi>
        </Typography.Text>
        {corpId && (
          <div>
            {t('Organization')}: {corpId}
          </div>
        )}
        <div>{title || t('DingTalk')}</div>
      </div>
    </Flex>
  );
}
