import { z } from 'zod';
import { CALLBACK_PATH } from '../../shared/constants';
import { AuthDingTalk } from './auth-dingtalk';
import { landingPage } from '../authorization/return-path';
import { addresses, assertOurs } from '../authorization/addresses';
import { post } from '../http/action';

/** Nobody comes back here to the callback page, but it says which client asks. */
const body = addresses.pick({ callback: true }).extend({ redirect: z.unknown().optional() });

/**
 * `POST dingtalk:getState` begins a sign-in on a page inside the DingTalk client: answers `{ state }`, which goes to
 * `auth:signIn` with the code that the client gives the page, and sets the flow's cookie.
 */
export const getState = post('sign-in', body, async (ctx, { callback, redirect }, matter) => {
  matter.authenticator = ctx.get('X-Authenticator');
  const auth = AuthDingTalk.named(ctx);
  assertOurs(ctx, callback, CALLBACK_PATH);
  return { state: await auth.beginInside(landingPage(redirect, callback)) };
});
