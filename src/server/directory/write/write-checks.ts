import type { CaseCode } from '../../../shared/codes';
import { isPhone, phoneOf } from '../../accounts/phone';
import type { MemberChange, MemberRow } from '../types';

/** What was read again inside the transaction that writes a change. IDs are texts. */
export interface Facts {
  /** Users who are still there, with their phone numbers. */
  users: Map<string, { phone: string | null }>;
  /** The rows of the source that changes are about, by their IDs. */
  rows: Map<string, MemberRow>;
  /** Who is bound to an account, by its unionId. */
  boundTo: Map<string, string[]>;
  /** By which key a user is bound, be it a unionId or an older one. */
  keyOf: Map<string, string>;
  privileged: Set<string>;
  roots: Set<string>;
  /** Of the users whom a change deletes: those whom no run deletes. */
  undeletable: Set<string>;
  /** Accounts, by unionId, and users. */
  blocked: { unionIds: Set<string>; userIds: Set<string> };
  /** Of those who were unlinked, or detached because they had left. */
  unlinked: { unionIds: Set<string>; userIds: Set<string> };
  isDefaultRolePrivileged: boolean;
  /** Whether a number may still decide who somebody is. */
  mayMatchByPhone: boolean;
  /** DingTalk's IDs of the departments that make their members privileged. */
  privilegedDepartments: Set<number>;
}

/** Columns that nobody but its user and administrators writes for a privileged user: a name, and ways in. */
const PROTECTED = ['nickname', 'username', 'phone', 'email'];

/**
 * Why a change must not be written, after all: what it was planned by has changed meanwhile. Nothing of it is written
 * then, and the next run plans anew. Undefined where it may.
 */
export function refusalOf(change: MemberChange, facts: Facts): CaseCode | undefined {
  return isStale(change, facts)
    ? 'CHANGED_MEANWHILE'
    : (refusalOfGiving(change, facts) ?? refusalOfStep(change, facts));
}

/** Whether an administrator, or another run, has decided about the row meanwhile. */
function isStale({ row }: MemberChange, { rows }: Facts): boolean {
  const now = row && rows.get(row.id);
  const decided = (one: MemberRow) =>
    JSON.stringify([one.state, one.userId, one.unionId, one.isLeftOut, one.isAllowed, [...one.confirmed].sort()]);
  return row !== undefined && (now === undefined || decided(now) !== decided(row));
}

/** Taking away is never refused by this: somebody who is blocked loses what they had as everybody else does. */
function refusalOfGiving({ next, step, values, memberships }: MemberChange, facts: Facts): CaseCode | undefined {
  const added = memberships?.add.map(({ departmentId }) => departmentId) ?? [];
  const isGiving = step ? givesAccess(step.type) : Boolean(values || added.length || memberships?.setOwner.length);
  if (!isGiving) {
    return undefined;
  }
  const userId = step && 'userId' in step ? step.userId : next.userId;
  if (facts.blocked.unionIds.has(next.unionId) || (userId && facts.blocked.userIds.has(userId))) {
    return 'BLOCKED';
  }
  const raising = added.filter((departmentId) => facts.privilegedDepartments.has(departmentId));
  if (raising.some((departmentId) => !next.confirmed.includes(String(departmentId)))) {
    return 'DEPARTMENT_PRIVILEGED';
  }
  const isPrivileged = userId !== undefined && (facts.privileged.has(userId) || raising.length > 0);
  return isPrivileged && Object.keys(values ?? {}).some((column) => PROTECTED.includes(column))
    ? 'USER_PRIVILEGED'
    : undefined;
}

const givesAccess = (type: NonNullable<MemberChange['step']>['type']) => ['create', 'bind', 'rebind'].includes(type);

