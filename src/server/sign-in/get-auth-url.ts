import { z } from 'zod';
import { CALLBACK_PATH } from '../../shared/constants';
import { AuthDingTalk } from './auth-dingtalk';
import { landingPage } from '../authorization/return-path';
import { addresses, assertAddresses } from '../authorization/addresses';
import { post } from '../http/action';

/** `redirect`: address of the page that the person first wanted; judged by `landingPage`. */
const body = addresses.extend({ redirect: z.unknown().optional() });

/** `POST dingtalk:getAuthUrl` begins a sign-in: answers `{ url }`, where the browser is to go, and sets the flow's cookie. */
export const getAuthUrl = post('sign-in', body, async (ctx, { callback, redirectUri, redirect }, matter) => {
  matter.authenticator = ctx.get('X-Authenticator');
  const auth = AuthDingTalk.named(ctx);
  assertAddresses(ctx, { callback, redirectUri }, CALLBACK_PATH);
  return {
    url: await auth.begin(redirectUri, { purpose: 'signIn', callback, redirect: landingPage(redirect, callback) }),
  };
});
