import { Alert } from 'antd';
import type { EventMode } from '../../shared/events';
import { Choices, type Field } from '../field';
import type { Translate } from '../nocobase';
import { EventsState, SaveFirst } from './EventsState';

interface Props extends Field<EventMode> {
  /** ID of the source; undefined for one that is not saved yet. */
  source?: number | string;
}

/** How the source hears of changes in DingTalk, and, of one that is saved, whether it does. */
export function EventsField({ plugin, id, value, onChange, source }: Props) {
  const t: Translate = (key, values) => plugin.t(key, values);
  // Without a value, what the server takes.
  const mode = value ?? 'stream';
  return (
    <>
      <Choices
        id={id}
        label={t('Changes in DingTalk')}
        value={mode}
        onChange={onChange}
        choices={[
          [
            'stream',
            t('Stream'),
            t(
              'This NocoBase keeps a connection to DingTalk open. For most: it needs no address that DingTalk can reach.',
            ),
          ],
          [
            'http',
            t('HTTP callback'),
            t(
              'DingTalk calls this NocoBase. Where connections cannot stay open, and DingTalk can reach this address on the internet.',
            ),
          ],
          ['off', t('Off'), t('Changes come with the next run. For copies and test systems that use the same app.')],
        ]}
      />
      {mode !== 'off' && (
        <Alert
          showIcon
          type="warning"
          // Nothing has happened: a screen reader need not break off for it.
          role="note"
          style={{ marginTop: 8 }}
          message={t(
            'DingTalk hands each event to one receiver of an app. A staging system, or another program with the same app, takes events away from this NocoBase.',
          )}
        />
      )}
      {source !== undefined ? (
        <EventsState plugin={plugin} source={source} chosen={mode} />
      ) : (
        mode !== 'off' && <SaveFirst t={t} />
      )}
    </>
  );
}
