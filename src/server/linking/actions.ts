import type { Context, Next } from '@nocobase/actions';
import { z } from 'zod';
import { LINK_PATH } from '../../shared/constants';
import { AuthDingTalk } from '../sign-in/auth-dingtalk';
import { finishFlow, returned } from '../authorization/flow';
import { link as linkAccount, linkedUsers, linksOf, unlink as unlinkAccount } from './linking';
import { logSuccess } from '../http/report';
import { addresses, assertAddresses } from '../authorization/addresses';
import { keepPrivate } from '../http/keep-private';
import { post } from '../http/action';

/** No control characters: SQLite fails at a NUL. */
const text = z.string().regex(/^\P{Cc}{0,255}$/u);
const authenticator = text.min(1);
/** Eighteen digits fit into a bigint; at more PostgreSQL fails. */
const userId = z.union([z.number().int(), z.string().regex(/^\d{1,18}$/)]).transform(String);

/** Who is signed in, whatever they signed in with. */
const me = (ctx: Context): string => String(ctx.state.currentUser.id);

/** `dingtalk:getLinks` answers what the user's settings show, see `Link`. */
export async function getLinks(ctx: Context, next: Next) {
  keepPrivate(ctx);
  ctx.body = await linksOf(ctx, me(ctx));
  await next();
}

/** `POST dingtalk:getLinkUrl` begins to link the user: answers `{ url }`, and sets the flow's cookie. */
export const getLinkUrl = post('link', addresses.extend({ authenticator }), async (ctx, body, matter) => {
  matter.authenticator = body.authenticator;
  const auth = await AuthDingTalk.find(ctx, { name: body.authenticator, enabled: true });
  assertAddresses(ctx, body, LINK_PATH);
  const { callback, redirectUri } = body;
  return { url: await auth.begin(redirectUri, { purpose: 'link', callback, userId: me(ctx) }) };
});

/**
 * `POST dingtalk:link` links the user with the DingTalk account that approved: answers `{ authenticator }`.
 *
 * Nobody is linked by a page of somebody else: the flow's cookie says that this browser began it, and this user.
 */
export const link = post('link', returned, async (ctx, { code, state }, matter) => {
  const flow = finishFlow(ctx, state, ({ purpose, userId }) => purpose === 'link' && userId === me(ctx));
  matter.authenticator = flow.authenticator;
  const auth = await AuthDingTalk.find(ctx, { name: flow.authenticator, enabled: true });
  await linkAccount(auth, me(ctx), code);
  logSuccess(ctx, 'LINKED', matter);
  return { authenticator: flow.authenticator };
});

/** `POST dingtalk:unlink` takes the user's own link away, unless they could not sign in any more without it. */
export const unlink = post('link', z.object({ authenticator }), async (ctx, body, matter) => {
  matter.authenticator = body.authenticator;
  const auth = await AuthDingTalk.find(ctx, { name: body.authenticator, enabled: true });
  await unlinkAccount(auth, me(ctx));
  logSuccess(ctx, 'UNLINKED', matter);
  return {};
});

/** `POST dingtalk:unlinkUser` takes anybody's link away. For administrators. */
export const unlinkUser = post('link', z.object({ authenticator, user: userId }), async (ctx, body, matter) => {
  matter.authenticator = body.authenticator;
  await unlinkAccount(await AuthDingTalk.find(ctx, { name: body.authenticator }), body.user, { anyway: true });
  logSuccess(ctx, 'UNLINKED', matter);
  return {};
});

/** `POST dingtalk:getLinkedUsers` answers whom `unlinkUser` can be asked for, see `LinkedUsers`. For administrators. */
export const getLinkedUsers = post(
  'link',
  z.object({ authenticator, search: text.default('') }),
  async (ctx, { authenticator, search }, matter) => {
    matter.authenticator = authenticator;
    const isSaved = await ctx.db.getModel('authenticators').count({ where: { name: authenticator } });
    return isSaved
      ? linkedUsers(await AuthDingTalk.find(ctx, { name: authenticator }), search.trim())
      : // The settings form asks for one that is not saved yet.
        { users: [], more: false };
  },
);
