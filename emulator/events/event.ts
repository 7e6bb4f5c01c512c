import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Json } from '../http/errors';
import type { App } from '../platform/data';
import type { Change } from '../platform/news';
import type { DingTalkEvent } from './types';

/** How an event is written, by Stream and by HTTP. */

export const newEventId = (): string => randomBytes(16).toString('hex');

/** Whoever joins DingTalk itself, and departments, come without a time. */
function dataOf({ type, ids, diffInfo }: Change, bornAt: number): Json {
  if (type.startsWith('org_dept_')) {
    return { deptId: ids };
  }
  return type === 'user_active_org'
    ? { userId: ids }
    : { timeStamp: String(bornAt), userId: ids, ...(diffInfo && { diffInfo }) };
}

export const eventOf = (change: Change, bornAt: number): DingTalkEvent => ({
  id: newEventId(),
  type: change.type,
  corpId: change.corpId,
  bornAt,
  data: dataOf(change, bornAt),
});

/** Parts of a change that has more ids than an event may have. */
export function parts(change: Change, most: number): Change[] {
  const { ids } = change;
  return ids.length <= most
    ? [change]
    : Array.from({ length: Math.ceil(ids.length / most) }, (_, index) => ({
        ...change,
        ids: ids.slice(index * most, (index + 1) * most),
      }));
}

export const isSubscribed = ({ eventTypes: chosen }: App, type: string): boolean => chosen?.includes(type) ?? true;

const FOREIGN_CORP = `ding${'f'.repeat(32)}`;

export const ofForeignCorp = (event: DingTalkEvent): DingTalkEvent => ({ ...event, corpId: FOREIGN_CORP });

export const ofForeignType = (event: DingTalkEvent): DingTalkEvent => ({
  ...event,
  type: 'bpms_instance_change',
  data: { processInstanceId: randomUUID(), type: 'finish', result: 'agree', title: '请假' },
});

/** DingTalk knows an app by another name as well, the same for each of its events. */
function unifiedAppIdOf(clientId: string): string {
  const hex = createHash('sha256').update(clientId).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

export const headersOf = (clientId: string, event: DingTalkEvent): Record<string, string> => ({
  eventType: event.type,
  eventId: event.id,
  eventCorpId: event.corpId,
  eventBornTime: String(event.bornAt),
  eventUnifiedAppId: unifiedAppIdOf(clientId),
});

export const pushBodyOf = (event: DingTalkEvent): Json => ({
  EventType: event.type,
  EventTime: event.bornAt,
  CorpId: event.corpId,
  BizId: event.id,
  eventId: event.id,
  ...event.data,
});
