import type { Entry } from '../../../shared/directory';
import type { KeptDepartments } from './departments';
import { boundUsers, type Known } from './known';
import { memberEntry, movesOf, nothing, type PlannedMember } from './listed-members';
import { isSameRow, type NextRow, withoutId } from './member-rows';
import { planMemberships } from './memberships';
import type { MemberChange, MemberRow, UserFacts } from '../types';

/** How long the user of a leaver waits for the deletion. */
const DAYS = 30;
const DAY = 24 * 60 * 60 * 1000;

/** Databases number users: the shorter ID is the earlier one. */
const byId = (one: MemberRow, other: MemberRow) =>
  one.id.length - other.id.length || (one.id < other.id ? -1 : Number(one.id > other.id));

/**
 * Members who were not read, and, where the reading is whole, leavers whose user is to be deleted.
 *
 * @param missing see `missingOf`
 * @param claimed users whom members of this reading are
 */
export function planLeavers(
  missing: MemberRow[],
  claimed: Set<string>,
  kept: KeptDepartments,
  known: Known,
): PlannedMember[] {
  const { state, directory, settings } = known;
  const guardians = guardiansOf(known);
  // In an order of their own: which administrator is the last one must not depend on how the rows were read.
  const absent = missing
    .filter((row) => directory.absences.has(row.id))
    .sort(byId)
    .map((row) => {
      const absence = directory.absences.get(row.id);
      return absence === 'left'
        ? planLeft(row, claimed, guardians, kept, known)
        : planOutside(row, absence, claimed, kept, known);
    });
  // An event detaches. What is due is for a run, which has read whether somebody is there again.
  if (directory.part) {
    return absent;
  }
  // What was decided when somebody left is done only while administrators still want it.
  const due = settings.leavers === 'delete' ? state.members.filter((row) => isDue(row, known)) : [];
  // A user whom a member who has not left is, or was, is not deleted for the sake of another account.
  const others = state.members.filter((row) => row.state !== 'left' || known.listed.has(row.unionId));
  const deleted = new Set([...claimed, ...others.flatMap(({ userId }) => userId ?? [])]);
  const owing = state.departments ? state.members.filter((row) => isOwing(row, known)) : [];
  const owed = new Map(owing.map((row) => [row.id, planOwed(row, claimed, kept, known)]));
  const ofDue = due.map((row) => withOwed(planDeletion(row, deleted, known), owed.get(row.id)));
  due.forEach(({ id }) => owed.delete(id));
  return [...absent, ...ofDue, ...owed.values()];
}

/** Whether memberships were left to one who left, and is not there again, as the plugin that has departments was off. */
const isOwing = (
  { id, state, isDetached, memberships, unionId }: MemberRow,
  { listed, directory: { absences } }: Known,
): boolean =>
  state === 'left' &&
  isDetached === true &&
  Object.keys(memberships).length > 0 &&
  !listed.has(unionId) &&
  absences.get(id) !== 'present';

/** They go once it is on again: by a role of a department, the user would keep what was taken away. */
function planOwed(row: MemberRow, claimed: Set<string>, kept: KeptDepartments, known: Known): PlannedMember {
  const { user, isUnclear } = userOf(row, claimed, known);
  if (isUnclear || !user || user.id !== row.userId || user.isPrivileged) {
    return nothing;
  }
  const memberships = planMemberships({ row, userId: user.id, confirmed: [] }, kept, known);
  const next: NextRow = { ...withoutId(row), memberships: memberships.ours, confirmed: [] };
  if (!memberships.change) {
    return silent(row, next);
  }
  const entry = entryOf(row, user, { action: 'outside', ...movesOf(memberships, kept, known) });
  return visible(row, { entry, memberships: memberships.change, next }, memberships.taken);
}

/** One who is spared loses them in the same change: there is one for each row. */
function withOwed(spared: PlannedMember, owed: PlannedMember | undefined): PlannedMember {
  return !owed?.change || spared.change?.step
    ? spared
    : {
        change: { ...owed.change, next: { ...owed.change.next, deleteAt: undefined } },
        entries: [...owed.entries, ...spared.entries],
        taken: owed.taken,
      };
}

