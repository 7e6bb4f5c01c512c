import type { IncomingMessage } from 'node:http';
import type { Context } from '@nocobase/actions';
import type { Application } from '@nocobase/server';
import { EVENT_ACTION } from '../../shared/constants';

/** A callback is a few hundred bytes; one that names a thousand members stays far below this. */
const MAX_BYTES = 64 * 1024;

/** DingTalk itself waits no longer. */
const MAX_MS = 2500;

/**
 * Keeps NocoBase's parser, which takes 10 MB of everybody, from the bodies of callbacks. They are read when the action asks
 * for one, and are in no request that a log may show. A middleware before the parser would move NocoBase's own: it sorts
 * them, and the parser would come after the one that logs errors with their stacks.
 */
export function keepParserFromCallbacks({ context }: Application): void {
  Object.defineProperty(context, 'disableBodyParser', {
    configurable: true,
    get(this: Context) {
      return isCallback(this.path);
    },
    set(this: Context, value: unknown) {
      Object.defineProperty(this, 'disableBodyParser', { configurable: true, value, writable: true });
    },
  });
}

/** The body of a callback; undefined where it is too long, or does not come. */
export async function readCallbackBody(ctx: Context): Promise<string | undefined> {
  const body = await read(ctx.req);
  if (body === undefined) {
    // What is still to come of it is not read.
    ctx.set('Connection', 'close');
  }
  return body;
}

const CALLBACK = new RegExp(`/${EVENT_ACTION}(/|$)`);

/** As NocoBase reads a path. What gets past here is refused, as its body was read. */
function isCallback(path: string): boolean {
  try {
    return CALLBACK.test(decodeURI(path));
  } catch {
    return false;
  }
}

/** @returns undefined where there are more bytes than that, or where they do not come */
function read(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BYTES) {
    return Promise.resolve(undefined);
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (body?: string) => {
      clearTimeout(timer);
      request.off('data', take);
      resolve(body);
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > MAX_BYTES) {
        request.pause();
        end();
      }
    };
    const timer = setTimeout(end, MAX_MS);
    request
      .on('data', take)
      .once('end', () => end(Buffer.concat(chunks).toString()))
      .once('close', () => end())
      .once('error', () => end());
  });
}
