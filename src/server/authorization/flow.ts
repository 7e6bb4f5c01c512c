import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context } from '@nocobase/actions';
import { getAuthCookieOptions } from '@nocobase/utils';
import { z } from 'zod';
import { CodedError } from '../http/coded-error';

/** How long the user may take in DingTalk. */
const LIFETIME_MS = 10 * 60 * 1000;
const MAX_USED_STATES = 10_000;
/** Of all flows in one browser. A server refuses a request whose cookies are longer than 8 kB, as nginx does. */
const MAX_COOKIE_BYTES = 4000;

const flowSchema = z.object({
  /** What was begun. It finishes nothing else. */
  purpose: z.enum(['signIn', 'signInInside', 'link']),
  /** Name of the authenticator that was chosen. */
  authenticator: z.string(),
  /** Address of the callback page of the client that began; none where DingTalk redirects no browser. */
  callback: z.string().optional(),
  /** Path that opens after the sign-in. */
  redirect: z.string().optional(),
  /** ID of the user who began to link an account; only for the purpose `link`. */
  userId: z.string().optional(),
  /** Milliseconds since 1970. */
  expires: z.number(),
});

/**
 * A sign-in or a linking under way. It is stored in the browser that began it, and nowhere else, so that any node can
 * finish it and a flood of beginnings fills no memory.
 */
export type Flow = Omit<z.infer<typeof flowSchema>, 'expires'>;

/** States that this process has seen the end of. Another node may accept one again; DingTalk refuses its code there. */
const usedStates = new Map<string, number>();

/**
 * Begins a flow: its signed record is set as an HttpOnly cookie.
 *
 * @returns the state, which travels through DingTalk: 43 characters
 */
export function beginFlow(ctx: Context, flow: Flow): string {
  const state = randomBytes(32).toString('base64url');
  const record = Buffer.from(JSON.stringify({ ...flow, expires: Date.now() + LIFETIME_MS })).toString('base64url');
  const value = `${record}.${sign(ctx, state, record).toString('base64url')}`;
  deleteOldestCookies(ctx);
  ctx.cookies.set(cookieName(ctx, state), value, cookieOptions(ctx, LIFETIME_MS));
  return state;
}

/** The flow that this browser began with this state, or undefined where there is none, or it has ended. */
export function readFlow(ctx: Context, state: string): Flow | undefined {
  const [record, signature, ...rest] = readCookie(ctx, cookieName(ctx, state))?.split('.') ?? [];
  if (!record || !signature || rest.length || usedStates.has(state)) {
    return undefined;
  }
  const given = Buffer.from(signature, 'base64url');
  const expected = sign(ctx, state, record);
  // `timingSafeEqual` throws where the lengths differ.
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return undefined;
  }
  const { expires, ...flow } = flowSchema.parse(JSON.parse(Buffer.from(record, 'base64url').toString()));
  return expires > Date.now() ? flow : undefined;
}

/** As `beginFlow` makes it. */
export const stateSchema = z.string().regex(/^[\w-]{43}$/);

/** What the callback page, or a page inside the DingTalk client, brings from DingTalk. */
export const callbackParams = z.object({ code: z.string().min(1).max(512), state: stateSchema });

/**
 * Ends the flow that this browser began with this state.
 *
 * @param expects whether the flow is one that the caller can finish: one of another purpose, another authenticator or
 * another user must not be
 * @throws CodedError STATE_INVALID where there is no such flow; it does not end then
 */
export function finishFlow(ctx: Context, state: string, expects: (flow: Flow) => boolean): Flow {
  const flow = readFlow(ctx, state);
  if (!flow || !expects(flow)) {
    throw new CodedError('STATE_INVALID');
  }
  endFlow(ctx, state);
  return flow;
}

/** Ends a flow before its result is known: its state is never accepted again, not even after a failure. */
export function endFlow(ctx: Context, state: string): void {
  forgetOldStates();
  // A copy: the state may be a slice of the request's address, and V8 would keep the whole address in memory with it.
  usedStates.set(Buffer.from(state).toString(), Date.now() + LIFETIME_MS);
  ctx.cookies.set(cookieName(ctx, state), null, cookieOptions(ctx));
}

function forgetOldStates(): void {
  for (const [state, expires] of usedStates) {
    if (expires > Date.now() && usedStates.size < MAX_USED_STATES) {
      break;
    }
    usedStates.delete(state);
  }
}

/** Each flow has a cookie of its own, so that two tabs of one browser do not end each other's flow. */
const cookieName = (ctx: Context, state: string) => cookiePrefix(ctx) + state.slice(0, 16);

/**
 * Over https the name begins with `__Host-`: browsers accept such a cookie from this host alone. A page on a sibling
 * domain could otherwise plant the cookie of an attacker's flow, and sign the user in as the attacker.
 */
const cookiePrefix = (ctx: Context) => `${isSecure(ctx) ? '__Host-' : ''}nb_dingtalk_${ctx.app.name}_`;

/** Browsers accept the prefix `__Host-` with the path `/` alone. */
const cookieOptions = (ctx: Context, maxAge?: number) => ({
  ...getAuthCookieOptions(ctx, true, maxAge),
  ...(isSecure(ctx) && { path: '/' }),
});

function isSecure(ctx: Context): boolean {
  const { secure, secureProxy } = getAuthCookieOptions(ctx) as { secure: boolean; secureProxy?: boolean };
  return secure || secureProxy === true;
}

/**
 * Deletes the oldest flows of a browser that began many with long return paths: its requests would otherwise exceed the
 * limit of the server, and every page would fail. Browsers send the oldest cookie first.
 */
function deleteOldestCookies(ctx: Context): void {
  const prefix = cookiePrefix(ctx);
  let bytes = 0;
  for (const cookie of cookiesOf(ctx).reverse()) {
    const [state] = cookie.startsWith(prefix) ? (/^[\w-]{16}(?==)/.exec(cookie.slice(prefix.length)) ?? []) : [];
    if (state && (bytes += cookie.length) > MAX_COOKIE_BYTES) {
      ctx.cookies.set(prefix + state, null, cookieOptions(ctx));
    }
  }
}

/** Not `ctx.cookies.get`: it keeps a RegExp of every name that it is asked for, and clients choose the names here. */
function readCookie(ctx: Context, name: string): string | undefined {
  return cookiesOf(ctx)
    .find((cookie) => cookie.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

const cookiesOf = (ctx: Context) => ctx.get('cookie').split('; ');

/**
 * The signature covers the state, so that a record cannot be moved to another state. Its key is derived, so that a
 * record is no token of NocoBase and a token of NocoBase is no record.
 *
 * This is deliberately not a JWT: NocoBase's sessions are JWTs, signed with the secret from which this key is derived.
 * In another format a record cannot pass as a session even if the keys were ever mixed up, and there is no header from
 * which an algorithm could be chosen.
 */
function sign(ctx: Context, state: string, record: string): Buffer {
  const key = createHmac('sha256', ctx.app.authManager.jwt.getSecret())
    .update(`dingtalk sign-in flow of ${ctx.app.name}`)
    .digest();
  return createHmac('sha256', key).update(`${state}.${record}`).digest();
}
