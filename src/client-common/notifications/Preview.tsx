import { Typography } from 'antd';
import { useEffect, useState } from 'react';
import { CHANNEL_TYPE } from '../../shared/constants';
import type { MessageContent, MessagePreview } from '../../shared/messages';
import { FieldFailure } from '../field';
import type { ClientPlugin, Translate } from '../nocobase';
import { listRecords } from '../nocobase-records';
import { callAction, sentenceOf } from '../request';
import { DingTalkMessage } from './DingTalkMessage';
import { withNames } from './preview-content';

/** The server is asked when nobody has typed for so long. */
const TYPING_MS = 400;

interface Props {
  plugin: ClientPlugin;
  /** Name of the channel that is chosen, on which the size and the links depend. */
  channel?: string;
  content?: MessageContent;
}

interface Result {
  preview?: MessagePreview;
  failure?: string;
}

const isWritten = ({ title, text, form }: MessageContent) =>
  Boolean(title?.trim() || text?.trim() || form?.some((row) => row?.key || row?.value));

/** How DingTalk will show the message, and how large it is, while it is being written. */
export function Preview({ plugin, channel: chosen, content = {} }: Props) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const channel = useChannel(plugin, chosen);
  const [last, setLast] = useState<Result>({});
  const wanted = channel && isWritten(content) ? JSON.stringify({ channel, content: withNames(content) }) : '';

  useEffect(() => {
    let isCurrent = true;
    const keep = (result: Result) => isCurrent && setLast(result);
    const timer = wanted
      ? setTimeout(() => {
          callAction(plugin.app, 'dingtalk:previewMessage', JSON.parse(wanted)).then(
            (preview) => keep({ preview }),
            (error) => keep({ failure: sentenceOf(error, plugin, 'MESSAGE_FAILED') }),
          );
        }, TYPING_MS)
      : undefined;
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [plugin, wanted]);

  // While somebody types, the one before stays, so that nothing jumps.
  const { preview, failure } = wanted ? last : {};
  return (
    <section aria-label={t('In DingTalk')} style={{ marginBottom: 24 }}>
      <Typography.Text strong>{t('In DingTalk')}</Typography.Text>
      {preview ? (
        <>
          <DingTalkMessage message={preview.message} />
          <div>
            {t('{{bytes}} of {{maxBytes}} bytes, without the values of variables, which stand by their names.', {
              bytes: preview.bytes,
              maxBytes: preview.maxBytes,
            })}
          </div>
          {preview.notes.map((note) => (
            <div key={note}>{note}</div>
          ))}
        </>
      ) : (
        !failure && <div>{t('Choose a channel and write a text to see the message.')}</div>
      )}
      <FieldFailure sentence={failure} />
    </section>
  );
}

/** The channel by which a message is shown: the one of the node; a template has none, so there any of DingTalk serves. */
function useChannel({ app }: ClientPlugin, chosen?: string): string | undefined {
  const [any, setAny] = useState<string>();
  useEffect(() => {
    if (!chosen) {
      listRecords(app, 'notificationChannels:list', { filter: { notificationType: CHANNEL_TYPE }, pageSize: 1 }).then(
        ([channel]) => setAny(channel?.name),
        () => undefined,
      );
    }
  }, [app, chosen]);
  return chosen ?? any;
}
