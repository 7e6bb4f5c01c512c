import type { ErrorCode } from '../../shared/codes';
import type { ExclusionReason, MatchByPhone } from '../../shared/contract';
import type { RoleOfNewUsers } from './privileges';

/**
 * What is known of an account that signs in, as plain data. The `matches` are loaded only where no rule decides without
 * them, so that a user who returns costs one query and no lock.
 *
 * @template User whatever stands for a user of NocoBase; here it is only handed through
 */
export interface Evidence<User> {
  settings: {
    /** Corp ID of the organization whose members can sign in; without it, members of any. */
    corpId?: string;
    /** Whether an account that matches no user becomes a new user. */
    autoSignup: boolean;
    /** What becomes of a user who has the phone number of the account. */
    matchByPhone: MatchByPhone;
    /** Whether an account without any phone number may become a new user. */
    signUpWithoutPhone: boolean;
  };
  /** Corp ID of the organization that DingTalk names. */
  corpId: string | undefined;
  /** Loaded with one query, before the lock and again inside it. */
  binding: {
    /** Everybody who is bound to the account's unionId. */
    users: User[];
    /** Whether the account, or one of these users, is blocked. Before the lock it is unknown where nobody is bound. */
    isBlocked: boolean;
    /** Whether a directory says that the account has left the organization. */
    hasLeft: boolean;
  };
  /** Loaded inside the lock, in which no other sign-in binds or creates a user. */
  matches?: Matches<User>;
}

export interface Matches<User> {
  /** Why the account is not matched again: an exclusion of the list `notMatchedAgain`. */
  excluded?: NotMatched;
  /** Users whose binding has a key of the plugin before this one, and that key. */
  legacy: (Match<User> & { kind: LegacyKey; key: string })[];
  /**
   * What DingTalk tells of a phone number: one that can be relied on; one that cannot, as it is masked or is no number;
   * none at all.
   */
  phone: 'known' | 'unusable' | 'none';
  /** Users with this phone number, in whatever spelling. `isBound`: to any account, under this authenticator. */
  owners: (Match<User> & { isBound: boolean })[];
  /** Whether the number was that of a user who was blocked and is gone. Not asked where a user has it. */
  isNumberBlocked: boolean;
  /** Whether every user who may have the number was read. */
  isComplete: boolean;
  /** Whether every new user would be privileged, by the role that they get. */
  isDefaultRolePrivileged: boolean;
  /** For whoever creates the user. */
  roleOfNewUsers?: RoleOfNewUsers;
}

/** A reason to be on the list `notMatchedAgain`, for the log. */
export type NotMatched = Exclude<ExclusionReason, 'blocked'>;

/** What the plugin before this one wrote as the key of a binding. A userid that reads as a phone number is one. */
export type LegacyKey = 'openId' | 'phone' | 'userid';

/** A user whom an account may be. */
export interface Match<User> {
  user: User;
  /** See `Privileges`. */
  isPrivileged: boolean;
  isBlocked: boolean;
  /** Why the user is not matched again: an exclusion of the list `notMatchedAgain`. */
  excluded?: NotMatched;
}

export type Decision<User> =
  | { rule: 2; signIn: User }
  | { rule: 3; rebind: User }
  | { rule: 5; bind: User }
  | { rule: 8; create: true }
  | Refusal<User>;

export interface Refusal<User> {
  rule: 1 | 4 | 6 | 7 | 9 | 10 | 11 | 12 | 13;
  refuse: ErrorCode;
  /** For the log alone, as is the user who was found: the answer names neither. */
  reason?: string;
  user?: User;
  /** Those who are bound to one account, where there are several. */
  users?: User[];
}

/** No rule decides before `matches` are loaded. */
type Undecided = { rule: undefined };

type Rule = <User>(evidence: Required<Evidence<User>>) => Decision<User> | undefined;

// The table of docs/identity.md: its rows, their numbers, and the order in which they are tried.

const beforeTheLock: Rule[] = [
  ({ settings, corpId }) =>
    isOtherOrganization(settings, corpId) ? { rule: 1, refuse: 'WRONG_ORGANIZATION' } : undefined,

  ({ binding: { isBlocked, users } }) => (isBlocked ? blocked(users.length === 1 ? users[0] : undefined) : undefined),

  ({ binding: { hasLeft, users } }) => (hasLeft ? departed(users.length === 1 ? users[0] : undefined) : undefined),

  ({ binding: { users } }) => (users.length > 1 ? { rule: 11, refuse: 'ACCOUNT_AMBIGUOUS', users } : undefined),

  ({
    binding: {
      users: [user],
    },
  }) => (user ? { rule: 2, signIn: user } : undefined),
];

