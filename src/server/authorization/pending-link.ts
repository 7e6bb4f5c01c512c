import { createHmac, randomBytes } from 'node:crypto';
import type { Context } from '@nocobase/actions';
import { z } from 'zod';
import type { DingTalkAccount } from '../dingtalk/api';
import { CodedError } from '../http/coded-error';
import { keyOf } from '../http/key';
import { deleteCookie, PENDING, readSignedCookie, setSignedCookie, UsedOnce } from './signed-cookie';

/** The cookie must stay far below the 4 kB that a browser keeps. DingTalk's own limits are lower than these. */
const MAX_NICKNAME = 64;
const MAX_AVATAR = 255;

const pendingSchema = z.object({
  /** Names this account among those that waited in this browser: it is confirmed or declined by this. */
  confirmation: z.string(),
  /** Name of the authenticator. */
  authenticator: z.string(),
  /** As much of it as a binding needs. Its phone number and e-mail address are not among it. */
  account: z.object({
    unionId: z.string(),
    openId: z.string().optional(),
    nick: z.string().optional(),
    avatarUrl: z.string().optional(),
    corpId: z.string().optional(),
  }),
  /** ID of the user who began to link it, who alone may confirm; none where a sign-in began it. */
  userId: z.string().optional(),
  /** What approved: a sign-in that ended with `LINK_FIRST`, or a link. */
  origin: z.enum(['signIn', 'link']),
  /** Fingerprints of the older keys by which the account has a user. */
  olderKeys: z.array(z.string()).optional(),
  /** When it began to wait; milliseconds since 1970. */
  since: z.number(),
  /** The same; the flow would have ended then. */
  expires: z.number(),
});

/**
 * An account that approved in DingTalk, and that waits until a user who is signed in agrees to be linked with it. Like a
 * flow it is stored in the browser alone, but there is one at most, and no flow is finished by it.
 */
export type PendingRecord = z.infer<typeof pendingSchema>;

interface NewPendingLink extends Pick<PendingRecord, 'authenticator' | 'userId' | 'origin' | 'expires'> {
  account: DingTalkAccount;
  /** The keys of bindings by which the plugin used before knew the account, and that linking replaces. */
  olderKeys?: string[];
}

/** Confirmations that this process has seen the end of. */
const usedConfirmations = new UsedOnce();

/**
 * Lets an account wait in this browser, in place of one that waits there already.
 *
 * @param pending `expires` of the flow: what remains of its ten minutes remains for the user
 * @returns the confirmation: 43 characters
 */
export function keepPendingLink(ctx: Context, { account, olderKeys, ...pending }: NewPendingLink): string {
  const confirmation = randomBytes(32).toString('base64url');
  const record: PendingRecord = {
    ...pending,
    confirmation,
    since: Date.now(),
    account: accountOf(account),
    ...(olderKeys?.length && { olderKeys: olderKeys.map((key) => fingerprint(ctx, confirmation, key)) }),
  };
  setSignedCookie(ctx, cookie, record, pending.expires);
  return confirmation;
}

/** The account that waits in this browser, or undefined. */
export function readPendingLink(ctx: Context): PendingRecord | undefined {
  const { data: pending } = pendingSchema.safeParse(readSignedCookie(ctx, cookie));
  return pending && pending.expires > Date.now() && !usedConfirmations.has(pending.confirmation) ? pending : undefined;
}

/**
 * Ends the waiting of an account, before its result is known: it is never confirmed again.
 *
 * @param expects whether the caller may confirm it; it waits on otherwise
 * @throws CodedError STATE_INVALID where this account does not wait in this browser
 */
export function finishPendingLink(
  ctx: Context,
  confirmation: string,
  expects: (pending: PendingRecord) => boolean,
): PendingRecord {
  const pending = readPendingLink(ctx);
  if (pending?.confirmation !== confirmation || !expects(pending)) {
    throw new CodedError('STATE_INVALID');
  }
  endPendingLink(ctx, confirmation);
  return pending;
}

export function endPendingLink(ctx: Context, confirmation: string): void {
  usedConfirmations.add(confirmation);
  deleteCookie(ctx, cookie.name);
}

/** Whether a binding with this key is one of the account that waits. */
export function isOlderKey(ctx: Context, { confirmation, olderKeys = [] }: PendingRecord, key: string): boolean {
  return olderKeys.includes(fingerprint(ctx, confirmation, key));
}

/** One cookie for an application: a second account takes the place of the first, so that no user confirms a mere guess. */
const cookie = { kind: 'pending link', name: PENDING, owner: PENDING } as const;

/** Picked by name: the rest, and the phone number above all, is in no cookie. */
function accountOf({ unionId, openId, corpId, nick, avatarUrl }: DingTalkAccount): PendingRecord['account'] {
  return {
    unionId,
    openId,
    corpId,
    nick: nick && [...nick].slice(0, MAX_NICKNAME).join(''),
    avatarUrl: avatarUrl && avatarUrl.length <= MAX_AVATAR ? avatarUrl : undefined,
  };
}

/** An older key may be a phone number, which a cookie must not tell. */
function fingerprint(ctx: Context, confirmation: string, key: string): string {
  return createHmac('sha256', keyOf(ctx, 'older key'))
    .update(`${confirmation}.${key}`)
    .digest('base64url')
    .slice(0, 22);
}
