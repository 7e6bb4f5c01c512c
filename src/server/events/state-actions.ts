import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { z } from 'zod';
import { EVENT_ACTION } from '../../shared/constants';
import type { EventCallback, EventState } from '../../shared/events';
import { isDirectoryOff, requireSourceRow } from '../directory/source';
import { definePostAction, rowId } from '../http/actions';
import { actionUrl } from '../http/addresses';
import { say } from '../http/report';
import { decryptKeys, renewKeys } from './callback-keys';
import { type EventSourceRow, readEventSource } from './event-source';
import { modeOf } from './listeners';
import type { Connection, Streams } from './streams';
import { countWaiting, oldestFailure } from './waiting';

const topic = 'events';

const ofSource = z.object({ source: rowId });

/** `POST dingtalk:getEventState` */
export const defineGetEventState = (streams: Pick<Streams, 'connectionOf'>) =>
  definePostAction('getEventState', {
    topic,
    body: ofSource,
    async run(ctx, { source }) {
      const row = await requireSourceRow(ctx.db, source);
      const id = String(row.get('id'));
      const known = await readEventSource(ctx.db, id);
      const mode = modeOf(row);
      const failure = await oldestFailure(ctx.db, id);
      const connection = streams.connectionOf(id);
      return {
        mode,
        isOff: isDirectoryOff(),
        ...(mode === 'stream' && connection && { connection: toConnection(ctx, connection) }),
        ...(mode === 'http' && { callback: await toCallback(ctx, row, known) }),
        ...toLastEvent(known),
        waiting: await countWaiting(ctx.db, id),
        ...(failure && { failure: { since: failure.since, message: say(ctx, failure.code) } }),
        ...(known.foreignCount && { foreign: { count: known.foreignCount, types: known.foreignTypes } }),
      };
    },
  });

/** `POST dingtalk:renewCallback` @param onRenewed lets the keys before end at once */
export const defineRenewCallback = (onRenewed: () => Promise<void>) =>
  definePostAction('renewCallback', {
    topic,
    body: ofSource,
    async run(ctx, { source }) {
      const row = await requireSourceRow(ctx.db, source);
      const keys = await renewKeys(ctx.app, String(row.get('id')));
      await onRenewed();
      return { url: callbackUrl(ctx, row), ...keys };
    },
  });

const callbackUrl = (ctx: Context, row: Model): string =>
  `${actionUrl(ctx, EVENT_ACTION)}?source=${encodeURIComponent(String(row.get('name')))}`;

const toConnection = (ctx: Context, { code, ...connection }: Connection): EventState['connection'] => ({
  ...connection,
  ...(code && { message: say(ctx, code) }),
});

async function toCallback(ctx: Context, row: Model, known: EventSourceRow): Promise<EventCallback> {
  const { madeAt, checkedAt, skewMs } = known;
  const isMade = (await decryptKeys(ctx.app, String(row.get('id')), known)) !== undefined;
  const times = { madeAt, checkedAt, skewMs };
  return {
    url: callbackUrl(ctx, row),
    isMade,
    ...(isMade && Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined))),
  };
}

const toLastEvent = ({ lastEventAt, lastEventType }: EventSourceRow): Pick<EventState, 'lastEvent'> =>
  lastEventAt === undefined ? {} : { lastEvent: { at: lastEventAt, type: lastEventType ?? '' } };
