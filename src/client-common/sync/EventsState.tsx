import { Alert } from 'antd';
import type { EventMode, EventState, StreamConnection } from '../../shared/events';
import { FieldFailure, Means } from '../field';
import type { ClientPlugin, Translate } from '../nocobase';
import { ConsoleSteps } from './ConsoleSteps';
import { EventCallback } from './EventCallback';
import { useEventState } from './use-source-state';
import { exactTimeOf } from './words';

interface Props {
  plugin: ClientPlugin;
  /** ID of the source. */
  source: number | string;
  /** In the form, where it may not be saved yet. */
  chosen: EventMode;
}

/** Whether a source that is saved hears of changes in DingTalk, and what is still to be done there. */
export function EventsState({ plugin, source, chosen }: Props) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const { state, failure, read } = useEventState(plugin, source);
  const isSaved = state?.mode === chosen;
  return (
    <>
      <FieldFailure sentence={failure} />
      {state && !isSaved && <SaveFirst t={t} />}
      {state && isSaved && state.mode !== 'off' && (
        <section aria-label={t('Changes in DingTalk')} style={{ marginTop: 12 }}>
          {state.isOff && (
            <Alert
              showIcon
              type="warning"
              style={{ marginBottom: 8 }}
              message={t(
                'DINGTALK_DIRECTORY=off: this server keeps no connection to DingTalk, and refuses its callbacks.',
              )}
            />
          )}
          {state.mode === 'stream' && !state.isOff && <Connection t={t} connection={state.connection} />}
          {state.callback && <EventCallback plugin={plugin} source={source} callback={state.callback} onDone={read} />}
          <Events t={t} state={state} />
          {/* They are open until all is done: then the first event comes. */}
          <ConsoleSteps t={t} mode={state.mode} isOpen={!state.lastEvent} />
        </section>
      )}
    </>
  );
}

/** Keys are made, and the channel is checked, for what is stored. */
export const SaveFirst = ({ t }: { t: Translate }) => (
  <Means>
    {t('Save the source and open it again: its state and the steps in DingTalk’s console then stand here.')}
  </Means>
);

/** In plain words while all is well or begins, else as a warning with the reason. */
function Connection({ t, connection }: { t: Translate; connection?: StreamConnection }) {
  const { state, message } = connection ?? {};
  const line = `${t('Connection:')} ${connection ? connectionWords(t, connection) : t('none. The source is not enabled, or this server has just started.')}`;
  const isWell = state !== 'waiting' && state !== 'refused';
  return (
    <div aria-live="polite">
      {isWell ? (
        line
      ) : (
        <Alert
          showIcon
          type={state === 'refused' ? 'error' : 'warning'}
          style={{ marginBottom: 8 }}
          message={line}
          description={message}
        />
      )}
    </div>
  );
}

function connectionWords(t: Translate, { state, since, until }: StreamConnection): string {
  const time = exactTimeOf(since);
  const words = {
    connecting: t('connecting since {{time}}', { time }),
    open: t('open since {{time}}', { time }),
    waiting: t('interrupted since {{time}}', { time }),
    refused: t('refused since {{time}}', { time }),
  };
  return until === undefined
    ? words[state]
    : `${words[state]} · ${t('tries again at {{time}}', { time: exactTimeOf(until) })}`;
}

/** What has come, what waits, and what went wrong with it. */
function Events({ t, state: { lastEvent, waiting, failure, foreign } }: { t: Translate; state: EventState }) {
  return (
    <div style={{ marginTop: 8, overflowWrap: 'anywhere' }}>
      <div>
        {t('Last event:')}{' '}
        {lastEvent ? (
          <>
            {exactTimeOf(lastEvent.at)} · <bdi>{lastEvent.type}</bdi>
          </>
        ) : (
          t('no event yet')
        )}
      </div>
      <div>{t('People and departments that wait to be read: {{waiting}}', { waiting })}</div>
      {failure && (
        <Alert
          showIcon
          type="error"
          style={{ marginTop: 8 }}
          message={t('Changes could not be read since {{time}}. They are tried again.', {
            time: exactTimeOf(failure.since),
          })}
          description={failure.message}
        />
      )}
      {foreign && (
        <Alert
          showIcon
          type="warning"
          style={{ marginTop: 8 }}
          message={t('Another system shares this app, or the app subscribes to more events:')}
          description={
            <bdi>
              {foreign.types.join(' · ')} ({foreign.count})
            </bdi>
          }
        />
      )}
    </div>
  );
}
