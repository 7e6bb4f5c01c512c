import type { CaseCode } from '../../../shared/codes';
import type { DirectoryMember } from '../../dingtalk/address-book';
import { boundUsers, type Known } from './known';
import { isContested, push } from './missing';
import type { MemberRow } from '../types';

/**
 * Which user a member is. `is`: bound already. `rebind`: bound before, and comes back. `bind`: by the phone number.
 * `none`: nobody, or nobody for certain; `userId` is who it might be.
 */
export type Decision =
  | { type: 'is'; userId: string }
  | { type: 'rebind'; userId: string }
  | { type: 'bind'; userId: string }
  | { type: 'create' }
  | { type: 'none'; reason: CaseCode; userId?: string };

interface Case {
  member: DirectoryMember;
  unionId: string;
  row?: MemberRow;
  known: Known;
}

type Rule = (given: Case) => Decision | undefined;

const none = (reason: CaseCode, userId?: string): Decision => ({ type: 'none', reason, ...(userId && { userId }) });

/** Who was bound by the userid was excluded with that, as a sign-in has it. */
const isAmong = (keys: Set<string>, unionId: string, { userid }: DirectoryMember) =>
  keys.has(unionId) || keys.has(userid);

/** The first that decides counts. A userid decides nothing: the organization gives it to whom it likes. */
const rules: Rule[] = [
  ({ unionId, known }) => ((known.listed.get(unionId) ?? 0) > 1 ? none('USERID_REUSED') : undefined),

  ({ row }) => (row?.isLeftOut ? none('LEFT_OUT', row.userId) : undefined),

  ({ member, unionId, row, known: { state } }) => {
    const users = boundUsers(state, unionId);
    const blocked = (users.length ? users : [row?.userId ?? '']).find((userId) => state.blocked.userIds.has(userId));
    return blocked || isAmong(state.blocked.unionIds, unionId, member)
      ? none('BLOCKED', blocked ?? users[0])
      : undefined;
  },

  ({ member, known }) => (isContested(member, known) ? none('USERID_REUSED') : undefined),

  ({ unionId, known: { state } }) => {
    const [userId, ...others] = boundUsers(state, unionId);
    if (others.length) {
      return none('SEVERAL_BOUND');
    }
    return userId ? { type: 'is', userId } : undefined;
  },

  ({ row, known: { state } }) => {
    const user = state.users.get(row?.userId ?? '');
    if (!row?.userId || (!user && row.isAllowed)) {
      return undefined;
    }
    return user ? comesBack(row, user, state.boundUserIds.has(user.id)) : none('DELETED_BEFORE');
  },

  ({ member, unionId, row, known: { state } }) =>
    isAmong(state.unlinked.unionIds, unionId, member) && !row?.isAllowed ? none('UNLINKED_BEFORE') : undefined,

  ({ member, known: { state, numbers, boundByNumber } }) => {
    const byUserid = state.bound.get(member.userid);
    const byNumber = boundByNumber.get(numbers.get(member)?.number ?? '') ?? [];
    const users = [...(byUserid && !byUserid.isOurs ? byUserid.userIds : []), ...byNumber];
    const userId = users.find((id) => state.users.has(id));
    return userId ? none('OLD_KEY', userId) : undefined;
  },

  ({ member, known }) => byPhone(member, known),

  // Nobody was found, so a user would be created. What an administrator chose and what time settles stand before what
  // asks somebody to act, who would else act in vain.
  ({ known: { settings } }) => (settings.newUsers === 'link' ? none('NOT_CREATED') : undefined),
  ({ member }) => (member.active ? undefined : none('NOT_ACTIVE')),
  ({ known: { state } }) => (state.isDefaultRolePrivileged ? none('NEW_USERS_PRIVILEGED') : undefined),
];

/** Of a row whose user is there and is not bound to the account of the row. */
function comesBack(
  row: MemberRow,
  user: { id: string; isPrivileged: boolean },
  isBound: boolean,
): Decision | undefined {
  const isDetached = row.isDetached ?? row.state === 'left';
  if (!row.isAllowed && (!isDetached || isBound)) {
    return none('UNLINKED_BEFORE', user.id);
  }
  // The user has another account now, and an administrator allowed this one to be one more user.
  if (isBound) {
    return undefined;
  }
  return user.isPrivileged ? none('USER_PRIVILEGED', user.id) : { type: 'rebind', userId: user.id };
}

