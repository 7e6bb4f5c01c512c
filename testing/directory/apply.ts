import type { MemberChange, MemberRow, Plan, State, UserFacts } from '../../src/server/directory/types';

/**
 * What NocoBase and the source know after a plan was written: a model of the writer, without a database. A step that no
 * database would take, such as a second binding of an account, throws.
 */
export function apply(before: State, plan: Plan): State {
  const state = structuredClone(before);
  plan.departments
    .filter(({ type }) => type === 'create' || type === 'update')
    .forEach((change) => applyDepartment(state, change));
  plan.members.forEach((change) => applyMember(state, change));
  plan.departments
    .filter(({ type }) => type === 'remove' || type === 'release')
    .forEach((change) => applyDepartment(state, change));
  state.takenAway = addedUp(state.takenAway, plan.takenAway);
  return state;
}

const addedUp = (one: State['takenAway'], other: State['takenAway']): State['takenAway'] => ({
  members: one.members + other.members,
  departments: one.departments + other.departments,
  memberships: one.memberships + other.memberships,
});

/** An ID that no department has. */
function unusedId(id: number, taken: Map<string, unknown>): string {
  let free = `d${id}`;
  while (taken.has(free)) {
    free += "'";
  }
  return free;
}

function applyDepartment(state: State, change: Plan['departments'][number]): void {
  const departments = state.departments;
  if (!departments) {
    throw new Error('There are no departments.');
  }
  const nocobaseIdOf = (id: number | null | undefined) => {
    if (id === null || id === undefined) {
      return undefined;
    }
    const found = state.departmentRows.find(({ departmentId }) => departmentId === id);
    if (!found || !departments.all.has(found.nocobaseId)) {
      throw new Error(`The department ${id} is not there yet.`);
    }
    return found.nocobaseId;
  };
  switch (change.type) {
    case 'create': {
      const { id, name } = change.department;
      if (state.departmentRows.some(({ departmentId }) => departmentId === id)) {
        throw new Error(`The department ${id} is there already.`);
      }
      const parentId = nocobaseIdOf(change.parentId);
      const nocobaseId = unusedId(id, departments.all);
      departments.all.set(nocobaseId, { id: nocobaseId, title: name, parentId, isPrivileged: false, hasRoles: false });
      state.departmentRows.push({
        id: `row-${id}`,
        departmentId: id,
        nocobaseId,
        title: name,
        parentNocobaseId: parentId,
      });
      return;
    }
    case 'update': {
      const row = state.departmentRows.find(({ id }) => id === change.row.id);
      const department = departments.all.get(change.row.nocobaseId);
      if (!row || !department) {
        throw new Error('The department is gone.');
      }
      if (change.title !== undefined) {
        department.title = row.title = change.title;
      }
      if (change.parentId !== undefined) {
        department.parentId = row.parentNocobaseId = nocobaseIdOf(change.parentId);
        for (let at = department.parentId; at !== undefined; at = departments.all.get(at)?.parentId) {
          if (at === department.id) {
            throw new Error('The departments have a loop.');
          }
        }
      }
      return;
    }
    default: {
      state.departmentRows = state.departmentRows.filter(({ id }) => id !== change.row.id);
      if (change.type === 'remove') {
        // NocoBase would delete what is below it.
        if ([...departments.all.values()].some(({ parentId }) => parentId === change.row.nocobaseId)) {
          throw new Error('There is a department below it.');
        }
        departments.all.delete(change.row.nocobaseId);
        departments.memberships.forEach((memberships) => memberships.delete(change.row.nocobaseId));
      }
    }
  }
}

