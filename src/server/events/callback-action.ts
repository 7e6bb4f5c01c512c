import type { Context, Next } from '@nocobase/actions';
import {
  type Callback,
  type CallbackAnswer,
  type CallbackKeys,
  decryptCallback,
  encryptAnswer,
  readCallback,
  verifyCallback,
} from '../dingtalk/callback';
import { DingTalkError } from '../dingtalk/errors';
import { CHECK_EVENT, type DirectoryEvent, eventOfCallback } from '../dingtalk/event';
import type { ActionDefinition } from '../http/actions';
import { setNoStore } from '../http/privacy';
import { reportFailure, throwUserError } from '../http/report';
import { readCallbackBody } from './callback-body';
import type { Callee, CalleeBook } from './callback-keys';
import type { Notes } from './notes';
import type { Receiver } from './receiver';
import type { Refusals } from './refusals';
import { Seen } from './seen';

/** How old a callback may be: DingTalk sends one for the last time after half a minute, and clocks differ. */
const WINDOW_MS = 60 * 60 * 1000;

/** In place of a request that has none of its parts: it is verified all the same, and takes as long. */
const NOTHING: Callback = { signature: '0'.repeat(40), timestamp: '0', nonce: '-', encrypt: '-' };

/** What a callback needs. */
interface CallbackParts {
  book: CalleeBook;
  receiver: Receiver;
  notes: Notes;
  refusals: Refusals;
}

/** Thrown for whatever is not accepted; its reason is for the log alone. */
class Refusal extends Error {}

/**
 * `POST dingtalk:event?source=<name>`, which everybody can call. Whatever is not accepted has one answer, and takes one time
 * until the signature is right: a stranger learns neither which sources there are nor how near a forgery is.
 */
export function defineCallback({ book, receiver, notes, refusals }: CallbackParts): ActionDefinition {
  const seen = new Seen();

  const accept = async (ctx: Context): Promise<CallbackAnswer> => {
    const { keys, callee } = book.find(ctx.query.source);
    const callback = await verified(ctx, keys);
    if (!callee || !callback) {
      throw new Refusal(callee ? 'signature' : 'source');
    }
    const age = Date.now() - timeOf(callback);
    notes.skew(callee.sourceId, age);
    if (Math.abs(age) > WINDOW_MS) {
      throw new Refusal('time');
    }
    await handle(callee, callback);
    return encryptAnswer(callee, callee.app.clientId);
  };

  const handle = async (callee: Callee, callback: Callback): Promise<void> => {
    const event = eventFor(callee, callback);
    // DingTalk sends one again where it has heard no answer, and so does whoever recorded one.
    if (seen.has(callback.signature)) {
      return;
    }
    if (event.type === CHECK_EVENT) {
      notes.checked(callee.sourceId);
    } else {
      await receiver.take({ sourceId: callee.sourceId, corpId: callee.app.corpId }, event);
    }
    seen.add(callback.signature);
  };

  const handler = async (ctx: Context, next: Next): Promise<void> => {
    setNoStore(ctx);
    try {
      ctx.body = await accept(ctx);
      // DingTalk takes nothing for an answer that stands in `data`.
      ctx.withoutDataWrapping = true;
    } catch (error) {
      if (error instanceof Refusal) {
        refusals.note(error.message);
        throwUserError(ctx, 'events', 'EVENT_REFUSED');
      }
      throwUserError(ctx, 'events', reportFailure(ctx, 'events', error));
    }
    await next();
  };
  return { name: 'event', handler };
}

/** @returns undefined where it is none, or its signature is wrong */
async function verified(ctx: Context, { token }: CallbackKeys): Promise<Callback | undefined> {
  const callback = await partsOf(ctx);
  try {
    verifyCallback(callback ?? NOTHING, token);
    return callback;
  } catch (error) {
    return ignored(error);
  }
}

async function partsOf(ctx: Context): Promise<Callback | undefined> {
  try {
    const body = ctx.method === 'POST' ? await readCallbackBody(ctx) : undefined;
    return body === undefined ? undefined : readCallback(ctx.query, JSON.parse(body));
  } catch (error) {
    return ignored(error);
  }
}

/** Whoever has signed it knows the token, and may learn that it is refused after that. */
function eventFor({ aesKey, app }: Callee, { encrypt }: Callback): DirectoryEvent {
  try {
    const event = eventOfCallback(decryptCallback(encrypt, aesKey, app.clientId));
    if (event && (event.corpId === undefined || event.corpId === app.corpId)) {
      return event;
    }
  } catch (error) {
    ignored(error);
    throw new Refusal('key');
  }
  throw new Refusal('organization');
}

/** What is wrong with a request of a stranger is no fault of ours. */
function ignored(error: unknown): undefined {
  if (!(error instanceof DingTalkError) && !(error instanceof SyntaxError)) {
    throw error;
  }
}

/** DingTalk's documents show seconds, and its servers send milliseconds. */
function timeOf({ timestamp }: Callback): number {
  const time = Number(timestamp);
  return time < 1e11 ? time * 1000 : time;
}
