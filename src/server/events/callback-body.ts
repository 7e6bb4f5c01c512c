import type { IncomingMessage } from 'node:http';
import type { Context, Next } from '@nocobase/actions';
import { EVENT_ACTION } from '../../shared/constants';

/** A callback is a few hundred bytes; one that names a thousand members stays far below this. */
const MAX_BYTES = 64 * 1024;

/** DingTalk itself waits no longer. */
const MAX_MS = 2500;

const bodies = new WeakMap<IncomingMessage, string>();

/** The body of a callback; undefined where it is too long, or did not come. */
export const bodyOfCallback = ({ req }: Context): string | undefined => bodies.get(req);

/**
 * Reads the body of a callback in place of NocoBase's parser, which takes 10 MB of everybody. It stays out of the request,
 * so that no log has it.
 */
export async function readCallbackBody(ctx: Context, next: Next): Promise<void> {
  if (isCallback(ctx.path)) {
    const body = await read(ctx.req);
    if (body === undefined) {
      // What is still to come of it is not read.
      ctx.set('Connection', 'close');
    } else {
      bodies.set(ctx.req, body);
    }
    (ctx.request as { body?: unknown }).body = {};
  }
  await next();
}

/** As NocoBase reads a path. What gets past here is refused, as it has no body. */
function isCallback(path: string): boolean {
  try {
    return new RegExp(`/${EVENT_ACTION}(/|$)`).test(decodeURI(path));
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
