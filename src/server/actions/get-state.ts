import type { Context, Next } from '@nocobase/actions';
import { AuthDingTalk } from '../auth-dingtalk';
import { SignInError } from '../errors';
import { redirectTarget } from '../redirect-target';
import { refusal } from '../report';
import { keepPrivate } from './keep-private';

/**
 * `POST dingtalk:getState` begins a sign-in on a page inside the DingTalk client: answers `{ state }`, which goes to
 * `auth:signIn` with the code that the client gives the page, and sets the flow's cookie.
 */
export async function getState(ctx: Context, next: Next) {
  keepPrivate(ctx);
  try {
    const auth = AuthDingTalk.named(ctx);
    if (ctx.method !== 'POST') {
      throw new SignInError('REQUEST_INVALID');
    }
    ctx.body = { state: await auth.beginInside(redirectTarget(ctx.action.params.values?.redirect)) };
  } catch (error) {
    const { status, message, code } = refusal(ctx, error, ctx.get('X-Authenticator'));
    ctx.throw(status, message, { code });
  }
  await next();
}
