import { useCallback, useEffect, useState } from 'react';
import type { SourceState } from '../../shared/directory';
import type { EventState } from '../../shared/events';
import type { ClientPlugin } from '../nocobase';
import { callAction, refusalOf } from '../request';

/** How often what changes by itself is read again. */
const POLL_MS = 3000;
/** A server that does not answer is not asked as often. */
const FAILED_POLL_MS = 30_000;

/** What is known of a saved source, read again while it runs and the form is open, and whenever `read` is called. */
export function useSourceState(plugin: ClientPlugin, source: number | string) {
  const ask = useCallback(() => callAction(plugin.app, 'dingtalk:getSourceState', { source }), [plugin, source]);
  return useReadAgain(plugin, ask, isRunning);
}

/** What is known of the events of a saved source, read again while the form is open, and whenever `read` is called. */
export function useEventState(plugin: ClientPlugin, source: number | string) {
  const ask = useCallback(() => callAction(plugin.app, 'dingtalk:getEventState', { source }), [plugin, source]);
  return useReadAgain(plugin, ask, hearsOfChanges);
}

const isRunning = (state: SourceState) => state.isRunning;
const hearsOfChanges = ({ mode }: EventState) => mode !== 'off';

interface Known<State> {
  state?: State;
  /** Why it could not be read the last time. What was read before stays. */
  failure: string;
}

/** What the server answers. While it changes by itself and somebody sees the page, it is asked again and again. */
function useReadAgain<State>(plugin: ClientPlugin, ask: () => Promise<State>, changes: (state: State) => boolean) {
  const [known, setKnown] = useState<Known<State>>({ failure: '' });

  const read = useCallback(async () => {
    try {
      setKnown({ state: await ask(), failure: '' });
    } catch (error) {
      const failure = refusalOf(error)?.message ?? plugin.t('The state cannot be read at the moment.');
      setKnown(({ state }) => ({ state, failure }));
    }
  }, [plugin, ask]);

  useEffect(() => {
    void read();
  }, [read]);

  const { state, failure } = known;
  const goesOn = state !== undefined && changes(state);
  useEffect(() => {
    if (!goesOn) {
      return;
    }
    const isVisible = () => document.visibilityState === 'visible';
    const timer = isVisible() ? setTimeout(read, known.failure ? FAILED_POLL_MS : POLL_MS) : undefined;
    const onVisibility = () => (isVisible() ? void read() : clearTimeout(timer));
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, [known, goesOn, read]);

  return { state, failure, read };
}
