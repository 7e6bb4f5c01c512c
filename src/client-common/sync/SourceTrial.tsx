import { Alert, Button, Flex, Input } from 'antd';
import { useEffect, useRef, useState } from 'react';
import type { Finding } from '../../shared/contract';
import type { Preview, SourceOptions } from '../../shared/directory';
import { Findings } from '../Findings';
import type { ClientPlugin, Translate } from '../nocobase';
import { callAction, sentenceOf } from '../request';
import { PreviewOfAll, PreviewOfMember } from './Previews';

interface Props {
  plugin: ClientPlugin;
  options: SourceOptions;
  /** ID of the source; undefined for one that is not saved yet. */
  source?: number | string;
}

interface Result {
  /** The options that it is of. */
  form: string;
  findings?: Finding[];
  preview?: Preview;
  failure?: string;
}

/** Lets the server look at the values of the form before they are saved, and say what a run would do with them. */
export function SourceTrial({ plugin, options, source }: Props) {
  const { app } = plugin;
  const t: Translate = (key, values) => plugin.t(key, values);
  const [asking, setAsking] = useState<'check' | 'preview' | 'member'>();
  const [result, setResult] = useState<Result>();
  const [member, setMember] = useState('');
  const outcome = useRef<HTMLDivElement>(null);
  const form = JSON.stringify(options);

  // The buttons are near the lower edge of the page: else what was found would be out of sight.
  useEffect(() => {
    if (result) {
      outcome.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [result]);

  const ask = async (what: NonNullable<typeof asking>, work: () => Promise<Omit<Result, 'form'>>) => {
    setAsking(what);
    try {
      setResult({ form, ...(await work()) });
    } catch (error) {
      setResult({ form, failure: sentenceOf(error, plugin, what === 'check' ? 'CHECK_FAILED' : 'SYNC_FAILED') });
    } finally {
      setAsking(undefined);
    }
  };
  const body = { options, ...(source !== undefined && { source }) };
  const check = () => ask('check', async () => ({ findings: await callAction(app, 'dingtalk:checkSource', body) }));
  const preview = () => ask('preview', async () => ({ preview: await callAction(app, 'dingtalk:previewRun', body) }));
  const previewMember = (text: string) => {
    const wanted = text.trim();
    if (wanted && !asking) {
      void ask('member', async () => ({
        preview: await callAction(app, 'dingtalk:previewRun', { ...body, member: wanted }),
      }));
    }
  };

  const disabled = (what: typeof asking) => !options.authenticator || (asking !== undefined && asking !== what);
  // What was found says nothing about other values, so it disappears when the form changes.
  const current = result?.form === form ? result : undefined;
  const searchLabel = t('Preview of one person: name or userid');
  return (
    <div style={{ marginBottom: 24 }}>
      <Flex wrap align="center" gap="small">
        <Button loading={asking === 'check'} disabled={disabled('check')} onClick={check}>
          {t('Check')}
        </Button>
        <Button loading={asking === 'preview'} disabled={disabled('preview')} onClick={preview}>
          {t('Preview')}
        </Button>
        <Input.Search
          aria-label={searchLabel}
          placeholder={searchLabel}
          style={{ flex: '1 1 200px' }}
          value={member}
          loading={asking === 'member'}
          disabled={disabled('member')}
          onChange={({ target }) => setMember(target.value)}
          onSearch={previewMember}
          // Else Enter submits the form of the source around this field.
          onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
        />
      </Flex>
      <div style={{ marginTop: 8 }}>
        {t('Both read DingTalk with the values of this form, and write nothing. That may take a minute.')}
      </div>
      <div ref={outcome} aria-live="polite" aria-busy={asking !== undefined}>
        {current?.failure && <Alert type="error" message={current.failure} style={{ marginTop: 12 }} />}
        {current?.findings && <Findings findings={current.findings} t={t} />}
        {current?.preview &&
          (current.preview.member === undefined ? (
            <PreviewOfAll plugin={plugin} preview={current.preview} />
          ) : (
            <PreviewOfMember t={t} preview={current.preview} />
          ))}
      </div>
    </div>
  );
}
