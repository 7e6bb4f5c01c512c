import type { ErrorCode } from '../../shared/codes';

type Refusal = { refuse: ErrorCode };

/**
 * What is known when a user wants to link an account, as plain data.
 *
 * @template User whatever stands for a user of NocoBase; here it is only handed through
 */
export interface LinkEvidence<User> {
  userId: string;
  /** Undefined where the user is gone. `isBound`: to any account, under this authenticator. */
  found?: { user: User; isBound: boolean };
  /** IDs of those whom the account signs in today: bound to its unionId, else by an older key. */
  ownerIds: string[];
}

export type LinkDecision<User> = { bind: User } | { rebind: User } | Refusal;

/** Decides whether an account becomes the user's. `rebind` replaces an older key of the same account by the unionId. */
export function decideLink<User>({ userId, found, ownerIds }: LinkEvidence<User>): LinkDecision<User> {
  if (!found) {
    // An administrator deleted the user meanwhile, and with it the session that began the flow.
    return { refuse: 'STATE_INVALID' };
  }
  if (ownerIds.some((ownerId) => ownerId !== userId)) {
    return { refuse: 'DINGTALK_ACCOUNT_TAKEN' };
  }
  if (ownerIds.length) {
    return { rebind: found.user };
  }
  return found.isBound ? { refuse: 'UNLINK_FIRST' } : { bind: found.user };
}

export interface UnlinkEvidence<User> {
  /** Undefined where the user is gone. */
  found?: { user: User; isBound: boolean };
  /** Whether the link is taken away also where it is the last way to sign in, as an administrator may do. */
  canLockOut: boolean;
  /** Names of the authenticators by which the user can sign in; they need not be known with `canLockOut`. */
  waysIn: string[];
  /** Name of the authenticator of the link. */
  authenticator: string;
}

/** Decides whether a link is taken away. */
export function decideUnlink<User>(evidence: UnlinkEvidence<User>): { unbind: User } | Refusal {
  const { found, canLockOut, authenticator } = evidence;
  if (!found?.isBound) {
    return { refuse: 'NOT_LINKED' };
  }
  const hasOtherWay = evidence.waysIn.some((way) => way !== authenticator);
  return canLockOut || hasOtherWay ? { unbind: found.user } : { refuse: 'LAST_WAY_IN' };
}

/** What decides by which authenticators a user can sign in. */
export interface Access {
  /** The enabled ones. */
  authenticators: { name: string; authType: string }[];
  /** Names of the authenticators under which the user is bound. */
  boundTo: string[];
  /** Whether the user has a password, and a user name or an e-mail address to enter it with. */
  hasPassword: boolean;
  passwordType: string;
  /** Whether a plugin that is on provides this type. Without one, the authenticator signs no user in. */
  isAvailable: (authType: string) => boolean;
}

/**
 * The names of the authenticators by which a user can certainly sign in. Another authenticator might find the user by
 * phone number or e-mail address; that is not certain, and does not count.
 */
export function waysIn({ authenticators, boundTo, hasPassword, passwordType, isAvailable }: Access): string[] {
  return authenticators
    .filter(({ name, authType }) =>
      authType === passwordType ? hasPassword : boundTo.includes(name) && isAvailable(authType),
    )
    .map(({ name }) => name);
}
