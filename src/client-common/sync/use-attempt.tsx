import { useEffect, useRef, useState } from 'react';
import { FieldFailure } from '../field';
import type { ClientPlugin } from '../nocobase';
import { sentenceOf } from '../request';

/** Does something that may fail, and has what tells the failure in place of the one before. */
export function useAttempt(plugin: ClientPlugin) {
  const [sentence, setSentence] = useState('');
  const place = useRef<HTMLDivElement>(null);

  // A report's buttons are far below it: else nothing that can be seen would follow the button.
  useEffect(() => {
    if (sentence) {
      place.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [sentence]);

  const attempt = async (work: () => Promise<void>) => {
    setSentence('');
    await work().catch((error: unknown) => setSentence(sentenceOf(error, plugin, 'SYNC_FAILED')));
  };
  const failure = (
    <div ref={place}>
      <FieldFailure sentence={sentence} />
    </div>
  );
  return { failure, attempt };
}
