import type { Context, Next } from '@nocobase/actions';
import { z } from 'zod';
import { LINK_PATH } from '../../shared/constants';
import { linkedUsersOf } from '../accounts/linked-users';
import { announceBinding } from '../accounts/notice';
import { callbackAddresses, requireOwnAddresses } from '../http/addresses';
import { beginInBrowser, fetchApprovedAccount } from '../authorization/browser';
import { callbackParams, finishApproved, type Flow, readApproved } from '../authorization/flow';
import {
  endPendingLink,
  finishPendingLink,
  keepPendingLink,
  type PendingRecord,
  readPendingLink,
} from '../authorization/pending-link';
import { type Authenticator, requireAuthenticator } from '../configuration/authenticators';
import { CodedError } from '../http/coded-error';
import { definePostAction, noBody, rowId, text } from '../http/actions';
import { putLoggedFields, setNoStore } from '../http/privacy';
import { logSuccess } from '../http/report';
import { block, exclusionsOf, unblock as takeBack } from './blocks';
import * as links from './links';

const authenticator = text.min(1);
const flag = z.boolean().default(false);

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
 * could otherwise bring the attacker's account. It is not linked yet: the user is asked, by its name.
 */
export const link = definePostAction('link', {
  topic: 'link',
  body: callbackParams,
  authenticatorOf: (ctx, { flow }) => readApproved(ctx, flow)?.authenticator,
  async run(ctx, { flow }) {
    const userId = currentUserId(ctx);
    const isOwn = ({ purpose, userId: begunBy }: Flow) => purpose === 'link' && begunBy === userId;
    const { flow: begun, code } = finishApproved(ctx, flow, isOwn);
    const { authenticator: name, expires } = begun;
    const authenticator = await requireAuthenticator(ctx, name);
    const account = await fetchApprovedAccount(authenticator.settings, code);
    const olderKey = await links.requireLinkable(ctx, authenticator, userId, account);
    const confirmation = keepPendingLink(ctx, {
      authenticator: name,
      account,
      userId,
      origin: 'link',
      expires,
      olderKeys: olderKey ? [olderKey] : [],
    });
    return links.toPendingLink(authenticator, { confirmation, account });
  },
});

/** Who may confirm: a link, the user alone who began it; a sign-in, any user, whoever was found by the account. */
const isFor = (ctx: Context, { origin, userId }: PendingRecord) => origin === 'signIn' || userId === currentUserId(ctx);

/** `POST dingtalk:getPendingLink` */
export const getPendingLink = definePostAction('getPendingLink', {
  topic: 'link',
  body: noBody,
  async run(ctx) {
    const pending = readPendingLink(ctx);
    const authenticator = pending && isFor(ctx, pending) ? await findAuthenticator(ctx, pending) : undefined;
    const isAsked =
      pending && authenticator && !(await links.isLinkedOtherwise(ctx, authenticator, currentUserId(ctx), pending));
    return { pending: isAsked ? links.toPendingLink(authenticator, pending) : null };
  },
});

/** Undefined where it was disabled meanwhile: then there is nothing to confirm, and nothing has failed. */
async function findAuthenticator(ctx: Context, { authenticator }: PendingRecord): Promise<Authenticator | undefined> {
  try {
    return await requireAuthenticator(ctx, authenticator);
  } catch (error) {
    if (error instanceof CodedError) {
      return undefined;
    }
    throw error;
  }
}

const confirmation = z.object({ confirmation: z.string().regex(/^[\w-]{43}$/) });

/** `POST dingtalk:confirmLink` */
export const confirmLink = definePostAction('confirmLink', {
  topic: 'link',
  body: confirmation,
  authenticatorOf: (ctx) => readPendingLink(ctx)?.authenticator,
  async run(ctx, { confirmation }) {
    const userId = currentUserId(ctx);
    const pending = finishPendingLink(ctx, confirmation, (waiting) => isFor(ctx, waiting));
    const { authenticator, origin } = pending;
    putLoggedFields(ctx, { authenticator });
    const saved = await requireAuthenticator(ctx, authenticator);
    await links.confirm(ctx, saved, userId, pending);
    const topic = origin === 'signIn' ? 'sign-in' : 'link';
    logSuccess(ctx, topic, { outcome: 'LINKED', authenticator, userId, rule: 'confirmed' });
    const title = saved.model.get('title');
    announceBinding(ctx, {
      authenticator: { name: authenticator, title },
      userId,
      account: pending.account,
      rule: 'confirmed',
    });
    return { authenticator };
  },
});

