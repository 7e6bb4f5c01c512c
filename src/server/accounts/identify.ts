import type { ErrorCode } from '../../shared/codes';

/**
 * What is known of an account that signs in, as plain data. The parts are loaded one after the other, and only as far as
 * a rule needs them: nothing is read of an account of another organization, and a user who returns costs one query.
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
  corpId?: string;
  /** Loaded with one query, before the lock: who is bound to the account's unionId. */
  binding?: { user?: User };
  /** Loaded inside the lock, in which nobody else binds or creates a user. */
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

/** A part of the evidence that a rule needs, and that is not loaded yet. */
export interface Pending {
  needs: 'binding' | 'matches';
}

interface Rule<User> {
  needs?: Pending['needs'];
  /** @returns undefined where the rule does not apply, and the next one is tried */
  decide(evidence: Required<Evidence<User>>): Decision<User> | undefined;
}

/** The table of docs/identity.md: its rows, their numbers, and the order in which they are tried. */
function rules<User>(): Rule<User>[] {
  return [
    {
      decide: ({ settings, corpId }) =>
        settings.corpId && settings.corpId !== corpId ? { rule: 1, refuse: 'WRONG_ORGANIZATION' } : undefined,
    },
    {
      needs: 'binding',
      decide: ({ binding: { user } }) => (user ? { rule: 2, signIn: user } : undefined),
    },
    {
      needs: 'matches',
      decide: ({ matches: { legacyUsers } }) =>
        legacyUsers.length === 1 ? { rule: 3, rebind: legacyUsers[0] } : undefined,
    },
    {
      needs: 'matches',
      decide: ({ matches: { hasPhone } }) => (hasPhone ? undefined : { rule: 4, refuse: 'PHONE_UNAVAILABLE' }),
    },
    {
      needs: 'matches',
      decide: ({ matches: { owners, isComplete } }) => {
        if (!isComplete) {
          const reason = 'too many users have a similar phone number';
          return { rule: 7, refuse: 'PHONE_AMBIGUOUS', reason };
        }
        return owners.length > 1 ? { rule: 7, refuse: 'PHONE_AMBIGUOUS' } : undefined;
      },
    },
    {
      needs: 'matches',
      decide: ({ matches: { owners } }) =>
        owners.length && !owners[0].isBound ? { rule: 5, bind: owners[0].user } : undefined,
    },
    {
      needs: 'matches',
      decide: ({ matches: { owners } }) =>
        owners.length ? { rule: 6, refuse: 'ACCOUNT_ALREADY_LINKED' } : undefined,
    },
    {
      decide: ({ settings }) => (settings.autoSignup ? { rule: 8, create: true } : undefined),
    },
    {
      decide: () => ({ rule: 9, refuse: 'USER_NOT_FOUND' }),
    },
  ];
}

/**
 * Decides which user an account is.
 *
 * @returns the decision of the first rule that applies, or the part of the evidence that the next rule needs
 */
export function identify<User>(evidence: Evidence<User>): Decision<User> | Pending {
  for (const { needs, decide } of rules<User>()) {
    if (needs && !evidence[needs]) {
      return { needs };
    }
    // Every part that this rule reads is there: the rules before it needed the others.
    const decision = decide(evidence as Required<Evidence<User>>);
    if (decision) {
      return decision;
    }
  }
  throw new Error('the last rule always applies');
}
