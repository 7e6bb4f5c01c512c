import { Alert, Collapse } from 'antd';
import type { SourceState } from '../../shared/directory';
import type { ClientPlugin, Translate } from '../nocobase';
import { Red } from './Entries';
import { NewStartBanner } from './NewStartBanner';
import { Reports } from './Reports';
import { StopBanner } from './StopBanner';
import { Unmatched } from './Unmatched';
import { useSourceState } from './use-source-state';
import { actions, actionWords, kindOf, outcomeWords, takesAway, timeOf, triggerWords } from './words';

interface Props {
  plugin: ClientPlugin;
  /** ID of the source. */
  source: number | string;
}

/** What is known of a source that is saved, above its settings: its runs, what waits for a decision, and its reports. */
export function SavedSource({ plugin, source }: Props) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const { state, failure, read } = useSourceState(plugin, source);
  const banner = { plugin, source, onDone: read };
  const panels = [
    {
      key: 'reports',
      label: t('Reports'),
      // Another one where a run has ended meanwhile.
      children: <Reports key={`${state?.lastRun?.id} ${state?.isRunning}`} plugin={plugin} source={source} />,
    },
    {
      key: 'users',
      label: t('Users without DingTalk'),
      children: <Unmatched key="users" plugin={plugin} source={source} side="users" />,
    },
    {
      key: 'members',
      label: t('People in DingTalk without a user'),
      children: <Unmatched key="members" plugin={plugin} source={source} side="members" />,
    },
  ];
  return (
    <section aria-label={t('State')} style={{ marginBottom: 24 }}>
      {failure && <Alert type="error" role="alert" message={failure} style={{ marginBottom: 12 }} />}
      {state?.isOff && <Alert showIcon type="warning" message={t('DIRECTORY_OFF')} style={{ marginBottom: 12 }} />}
      {state?.newStart && <NewStartBanner {...banner} newStart={state.newStart} />}
      {state?.stop && <StopBanner {...banner} key={state.stop.id} stop={state.stop} />}
      <div aria-live="polite">{state && <StateLines plugin={plugin} state={state} />}</div>
      <Collapse
        // What is opened again is read again: each decision changes what stands in the lists.
        destroyInactivePanel
        style={{ marginTop: 12 }}
        items={panels}
      />
    </section>
  );
}

function StateLines({ plugin, state }: { plugin: ClientPlugin; state: SourceState }) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const { lastRun, nextRun, isRunning, members } = state;
  const words = actionWords(t);
  const done = lastRun ? actions.filter((action) => lastRun.counts[action] > 0) : [];
  return (
    <>
      <div>
        {t('Last run:')}{' '}
        {lastRun ? (
          <>
            {timeOf(lastRun.began)} · {kindOf(lastRun) === 'events' && `${triggerWords(t).event} · `}
            {isRunning ? t('Running') : outcomeWords(t)[lastRun.outcome]}
            {done.map((action) => (
              <span key={action}>
                {' · '}
                {takesAway(action) ? <Red>{words[action]}</Red> : words[action]}: {lastRun.counts[action]}
              </span>
            ))}
          </>
        ) : isRunning ? (
          t('Running')
        ) : (
          t('none yet')
        )}
      </div>
      {lastRun?.message && !isRunning && <div style={{ overflowWrap: 'anywhere' }}>{lastRun.message}</div>}
      <div>
        {t('Next run:')} {nextRun === undefined ? t('none') : timeOf(nextRun)}
      </div>
      <div>{t('Linked: {{bound}} · Open: {{open}} · Left: {{left}}', members)}</div>
    </>
  );
}