/** Privileged users who can sign in without DingTalk, and who have not left or are listed again. */
function guardiansOf({ state, listed }: Known): Set<string> {
  const left = state.members.filter((row) => row.state === 'left' && !listed.has(row.unionId));
  const leavers = new Set(left.map(({ userId }) => userId));
  return new Set([...state.privilegedWithOtherWayIn].filter((userId) => !leavers.has(userId)));
}

/** Whether somebody who was not read with this part may be the user of a row, to whom nobody is bound. */
const mayBeOfOther = ({ directory }: Known, { user, isBound }: ReturnType<typeof userOf>): boolean =>
  directory.part !== undefined && user !== undefined && !isBound;

/** The user of a row: who is bound to the account and to no other one, else who was and is bound to nobody's. */
function userOf(row: MemberRow, claimed: Set<string>, { state, boundTwice }: Known) {
  const bound = boundUsers(state, row.unionId);
  const isUnclear = bound.length > 1 || bound.some((userId) => boundTwice.has(userId));
  const isFree = row.userId !== undefined && !state.boundUserIds.has(row.userId) && !claimed.has(row.userId);
  return {
    isUnclear,
    isBound: bound.length > 0,
    user: state.users.get(bound[0] ?? (isFree ? (row.userId ?? '') : '')),
  };
}

const entryOf = (
  row: MemberRow,
  user: UserFacts | undefined,
  rest: Omit<Entry, 'kind' | 'id' | 'name' | 'userId'>,
): Entry =>
  memberEntry(row.userid, row.name, user?.isPrivileged ?? false, { ...rest, ...(user && { userId: user.id }) });

/** The row of this user: what was written of another one says nothing of this. */
const rowOf = (row: MemberRow, user: UserFacts | undefined): NextRow =>
  user && user.id !== row.userId
    ? { ...withoutId(row), userId: user.id, isCreated: false, written: {}, memberships: {}, confirmed: [] }
    : withoutId(row);

/** A change of the row alone, which no line tells. */
function silent(row: MemberRow, next: NextRow): PlannedMember {
  return isSameRow(row, next)
    ? nothing
    : { ...nothing, change: { row, entry: entryOf(row, undefined, { action: 'updated' }), next } };
}

function visible(row: MemberRow, change: Omit<MemberChange, 'row'>, taken = 0): PlannedMember {
  return { change: { row, ...change }, entries: [change.entry], taken };
}

function planLeft(
  row: MemberRow,
  claimed: Set<string>,
  guardians: Set<string>,
  kept: KeptDepartments,
  known: Known,
): PlannedMember {
  const { now, leavers } = known.settings;
  const owner = userOf(row, claimed, known);
  const { user, isBound, isUnclear } = owner;
  if (isUnclear) {
    return { entries: [entryOf(row, user, { action: 'open', reason: 'SEVERAL_BOUND' })], taken: 0 };
  }
  if (mayBeOfOther(known, owner)) {
    return nothing;
  }
  const next: NextRow = {
    ...rowOf(row, user),
    state: 'left',
    leftAt: now,
    isDetached: false,
  };
  if (user && isBound) {
    next.reason = undefined;
    if (user.isPrivileged) {
      return suspend(row, user, next, guardians);
    }
    if (leavers === 'keep') {
      return visible(row, {
        entry: entryOf(row, user, { action: 'kept' }),
        step: { type: 'keep', userId: user.id },
        next,
      });
    }
  }
  // Without a binding there is none to take away, but what the source gave goes all the same.
  const history = user && row.userId === user.id ? row : undefined;
  const memberships = planMemberships({ row: history, userId: user?.id, confirmed: [] }, kept, known);
  next.memberships = memberships.ours;
  next.confirmed = [];
  const moves = movesOf(memberships, kept, known);
  const rest = { ...(memberships.change && { memberships: memberships.change }), next };
  if (!user || !isBound) {
    return memberships.change
      ? visible(row, { entry: entryOf(row, user, { action: 'outside', ...moves }), ...rest }, memberships.taken)
      : silent(row, next);
  }
  const deleteAt = leavers === 'delete' ? now + DAYS * DAY : undefined;
  Object.assign(next, { written: {}, isDetached: true, deleteAt });
  const step = { type: 'detach', userId: user.id, ...(deleteAt !== undefined && { deleteAt }) } as const;
  return visible(row, { entry: entryOf(row, user, { action: 'detached', ...moves }), step, ...rest });
}

