import { Alert, Button, Modal } from 'antd';
import { useId, useState } from 'react';
import type { CallbackKeys, EventCallback as Callback } from '../../shared/events';
import { AskDialog } from '../AskDialog';
import { CopyField } from '../CopyField';
import type { ClientPlugin, Translate } from '../nocobase';
import { callAction } from '../request';
import { useAttempt } from './use-attempt';
import { exactTimeOf } from './words';

/** A clock that is this wrong is worth a word: from an hour on, callbacks are refused. */
const SKEW_MS = 60_000;

interface Props {
  plugin: ClientPlugin;
  source: number | string;
  callback: Callback;
  /** Reads the state again. */
  onDone(): Promise<void>;
}

/** The address that DingTalk calls, and the keys by which both know each other. */
export function EventCallback({ plugin, source, callback, onDone }: Props) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const { url, isMade, madeAt, checkedAt, skewMs = 0 } = callback;
  const [making, setMaking] = useState(false);
  const [asked, setAsked] = useState<object>();
  const [keys, setKeys] = useState<CallbackKeys>();
  const { failure, attempt } = useAttempt(plugin);

  const make = async () => {
    setMaking(true);
    await attempt(async () => {
      setKeys(await callAction(plugin.app, 'dingtalk:renewCallback', { source }));
      await onDone();
    });
    setMaking(false);
  };
  return (
    <>
      <Labeled t={t} label={t('Request URL (请求网址)')} value={url} />
      <div style={{ marginBottom: 8 }} aria-live="polite">
        <div>
          {isMade
            ? [t('Token and AES key were made:'), madeAt !== undefined && exactTimeOf(madeAt)].filter(Boolean).join(' ')
            : t('There are no token and AES key yet: every callback is refused.')}
        </div>
        {isMade && (
          <div>
            {checkedAt === undefined
              ? t('DingTalk has not checked the address yet. It does when you press 保存 in its console.')
              : `${t('DingTalk checked the address:')} ${exactTimeOf(checkedAt)}`}
          </div>
        )}
      </div>
      <Button
        loading={making}
        onClick={() => (isMade ? setAsked({}) : void make())}
        // NocoBase's drawer of v1 is half as wide as a phone.
        style={{ height: 'auto', whiteSpace: 'normal' }}
      >
        {t('Make token and AES key')}
      </Button>
      {failure}
      {Math.abs(skewMs) > SKEW_MS && (
        <Alert
          showIcon
          type="warning"
          style={{ marginTop: 8 }}
          message={t(
            'The clock of this server is {{seconds}} seconds off DingTalk’s. Set it right: from an hour on, callbacks are refused.',
            { seconds: Math.round(Math.abs(skewMs) / 1000) },
          )}
        />
      )}
      <AskDialog
        danger
        t={t}
        asked={asked}
        title={t('Make a new token and AES key?')}
        action={t('Make token and AES key')}
        onAgree={make}
        onClose={() => setAsked(undefined)}
      >
        {t('The old ones stop working at once: DingTalk’s callbacks are refused until its console has the new ones.')}
      </AskDialog>
      <KeysDialog t={t} keys={asked ? undefined : keys} onClose={() => setKeys(undefined)} />
    </>
  );
}

/** Shows the keys, which nobody can read again. Without `onCancel`, no Escape and no click beside it loses them. */
function KeysDialog({ t, keys, onClose }: { t: Translate; keys?: CallbackKeys; onClose(): void }) {
  const values: [string, string | undefined][] = [
    [t('Encryption key (加密 aes_key)'), keys?.aesKey],
    [t('Signature token (签名 token)'), keys?.token],
    [t('Request URL (请求网址)'), keys?.url],
  ];
  return (
    <Modal
      destroyOnClose
      closable={false}
      open={!!keys}
      title={t('Token and AES key')}
      footer={<Button onClick={onClose}>{t('Close')}</Button>}
    >
      <p style={{ marginTop: 0 }}>
        <strong>{t('They are shown this once.')}</strong>{' '}
        {t('Enter them in DingTalk’s console under 开发配置 › 事件订阅 › HTTP 推送, then press 保存 there.')}
      </p>
      {values.map(([label, value = '']) => (
        <Labeled key={label} t={t} label={label} value={value} />
      ))}
    </Modal>
  );
}

/** A value with its name above it, to be copied. */
function Labeled({ t, label, value }: { t: Translate; label: string; value: string }) {
  const id = useId();
  return (
    <div style={{ marginBottom: 12 }}>
      <label htmlFor={id}>{label}</label>
      <CopyField t={t} id={id} label={label} copyLabel={`${t('Copy')}: ${label}`} value={value} />
    </div>
  );
}
