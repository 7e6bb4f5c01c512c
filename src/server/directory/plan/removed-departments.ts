import type { CaseCode } from '../../../shared/codes';
import { departmentEntry, departmentRowsOf, type PlannedDepartments } from './departments';
import { push } from './missing';
import type { DepartmentChange, DepartmentRow, Directory, MemberChange, State } from '../types';

/** `wait`: somebody or something of this source is still in it, that was not read. */
type Fate = 'remove' | 'release' | 'wait';

/**
 * Departments that are gone in DingTalk, the deepest first: NocoBase deletes what is below a department with it. One on
 * which anything made by hand hangs stays, and is nobody's from then on.
 */
export function planRemovals(
  directory: Directory,
  state: State,
  { parents }: PlannedDepartments,
  members: MemberChange[],
): DepartmentChange[] {
  const { departments } = state;
  const read = new Set(directory.departments.map(({ id }) => id));
  const gone = [...departmentRowsOf(state).values()].filter(
    ({ departmentId }) => directory.goneDepartments.has(departmentId) && !read.has(departmentId),
  );
  if (!departments || !gone.length) {
    return [];
  }
  const byNocobaseId = new Map(gone.map((row) => [row.nocobaseId, row]));
  const occupants = occupantsOf(gone, state, members);
  const children = new Map<string, string[]>();
  for (const [id, parent] of parents) {
    if (parent !== undefined && byNocobaseId.has(parent)) {
      push(children, parent, id);
    }
  }
  const known = new Map(state.departmentRows.map((row) => [row.nocobaseId, row.departmentId]));
  // One of the source that was not read with this part may have gone, too, or elsewhere: nobody made it by hand.
  const isUnread = (id: string) => directory.part !== undefined && known.has(id) && !read.has(known.get(id) ?? 0);
  const changes: DepartmentChange[] = [];
  const fates = new Map<string, Fate>();

  const decide = (row: DepartmentRow): Fate => {
    const decided = fates.get(row.nocobaseId);
    if (decided) {
      return decided;
    }
    // Where NocoBase's tree has a loop.
    fates.set(row.nocobaseId, 'wait');
    const below = (children.get(row.nocobaseId) ?? []).map((id) => {
      const child = byNocobaseId.get(id);
      return child ? decide(child) : isUnread(id) ? 'wait' : 'release';
    });
    const { ours = 0, byHand = 0 } = occupants.get(row.departmentId) ?? {};
    const isByHand = byHand > 0 || (departments.all.get(row.nocobaseId)?.hasRoles ?? false);
    const fate = fateOf({ ours, isByHand, below, isPart: directory.part !== undefined });
    fates.set(row.nocobaseId, fate);
    if (fate !== 'wait') {
      changes.push(changeOf(row, fate, departments.all.get(row.nocobaseId)?.title));
    }
    return fate;
  };

  gone.forEach(decide);
  return changes;
}

interface Burden {
  /** How many of the source are still in it. */
  ours: number;
  isByHand: boolean;
  below: Fate[];
  isPart: boolean;
}

function fateOf({ ours, isByHand, below, isPart }: Burden): Fate {
  const isReleased = isByHand || below.includes('release');
  const isAwaited = ours > 0 || below.includes('wait');
  // A run has read whoever is to be taken out of it. Once it is nobody's, nobody is.
  if (isReleased && !(isPart && isAwaited)) {
    return 'release';
  }
  return isAwaited ? 'wait' : 'remove';
}

function changeOf(row: DepartmentRow, fate: 'remove' | 'release', title: string | undefined): DepartmentChange {
  // A department that somebody has deleted by hand is only forgotten.
  const type = title === undefined ? 'release' : fate;
  const notes: CaseCode[] = ['DEPARTMENT_IN_USE'];
  const entry = departmentEntry(
    row.departmentId,
    title ?? row.title,
    type === 'remove' ? { action: 'removed' } : { action: 'skipped', ...(title !== undefined && { notes }) },
  );
  return { type, row, entry };
}

/** Who is still in each of the departments after the changes: by the source, or by hand. By DingTalk's ID. */
function occupantsOf(gone: DepartmentRow[], state: State, members: MemberChange[]) {
  const goneByNocobaseId = new Map(gone.map(({ nocobaseId, departmentId }) => [nocobaseId, departmentId]));
  const ids = new Set(gone.map(({ departmentId }) => String(departmentId)));
  const keysOf = (userId: string | undefined, departments: string[]) =>
    departments.filter((id) => ids.has(id)).map((id) => `${userId} ${id}`);
  // As the rows are afterwards: a row that named another user than the binding says nothing of that one any more.
  const changed = new Map(members.flatMap(({ row, next }) => (row ? [[row.id, next] as const] : [])));
  const rows = state.members.map((row) => changed.get(row.id) ?? row);
  const ours = new Set(rows.flatMap(({ userId, memberships }) => keysOf(userId, Object.keys(memberships))));
  const removed = new Set(members.flatMap(({ next, memberships }) => keysOf(next.userId, memberships?.remove ?? [])));
  const occupants = new Map<number, { ours: number; byHand: number }>();
  for (const [userId, memberships] of state.departments?.memberships ?? []) {
    for (const nocobaseId of memberships.keys()) {
      const departmentId = goneByNocobaseId.get(nocobaseId);
      const key = `${userId} ${departmentId}`;
      if (departmentId !== undefined && !removed.has(key)) {
        const count = occupants.get(departmentId) ?? { ours: 0, byHand: 0 };
        count[ours.has(key) ? 'ours' : 'byHand']++;
        occupants.set(departmentId, count);
      }
    }
  }
  return occupants;
}
