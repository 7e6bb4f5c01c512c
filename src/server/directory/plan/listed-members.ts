import { caseCodes } from '../../../shared/codes';
import type { Entry } from '../../../shared/directory';
import type { DirectoryMember } from '../../dingtalk/address-book';
import type { KeptDepartments } from './departments';
import { planFields } from './fields';
import type { Decision } from './identify-member';
import type { Known } from './known';
import { isSameRow, nameOf, type NextRow, openRow } from './member-rows';
import { type PlannedMemberships, planMemberships } from './memberships';
import type { MemberChange, MemberRow, UserFacts } from '../types';

/** What becomes of one member. */
export interface PlannedMember {
  change?: MemberChange;
  /** Lines of the report; none for one of whom nothing is to be said. */
  entries: Entry[];
  /** How many memberships are taken away from one who stays. */
  taken: number;
}

/** One object for all of whom there is nothing to do or say: in most runs nearly everybody. */
export const nothing: Readonly<PlannedMember> = Object.freeze({ entries: Object.freeze([]) as never[], taken: 0 });

/** @param isPrivileged whether the name is left out: privileged users stand in reports by their IDs alone */
export const memberEntry = (
  userid: string,
  name: string,
  isPrivileged: boolean,
  rest: Omit<Entry, 'kind' | 'id' | 'name'>,
): Entry => ({ kind: 'member', id: userid, name: isPrivileged ? '' : name, ...rest });

/** Titles of the departments, in the order of their IDs. */
function titlesOf(ids: (string | number)[], kept: KeptDepartments, known: Known): string[] {
  return ids.map((id) => {
    const nocobaseId = kept.nocobaseIds.get(Number(id)) ?? '';
    return kept.all.get(Number(id))?.title ?? known.state.departments?.all.get(nocobaseId)?.title ?? String(id);
  });
}

/** A member who was read. */
export function planListed(
  member: DirectoryMember,
  decision: Decision,
  kept: KeptDepartments,
  known: Known,
): PlannedMember {
  return decision.type === 'none' ? planOpen(member, decision, known) : planUser(member, decision, kept, known);
}

function planOpen(
  member: DirectoryMember,
  { reason, userId }: Extract<Decision, { type: 'none' }>,
  { rows, listed, state }: Known,
): PlannedMember {
  const { unionId = '' } = member;
  const row = rows.get(unionId);
  const isPrivileged = state.users.get(userId ?? '')?.isPrivileged ?? false;
  const entry = memberEntry(member.userid, nameOf(member, row), isPrivileged, {
    action: caseCodes[reason] === 'skipped' ? 'skipped' : 'open',
    reason,
    ...(userId && { userId }),
  });
  // Two members with one unionId would share a row.
  if (listed.get(unionId) !== 1) {
    return { entries: [entry], taken: 0 };
  }
  const next = openRow(member, unionId, reason, row);
  return { change: row && isSameRow(row, next) ? undefined : { row, entry, next }, entries: [entry], taken: 0 };
}

function planUser(
  member: DirectoryMember,
  decision: Exclude<Decision, { type: 'none' }>,
  kept: KeptDepartments,
  known: Known,
): PlannedMember {
  const { unionId = '' } = member;
  const { interned } = known;
  const row = known.rows.get(unionId);
  const user = decision.type === 'create' ? undefined : known.state.users.get(decision.userId);
  // What was written of another user says nothing of this one.
  const history = row && user && row.userId === user.id ? row : undefined;
  // A user who is bound now was not there when an administrator confirmed the member.
  const confirmed = decision.type === 'is' ? (history?.confirmed ?? []) : [];
  const memberships = planMemberships({ member, row: history, userId: user?.id, confirmed }, kept, known);
  const isPrivileged = user?.isPrivileged || memberships.becomesPrivileged;
  const isCreated = decision.type === 'create' || (history?.isCreated ?? false);
  const fields = planFields({ member, user, written: history?.written ?? {}, isCreated, isPrivileged }, known);
  const next: NextRow = {
    userid: member.userid,
    unionId,
    name: nameOf(member, row),
    userId: user?.id,
    state: 'active',
    reason: memberships.waiting.length ? 'DEPARTMENT_PRIVILEGED' : undefined,
    isCreated,
    isLeftOut: false,
    isAllowed: false,
    written: fields.written,
    memberships: memberships.ours,
    // Who has left a department is confirmed anew.
    confirmed: interned.value(confirmed.filter((id) => member.departmentIds.includes(Number(id)))),
  };
  const changed = interned.value(Object.keys(fields.values));
  const isOtherRole = decision.type === 'create' && known.state.isDefaultRoleUnused;
  const notes = [...fields.notes, ...(isOtherRole ? (['DEFAULT_ROLE_UNUSED'] as const) : [])];
  const entry = memberEntry(member.userid, next.name, isPrivileged, {
    action: actionOf(decision, row),
    ...(user && { userId: user.id }),
    ...(changed.length && { fields: changed }),
    ...movesOf(memberships, kept, known),
    ...(notes.length && { notes }),
  });
  const isVisible = entry.action !== 'updated' || changed.length > 0 || memberships.change !== undefined;
  const change: MemberChange = {
    row,
    entry,
    step: decision.type === 'is' ? undefined : decision,
    member: decision.type === 'is' ? undefined : accountOf(member),
    values: changed.length ? fields.values : undefined,
    memberships: memberships.change,
    next,
  };
  const isWritten = isVisible || !row || !isSameRow(row, next);
  const entries = [
    ...(isVisible ? [entry] : fields.notes.length ? [{ ...entry, action: 'skipped' as const }] : []),
    ...waitingEntries(member, next.name, user, memberships.waiting, kept, known),
  ];
  return isWritten || entries.length || memberships.taken
    ? { change: isWritten ? change : undefined, entries, taken: memberships.taken }
    : nothing;
}

const accountOf = ({ name, avatar, mobile, stateCode }: DirectoryMember): MemberChange['member'] => ({
  name,
  avatar,
  mobile,
  stateCode,
});

function actionOf({ type }: Decision, row: MemberRow | undefined): Entry['action'] {
  if (type === 'create' || type === 'bind') {
    return type === 'create' ? 'created' : 'bound';
  }
  return type === 'rebind' || row?.state === 'left' ? 'returned' : 'updated';
}

export function movesOf({ change }: PlannedMemberships, kept: KeptDepartments, known: Known) {
  const joined = (change?.add ?? []).map(({ departmentId }) => departmentId);
  const left = change?.remove ?? [];
  return {
    ...(joined.length && { joined: known.interned.value(titlesOf(joined, kept, known)) }),
    ...(left.length && { left: known.interned.value(titlesOf(left, kept, known)) }),
  };
}

/** One line for each department that an administrator may confirm. */
const waitingEntries = (
  { userid }: DirectoryMember,
  name: string,
  user: UserFacts | undefined,
  waiting: number[],
  kept: KeptDepartments,
  known: Known,
): Entry[] =>
  waiting.map((department) =>
    memberEntry(userid, name, user?.isPrivileged ?? false, {
      action: 'open',
      reason: 'DEPARTMENT_PRIVILEGED',
      ...(user && { userId: user.id }),
      joined: titlesOf([department], kept, known),
      department,
    }),
  );
