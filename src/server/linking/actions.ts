import type { Context, Next } from '@nocobase/actions';
import { z } from 'zod';
import { LINK_PATH } from '../../shared/constants';
import { callbackAddresses, requireOwnAddresses } from '../http/addresses';
import { beginInBrowser } from '../authorization/browser';
import { callbackParams, finishFlow, readFlow } from '../authorization/flow';
import { requireAuthenticator } from '../configuration/authenticators';
import { definePostAction } from '../http/actions';
import { setNoStore } from '../http/privacy';
import { logSuccess } from '../http/report';
import * as links from './links';

/** No control characters: SQLite fails at a NUL. */
const text = z.string().regex(/^\P{Cc}{0,255}$/u);
const authenticator = text.min(1);
/** Eighteen digits fit into a bigint; PostgreSQL fails at more. */
const userId = z.union([z.number().int(), z.string().regex(/^\d{1,18}$/)]).transform(String);

/** The ID of the user whose session the request has, through whatever authenticator it was opened. */
const currentUserId = (ctx: Context): string => String(ctx.state.currentUser.id);

/** `dingtalk:getLinks` */
export const getLinks = { name: 'getLinks', handler: handleGetLinks } as const;

async function handleGetLinks(ctx: Context, next: Next): Promise<void> {
  setNoStore(ctx);
  ctx.body = await links.linksOf(ctx, currentUserId(ctx));
  await next();
}

/** `POST dingtalk:getLinkUrl` */
export const getLinkUrl = definePostAction('getLinkUrl', {
  topic: 'link',
  body: callbackAddresses.extend({ authenticator }),
  authenticatorOf: (_, body) => body.authenticator,
  async run(ctx, { authenticator: name, callback, redirectUri }) {
    const authenticator = await requireAuthenticator(ctx, name);
    requireOwnAddresses(ctx, { callback, redirectUri }, LINK_PATH);
    const flow = { purpose: 'link', callback, userId: currentUserId(ctx) } as const;
    return { url: await beginInBrowser(ctx, authenticator, redirectUri, flow) };
  },
});

/**
 * `POST dingtalk:link`. The cookie of the flow proves that this browser and this user began it: a page of another site
 * could otherwise link the attacker's account with the user.
 */
export const link = definePostAction('link', {
  topic: 'link',
  body: callbackParams,
  authenticatorOf: (ctx, { state }) => readFlow(ctx, state)?.authenticator,
  async run(ctx, { code, state }) {
    const userId = currentUserId(ctx);
    const flow = finishFlow(ctx, state, (begun) => begun.purpose === 'link' && begun.userId === userId);
    const { authenticator } = flow;
    await links.link(ctx, await requireAuthenticator(ctx, authenticator), userId, code);
    logSuccess(ctx, 'link', { outcome: 'LINKED', authenticator });
    return { authenticator };
  },
});

/** `POST dingtalk:unlink` */
export const unlink = definePostAction('unlink', {
  topic: 'link',
  body: z.object({ authenticator }),
  authenticatorOf: (_, body) => body.authenticator,
  async run(ctx, { authenticator }) {
    await links.unlink(ctx, await requireAuthenticator(ctx, authenticator), currentUserId(ctx), { canLockOut: false });
    logSuccess(ctx, 'link', { outcome: 'UNLINKED', authenticator });
    return {};
  },
});

/** `POST dingtalk:unlinkUser`, also of an authenticator that is disabled. */
export const unlinkUser = definePostAction('unlinkUser', {
  topic: 'link',
  body: z.object({ authenticator, user: userId }),
  authenticatorOf: (_, body) => body.authenticator,
  async run(ctx, { authenticator, user }) {
    await links.unlink(ctx, await requireAuthenticator(ctx, authenticator, 'any'), user, { canLockOut: true });
    logSuccess(ctx, 'link', { outcome: 'UNLINKED', authenticator });
    return {};
  },
});

/** `POST dingtalk:getLinkedUsers`. The settings form asks it of an authenticator that is not saved yet, too. */
export const getLinkedUsers = definePostAction('getLinkedUsers', {
  topic: 'link',
  body: z.object({ authenticator, search: text.default('') }),
  authenticatorOf: (_, body) => body.authenticator,
  async run(ctx, { authenticator, search }) {
    if (!(await ctx.db.getModel('authenticators').count({ where: { name: authenticator } }))) {
      return { users: [], more: false };
    }
    const saved = await requireAuthenticator(ctx, authenticator, 'any');
    return links.linkedUsersOf(ctx, saved, search.trim());
  },
});
