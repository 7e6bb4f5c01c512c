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
  /** Whether the account is of another organization than that of the settings. */
  isOtherOrganization: boolean;
  /** Whether the account, or the user, is blocked. */
  isBlocked: boolean;
  /** Whether a directory says that the account has left the organization. */
  hasLeft: boolean;
  /** Whether the account was unlinked after it had begun to wait: it was linked meanwhile, and does not wait any more. */
  isSpent: boolean;
  /** IDs of those who are bound to the account's unionId. */
  boundIds: string[];
  /** IDs of those who are bound to the account by an older key. */
  legacyIds: string[];
}

type LinkDecision<User> = { bind: User } | { rebind: User } | Refusal;

/**
 * Decides whether an account becomes the user's: in the order of the rules for a sign-in, as far as they concern it.
 * `rebind` replaces an older key of the same account by the unionId.
 */
export function decideLink<User>(evidence: LinkEvidence<User>): LinkDecision<User> {
  const { userId, found, boundIds } = evidence;
  // Without a user, an administrator deleted it meanwhile, and with it the session that began the flow.
  if (!found || evidence.isSpent) {
    return { refuse: 'STATE_INVALID' };
  }
  if (evidence.isOtherOrganization) {
    return { refuse: 'WRONG_ORGANIZATION' };
  }
  if (evidence.isBlocked) {
    return { refuse: 'ACCOUNT_BLOCKED' };
  }
  if (evidence.hasLeft) {
    return { refuse: 'NOT_A_MEMBER' };
  }
  if (boundIds.length > 1) {
    return { refuse: 'ACCOUNT_AMBIGUOUS' };
  }
  // The unionId decides at a sign-in; older keys count where no user has it.
  const ownerIds = boundIds.length ? boundIds : evidence.legacyIds;
  if (ownerIds.some((ownerId) => ownerId !== userId)) {
    return { refuse: 'DINGTALK_ACCOUNT_TAKEN' };
  }
  if (ownerIds.length) {
    return { rebind: found.user };
  }
  return found.isBound ? { refuse: 'UNLINK_FIRST' } : { bind: found.user };
}

interface UnlinkEvidence<User> {
  /** Undefined where the user is gone, or is none of those whom the administrator may change. */
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

interface BlockEvidence<User, Way> {
  /** Undefined where the user is gone, or is none of those whom the administrator may change. */
  found?: User;
  /** Whether the administrator is that user. */
  isOneself: boolean;
  /** The other authenticators by which the user can sign in. */
  waysIn: Way[];
}

/** Decides whether a user is blocked: administrators do not lock themselves out, as nobody might be left to unblock. */
export function decideBlock<User, Way>(evidence: BlockEvidence<User, Way>): { block: User; waysIn: Way[] } | Refusal {
  const { found, isOneself, waysIn } = evidence;
  if (!found) {
    return { refuse: 'NOT_LINKED' };
  }
  return isOneself && !waysIn.length ? { refuse: 'LAST_WAY_IN' } : { block: found, waysIn };
}
