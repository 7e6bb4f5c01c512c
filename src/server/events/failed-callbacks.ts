import type { Application } from '@nocobase/server';
import { getFailedCallbacks } from '../dingtalk/failed-callbacks';
import { toCoded } from '../directory/failures';
import { ask } from '../directory/read/ask';
import { readerOf } from '../directory/read/reader';
import { changeEventSource, isBefore } from './event-source';
import type { ListenedApp, Listener } from './listeners';
import type { Receiver } from './receiver';

/** DingTalk lists a callback some minutes after it has failed for the third time. */
const EVERY_MS = 10 * 60 * 1000;

/** Of 200 events each: after a day without this server, a whole run is as good. */
const MOST_CALLS = 50;

/** Asks for the callbacks that did not get here, of each source with one; one node in ten minutes does. */
export async function readFailedCallbacks(
  app: Application,
  listeners: Listener[],
  receiver: Receiver,
  signal: AbortSignal,
): Promise<void> {
  for (const listener of listeners) {
    if (listener.mode === 'http' && listener.app && (await claim(app, listener.sourceId))) {
      try {
        await readFailed(app, listener.sourceId, listener.app, receiver, signal);
      } catch (error) {
        const { code, detail } = toCoded(error);
        app.logger.warn('DingTalk events', { outcome: code, source: listener.sourceId, ...detail });
      }
    }
  }
}

function claim(app: Application, sourceId: string): Promise<boolean> {
  const now = Date.now();
  return changeEventSource(app, sourceId, { failedAskedAt: now }, isBefore('failedAskedAt', now - EVERY_MS));
}

async function readFailed(
  app: Application,
  sourceId: string,
  listened: ListenedApp,
  receiver: Receiver,
  signal: AbortSignal,
): Promise<void> {
  const reader = readerOf(app, { appSettings: listened }, signal);
  for (let calls = 0; calls < MOST_CALLS && !signal.aborted; calls++) {
    const { hasMore, events } = await ask(reader, 'getFailedCallbacks', getFailedCallbacks);
    for (const event of events) {
      await receiver.take({ sourceId, corpId: listened.corpId }, event);
    }
    if (!hasMore) {
      return;
    }
  }
}
