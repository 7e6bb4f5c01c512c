import { cleanName } from '../../accounts/names';
import { type Department, ORGANIZATION } from '../../dingtalk/address-book';
import type { Entry } from '../../../shared/directory';
import type { DepartmentChange, DepartmentRow, Directory, NocobaseDepartment, State } from '../types';

interface KeptDepartment {
  /** Undefined for one that is created. */
  nocobaseId?: string;
  title: string;
  isPrivileged: boolean;
  /** Whether it is in this reading, or would be if that were whole. */
  isRead: boolean;
}

export interface KeptDepartments {
  /** By DingTalk's ID, those that there are after the run. */
  all: Map<number, KeptDepartment>;
  /** By DingTalk's ID, also of those that go. */
  nocobaseIds: Map<number, string>;
}

export interface PlannedDepartments {
  changes: DepartmentChange[];
  entries: Entry[];
  kept: KeptDepartments;
  /** The parents of NocoBase's departments, as they are afterwards. */
  parents: Map<string, string | undefined>;
}

interface Work extends PlannedDepartments {
  directory: Directory;
  nocobase: Map<string, NocobaseDepartment>;
  rows: Map<number, DepartmentRow>;
  /** By DingTalk's ID: where a child of the department hangs, null for the root. */
  places: Map<number, number | null>;
}

/** Whether the rows of a source still lead to a department of NocoBase. */
export const departmentRowsOf = ({ departmentRows }: State): Map<number, DepartmentRow> =>
  new Map(departmentRows.map((row) => [row.departmentId, row]));

export const departmentEntry = (id: number, name: string, rest: Omit<Entry, 'kind' | 'id' | 'name'>): Entry => ({
  kind: 'department',
  id: String(id),
  name,
  ...rest,
});

/** What is created and changed, from the root down; what goes is decided last, when it is known who is left in it. */
export function planDepartments(directory: Directory, state: State): PlannedDepartments {
  const rows = departmentRowsOf(state);
  const nocobase = state.departments?.all ?? new Map<string, NocobaseDepartment>();
  const work: Work = {
    directory,
    nocobase,
    rows,
    changes: [],
    entries: [],
    kept: { all: new Map(), nocobaseIds: new Map([...rows.values()].map((row) => [row.departmentId, row.nocobaseId])) },
    parents: new Map([...nocobase.values()].map(({ id, parentId }) => [id, parentId])),
    places: new Map(),
  };
  if (!state.departments) {
    return work;
  }
  const read = new Map(directory.departments.filter(({ id }) => id > ORGANIZATION).map((one) => [one.id, one]));
  for (const row of rows.values()) {
    const department = nocobase.get(row.nocobaseId);
    if (department && !read.has(row.departmentId) && !directory.goneDepartments.has(row.departmentId)) {
      const { title, isPrivileged } = department;
      const isRead = directory.part?.departments.has(row.departmentId) ?? false;
      work.kept.all.set(row.departmentId, { nocobaseId: row.nocobaseId, title, isPrivileged, isRead });
      work.places.set(row.departmentId, row.departmentId);
    }
  }
  if (directory.part) {
    placeDeleted(read, work);
  }
  for (const department of parentsFirst(read)) {
    planDepartment(department, work);
  }
  return work;
}

/** Where what is below a department hangs that was deleted by hand, and was not read with this part. */
function placeDeleted(read: Map<number, Department>, { rows, nocobase, places }: Work): void {
  const byNocobaseId = new Map([...rows.values()].map((row) => [row.nocobaseId, row]));
  for (const row of [...rows.values()].filter((one) => !nocobase.has(one.nocobaseId) && !read.has(one.departmentId))) {
    const seen = new Set<DepartmentRow>();
    let at: DepartmentRow | undefined = row;
    while (at && !nocobase.has(at.nocobaseId)) {
      seen.add(at);
      const above = byNocobaseId.get(at.parentNocobaseId ?? '');
      at = above && !seen.has(above) ? above : undefined;
    }
    places.set(row.departmentId, at?.departmentId ?? null);
  }
}

/** In DingTalk's order, which NocoBase shows. */
function* parentsFirst(read: Map<number, Department>): Generator<Department> {
  const done = new Set<number>();
  for (const department of read.values()) {
    const path: Department[] = [];
    for (
      let at: Department | undefined = department;
      at && !done.has(at.id);
      at = read.get(at.parentId ?? ORGANIZATION)
    ) {
      done.add(at.id);
      path.push(at);
    }
    yield* path.reverse();
  }
}

function planDepartment({ id, name, parentId: parent = ORGANIZATION }: Department, work: Work): void {
  const { changes, entries, kept, places, rows, nocobase } = work;
  const title = cleanName(name) ?? String(id);
  const row = rows.get(id);
  const present = row && nocobase.get(row.nocobaseId);
  const place = places.get(parent) ?? null;
  if (row && !present) {
    // Deleted by hand: it is not made again, and what is below it hangs where it hung.
    places.set(id, place);
    entries.push(departmentEntry(id, title, { action: 'skipped', notes: ['DEPARTMENT_DELETED'] }));
    return;
  }
  places.set(id, id);
  kept.all.set(id, {
    nocobaseId: row?.nocobaseId,
    title,
    isPrivileged: present?.isPrivileged ?? false,
    isRead: true,
  });
  if (row && present) {
    updateDepartment({ id, title, place }, row, present, work);
    return;
  }
  const entry = departmentEntry(id, title, { action: 'added' });
  work.parents.set(keyOf(id, work), place === null ? undefined : keyOf(place, work));
  changes.push({
    type: 'create',
    department: { id, name: title, parentId: parent },
    parentId: place ?? undefined,
    entry,
  });
  entries.push(entry);
}

/** The name of a place among NocoBase's departments, also of one that is still to be created. */
const keyOf = (id: number, { rows }: Pick<Work, 'rows'>): string => rows.get(id)?.nocobaseId ?? `new ${id}`;

function updateDepartment(
  { id, title, place }: { id: number; title: string; place: number | null },
  row: DepartmentRow,
  present: NocobaseDepartment,
  work: Work,
): void {
  const parent = place === null ? undefined : keyOf(place, work);
  // What somebody changed by hand stays, until DingTalk says the same.
  const isTitleOurs = present.title === row.title || present.title === title;
  const isPlaceOurs = present.parentId === row.parentNocobaseId || present.parentId === parent;
  const change = {
    ...(isTitleOurs && row.title !== title && { title }),
    ...(isPlaceOurs && row.parentNocobaseId !== parent && !isBelow(parent, present.id, work) && { parentId: place }),
  };
  if (!Object.keys(change).length) {
    return;
  }
  const fields = [
    ...(change.title !== undefined && present.title !== title ? ['title'] : []),
    ...('parentId' in change && present.parentId !== parent ? ['parentId'] : []),
  ];
  const entry = departmentEntry(id, title, { action: 'changed', fields });
  work.changes.push({ type: 'update', row, ...change, entry });
  if ('parentId' in change) {
    work.parents.set(present.id, parent);
  }
  if (fields.length) {
    work.entries.push(entry);
  }
}

/** Whether a place is the department itself or below it: somebody moved it there by hand, and NocoBase's tree would be torn. */
function isBelow(place: string | undefined, department: string, { parents }: Work): boolean {
  const seen = new Set<string>();
  for (let at = place; at !== undefined && !seen.has(at); at = parents.get(at)) {
    if (at === department) {
      return true;
    }
    seen.add(at);
  }
  return false;
}
