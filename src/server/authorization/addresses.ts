import type { Context } from '@nocobase/actions';
import { z } from 'zod';
import { REDIRECT_ACTION } from '../../shared/constants';
import { SignInError } from '../http/errors';
import { assertTrusted } from '../http/origin';

const url = { protocol: /^https?$/ };
/** With the page that was wanted, it fits into a cookie. */
const text = z.string().max(512);

/** The Redirect URL, as the settings form shows it; judged by `assertOurs`. */
export const redirectUri = text.pipe(z.url(url));

/** They come from the page, as only the browser knows them for certain behind proxies and in sub-applications. */
export const addresses = z.object({
  /** The callback page of the client that begins; written as a header can carry it. */
  callback: text.pipe(z.url({ ...url, normalize: true })),
  redirectUri,
});

/**
 * @param callbackPath of the page that finishes what begins
 * @throws SignInError ORIGIN_NOT_TRUSTED, REQUEST_INVALID
 */
export function assertAddresses(
  ctx: Context,
  { callback, redirectUri }: z.infer<typeof addresses>,
  callbackPath: string,
): void {
  assertOurs(ctx, callback, callbackPath);
  assertOurs(ctx, redirectUri, `/${REDIRECT_ACTION}`);
}

/**
 * Lets pass the address of a path on this NocoBase alone.
 *
 * @throws SignInError ORIGIN_NOT_TRUSTED, REQUEST_INVALID
 */
export function assertOurs(ctx: Context, text: string, path: string): void {
  const url = new URL(text);
  assertTrusted(ctx, url.origin);
  if (!url.pathname.endsWith(path) || url.search || url.hash || url.username || url.password) {
    throw new SignInError('REQUEST_INVALID');
  }
}
