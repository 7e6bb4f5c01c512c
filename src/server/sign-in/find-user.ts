import type { Context } from '@nocobase/actions';
import { type Model, UniqueConstraintError } from '@nocobase/database';
import { Bindings, idOf } from '../accounts/bindings';
import { type Decision, dependsOnUserid, identify, type Refusal } from '../accounts/identify';
import { withBindingLock } from '../accounts/lock';
import { createUser } from '../accounts/new-user';
import { announceBinding } from '../accounts/notice';
import { phoneOf, possiblePhone } from '../accounts/phone';
import { phoneFingerprint } from '../accounts/phone-fingerprint';
import { fetchApprovedAccount } from '../authorization/browser';
import { DINGTALK_TIMEOUT_MS, fetchMember, fetchUserid } from '../authorization/dingtalk-account';
import { keepPendingLink } from '../authorization/pending-link';
import type { Authenticator } from '../configuration/authenticators';
import type { Settings } from '../configuration/settings';
import type { DingTalkAccount } from '../dingtalk/api';
import { CodedError } from '../http/coded-error';

// The shell around `identify`: it loads the evidence, as far as it is needed, and applies the decision.

/** A user who is signed in, and the rule of docs/identity.md that says so. */
export interface Identified {
  user: Model;
  rule: 2 | 3 | 5 | 8;
}

/** What a flow that came back from DingTalk brings. */
interface Attempt {
  /** Authorization code; it works once. */
  code: string;
  /** When the flow would have ended, and an account that waits after `LINK_FIRST` ends; milliseconds since 1970. */
  expires: number;
}

/**
 * The user of the account that approved in a browser; binds or creates one at the first sign-in.
 *
 * @throws CodedError
 */
export async function findUserInBrowser(
  ctx: Context,
  authenticator: Authenticator,
  { code, expires }: Attempt,
): Promise<Identified> {
  const { settings } = authenticator;
  const began = Date.now();
  const account = await fetchApprovedAccount(settings, code);
  const { corpId, unionId } = account;
  return findUser(ctx, authenticator, settings, {
    corpId,
    unionId,
    expires,
    fetchAccount: async () => account,
    fetchUserid: () => {
      const remaining = DINGTALK_TIMEOUT_MS - (Date.now() - began);
      return fetchUserid(settings, unionId, ctx.app.cache, Math.max(remaining, 1));
    },
  });
}

/**
 * The user of the member whom a code of the DingTalk client belongs to; binds or creates one at the first sign-in. That
 * DingTalk answers for the code makes the account one of the organization. A member without a user must be in the
 * organization's address book as well, in which external contacts are not.
 *
 * @throws CodedError
 */
export async function findUserInside(
  ctx: Context,
  authenticator: Authenticator,
  { code, expires }: Attempt,
): Promise<Identified> {
  const { settings } = authenticator;
  const corpId = requireInside(settings);
  const member = await fetchMember(settings, code, ctx.app.cache);
  return findUser(ctx, authenticator, settings, {
    corpId,
    unionId: member.unionId,
    userid: member.userid,
    expires,
    fetchAccount: async () => ({ ...(await member.fetchAccount()), corpId }),
  });
}

/** What DingTalk answers for a code. */
interface Approval {
  /** The organization that DingTalk names. */
  corpId: string | undefined;
  unionId: string;
  /** ID in the app's organization; in a browser it costs one more call. */
  userid?: string;
  expires: number;
  /** Reads the rest of the account, where a rule needs it. */
  fetchAccount(): Promise<DingTalkAccount>;
  /** Asks for the userid, where it is not known. */
  fetchUserid?(): Promise<string | undefined>;
}

/**
 * @returns the Corp ID, without which DingTalk gives a page no code
 * @throws CodedError AUTHENTICATOR_UNAVAILABLE where the sign-in inside DingTalk is off
 */
export function requireInside({ autoSignIn, corpId }: Settings): string {
  if (!autoSignIn || !corpId) {
    throw new CodedError('AUTHENTICATOR_UNAVAILABLE', { reason: 'the sign-in inside DingTalk is off' });
  }
  return corpId;
}