function applyMember(state: State, { row, step, values, memberships, next }: MemberChange): void {
  const userId = stepOf(state, next, step) ?? next.userId;
  const user = userId === undefined ? undefined : state.users.get(userId);
  if (values && user) {
    writeValues(state, user, values);
  }
  if (memberships && user) {
    writeMemberships(state, user, memberships);
  }
  const isBack = row?.state === 'left' && next.state !== 'left';
  if (isBack && next.state === 'active') {
    state.unlinked.unionIds.delete(next.unionId);
    state.unlinked.userIds.delete(userId ?? '');
  }
  const after: MemberRow = {
    ...next,
    userId: step?.type === 'create' ? userId : next.userId,
    id: row?.id ?? `row-${next.unionId}`,
  };
  const index = state.members.findIndex(({ id }) => id === after.id);
  if (!row && state.members.some(({ unionId }) => unionId === next.unionId)) {
    throw new Error('There is a row of this account.');
  }
  if (index < 0) {
    state.members.push(after);
  } else {
    state.members[index] = after;
  }
}

/** @returns the ID of a user who was created */
function stepOf(state: State, { unionId }: MemberChange['next'], step: MemberChange['step']): string | undefined {
  switch (step?.type) {
    case 'create': {
      const id = `new-${unionId}`;
      state.users.set(id, {
        id,
        columns: { nickname: null, phone: null, email: null },
        isPrivileged: false,
        isRoot: false,
      });
      bind(state, unionId, id);
      return id;
    }
    case 'bind':
    case 'rebind':
      bind(state, unionId, step.userId);
      return undefined;
    case 'detach':
      state.bound.delete(unionId);
      state.boundUserIds.delete(step.userId);
      state.unlinked.unionIds.add(unionId);
      state.unlinked.userIds.add(step.userId);
      return undefined;
    case 'delete':
      state.users.delete(step.userId);
      state.departments?.memberships.delete(step.userId);
      return undefined;
    default:
      return undefined;
  }
}

function bind(state: State, unionId: string, userId: string): void {
  const isBound = state.bound.get(unionId)?.userIds.some((id) => state.users.has(id));
  if (isBound || state.boundUserIds.has(userId) || !state.users.has(userId)) {
    throw new Error('The account or the user is bound, or there is no such user.');
  }
  state.bound.set(unionId, { userIds: [userId], isOurs: true });
  state.boundUserIds.add(userId);
}

/** Phone numbers and e-mail addresses have unique indexes. */
function writeValues(state: State, user: UserFacts, values: Record<string, string>): void {
  for (const column of ['phone', 'email']) {
    const value = values[column];
    if (
      value !== undefined &&
      [...state.users.values()].some((other) => other.id !== user.id && other.columns[column] === value)
    ) {
      throw new Error(`Another user has this ${column}.`);
    }
  }
  Object.assign(user.columns, values);
}

function writeMemberships(state: State, user: UserFacts, memberships: NonNullable<MemberChange['memberships']>): void {
  const all = state.departments?.memberships;
  if (!all) {
    throw new Error('There are no departments.');
  }
  const nocobaseIdOf = (id: number | string) => {
    const row = state.departmentRows.find(({ departmentId }) => departmentId === Number(id));
    if (!row || !state.departments?.all.has(row.nocobaseId)) {
      throw new Error(`There is no department ${id}.`);
    }
    return row.nocobaseId;
  };
  const mine = all.get(user.id) ?? new Map<string, boolean>();
  all.set(user.id, mine);
  memberships.remove.forEach((id) => mine.delete(nocobaseIdOf(id)));
  for (const { departmentId, isOwner } of memberships.add) {
    if (mine.has(nocobaseIdOf(departmentId))) {
      throw new Error('The user is in the department.');
    }
    mine.set(nocobaseIdOf(departmentId), isOwner);
    user.isPrivileged ||= state.departments?.all.get(nocobaseIdOf(departmentId))?.isPrivileged ?? false;
  }
  for (const { departmentId, isOwner } of memberships.setOwner) {
    if (!mine.has(nocobaseIdOf(departmentId))) {
      throw new Error('The user is not in the department.');
    }
    mine.set(nocobaseIdOf(departmentId), isOwner);
  }
  if (memberships.main !== undefined) {
    user.mainDepartmentId = nocobaseIdOf(memberships.main);
    if (!mine.has(user.mainDepartmentId)) {
      throw new Error('The main department is one that the user is not in.');
    }
  }
}