function refusalOfStep({ row, member, step, next, ...change }: MemberChange, facts: Facts): CaseCode | undefined {
  const boundTo = facts.boundTo.get(next.unionId) ?? [];
  switch (step?.type) {
    case 'create':
      if (boundTo.length) {
        return 'CHANGED_MEANWHILE';
      }
      return facts.isDefaultRolePrivileged ? 'NEW_USERS_PRIVILEGED' : refusalOfAccount(row, next, facts);
    case 'bind':
      return (
        refusalOfBinding(step.userId, boundTo, facts) ??
        (facts.mayMatchByPhone ? undefined : 'PHONE_MATCH_OFF') ??
        (facts.unlinked.userIds.has(step.userId) ? 'PHONE_OF_UNLINKED' : refusalOfAccount(row, next, facts)) ??
        (hasNumberOf(member, facts.users.get(step.userId)) ? undefined : 'CHANGED_MEANWHILE')
      );
    case 'rebind':
      // A privileged user who comes back still has the binding, and needs none.
      return isBoundTo(step.userId, boundTo) ? undefined : refusalOfBinding(step.userId, boundTo, facts);
    case 'detach':
      return isGoneOrOf(step.userId, next.unionId, facts) ? 'CHANGED_MEANWHILE' : refusalOfTaking(step.userId, facts);
    case 'delete':
      // Detached before: who is bound now was linked again.
      return !facts.users.has(step.userId) || facts.keyOf.has(step.userId)
        ? 'CHANGED_MEANWHILE'
        : (refusalOfTaking(step.userId, facts) ?? refusalOfDeleting(step.userId, facts));
    case 'suspend':
      return !facts.privileged.has(step.userId) || isGoneOrOf(step.userId, next.unionId, facts)
        ? 'CHANGED_MEANWHILE'
        : refusalOfRoot(step.userId, facts);
    case 'keep':
      return isGoneOrOf(step.userId, next.unionId, facts) ? 'CHANGED_MEANWHILE' : refusalOfRoot(step.userId, facts);
    default:
      return refusalOfUpdate({ next, ...change }, boundTo, facts);
  }
}

/** A binding that was undone stays undone, unless an administrator allowed it. */
function refusalOfAccount(row: MemberRow | undefined, next: MemberChange['next'], facts: Facts): CaseCode | undefined {
  return facts.unlinked.unionIds.has(next.unionId) && !row?.isAllowed && row?.state !== 'left'
    ? 'UNLINKED_BEFORE'
    : undefined;
}

function refusalOfBinding(userId: string, boundTo: string[], facts: Facts): CaseCode | undefined {
  if (!facts.users.has(userId) || boundTo.length) {
    return 'CHANGED_MEANWHILE';
  }
  if (facts.privileged.has(userId)) {
    return 'USER_PRIVILEGED';
  }
  return facts.keyOf.has(userId) ? 'PHONE_OF_BOUND' : undefined;
}

const refusalOfTaking = (userId: string, { privileged }: Facts): CaseCode | undefined =>
  privileged.has(userId) ? 'USER_PRIVILEGED' : undefined;

const refusalOfDeleting = (userId: string, { undeletable }: Facts): CaseCode | undefined =>
  undeletable.has(userId) ? 'USER_UNDELETABLE' : undefined;

const refusalOfRoot = (userId: string, { roots }: Facts): CaseCode | undefined =>
  roots.has(userId) ? 'LAST_ADMINISTRATOR' : undefined;

const isBoundTo = (userId: string, boundTo: string[]) => boundTo.length === 1 && boundTo[0] === userId;

/** Whether the user is not there any more, or is bound to another account by now. */
function isGoneOrOf(userId: string, unionId: string, { users, keyOf }: Facts): boolean {
  const key = keyOf.get(userId);
  return !users.has(userId) || (key !== undefined && key !== unionId);
}

function hasNumberOf(member: MemberChange['member'], user: { phone: string | null } | undefined): boolean {
  const phone = phoneOf({ mobile: member?.mobile, stateCode: member?.stateCode });
  return Boolean(phone && isPhone(phone, user?.phone));
}

/**
 * The binding alone says whose user it is. What the source gave is taken away from a user who is bound to nothing, too. A
 * change of the row alone is about no user.
 */
function refusalOfUpdate(
  { next: { userId, unionId }, values, memberships }: Pick<MemberChange, 'next' | 'values' | 'memberships'>,
  boundTo: string[],
  facts: Facts,
): CaseCode | undefined {
  if (!values && !memberships) {
    return undefined;
  }
  if (userId !== undefined && !values && !memberships?.add.length && !memberships?.setOwner.length) {
    const isOfOther = boundTo.some((id) => id !== userId) || isGoneOrOf(userId, unionId, facts);
    return isOfOther ? 'CHANGED_MEANWHILE' : undefined;
  }
  return userId !== undefined && isBoundTo(userId, boundTo) ? undefined : 'CHANGED_MEANWHILE';
}
