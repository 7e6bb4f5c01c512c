import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from '@nocobase/actions';
import { getAuthCookieOptions } from '@nocobase/utils';
import { keyOf } from '../http/key';

/** How long the user may take in DingTalk, and until an account that waits for a link is confirmed. */
export const LIFETIME_MS = 10 * 60 * 1000;

const MAX_USED = 10_000;
/** Of all our cookies in one browser. A server refuses a request whose cookies are longer than 8 kB, as nginx does. */
const MAX_COOKIE_BYTES = 4000;

/** What a record is: each has a key of its own, so that none passes as one of the other kind. */
type Kind = 'sign-in flow' | 'authorization code' | 'pending link';

interface SignedCookie {
  kind: Kind;
  /** Last part of the cookie's name. */
  name: string;
  /** What the record belongs to: the signature covers it, so that the record cannot be moved to another one. */
  owner: string;
}

/** The name of the one cookie for an account that waits for a link. */
export const PENDING = 'pending';

/** How many characters of its state name the cookies of a flow. */
export const FLOW_ID = 16;

/** Ends the name of the cookie with the authorization code of a flow. */
export const CODE = '_code';

/** Keeps a record in the browser, where scripts do not read it, until a time in milliseconds since 1970. */
export function setSignedCookie(ctx: Context, cookie: SignedCookie, content: object, expires: number): void {
  const record = Buffer.from(JSON.stringify(content)).toString('base64url');
  const value = `${record}.${sign(ctx, cookie, record).toString('base64url')}`;
  deleteOldestCookies(ctx, cookie.name);
  ctx.cookies.set(cookiePrefix(ctx) + cookie.name, value, cookieOptions(ctx, Math.max(1, expires - Date.now())));
}

/** The record that this server signed, or undefined. Its signature is right; whether it has expired is not checked. */
export function readSignedCookie(ctx: Context, cookie: SignedCookie): unknown {
  const [record, signature, ...rest] = readCookie(ctx, cookiePrefix(ctx) + cookie.name)?.split('.') ?? [];
  if (!record || !signature || rest.length) {
    return undefined;
  }
  const given = Buffer.from(signature, 'base64url');
  const expected = sign(ctx, cookie, record);
  // `timingSafeEqual` throws where the lengths differ.
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return undefined;
  }
  return JSON.parse(Buffer.from(record, 'base64url').toString());
}

export function deleteCookie(ctx: Context, name: string): void {
  ctx.cookies.set(cookiePrefix(ctx) + name, null, cookieOptions(ctx));
}

/** What was used in this process, and is not to be used again. */
export class UsedOnce {
  private readonly used = new Map<string, number>();

  has(text: string): boolean {
    return this.used.has(text);
  }

  add(text: string): void {
    this.forgetOld();
    // A copy: the text may be a slice of the request's address, and V8 would keep the whole address in memory with it.
    this.used.set(Buffer.from(text).toString(), Date.now() + LIFETIME_MS);
  }

  private forgetOld(): void {
    for (const [text, expires] of this.used) {
      if (expires > Date.now() && this.used.size < MAX_USED) {
        break;
      }
      this.used.delete(text);
    }
  }
}

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

/** Last parts of our cookies' names: the beginning of a state, perhaps with `CODE`, or `PENDING`. */
const OUR_NAME = new RegExp(`^([\\w-]{${FLOW_ID}}(${CODE})?|${PENDING})(?==)`);

/**
 * Deletes the oldest flows of a browser that began many with long return paths: its requests would otherwise exceed the
 * limit of the server, and every page would fail. Browsers send the oldest cookie first. The flow that has come back is
 * about to end, and stays whatever its age.
 *
 * @param replaced name of the cookie that is about to be set, which does not count
 */
function deleteOldestCookies(ctx: Context, replaced: string): void {
  const prefix = cookiePrefix(ctx);
  const others = cookiesOf(ctx).flatMap((cookie) => {
    const [name] = cookie.startsWith(prefix) ? (OUR_NAME.exec(cookie.slice(prefix.length)) ?? []) : [];
    return name && name !== replaced ? [{ name, length: cookie.length }] : [];
  });
  const isOfSameFlow = (name: string) => name.slice(0, FLOW_ID) === replaced.slice(0, FLOW_ID);
  let bytes = 0;
  // Those of the same flow first, then the newest. The order is kept among the others.
  for (const { name, length } of others
    .reverse()
    .sort((a, b) => Number(isOfSameFlow(b.name)) - Number(isOfSameFlow(a.name)))) {
    if ((bytes += length) > MAX_COOKIE_BYTES) {
      deleteCookie(ctx, name);
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
 * This is deliberately not a JWT: NocoBase's sessions are JWTs, signed with the secret from which this key is derived.
 * In another format a record cannot pass as a session even if the keys were ever mixed up, and there is no header from
 * which an algorithm could be chosen.
 */
function sign(ctx: Context, { kind, owner }: SignedCookie, record: string): Buffer {
  return createHmac('sha256', keyOf(ctx, kind)).update(`${owner}.${record}`).digest();
}