/** By the number that the organization's address book has, as rules 5 to 7 and 12 of docs/identity.md have it. */
function byPhone(member: DirectoryMember, { state, numbers, usersWith, membersWith }: Known): Decision | undefined {
  const number = numbers.get(member)?.number ?? '';
  const [userId, ...others] = usersWith.get(number) ?? [];
  const owner = state.users.get(userId);
  if (!owner) {
    return undefined;
  }
  if (others.length || (membersWith.get(number) ?? 0) > 1) {
    return none('PHONE_SHARED');
  }
  if (owner.isPrivileged) {
    return none('USER_PRIVILEGED', userId);
  }
  if (state.boundUserIds.has(userId)) {
    return none('PHONE_OF_BOUND', userId);
  }
  if (state.unlinked.userIds.has(userId)) {
    return none('PHONE_OF_UNLINKED', userId);
  }
  if (state.blocked.userIds.has(userId)) {
    return none('BLOCKED', userId);
  }
  // The organization itself enters the number of a dedicated account, be it anybody's.
  return state.mayMatchByPhone && !member.isDedicated ? { type: 'bind', userId } : none('PHONE_MATCH_OFF', userId);
}

const CREATE: Decision = { type: 'create' };

export function identifyMember(member: DirectoryMember, known: Known): Decision {
  const { unionId } = member;
  if (!unionId) {
    return none('NO_UNION_ID');
  }
  const row = known.rows.get(unionId);
  for (const rule of rules) {
    const decision = rule({ member, unionId, row, known });
    if (decision) {
      return decision;
    }
  }
  return CREATE;
}

type Somebody = Exclude<Decision, { type: 'create' | 'none' }>;

/** Whether a member is a user who was there before. */
export const isSomebody = (decision: Decision): decision is Somebody =>
  decision.type !== 'create' && decision.type !== 'none';

const contradictions = { is: 'SEVERAL_BOUND', rebind: 'UNLINKED_BEFORE', bind: 'PHONE_SHARED' } as const;

/** Decides for all members. Two of them are never one user: whichever came first would be a matter of chance. */
export function identifyMembers(members: DirectoryMember[], known: Known): Map<DirectoryMember, Decision> {
  const decisions = new Map(members.map((member) => [member, identifyMember(member, known)]));
  const claims = new Map<string, number>();
  for (const decision of decisions.values()) {
    if (isSomebody(decision)) {
      claims.set(decision.userId, (claims.get(decision.userId) ?? 0) + 1);
    }
  }
  const isUnsure = doubts(known);
  for (const [member, decision] of decisions) {
    if (!isSomebody(decision)) {
      continue;
    }
    if ((claims.get(decision.userId) ?? 0) > 1) {
      decisions.set(member, none(contradictions[decision.type], decision.userId));
    } else if (isUnsure(member, decision)) {
      const reason = known.directory.part ? 'WAITS_FOR_RUN' : contradictions[decision.type];
      decisions.set(member, none(reason, decision.userId));
    }
  }
  return decisions;
}

/**
 * Whether a user to be bound may be another member, too, of those who were not read: the number may be of several, or the
 * row of one leads to the same user. A binding would stay. Of a whole reading it is known who of them left; the others are
 * there, whatever the reason why they were not read. Who is bound is nobody else.
 */
function doubts({ state, directory, listed }: Known): (member: DirectoryMember, decision: Somebody) => boolean {
  const unread = new Map<string, MemberRow[]>();
  for (const row of state.members) {
    const isGone = !directory.part && (row.state === 'left' || directory.absences.get(row.id) === 'left');
    const isOpen = !isGone && !listed.has(row.unionId) && !boundUsers(state, row.unionId).length;
    if (row.userId !== undefined && isOpen) {
      push(unread, row.userId, row);
    }
  }
  return ({ unionId }, { type, userId }) =>
    (type === 'bind' && directory.part !== undefined) ||
    (type === 'rebind' && (unread.get(userId) ?? []).some((row) => row.unionId !== unionId));
}
