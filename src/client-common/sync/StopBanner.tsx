import { Alert, Button, Collapse, Flex } from 'antd';
import { useState } from 'react';
import type { Stop } from '../../shared/directory';
import { AskDialog } from '../AskDialog';
import type { ClientPlugin, Translate } from '../nocobase';
import { callAction } from '../request';
import { Entries } from './Entries';
import { TakenAwayLine } from './Previews';
import { useAttempt } from './use-attempt';
import { timeOf } from './words';

interface Props {
  plugin: ClientPlugin;
  source: number | string;
  stop: Stop;
  /** Reads the state again. */
  onDone(): Promise<void>;
}

type Decision = { action: 'allow' | 'discard' };

/** A run that the brake stopped: what it would take away, and the two ways out. */
export function StopBanner({ plugin, source, stop, onDone }: Props) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const { allowedUntil } = stop;
  const [openedAt] = useState(() => Date.now());
  const [asked, setAsked] = useState<Decision>();
  const { failure, attempt } = useAttempt(plugin);
  const body = { source, stop: stop.id };
  const decide = ({ action }: Decision) =>
    attempt(async () => {
      await callAction(plugin.app, action === 'allow' ? 'dingtalk:allowStop' : 'dingtalk:discardStop', body);
      await onDone();
    });
  // An hour later it no longer is, but then the form has been read again.
  const isAllowed = allowedUntil !== undefined && allowedUntil > openedAt;
  const isAllowing = asked?.action === 'allow';
  return (
    <Alert
      showIcon
      type="warning"
      style={{ marginBottom: 12 }}
      message={t('The brake stopped a run before its first write.')}
      description={
        <>
          <div>{timeOf(stop.since)}</div>
          <TakenAwayLine plugin={plugin} takenAway={stop.takenAway} />
          {isAllowed && (
            <div>
              {t('Allowed. The next run takes away exactly this, if it begins before:')} {timeOf(allowedUntil)}
            </div>
          )}
          <Collapse
            size="small"
            style={{ margin: '8px 0' }}
            items={[{ key: 'list', label: t('What would go'), children: <Entries t={t} entries={stop.entries} /> }]}
          />
          <Flex wrap gap="small">
            <Button onClick={() => setAsked({ action: 'allow' })} disabled={isAllowed}>
              {t('Allow once')}
            </Button>
            <Button onClick={() => setAsked({ action: 'discard' })}>{t('Discard')}</Button>
          </Flex>
          {failure}
          <AskDialog
            t={t}
            asked={asked}
            danger={isAllowing}
            title={isAllowing ? t('Allow this once?') : t('Discard this stop?')}
            action={isAllowing ? t('Allow once') : t('Discard')}
            onAgree={decide}
            onClose={() => setAsked(undefined)}
          >
            <TakenAwayLine plugin={plugin} takenAway={stop.takenAway} />
            {isAllowing
              ? t('One run, within an hour, may take away exactly what stands in this list, and nothing else.')
              : t('The list is forgotten. If the next run would take away as much, it stops again.')}
          </AskDialog>
        </>
      }
    />
  );
}
