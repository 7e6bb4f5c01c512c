import type { Context, Next } from '@nocobase/actions';
import { getRequestOrigin, isTrustedOrigin } from '@nocobase/utils';
import { z } from 'zod';
import { CALLBACK_PATH, REDIRECT_ACTION } from '../../constants';
import { AuthDingTalk } from '../auth-dingtalk';
import { SignInError } from '../errors';
import { redirectTarget } from '../redirect-target';
import { refusal } from '../report';
import { keepPrivate } from './keep-private';

const url = { protocol: /^https?$/ };
/** With the page that was wanted, it fits into a cookie. */
const text = z.string().max(512);

/** The Redirect URL, as the settings form shows it; judged by `assertOurs`. */
export const redirectUri = text.pipe(z.url(url));

/** The addresses come from the page, as only the browser knows them for certain behind proxies and in sub-applications. */
const body = z.object({
  /** The callback page of the client that begins; written as a header can carry it. */
  callback: text.pipe(z.url({ ...url, normalize: true })),
  redirectUri,
  /** Of the page that the person first wanted; judged by `redirectTarget`. */
  redirect: z.unknown().optional(),
});

/** `POST dingtalk:getAuthUrl` begins a sign-in: answers `{ url }`, where the browser is to go, and sets the flow's cookie. */
export async function getAuthUrl(ctx: Context, next: Next) {
  keepPrivate(ctx);
  try {
    const auth = AuthDingTalk.named(ctx);
    const { data } = body.safeParse(ctx.method === 'POST' && ctx.action.params.values);
    if (!data) {
      throw new SignInError('REQUEST_INVALID');
    }
    assertOurs(ctx, data.callback, CALLBACK_PATH);
    assertOurs(ctx, data.redirectUri, `/${REDIRECT_ACTION}`);
    ctx.body = { url: await auth.begin({ ...data, redirect: redirectTarget(data.redirect) }) };
  } catch (error) {
    const { status, message, code } = refusal(ctx, error, ctx.get('X-Authenticator'));
    ctx.throw(status, message, { code });
  }
  await next();
}

/**
 * Lets pass the address of a path on this NocoBase alone.
 *
 * @throws SignInError ORIGIN_NOT_TRUSTED where NocoBase would refuse `auth:signIn` too, most often because a reverse
 * proxy does not say under which address it was called
 */
export function assertOurs(ctx: Context, text: string, path: string) {
  const url = new URL(text);
  if (!isTrustedOrigin(ctx, url.origin)) {
    throw new SignInError('ORIGIN_NOT_TRUSTED', {
      reason: `the browser is at ${url.origin}, the headers say ${getRequestOrigin(ctx)}`,
    });
  }
  if (!url.pathname.endsWith(path) || url.search || url.hash || url.username || url.password) {
    throw new SignInError('REQUEST_INVALID');
  }
}