/** Root stays, and so does who alone could let the others in again. */
function suspend(row: MemberRow, user: UserFacts, next: NextRow, guardians: Set<string>): PlannedMember {
  const others = guardians.size - Number(guardians.has(user.id));
  if (user.isRoot || others === 0) {
    return { entries: [entryOf(row, user, { action: 'open', reason: 'LAST_ADMINISTRATOR' })], taken: 0 };
  }
  guardians.delete(user.id);
  return visible(row, {
    entry: entryOf(row, user, { action: 'suspended' }),
    step: { type: 'suspend', userId: user.id },
    next,
  });
}

/** Out of the app's scope, or of the chosen departments: only what the source gave goes. Of others the userid at most. */
function planOutside(
  row: MemberRow,
  absence: string | undefined,
  claimed: Set<string>,
  kept: KeptDepartments,
  known: Known,
): PlannedMember {
  const owner = userOf(row, claimed, known);
  const { user, isUnclear } = owner;
  // An address that is out of date would keep whoever has it now waiting.
  const userid = known.directory.userids.get(row.id) ?? row.userid;
  const isOutside = absence === 'outOfScope' || absence === 'notChosen';
  if (!isOutside || isUnclear || mayBeOfOther(known, owner)) {
    return silent(row, { ...withoutId(row), userid });
  }
  const history = user && row.userId === user.id ? row : undefined;
  const memberships = planMemberships({ row: history, userId: user?.id, confirmed: [] }, kept, known);
  const next: NextRow = { ...rowOf(row, user), userid, state: 'outside', memberships: memberships.ours, confirmed: [] };
  if (!memberships.change && (row.state === 'outside' || !user)) {
    return silent(row, next);
  }
  const entry = entryOf(row, user, { action: 'outside', ...movesOf(memberships, kept, known) });
  return visible(
    row,
    { entry, ...(memberships.change && { memberships: memberships.change }), next },
    memberships.taken,
  );
}

/** Who is listed again is not deleted, whatever becomes of the case. */
const isDue = ({ state, deleteAt, unionId }: MemberRow, { listed, settings }: Known): boolean =>
  state === 'left' && deleteAt !== undefined && deleteAt <= settings.now && !listed.has(unionId);

function planDeletion(row: MemberRow, spared: Set<string>, { state }: Known): PlannedMember {
  const user = state.users.get(row.userId ?? '');
  const next: NextRow = { ...withoutId(row), deleteAt: undefined };
  // An administrator deleted the user, or linked it to another account.
  if (!user || state.boundUserIds.has(user.id) || spared.has(user.id)) {
    return silent(row, next);
  }
  if (user.isPrivileged || user.isRoot) {
    return visible(row, { entry: entryOf(row, user, { action: 'skipped', reason: 'USER_PRIVILEGED' }), next });
  }
  if (state.undeletable.has(user.id)) {
    return visible(row, { entry: entryOf(row, user, { action: 'skipped', notes: ['USER_UNDELETABLE'] }), next });
  }
  spared.add(user.id);
  return visible(row, {
    entry: entryOf(row, user, { action: 'deleted' }),
    step: { type: 'delete', userId: user.id },
    // Who comes back becomes a new user: the policy, and no administrator, deleted this one.
    next: {
      ...next,
      userId: undefined,
      isCreated: false,
      isAllowed: true,
      isDetached: undefined,
      written: {},
      memberships: {},
    },
  });
}
