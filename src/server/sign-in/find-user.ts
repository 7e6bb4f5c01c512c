import type { Context } from '@nocobase/actions';
import { type Model, UniqueConstraintError } from '@nocobase/database';
import { Bindings, idOf } from '../accounts/bindings';
import { type Decision, identify } from '../accounts/identify';
import { withBindingLock } from '../accounts/lock';
import { createUser } from '../accounts/new-user';
import { announceBinding } from '../accounts/notice';
import { fetchApprovedAccount } from '../authorization/browser';
import { fetchMember } from '../authorization/dingtalk-account';
import type { Authenticator } from '../configuration/authenticators';
import type { Settings } from '../configuration/settings';
import type { DingTalkAccount } from '../dingtalk/api';
import { CodedError } from '../http/coded-error';

// The shell around `identify`: it loads the evidence, as far as it is needed, and applies the decision.

/**
 * The user of the account that approved in a browser; binds or creates one at the first sign-in.
 *
 * @throws CodedError
 */
export async function findUserInBrowser(ctx: Context, authenticator: Authenticator, code: string): Promise<Model> {
  const { settings } = authenticator;
  const account = await fetchApprovedAccount(settings, code);
  const { corpId, unionId } = account;
  return findUser(ctx, authenticator, settings, { corpId, unionId, fetchAccount: async () => account });
}

/**
 * The user of the member whom a code of the DingTalk client belongs to; binds or creates one at the first sign-in. That
 * DingTalk answers for the code makes the account one of the organization. A member without a user must be in the
 * organization's address book as well, in which external contacts are not.
 *
 * @throws CodedError
 */
export async function findUserInside(ctx: Context, authenticator: Authenticator, code: string): Promise<Model> {
  const { settings } = authenticator;
  const corpId = requireInside(settings);
  const member = await fetchMember(settings, code, ctx.app.cache);
  return findUser(ctx, authenticator, settings, {
    corpId,
    unionId: member.unionId,
    fetchAccount: async () => ({ ...(await member.fetchAccount()), corpId }),
  });
}

/** What DingTalk answers for a code. */
interface Approval {
  /** The organization that DingTalk names. */
  corpId: string | undefined;
  unionId: string;
  /** Reads the rest of the account, where a rule needs it. */
  fetchAccount(): Promise<DingTalkAccount>;
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
  { model }: Authenticator,
  settings: Settings,
  { corpId, unionId, fetchAccount }: Approval,
): Promise<Model> {
  // A user who returns costs this query, and neither the lock nor, inside DingTalk, the second call.
  const user = await new Bindings(ctx.db, model).findUser(unionId);
  const early = identify({ settings, corpId, binding: { user } });
  if ('refuse' in early) {
    throw new CodedError(early.refuse, { reason: early.reason });
  }
  if ('signIn' in early) {
    return early.signIn;
  }
  const account = await fetchAccount();
  const firstSignIn = async () => {
    const { user, rule } = await withBindingLock(ctx, model, async (transaction) => {
      const bindings = new Bindings(ctx.db, model, transaction);
      // The binding is read again: another request may have made it while this one waited for the lock.
      const evidence = await bindings.findEvidence(account);
      const decision = identify({ settings, corpId, ...evidence });
      const create = () => createUser(ctx.db, model, settings, account, transaction);
      return { user: await apply(decision, bindings, account, create), rule: decision.rule };
    });
    if (rule === 3 || rule === 5) {
      announceBinding(ctx, { authenticator: model, userId: idOf(user), account, rule });
    }
    return user;
  };
  try {
    return await firstSignIn();
  } catch (error) {
    if (error instanceof UniqueConstraintError) {
      // NocoBase created a user with this phone number or e-mail address meanwhile, outside of our lock.
      return firstSignIn();
    }
    throw error;
  }
}

/** @throws CodedError */
async function apply(
  decision: Decision<Model>,
  bindings: Bindings,
  account: DingTalkAccount,
  create: () => Promise<Model>,
): Promise<Model> {
  switch (decision.rule) {
    case 2:
      return decision.signIn;
    case 3:
      return bindings.rebind(decision.rebind, account);
    case 5:
      return bindings.bind(decision.bind, account);
    case 8:
      return create();
    default:
      throw new CodedError(decision.refuse, { reason: decision.reason });
  }
}