async function findUser(
  ctx: Context,
  { name, model }: Authenticator,
  settings: Settings,
  { corpId, unionId, userid, expires, fetchAccount, fetchUserid }: Approval,
): Promise<Identified> {
  // A user who returns costs this query, and neither the lock nor, inside DingTalk, the second call.
  const binding = await new Bindings(ctx.db, model).findBinding(unionId);
  const early = identify({ settings, corpId, binding });
  if ('refuse' in early) {
    throw refusal(early);
  }
  if ('signIn' in early) {
    return { user: early.signIn, rule: early.rule };
  }
  const account = await fetchAccount();

  /** @returns undefined where the decision waits for the userid */
  const decide = (knownUserid: string | undefined, canAsk: boolean) =>
    withBindingLock(ctx, model, async (transaction) => {
      const bindings = new Bindings(ctx.db, model, transaction);
      // The binding is read again: another request may have made it while this one waited for the lock.
      // A userid that reads as a phone number was the key of a binding as well.
      const numbers = [phoneOf(account), possiblePhone(knownUserid ?? '')].filter((phone) => phone !== undefined);
      const phoneFingerprints = numbers.map((phone) => phoneFingerprint(ctx, name, phone));
      const evidence = await bindings.findEvidence(account, settings, { userid: knownUserid, phoneFingerprints });
      const decision = identify({ settings, corpId, ...evidence });
      if (canAsk && dependsOnUserid(decision, evidence) && (await bindings.hasLegacyKeys())) {
        return undefined;
      }
      if (decision.rule === 12 && settings.matchByPhone !== 'never') {
        const olderKeys = evidence.matches.legacy.map(({ key }) => key);
        keepPendingLink(ctx, { authenticator: name, account, olderKeys, origin: 'signIn', expires });
      }
      const create = () => {
        const { role, refused } = evidence.matches.roleOfNewUsers ?? {};
        if (refused) {
          ctx.logger.warn('DingTalk new user', {
            outcome: 'DEFAULT_ROLE_UNUSED',
            authenticator: name,
            reason: refused,
          });
        }
        return createUser({ db: ctx.db, authenticator: model, transaction }, settings, account, role);
      };
      return apply(decision, bindings, account, create);
    });
  const decideTwice: typeof decide = async (...given) => {
    try {
      return await decide(...given);
    } catch (error) {
      if (error instanceof UniqueConstraintError) {
        // NocoBase created a user with this phone number or e-mail address meanwhile, outside of our lock.
        return decide(...given);
      }
      throw error;
    }
  };
  const decided = await decideTwice(userid, Boolean(fetchUserid));
  // The lock is not held while DingTalk is asked: all other first sign-ins would wait.
  const found = decided ?? ((await decideTwice(await fetchUserid?.(), false)) as Identified);
  const { user, rule } = found;
  if (rule === 3 || rule === 5) {
    announceBinding(ctx, { authenticator: { name, title: model.title }, userId: idOf(user), account, rule });
  }
  return found;
}

/** @throws CodedError */
async function apply(
  decision: Decision<Model>,
  bindings: Bindings,
  account: DingTalkAccount,
  create: () => Promise<Model>,
): Promise<Identified> {
  switch (decision.rule) {
    case 2:
      return { user: decision.signIn, rule: 2 };
    case 3:
      return { user: await bindings.rebind(decision.rebind, account), rule: 3 };
    case 5:
      return { user: await bindings.bind(decision.bind, account), rule: 5 };
    case 8:
      return { user: await create(), rule: 8 };
    default:
      throw refusal(decision);
  }
}

/** The log names the users who were found; the answer must not. */
function refusal({ refuse, reason, user, users }: Refusal<Model>): CodedError {
  return new CodedError(refuse, {
    reason: users ? `bound to the users ${users.map(idOf).join(', ')}` : reason,
    ...(user && { userId: idOf(user) }),
  });
}
