import { z } from 'zod';
import { CALLBACK_PATH } from '../../shared/constants';
import { callbackAddresses, requireOwnAddress, requireOwnAddresses } from '../http/addresses';
import { beginInBrowser } from '../authorization/browser';
import { beginFlow } from '../authorization/flow';
import { landingPage } from '../authorization/return-path';
import { requireAuthenticator } from '../configuration/authenticators';
import { definePostAction } from '../http/actions';
import { requireSelected } from './auth-dingtalk';
import { requireInside } from './find-user';

/** `redirect` is not refused but ignored where it leads elsewhere, see `landingPage`. */
const returnPath = { redirect: z.unknown().optional() };

/** `POST dingtalk:getAuthUrl` begins a sign-in in a browser. */
export const getAuthUrl = definePostAction('getAuthUrl', {
  topic: 'sign-in',
  body: callbackAddresses.extend(returnPath),
  authenticatorOf: (ctx) => ctx.get('X-Authenticator'),
  async run(ctx, { callback, redirectUri, redirect }) {
    const name = requireSelected(ctx);
    requireOwnAddresses(ctx, { callback, redirectUri }, CALLBACK_PATH);
    const flow = { purpose: 'signIn', callback, redirect: landingPage(redirect, callback) } as const;
    return { url: await beginInBrowser(ctx, await requireAuthenticator(ctx, name), redirectUri, flow) };
  },
});

/**
 * `POST dingtalk:getState` begins a sign-in on a page inside the DingTalk client, which hands the code to the page
 * itself. DingTalk redirects nothing to the callback page then: its address only tells which client begins.
 */
export const getState = definePostAction('getState', {
  topic: 'sign-in',
  body: callbackAddresses.pick({ callback: true }).extend(returnPath),
  authenticatorOf: (ctx) => ctx.get('X-Authenticator'),
  async run(ctx, { callback, redirect }) {
    const authenticator = requireSelected(ctx);
    requireOwnAddress(ctx, callback, CALLBACK_PATH);
    const { settings } = await requireAuthenticator(ctx, authenticator);
    requireInside(settings);
    const flow = { purpose: 'signInInside', authenticator, redirect: landingPage(redirect, callback) } as const;
    return { state: beginFlow(ctx, flow) };
  },
});
