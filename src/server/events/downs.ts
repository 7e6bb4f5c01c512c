import { type Database, type Model, Op } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import type { ErrorCode } from '../../shared/codes';
import { tellManagers } from '../directory/notices';
import { backgroundContext } from '../http/background';
import { CodedError } from '../http/coded-error';
import { describe } from '../http/report';
import { EVENT_SOURCES } from './collections';
import { changeEventSource, setEventSource } from './event-source';
import type { Listener } from './listeners';
import type { Connection } from './streams';

/** A connection that is down for so long does not come back by itself. */
const DOWN_MS = 60 * 60 * 1000;

type Seen = Pick<Connection, 'state' | 'code'> | undefined;

/**
 * Notes which sources have no connection, and tells administrators of one that has had none for an hour, on no node: once,
 * and once when there is one again. What they are told of runs is another matter.
 *
 * @param listeners all that there are: of others, nobody waits for a connection
 */
export async function noteDowns(
  app: Application,
  listeners: Listener[],
  connectionOf: (sourceId: string) => Seen,
  now = Date.now(),
): Promise<void> {
  const downs = await readDowns(app.db);
  for (const { sourceId, title, mode } of listeners) {
    const seen = mode === 'stream' ? connectionOf(sourceId) : undefined;
    await noteDown(app, { sourceId, title, downSince: downs.get(sourceId) }, seen, now).catch((error: unknown) =>
      app.logger.warn('DingTalk events', { outcome: 'NOTICE_FAILED', source: sourceId, reason: describe(error) }),
    );
    downs.delete(sourceId);
  }
  for (const sourceId of downs.keys()) {
    await setEventSource(app, sourceId, { downSince: null, isDownTold: null });
  }
}

async function readDowns(db: Database): Promise<Map<string, number>> {
  const rows: Model[] = await db
    .getModel(EVENT_SOURCES)
    .findAll({ attributes: ['sourceId', 'downSince'], where: { downSince: { [Op.ne]: null } } });
  return new Map(rows.map((row) => [String(row.get('sourceId')), Number(row.get('downSince'))]));
}

interface Noted {
  sourceId: string;
  title: string;
  downSince?: number;
}

async function noteDown(app: Application, { sourceId, title, downSince }: Noted, seen: Seen, now: number) {
  if (seen?.state === 'connecting') {
    // It is open, or has failed, before this is asked again.
    return;
  }
  const isDown = seen !== undefined && seen.state !== 'open';
  if (isDown && downSince === undefined) {
    await setEventSource(app, sourceId, { downSince: now });
  } else if (isDown) {
    await tellDown(app, sourceId, title, now, seen.code);
  } else if (downSince !== undefined) {
    await noteUp(app, sourceId, title, seen !== undefined);
  }
}

async function tellDown(
  app: Application,
  sourceId: string,
  title: string,
  now: number,
  code: ErrorCode = 'STREAM_FAILED',
) {
  const expected = { downSince: { [Op.lte]: now - DOWN_MS }, [Op.or]: [{ isDownTold: null }, { isDownTold: false }] };
  if (await changeEventSource(app, sourceId, { isDownTold: true }, expected)) {
    await tellManagers(
      backgroundContext(app),
      title,
      ['STREAM_DOWN_TITLE', 'STREAM_DOWN_CONTENT'],
      new CodedError(code),
    );
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
