import { useState } from 'react';
import { FieldFailure } from '../field';
import type { ClientPlugin } from '../nocobase';
import { sentenceOf } from '../request';

/** Does something that may fail, and has what tells the failure in place of the one before. */
export function useAttempt(plugin: ClientPlugin) {
  const [sentence, setSentence] = useState('');
  const attempt = async (work: () => Promise<void>) => {
    setSentence('');
    await work().catch((error: unknown) => setSentence(sentenceOf(error, plugin, 'SYNC_FAILED')));
  };
  return { failure: <FieldFailure sentence={sentence} />, attempt };
}