const insideTheLock: Rule[] = [
  ({ matches: { excluded } }) => (excluded ? linkFirst(`the account was ${excluded}`) : undefined),

  ({ settings, matches: { legacy } }) => {
    // Several old keys that disagree decide nothing.
    const [match, ...others] = legacy;
    if (!match || others.length) {
      return undefined;
    }
    const { kind } = match;
    const reason = kind === 'openId' ? undefined : reasonAgainst(match, settings, kind === 'phone');
    return matched(match, reason, { rule: 3, rebind: match.user });
  },

  ({ settings, matches: { phone } }) =>
    phone === 'known' || (phone === 'none' && settings.autoSignup && settings.signUpWithoutPhone)
      ? undefined
      : { rule: 4, refuse: 'PHONE_UNAVAILABLE' },

  ({ matches: { isComplete } }) =>
    isComplete
      ? undefined
      : { rule: 7, refuse: 'PHONE_AMBIGUOUS', reason: 'too many users have a similar phone number' },

  ({ matches: { owners } }) => (owners.length > 1 ? { rule: 7, refuse: 'PHONE_AMBIGUOUS' } : undefined),

  // Rule 12 or 10 in place of rule 5, else rule 5.
  ({
    settings,
    matches: {
      owners: [owner],
    },
  }) =>
    owner && !owner.isBound
      ? matched(owner, reasonAgainst(owner, settings, true), { rule: 5, bind: owner.user })
      : undefined,

  ({
    matches: {
      owners: [owner],
    },
  }) => (owner ? { rule: 6, refuse: 'ACCOUNT_ALREADY_LINKED', user: owner.user } : undefined),

  // Behind all users who have the number: it may be theirs by now, and a block of another user locks out none of them.
  ({ matches: { isNumberBlocked } }) =>
    isNumberBlocked ? { ...blocked(), reason: 'a blocked user who was deleted had the phone number' } : undefined,

  ({ settings, matches: { isDefaultRolePrivileged } }) =>
    settings.autoSignup && !isDefaultRolePrivileged ? { rule: 8, create: true } : undefined,

  ({ settings }) => ({
    rule: 9,
    refuse: 'USER_NOT_FOUND',
    ...(settings.autoSignup && { reason: 'the default role is privileged: nobody is signed up' }),
  }),
];

const blocked = <User>(user?: User): Refusal<User> => ({ rule: 10, refuse: 'ACCOUNT_BLOCKED', ...(user && { user }) });

const departed = <User>(user?: User): Refusal<User> => ({
  rule: 13,
  refuse: 'NOT_A_MEMBER',
  reason: 'the directory says that the account has left',
  ...(user && { user }),
});

const linkFirst = <User>(reason: string, user?: User): Refusal<User> => ({
  rule: 12,
  refuse: 'LINK_FIRST',
  reason,
  ...(user && { user }),
});

/** The decision for a user who was found, unless the user is blocked or must not be found in this way. */
function matched<User>(
  { user, isBlocked }: Match<User>,
  reason: string | undefined,
  decision: Decision<User>,
): Decision<User> {
  if (isBlocked) {
    return blocked(user);
  }
  return reason ? linkFirst(reason, user) : decision;
}

/** Why a user must not be found by what others write: a phone number, or a userid, which the organization chooses. */
function reasonAgainst<User>(
  { isPrivileged, excluded }: Match<User>,
  { matchByPhone }: Evidence<User>['settings'],
  isByPhone: boolean,
): string | undefined {
  if (isPrivileged) {
    return 'the user is privileged';
  }
  if (excluded) {
    return `the user was ${excluded}`;
  }
  return isByPhone && matchByPhone !== 'automatic' ? `matchByPhone is ${matchByPhone}` : undefined;
}

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

/**
 * Whether the account's userid could change a decision that was made without it. It only finds a user whom the rules
 * would otherwise refuse or create, and none for an account that is not matched. A block of the account or of its user
 * stands; one of a phone number alone does not stand in the way of a user who is there.
 */
export function dependsOnUserid(
  { rule }: Decision<unknown>,
  { matches }: Required<Pick<Evidence<unknown>, 'matches'>>,
): boolean {
  const isByUserid = [4, 6, 7, 8, 9, 12].includes(rule) || (rule === 10 && matches.isNumberBlocked);
  return isByUserid && !matches.excluded;
}

/** Rule 1, which holds for the linking of an account as well. No organization at all is another one. */
export function isOtherOrganization({ corpId: expected }: { corpId?: string }, corpId: string | undefined): boolean {
  return Boolean(expected) && expected !== corpId;
}
