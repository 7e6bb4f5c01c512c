import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context } from '@nocobase/actions';
import { getAuthCookieOptions } from '@nocobase/utils';
import { z } from 'zod';
import { SignInError } from '../http/errors';

/** How long the person may take in DingTalk. */
const LIFETIME_MS = 10 * 60 * 1000;
const MAX_USED_STATES = 10_000;
/** Of older flows in a browser. Servers refuse a request whose cookies are longer than 8 kB, as nginx does. */
const MAX_COOKIE_BYTES = 4000;

const flowSchema = z.object({
  /** What was begun. Nothing else can be finished with it. */
  purpose: z.enum(['signIn', 'signInInside', 'link']),
  /** Name of the authenticator that the person chose. */
  authenticator: z.string(),
  /** Address of the callback page of the client that began; none where DingTalk sends nobody back. */
  callback: z.string().optional(),
  /** Path of the page that the person first wanted. */
  redirect: z.string().optional(),
  /** ID of the user who began, where somebody signed in did. */
  userId: z.string().optional(),
  /** Milliseconds since 1970. */
  expires: z.number(),
});

/** A sign-in under way. It lives in the person's browser alone, so any node can finish it and a flood fills nothing. */
export type Flow = Omit<z.infer<typeof flowSchema>, 'expires'>;

/** States that were used already, in this process; DingTalk refuses the second use of a code everywhere. */
const usedStates = new Map<string, number>();

/** Begins a flow: its signed record goes into an HttpOnly cookie, its `state` travels through DingTalk. */
export function beginFlow(ctx: Context, flow: Flow): string {
  const state = randomBytes(32).toString('base64url');
  const record = Buffer.from(JSON.stringify({ ...flow, expires: Date.now() + LIFETIME_MS })).toString('base64url');
  const value = `${record}.${sign(ctx, state, record).toString('base64url')}`;
  dropOldest(ctx);
  ctx.cookies.set(cookieName(ctx, state), value, cookieOptions(ctx, LIFETIME_MS));
  return state;
}

/** The flow that this browser began with this state; undefined where there is none, or it is over. */
export function readFlow(ctx: Context, state: string): Flow | undefined {
  const [record, signature, ...rest] = readCookie(ctx, cookieName(ctx, state))?.split('.') ?? [];
  if (!record || !signature || rest.length || usedStates.has(state)) {
    return undefined;
  }
  const given = Buffer.from(signature, 'base64url');
  const expected = sign(ctx, state, record);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return undefined;
  }
  const { expires, ...flow } = flowSchema.parse(JSON.parse(Buffer.from(record, 'base64url').toString()));
  return expires > Date.now() ? flow : undefined;
}

/** As `beginFlow` makes it. */
export const stateSchema = z.string().regex(/^[\w-]{43}$/);

/** What comes back from DingTalk, as the callback page sends it. */
export const returned = z.object({ code: z.string().min(1).max(512), state: stateSchema });

/**
 * The flow that this browser began, and that what came back ends.
 *
 * @throws SignInError STATE_INVALID where there is none, or it is not the one that is meant
 */
export function finishFlow(ctx: Context, state: string, isMeant: (flow: Flow) => boolean): Flow {
  const flow = readFlow(ctx, state);
  if (!flow || !isMeant(flow)) {
    throw new SignInError('STATE_INVALID');
  }
  endFlow(ctx, state);
  return flow;
}

/** Ends a flow, whatever becomes of it: its state is never accepted again. */
export function endFlow(ctx: Context, state: string): void {
  forgetOldStates();
  // A copy: a text that was cut out of an address keeps the whole address in memory.
  usedStates.set(Buffer.from(state).toString(), Date.now() + LIFETIME_MS);
  ctx.cookies.set(cookieName(ctx, state), null, cookieOptions(ctx));
}

function forgetOldStates() {
  for (const [state, expires] of usedStates) {
    if (expires > Date.now() && usedStates.size < MAX_USED_STATES) {
      break;
    }
    usedStates.delete(state);
  }
}

/** One cookie a flow, so that two tabs do not disturb each other. */
const cookieName = (ctx: Context, state: string) => cookiePrefix(ctx) + state.slice(0, 16);

/**
 * Over https a name that browsers let this very host set, and nobody else: a page on a sibling domain could otherwise
 * plant the attacker's flow.
 */
const cookiePrefix = (ctx: Context) => `${isSecure(ctx) ? '__Host-' : ''}nb_dingtalk_${ctx.app.name}_`;

/** Browsers take the prefix `__Host-` with the path `/` alone. */
const cookieOptions = (ctx: Context, maxAge?: number) => ({
  ...getAuthCookieOptions(ctx, true, maxAge),
  ...(isSecure(ctx) && { path: '/' }),
});

function isSecure(ctx: Context): boolean {
  const { secure, secureProxy } = getAuthCookieOptions(ctx) as { secure: boolean; secureProxy?: boolean };
  return secure || secureProxy === true;
}

/** Whoever begins again and again, with a long address, must not be locked out by cookies. Browsers send the oldest first. */
function dropOldest(ctx: Context): void {
  const prefix = cookiePrefix(ctx);
  let bytes = 0;
  for (const cookie of cookiesOf(ctx).reverse()) {
    const [state] = cookie.startsWith(prefix) ? (/^[\w-]{16}(?==)/.exec(cookie.slice(prefix.length)) ?? []) : [];
    if (state && (bytes += cookie.length) > MAX_COOKIE_BYTES) {
      ctx.cookies.set(prefix + state, null, cookieOptions(ctx));
    }
  }
}

/** `ctx.cookies.get` keeps a pattern of every name that it is ever asked for, and here strangers choose the names. */
function readCookie(ctx: Context, name: string): string | undefined {
  return cookiesOf(ctx)
    .find((cookie) => cookie.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

const cookiesOf = (ctx: Context) => ctx.get('cookie').split('; ');

/** The signature covers the state: a record fits no other. The key is no key of NocoBase's own tokens. */
function sign(ctx: Context, state: string, record: string): Buffer {
  const key = createHmac('sha256', ctx.app.authManager.jwt.getSecret())
    .update(`dingtalk sign-in flow of ${ctx.app.name}`)
    .digest();
  return createHmac('sha256', key).update(`${state}.${record}`).digest();
}
