import { Op } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import type { ErrorCode } from '../../shared/codes';
import { tellManagers } from '../directory/notices';
import { backgroundContext } from '../http/background';
import { describe } from '../http/report';
import { changeEventSource, readEventSource, setEventSource } from './event-source';
import type { Listener } from './listeners';
import type { Streams } from './streams';

/** A connection that is down for so long does not come back by itself. */
const DOWN_MS = 60 * 60 * 1000;

/**
 * Notes which sources have no connection, and tells administrators of one that has had none for an hour, on no node: once,
 * and once when there is one again. What they are told of runs is another matter.
 */
export async function noteDowns(
  app: Application,
  listeners: Listener[],
  streams: Pick<Streams, 'connectionOf'>,
  now = Date.now(),
): Promise<void> {
  for (const listener of listeners) {
    const connection = listener.mode === 'stream' ? streams.connectionOf(listener.sourceId) : undefined;
    try {
      await noteDown(app, listener, connection, now);
    } catch (error) {
      app.logger.warn('DingTalk events', {
        outcome: 'NOTICE_FAILED',
        source: listener.sourceId,
        reason: describe(error),
      });
    }
  }
}

type Seen = { state: string; code?: ErrorCode } | undefined;

async function noteDown(app: Application, { sourceId, title }: Listener, seen: Seen, now: number): Promise<void> {
  const { downSince } = await readEventSource(app.db, sourceId);
  const isDown = seen && seen.state !== 'open';
  if (isDown && downSince === undefined) {
    await setEventSource(app, sourceId, { downSince: now });
  } else if (isDown) {
    await tellOnce(app, sourceId, title, { downSince: { [Op.lte]: now - DOWN_MS } }, seen.code ?? 'STREAM_FAILED');
  } else if (downSince !== undefined) {
    await noteUp(app, sourceId, title, seen !== undefined);
  }
}

async function tellOnce(app: Application, id: string, title: string, expected: object, code: ErrorCode): Promise<void> {
  const untold = { ...expected, [Op.or]: [{ isDownTold: null }, { isDownTold: false }] };
  if (await changeEventSource(app, id, { isDownTold: true }, untold)) {
    await tellManagers(backgroundContext(app), title, ['STREAM_DOWN_TITLE', 'STREAM_DOWN_CONTENT'], code);
  }
}

/** @param isOpen false where it hears by Stream no more: nobody waits for the connection then */
async function noteUp(app: Application, sourceId: string, title: string, isOpen: boolean): Promise<void> {
  const wasTold = await changeEventSource(app, sourceId, { isDownTold: null, downSince: null }, { isDownTold: true });
  if (!wasTold) {
    await setEventSource(app, sourceId, { downSince: null });
  } else if (isOpen) {
    await tellManagers(backgroundContext(app), title, ['STREAM_WELL_TITLE', 'STREAM_WELL_CONTENT']);
  }
}