/** `POST dingtalk:declineLink`. Whoever uses the browser may forget what waits there. */
export const declineLink = definePostAction('declineLink', {
  topic: 'link',
  body: confirmation,
  authenticatorOf: (ctx) => readPendingLink(ctx)?.authenticator,
  async run(ctx, { confirmation }) {
    if (readPendingLink(ctx)?.confirmation === confirmation) {
      endPendingLink(ctx, confirmation);
    }
    return {};
  },
});

/** `POST dingtalk:unlink` */
export const unlink = definePostAction('unlink', {
  topic: 'link',
  body: z.object({ authenticator }),
  authenticatorOf: (_, body) => body.authenticator,
  async run(ctx, { authenticator }) {
    const userId = currentUserId(ctx);
    await links.unlink(ctx, await requireAuthenticator(ctx, authenticator), userId, { canLockOut: false, by: userId });
    logSuccess(ctx, 'link', { outcome: 'UNLINKED', authenticator, userId });
    return {};
  },
});

/** `POST dingtalk:unlinkUser`, also of an authenticator that is disabled. */
export const unlinkUser = definePostAction('unlinkUser', {
  topic: 'link',
  body: z.object({ authenticator, user: rowId, endSessions: flag, matchAgain: flag }),
  authenticatorOf: (_, body) => body.authenticator,
  async run(ctx, { authenticator, user: userId, endSessions, matchAgain }) {
    const by = currentUserId(ctx);
    const saved = await requireAuthenticator(ctx, authenticator, 'any');
    await links.unlink(ctx, saved, userId, { canLockOut: true, by, endSessions, matchAgain });
    logSuccess(ctx, 'link', { outcome: 'UNLINKED', authenticator, userId, by });
    return {};
  },
});

/** `POST dingtalk:blockUser`, also of a user who is not linked. */
export const blockUser = definePostAction('blockUser', {
  topic: 'link',
  body: z.object({ authenticator, user: rowId }),
  authenticatorOf: (_, body) => body.authenticator,
  async run(ctx, { authenticator, user: userId }) {
    const by = currentUserId(ctx);
    const waysIn = await block(ctx, await requireAuthenticator(ctx, authenticator, 'any'), userId, by);
    logSuccess(ctx, 'link', { outcome: 'BLOCKED', authenticator, userId, by });
    return { waysIn };
  },
});

/** `POST dingtalk:unblock` */
export const unblock = definePostAction('unblock', {
  topic: 'link',
  body: z.object({ authenticator, id: rowId }),
  authenticatorOf: (_, body) => body.authenticator,
  async run(ctx, { authenticator, id }) {
    const userId = await takeBack(ctx, await requireAuthenticator(ctx, authenticator, 'any'), id);
    putLoggedFields(ctx, { authenticator, user: userId });
    logSuccess(ctx, 'link', { outcome: 'UNBLOCKED', authenticator, userId, by: currentUserId(ctx) });
    return {};
  },
});

/** `POST dingtalk:getBlocked` */
export const getBlocked = definePostAction('getBlocked', {
  topic: 'link',
  body: z.object({
    authenticator,
    list: z.enum(['blocked', 'notMatchedAgain']).default('blocked'),
    search: text.default(''),
  }),
  authenticatorOf: (_, body) => body.authenticator,
  async run(ctx, { authenticator, list, search }) {
    const saved = await findSaved(ctx, authenticator);
    return saved ? exclusionsOf(ctx, saved, { list, search: search.trim() }) : { exclusions: [], more: false };
  },
});

/** `POST dingtalk:getLinkedUsers` */
export const getLinkedUsers = definePostAction('getLinkedUsers', {
  topic: 'link',
  body: z.object({ authenticator, search: text.default('') }),
  authenticatorOf: (_, body) => body.authenticator,
  async run(ctx, { authenticator, search }) {
    const saved = await findSaved(ctx, authenticator);
    return saved ? linkedUsersOf(ctx, saved, search.trim()) : { users: [], more: false };
  },
});

/** Undefined for one that is not saved yet: the settings form asks for its lists, too. */
async function findSaved(ctx: Context, name: string): Promise<Authenticator | undefined> {
  const isSaved = await ctx.db.getModel('authenticators').count({ where: { name } });
  return isSaved ? requireAuthenticator(ctx, name, 'any') : undefined;
}
