import { Alert, Button } from 'antd';
import { useState } from 'react';
import type { SourceState } from '../../shared/directory';
import { AskDialog } from '../AskDialog';
import type { ClientPlugin, Translate } from '../nocobase';
import { callAction } from '../request';
import { useAttempt } from './use-attempt';

type NewStart = NonNullable<SourceState['newStart']>;

interface Props {
  plugin: ClientPlugin;
  source: number | string;
  newStart: NewStart;
  /** Reads the state again. */
  onDone(): Promise<void>;
}

/** The authenticator belongs to others than the members that the source knows. */
export function NewStartBanner({ plugin, source, newStart, onDone }: Props) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const [asked, setAsked] = useState<NewStart>();
  const { failure, attempt } = useAttempt(plugin);
  const begin = ({ corpId, clientId }: NewStart) =>
    attempt(async () => {
      await callAction(plugin.app, 'dingtalk:confirmNewStart', { source, corpId, clientId });
      await onDone();
    });
  const facts = (
    <div style={{ overflowWrap: 'anywhere' }}>
      {t('Corp ID')}: <bdi>{newStart.corpId}</bdi> · {t('Client ID')}: <bdi>{newStart.clientId}</bdi>
    </div>
  );
  return (
    <Alert
      showIcon
      type="warning"
      style={{ marginBottom: 12 }}
      message={t('OTHER_DIRECTORY')}
      description={
        <>
          {facts}
          <Button style={{ marginTop: 8 }} onClick={() => setAsked(newStart)}>
            {t('Begin anew')}
          </Button>
          {failure}
          <AskDialog
            danger
            t={t}
            asked={asked}
            title={t('Begin anew with this organization?')}
            action={t('Begin anew')}
            onAgree={begin}
            onClose={() => setAsked(undefined)}
          >
            {facts}
            {t(
              'What the source knows of its people and departments is forgotten. Users, links and departments in NocoBase stay.',
            )}
          </AskDialog>
        </>
      }
    />
  );
}
