import { useCallback, useEffect, useState } from 'react';
import type { SourceState } from '../../shared/directory';
import type { ClientPlugin } from '../nocobase';
import { callAction, sentenceOf } from '../request';

/** How often the state is read again while a run is under way. */
const POLL_MS = 3000;

/** What is known of a saved source, read again while it runs and the form is open, and whenever `read` is called. */
export function useSourceState(plugin: ClientPlugin, source: number | string) {
  const [state, setState] = useState<SourceState>();
  const [failure, setFailure] = useState('');

  const read = useCallback(async () => {
    try {
      // A new object each time, as the next reading follows the last one.
      setState({ ...(await callAction(plugin.app, 'dingtalk:getSourceState', { source })) });
      setFailure('');
    } catch (error) {
      setFailure(sentenceOf(error, plugin, 'SYNC_FAILED'));
    }
  }, [plugin, source]);

  useEffect(() => {
    void read();
  }, [read]);

  useEffect(() => {
    if (state?.isRunning && !failure) {
      const timer = setTimeout(read, POLL_MS);
      return () => clearTimeout(timer);
    }
  }, [state, failure, read]);

  return { state, failure, read };
}
