import type { Context } from '@nocobase/actions';
import { getOrigin, getRequestOrigin } from '@nocobase/utils';
import { z } from 'zod';
import { REDIRECT_ACTION } from '../../shared/constants';
import type { CallbackAddresses } from '../../shared/contract';
import { CodedError } from './coded-error';
import { requireTrustedOrigin } from './origin';

const url = { protocol: /^https?$/ };

/** The cookie of a flow holds the address and a return path of up to 2,000 characters; browsers drop one above 4 kB. */
const address = z.string().max(512);

/** The Redirect URL, as the settings form shows it. Not checked yet, see `requireOwnAddress`. */
export const redirectUri = address.pipe(z.url(url));

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
