import { z } from 'zod';
import { type DirectoryEvent, eventOfFrame } from './event';
import { text } from './http';

// The texts that both sides of a Stream connection send: JSON of `{ specVersion, type, headers, data }`, where `data` is
// JSON in a text. Document: "Stream protocol".

/** What becomes of an event: DingTalk forgets it, or sends it again, after about a minute. */
export type Verdict = 'SUCCESS' | 'LATER';

/** What DingTalk says in a frame. */
export type Frame =
  /** It wants the same `data` back. */
  | { kind: 'ping'; messageId: string; data: string }
  /** It delivers nothing here any more, and closes the connection after some ten seconds. */
  | { kind: 'disconnect' }
  /** It tells that the connection is in order, and wants no answer. */
  | { kind: 'notice' }
  /** `event` is absent where nobody can read it. */
  | { kind: 'event'; messageId: string; event?: DirectoryEvent }
  /** No frame, or one for which nobody has asked. */
  | { kind: 'unknown' };

const frameSchema = z.object({
  type: z.string(),
  headers: z.looseObject({
    topic: z.string().optional().catch(undefined),
    messageId: text.optional().catch(undefined),
  }),
  data: z.unknown().transform((data) => (typeof data === 'string' ? data : JSON.stringify(data ?? null))),
});

const notices = new Set(['CONNECTED', 'REGISTERED', 'KEEPALIVE']);

export function readFrame(received: string): Frame {
  const frame = frameSchema.safeParse(parse(received)).data;
  if (!frame) {
    return { kind: 'unknown' };
  }
  const { type, headers, data } = frame;
  const { topic = '', messageId } = headers;
  if (type === 'EVENT' && messageId) {
    return { kind: 'event', messageId, event: eventOfFrame({ headers, data }) };
  }
  if (type === 'SYSTEM' && topic === 'ping' && messageId) {
    return { kind: 'ping', messageId, data };
  }
  if (type === 'SYSTEM' && topic === 'disconnect') {
    return { kind: 'disconnect' };
  }
  return { kind: type === 'SYSTEM' && notices.has(topic) ? 'notice' : 'unknown' };
}

function parse(received: string): unknown {
  try {
    return JSON.parse(received);
  } catch {
    return undefined;
  }
}

/** The answer to a ping. */
export const pongOf = (messageId: string, data: string) => answer(messageId, data);

/** The answer to an event. Without one DingTalk sends it again, too. */
export const answerOf = (messageId: string, status: Verdict) => answer(messageId, JSON.stringify({ status }));

const answer = (messageId: string, data: string) =>
  JSON.stringify({ code: 200, headers: { messageId, contentType: 'application/json' }, message: 'OK', data });
