import type { Context } from '@nocobase/actions';
import { getOrigin, getRequestOrigin } from '@nocobase/utils';
import { z } from 'zod';
import { CALLBACK_PATH, REDIRECT_ACTION } from '../../shared/constants';
import type { CallbackAddresses } from '../../shared/contract';
import { CodedError } from './coded-error';
import { requireTrustedOrigin } from './origin';

const url = { protocol: /^https?$/ };

/** The cookie of a flow holds the address and a return path of up to 2,000 characters; browsers drop one above 4 kB. */
const MAX_LENGTH = 512;

const address = z.string().max(MAX_LENGTH);

/** The Redirect URL, as the settings form shows it. Not checked yet, see `requireOwnAddress`. */
export const redirectUri = address.pipe(z.url(url));

/**
 * The client's sign-in page as the user left it, of any length: it names the page that was first wanted. Not checked yet,
 * see `callbackBeside`. A page that was open while the server was updated sends none, and tells its user REQUEST_INVALID,
 * whose sentence says to reload it.
 */
export const signInPage = z.url(url);

/** Not checked yet, see `requireOwnAddresses`. */
export const callbackAddresses = z.object({
  /** Normalized: it becomes a header, which takes ASCII alone. */
  callback: address.pipe(z.url({ ...url, normalize: true })),
  redirectUri,
});

/**
 * @param callbackPath of the page that finishes what begins
 * @throws CodedError ORIGIN_NOT_TRUSTED, REQUEST_INVALID
 */
export function requireOwnAddresses(
  ctx: Context,
  { callback, redirectUri }: CallbackAddresses,
  callbackPath: string,
): void {
  requireOwnAddress(ctx, callback, callbackPath);
  requireOwnAddress(ctx, redirectUri, `/${REDIRECT_ACTION}`);
}

/**
 * Accepts the address of one path of this NocoBase, below whatever base. Codes would be sent to any other address.
 *
 * @throws CodedError ORIGIN_NOT_TRUSTED, REQUEST_INVALID
 */
export function requireOwnAddress(ctx: Context, address: string, path: string): void {
  const url = new URL(address);
  requireTrustedOrigin(ctx, url.origin);
  if (!url.pathname.endsWith(path) || url.search || url.hash || url.username || url.password) {
    throw new CodedError('REQUEST_INVALID');
  }
}

/** As routers read a path: in capitals as well, and whatever slashes are at its end. */
const SIGN_IN_PAGE = /\/signin\/*$/i;

/**
 * Address of the page that finishes what a sign-in page of this NocoBase begins: beside it, below whatever base, and ASCII,
 * as it becomes a header. Nothing of the page's query and fragment is in it.
 *
 * @throws CodedError ORIGIN_NOT_TRUSTED, REQUEST_INVALID
 */
export function callbackBeside(ctx: Context, page: string): string {
  const { origin, pathname, username, password } = new URL(page);
  requireTrustedOrigin(ctx, origin);
  const callback = origin + pathname.replace(SIGN_IN_PAGE, CALLBACK_PATH);
  if (!SIGN_IN_PAGE.test(pathname) || username || password || callback.length > MAX_LENGTH) {
    throw new CodedError('REQUEST_INVALID');
  }
  return callback;
}

/**
 * The Redirect URL, as the settings form shows it: where the client names its sub-application by a header, the path names
 * it, as DingTalk sends no header. At a domain of its own a sub-application needs no name.
 *
 * @param given with the name or without, after `requireOwnAddress`
 */
export function namingApplication(ctx: Context, given: string): string {
  const { name } = ctx.app;
  const named = `/__app/${name}/${REDIRECT_ACTION}`;
  const isNamed = name === 'main' || name !== ctx.get('x-app') || given.endsWith(named);
  return isNamed ? given : given.slice(0, -`/${REDIRECT_ACTION}`.length) + named;
}

/**
 * Absolute address of an action, for somebody else than a page to call: below what a browser uses, as it named it in this
 * request. In a sub-application the path names that, as DingTalk sends no header for it.
 */
export function actionUrl(ctx: Context, action: string): string {
  const { API_BASE_URL, API_BASE_PATH = '/api/' } = process.env;
  const origin = ctx.get('origin') || getOrigin(ctx.get('referer')) || getRequestOrigin(ctx);
  const base = API_BASE_URL || `${origin}${API_BASE_PATH}`;
  const app = ctx.app.name === 'main' ? '' : `__app/${ctx.app.name}/`;
  return `${base.replace(/\/*$/, '/')}${app}${action}`;
}
