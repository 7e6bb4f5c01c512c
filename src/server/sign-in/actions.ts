import { z } from 'zod';
import { REDIRECT_ACTION } from '../../shared/constants';
import { callbackBeside, namingApplication, redirectUri, requireOwnAddress, signInPage } from '../http/addresses';
import { beginInBrowser } from '../authorization/browser';
import { beginFlow } from '../authorization/flow';
import { landingPage } from '../authorization/return-path';
import { requireAuthenticator } from '../configuration/authenticators';
import { definePostAction } from '../http/actions';
import { requireSelected } from './auth-dingtalk';
import { requireInside } from './find-user';

/** `POST dingtalk:getAuthUrl` begins a sign-in in a browser. */
export const getAuthUrl = definePostAction('getAuthUrl', {
  topic: 'sign-in',
  body: z.object({ page: signInPage, redirectUri }),
  authenticatorOf: (ctx) => ctx.get('X-Authenticator'),
  async run(ctx, { page, redirectUri }) {
    const name = requireSelected(ctx);
    const callback = callbackBeside(ctx, page);
    requireOwnAddress(ctx, redirectUri, `/${REDIRECT_ACTION}`);
    const flow = { purpose: 'signIn', callback, redirect: landingPage(page, callback) } as const;
    const authenticator = await requireAuthenticator(ctx, name);
    return { url: await beginInBrowser(ctx, authenticator, namingApplication(ctx, redirectUri), flow) };
  },
});

/**
 * `POST dingtalk:getState` begins a sign-in on a page inside the DingTalk client, which hands the code to the page
 * itself. DingTalk redirects nothing to a callback page then: the address of the sign-in page only tells which client begins.
 */
export const getState = definePostAction('getState', {
  topic: 'sign-in',
  body: z.object({ page: signInPage }),
  authenticatorOf: (ctx) => ctx.get('X-Authenticator'),
  async run(ctx, { page }) {
    const authenticator = requireSelected(ctx);
    const callback = callbackBeside(ctx, page);
    const { settings } = await requireAuthenticator(ctx, authenticator);
    requireInside(settings);
    const flow = { purpose: 'signInInside', authenticator, redirect: landingPage(page, callback) } as const;
    return { state: beginFlow(ctx, flow) };
  },
});
