import type { ErrorCode } from '../../shared/codes';

/**
 * What is known of an account that signs in, as plain data. The `matches` are loaded only where no rule decides without them, so
 * that a user who returns costs one query and no lock.
 *
 * @template User whatever stands for a user of NocoBase; here it is only handed through
 */
export interface Evidence<User> {
  settings: {
    /** Corp ID of the organization whose members can sign in; without it, members of any. */
    corpId?: string;
    /** Whether an account that matches no user becomes a new user. */
    autoSignup: boolean;
  };
  /** Corp ID of the organization that DingTalk names. */
  corpId: string | undefined;
  /** Loaded with one query, before the lock and again inside it: who is bound to the account's unionId. */
  binding: { user?: User };
  /** Loaded inside the lock, in which no other sign-in binds or creates a user. */
  matches?: Matches<User>;
}

export interface Matches<User> {
  /** Users whose binding has the openId or the phone number as its key, as the plugin before this one wrote it. */
  legacyUsers: User[];
  /** Whether DingTalk names a phone number that can be relied on: not absent, not masked, a number. */
  hasPhone: boolean;
  /** Users with this phone number, in whatever spelling. `isBound`: to any account, under this authenticator. */
  owners: { user: User; isBound: boolean }[];
  /** Whether every user who may have the number was read. */
  isComplete: boolean;
}

export type Decision<User> =
  | { rule: 2; signIn: User }
  | { rule: 3; rebind: User }
  | { rule: 5; bind: User }
  | { rule: 8; create: true }
  | { rule: 1 | 4 | 6 | 7 | 9; refuse: ErrorCode; reason?: string };

/** No rule decides before `matches` are loaded. */
export type Undecided = { rule: undefined };

type Rule = <User>(evidence: Required<Evidence<User>>) => Decision<User> | undefined;

// The table of docs/identity.md: its rows, their numbers, and the order in which they are tried.

const beforeTheLock: Rule[] = [
  ({ settings, corpId }) =>
    isOtherOrganization(settings, corpId) ? { rule: 1, refuse: 'WRONG_ORGANIZATION' } : undefined,

  ({ binding: { user } }) => (user ? { rule: 2, signIn: user } : undefined),
];

const insideTheLock: Rule[] = [
  ({ matches: { legacyUsers } }) => (legacyUsers.length === 1 ? { rule: 3, rebind: legacyUsers[0] } : undefined),

  ({ matches: { hasPhone } }) => (hasPhone ? undefined : { rule: 4, refuse: 'PHONE_UNAVAILABLE' }),

  ({ matches: { isComplete } }) =>
    isComplete
      ? undefined
      : { rule: 7, refuse: 'PHONE_AMBIGUOUS', reason: 'too many users have a similar phone number' },

  ({ matches: { owners } }) => (owners.length > 1 ? { rule: 7, refuse: 'PHONE_AMBIGUOUS' } : undefined),

  ({
    matches: {
      owners: [owner],
    },
  }) => (owner && !owner.isBound ? { rule: 5, bind: owner.user } : undefined),

  ({
    matches: {
      owners: [owner],
    },
  }) => (owner ? { rule: 6, refuse: 'ACCOUNT_ALREADY_LINKED' } : undefined),

  ({ settings }) => (settings.autoSignup ? { rule: 8, create: true } : undefined),

  () => ({ rule: 9, refuse: 'USER_NOT_FOUND' }),
];

/** Decides which user an account is: the first rule that applies. */
export function identify<User>(evidence: Required<Evidence<User>>): Decision<User>;
export function identify<User>(evidence: Evidence<User>): Decision<User> | Undecided;
export function identify<User>(evidence: Evidence<User>): Decision<User> | Undecided {
  const rules = evidence.matches ? [...beforeTheLock, ...insideTheLock] : beforeTheLock;
  for (const rule of rules) {
    // The rules before the lock read no `matches`.
    const decision = rule(evidence as Required<Evidence<User>>);
    if (decision) {
      return decision;
    }
  }
  return { rule: undefined };
}

/** Rule 1, which holds for the linking of an account as well. No organization at all is another one. */
export function isOtherOrganization({ corpId: expected }: { corpId?: string }, corpId: string | undefined): boolean {
  return Boolean(expected) && expected !== corpId;
}
