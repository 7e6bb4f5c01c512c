import type { DirectoryMember } from '../../dingtalk/address-book';
import type { KeptDepartments } from './departments';
import type { Known } from './known';
import { isSameRecord } from './member-rows';
import type { MemberChange, MemberRow } from '../types';

export interface PlannedMemberships {
  change?: MemberChange['memberships'];
  /** Those of the row, as they are afterwards. */
  ours: Record<string, boolean>;
  /** DingTalk's departments that wait until an administrator confirms the member there. */
  waiting: number[];
  /** Whether the user comes into a department with a privileged role, which was confirmed. */
  becomesPrivileged: boolean;
  /** How many are taken away beyond those that come. */
  taken: number;
}

interface Given {
  /** Undefined for a member who left this part of the directory. */
  member?: DirectoryMember;
  row?: MemberRow;
  /** Undefined for a user who is created. */
  userId?: string;
  /** Departments with a privileged role of which an administrator said that the member may be there. */
  confirmed: string[];
}

/** The memberships of one user. What was made by hand is not touched, and what was taken away by hand stays away. */
export function planMemberships(
  { member, row, userId, confirmed }: Given,
  kept: KeptDepartments,
  known: Known,
): PlannedMemberships {
  const { departments } = known.state;
  const before = row?.memberships ?? {};
  const planned: PlannedMemberships = { ours: {}, waiting: [], becomesPrivileged: false, taken: 0 };
  if (!departments) {
    return { ...planned, ours: before };
  }
  const existing = departments.memberships.get(userId ?? '') ?? new Map<string, boolean>();
  const change = { add: [], remove: [], setOwner: [] } as Required<
    Omit<NonNullable<MemberChange['memberships']>, 'main'>
  >;
  const target = (member?.departmentIds ?? []).filter((id) => {
    const department = kept.all.get(id);
    // Of those outside of this reading the member keeps what is ours, and comes into no other.
    return department && (department.isRead || id in before);
  });
  const wanted = new Set(target);

  for (const id of Object.keys(before).filter((one) => !wanted.has(Number(one)))) {
    if (existing.has(kept.nocobaseIds.get(Number(id)) ?? '')) {
      change.remove.push(id);
    }
  }
  for (const id of wanted) {
    const { nocobaseId = '', isPrivileged } = kept.all.get(id) ?? {};
    const leads = member?.leads[id];
    const current = existing.get(nocobaseId);
    if (id in before) {
      const flag = current === undefined || leads === undefined ? before[id] : leads;
      planned.ours[id] = flag;
      // One that was changed by hand stays, until DingTalk says the same, and changes again.
      if (current !== undefined && flag !== before[id] && flag !== current) {
        change.setOwner.push({ departmentId: id, isOwner: flag });
      }
    } else if (current === undefined) {
      if (isPrivileged && !confirmed.includes(String(id))) {
        planned.waiting.push(id);
      } else {
        planned.becomesPrivileged ||= isPrivileged === true;
        planned.ours[id] = leads ?? false;
        change.add.push({ departmentId: id, isOwner: leads ?? false });
      }
    }
  }
  planned.taken = Math.max(0, change.remove.length - change.add.length);
  const main = mainDepartment(target, change, existing, known.state.users.get(userId ?? '')?.mainDepartmentId, kept);
  if (change.add.length || change.remove.length || change.setOwner.length || main !== undefined) {
    planned.change = known.interned.value({ ...change, main });
  }
  return { ...planned, ours: isSameRecord(before, planned.ours) ? before : known.interned.value(planned.ours) };
}

/** A new main department, where the user has left the present one or comes into the first. */
function mainDepartment(
  target: number[],
  change: { add: { departmentId: number }[]; remove: string[] },
  existing: Map<string, boolean>,
  present: string | undefined,
  kept: KeptDepartments,
): number | undefined {
  const added = new Set(change.add.map(({ departmentId }) => departmentId));
  const removed = new Set(change.remove.map((id) => kept.nocobaseIds.get(Number(id))));
  const isIn = (nocobaseId: string | undefined) =>
    nocobaseId !== undefined && existing.has(nocobaseId) && !removed.has(nocobaseId);
  if (present === undefined ? !added.size : isIn(present)) {
    return undefined;
  }
  return target.find((id) => added.has(id) || isIn(kept.all.get(id)?.nocobaseId));
}
