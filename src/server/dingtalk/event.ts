import { z } from 'zod';
import { integer, listOf } from './address-book';
import { id, label } from './http';
import { userid } from './oapi';

// Changes that DingTalk reports, in each of its three forms: a frame of the Stream protocol, a decrypted callback, and
// an entry of the list of callbacks that failed. All name ids alone; what has changed is to be read anew. Names are
// compared without their case: `userId`, `UserId` and `userid` are the same field in different forms.

/** Somebody has left, and DingTalk may not know it everywhere yet. */
export const LEAVE_EVENT = 'user_leave_org';

/** The kinds that change the directory. Document of the first: `enterprise-increases-employee-events`. */
const DIRECTORY_EVENTS = [
  'user_add_org',
  'user_modify_org',
  LEAVE_EVENT,
  'user_active_org',
  'org_dept_create',
  'org_dept_modify',
  'org_dept_remove',
] as const;

/** The kind of the callback by which DingTalk tries the address when it is saved. */
export const CHECK_EVENT = 'check_url';

/** DingTalk names no more of them, as far as anybody has seen; a forged event shall not fill a table. */
const MAX_IDS = 1000;

/** A change that DingTalk reports, of whatever kind. */
export interface DirectoryEvent {
  /** DingTalk's own; the same when the event is sent again. */
  id?: string;
  /** `user_add_org`, or any other kind to which the app has subscribed. */
  type: string;
  /** The organization in which it happened. */
  corpId?: string;
  /** When it happened: milliseconds since 1970, by DingTalk's clock. */
  bornAt?: number;
  /** At most 1,000, each once. */
  userids: string[];
  /** At most 1,000, each once, all above 0. */
  departmentIds: number[];
  /** How many ids were left out because nothing can have them; absent where none was. */
  dropped?: number;
  /** Whether there were more than 1,000 ids, so that those here are not all; absent where they are. */
  isCut?: true;
}

/** Whether an event changes the directory. All other kinds are of use to somebody else. */
export function isDirectoryEvent({ type }: DirectoryEvent): boolean {
  return (DIRECTORY_EVENTS as readonly string[]).includes(type);
}

type Fields = Map<string, unknown>;

/** The fields of an object by their names in lower case; none where it is no object. */
function fieldsOf(read: unknown): Fields {
  const entries = typeof read === 'object' && read !== null && !Array.isArray(read) ? Object.entries(read) : [];
  return new Map(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

/** JSON within a text, as DingTalk nests it; what is no text is left as it is. */
function unpack(read: unknown): unknown {
  if (typeof read !== 'string') {
    return read;
  }
  try {
    return JSON.parse(read);
  } catch {
    return undefined;
  }
}

const departmentId = integer.pipe(z.number().positive());
const moment = integer.pipe(z.number().positive());

interface Ids<T> {
  ids: T[];
  dropped: number;
  isCut: boolean;
}

function idsOf<T>(schema: z.ZodType<T>, read: unknown): Ids<T> {
  const all = listOf(z.unknown()).safeParse(read).data ?? [];
  const considered = all.slice(0, MAX_IDS);
  const wellFormed = considered.flatMap((one) => schema.safeParse(one).data ?? []);
  return {
    ids: [...new Set(wellFormed)],
    dropped: considered.length - wellFormed.length,
    isCut: all.length > considered.length,
  };
}

interface Envelope {
  id?: unknown;
  type: unknown;
  corpId?: unknown;
  bornAt?: unknown;
}

function eventOf(envelope: Envelope, fields: Fields): DirectoryEvent | undefined {
  const type = label.parse(envelope.type);
  if (type === undefined) {
    return undefined;
  }
  const users = idsOf(userid, fields.get('userid'));
  const departments = idsOf(departmentId, fields.get('deptid'));
  const dropped = users.dropped + departments.dropped;
  return {
    id: id.safeParse(envelope.id).data,
    type,
    corpId: id.safeParse(envelope.corpId).data,
    bornAt: moment.safeParse(envelope.bornAt).data,
    userids: users.ids,
    departmentIds: departments.ids,
    ...(dropped > 0 && { dropped }),
    ...((users.isCut || departments.isCut) && { isCut: true as const }),
  };
}

/**
 * The event of a Stream frame: its envelope is among the frame's headers, as DingTalk sends it, or around the fields, as
 * its documents show it. Document: "Stream protocol".
 *
 * @param frame `data` is JSON in a text
 * @returns undefined where it names no kind, or `data` is no JSON
 */
export function eventOfFrame({ headers, data }: { headers: object; data: string }): DirectoryEvent | undefined {
  const body = unpack(data);
  if (typeof body !== 'object' || body === null) {
    return undefined;
  }
  const outside = fieldsOf(headers);
  const inside = fieldsOf(body);
  const named = (name: string) => outside.get(name) ?? inside.get(name);
  const envelope = {
    id: named('eventid'),
    type: named('eventtype'),
    corpId: named('eventcorpid'),
    bornAt: named('eventborntime'),
  };
  return eventOf(envelope, inside.has('data') ? fieldsOf(unpack(inside.get('data'))) : inside);
}

/**
 * The event of a callback. One of the kind `CHECK_EVENT` has no ids, and wants nothing but the answer. Document:
 * `develop-stream-mode-push-server`.
 *
 * @param message what `decryptCallback` answers
 * @returns undefined where it is no JSON, or names no kind
 */
export function eventOfCallback(message: string): DirectoryEvent | undefined {
  const fields = fieldsOf(unpack(message));
  const envelope = {
    id: fields.get('eventid'),
    type: fields.get('eventtype'),
    corpId: fields.get('corpid'),
    bornAt: fields.get('eventtime') ?? fields.get('timestamp'),
  };
  return eventOf(envelope, fields);
}

/**
 * The event of an entry in the list of callbacks that failed: `{ call_back_tag, event_time, [call_back_tag]: fields }`,
 * where some kinds have their ids in `callbackData` among the fields.
 *
 * @returns undefined where it names no kind
 */
export function eventOfFailedCallback(entry: unknown): DirectoryEvent | undefined {
  const outside = fieldsOf(unpack(entry));
  const type = label.parse(outside.get('call_back_tag')) ?? '';
  const fields = fieldsOf(unpack(outside.get(type.toLowerCase())));
  const envelope = { type, corpId: fields.get('corpid'), bornAt: outside.get('event_time') };
  return eventOf(envelope, fields.has('callbackdata') ? fieldsOf(unpack(fields.get('callbackdata'))) : fields);
}
