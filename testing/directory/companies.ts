import fc from 'fast-check';
import { comparable } from '../../src/server/directory/store/fingerprint';
import type { DirectoryMember } from '../../src/server/dingtalk/address-book';
import type { Absence, Directory, MemberRow, PlanSettings, State } from '../../src/server/directory/types';
import { DAY, directory, LOOSE, member, NOW, row, settings, state, user } from './company';

// Small companies of every kind, and whatever NocoBase may know of them: also what no run would leave behind, such as a
// row of a user who is bound to another account.

export interface Company {
  directory: Directory;
  state: State;
  settings: PlanSettings;
}

const indexes = (most: number) => Array.from({ length: most }, (_, index) => index);
const members = indexes(6);
const departments = [2, 3, 4, 5];
const users = indexes(6).map((index) => `u${index}`);

const often = fc.boolean();
const rarely = fc.integer({ min: 0, max: 9 }).map((one) => one === 0);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const names = fc.constantFrom('Ada', 'Bob', '张伟', 'admin', 'x'.repeat(300), '');
const numbers = fc.constantFrom('13800138000', '13800138001', '13800138002', '+86 138-0013-8003', '155****3240');
const emails = fc.constantFrom('a@corp.example', 'B@corp.example', 'c@other.example');
const someOf = <T>(all: T[]) => fc.uniqueArray(fc.constantFrom(...all), { maxLength: 3 });

const memberOf = (index: number, hasNumbers: boolean) =>
  fc
    .record({
      unionId: fc.constantFrom(`U-m${index}`, `U-m${index}`, `U-m${index}`, `U-m${index}`, undefined),
      // A userid that another member had.
      userid: rarely.map((isOther) => (isOther ? `m${index + 1}` : `m${index}`)),
      name: names,
      departmentIds: someOf(departments),
      leads: someOf(departments),
      active: fc.constantFrom(true, true, true, false),
      mobile: optional(numbers),
      email: optional(emails),
    })
    .map(({ userid, leads, mobile, email, ...rest }) =>
      member(userid, {
        ...rest,
        leads: Object.fromEntries(leads.map((id) => [id, true])),
        ...(hasNumbers && { mobile, email }),
      }),
    );

const rowOf = (index: number) =>
  fc
    .record({
      state: fc.constantFrom<MemberRow['state']>('active', 'active', 'open', 'outside', 'left'),
      userId: optional(fc.constantFrom(users[index], users[index], users[index], 'u0', 'gone')),
      isCreated: often,
      isLeftOut: rarely,
      isAllowed: rarely,
      isDetached: optional(often),
      written: fc.record(
        { nickname: names, phone: numbers.map((text) => comparable('phone', text)) },
        { requiredKeys: [] },
      ),
      memberships: someOf(departments),
      confirmed: someOf(departments),
      deleteAt: optional(fc.constantFrom(NOW - DAY, NOW + DAY)),
    })
    .map(({ memberships, confirmed, deleteAt, ...rest }) =>
      row(`m${index}`, {
        ...rest,
        memberships: Object.fromEntries(memberships.map((id) => [id, false])),
        confirmed: confirmed.map(String),
        ...(rest.state === 'left' && { deleteAt }),
      }),
    );

const userOf = (id: string, hasNumbers: boolean) =>
  fc
    .record({
      nickname: names,
      phone: optional(numbers),
      email: optional(emails),
      isPrivileged: fc.constantFrom(false, false, true),
      isRoot: rarely,
      mainDepartmentId: optional(fc.constantFrom('n2', 'n3', 'hand')),
      memberships: someOf(['n2', 'n3', 'n4', 'hand']),
    })
    .map(({ nickname, phone, email, isPrivileged, isRoot, memberships, mainDepartmentId }) => ({
      facts: user(id, {
        ...(hasNumbers && { phone, email }),
        columns: { nickname, ...(!hasNumbers && { phone: null, email: null }) },
        isPrivileged: isPrivileged || isRoot,
        isRoot,
        mainDepartmentId,
      }),
      memberships,
    }));

/** Each a tree, whose departments may hang elsewhere in NocoBase. */
const departmentsOf = fc.record({
  read: someOf(departments),
  parents: fc.tuple(...departments.map((id) => fc.constantFrom(1, ...departments.filter((other) => other < id)))),
  rows: someOf(departments),
  deleted: someOf(departments),
  nocobaseParents: fc.tuple(
    ...departments.map((id) =>
      optional(fc.constantFrom('hand', ...departments.filter((other) => other < id).map((other) => `n${other}`))),
    ),
  ),
  privileged: someOf(departments),
  withRoles: someOf(departments),
  gone: someOf(departments),
});

/** @param hasNumbers whether anybody has a phone number or an e-mail address: one that is freed changes the next run */
export const companies = (hasNumbers = true): fc.Arbitrary<Company> =>
  fc
    .record({
      members: fc.tuple(...members.map((index) => optional(memberOf(index, hasNumbers)))),
      rows: fc.tuple(...members.map((index) => optional(rowOf(index)))),
      users: fc.tuple(...users.map((id) => userOf(id, hasNumbers))),
      bindings: fc.tuple(
        ...members.map((index) => optional(fc.constantFrom(users[index], users[index], users[index], 'u1', 'gone'))),
      ),
      oldKeys: someOf(['m0', '13800138000']),
      absences: fc.tuple(
        ...members.map(() => optional(fc.constantFrom<Absence>('left', 'left', 'outOfScope', 'notChosen', 'present'))),
      ),
      moved: someOf(members),
      departments: optional(departmentsOf),
      blocked: fc.record({ unionIds: rarely, userIds: rarely }),
      unlinked: fc.record({ unionIds: often, userIds: often }),
      isDefaultRolePrivileged: rarely,
      mayMatchByPhone: often,
      otherWayIn: someOf(users),
      undeletable: someOf(users),
      newUsers: fc.constantFrom<PlanSettings['newUsers']>('create', 'create', 'link'),
      leavers: fc.constantFrom<PlanSettings['leavers']>('detach', 'keep', 'delete'),
      follow: fc.constantFrom<'ours' | 'always' | 'once'>('ours', 'ours', 'always', 'once'),
      writesPhoneOfOthers: often,
    })
    .map((drawn) => ({
      directory: directoryOf(drawn),
      state: stateOf(drawn),
      settings: settings({
        newUsers: drawn.newUsers,
        leavers: drawn.leavers,
        fields: {
          nickname: { column: 'nickname', follow: drawn.follow },
          phone: { column: 'phone', follow: drawn.follow },
          email: { column: 'email', follow: 'ours' },
        },
        writesPhoneOfOthers: drawn.writesPhoneOfOthers,
        emailDomains: ['corp.example'],
        brake: LOOSE,
      }),
    }));

interface Drawn {
  members: (DirectoryMember | undefined)[];
  rows: (MemberRow | undefined)[];
  users: { facts: ReturnType<typeof user>; memberships: string[] }[];
  bindings: (string | undefined)[];
  oldKeys: string[];
  absences: (Absence | undefined)[];
  moved: number[];
  departments?: {
    read: number[];
    parents: number[];
    rows: number[];
    deleted: number[];
    nocobaseParents: (string | undefined)[];
    privileged: number[];
    withRoles: number[];
    gone: number[];
  };
  blocked: { unionIds: boolean; userIds: boolean };
  unlinked: { unionIds: boolean; userIds: boolean };
  isDefaultRolePrivileged: boolean;
  mayMatchByPhone: boolean;
  otherWayIn: string[];
  undeletable: string[];
}

function directoryOf(drawn: Drawn): Directory {
  const tree = drawn.departments;
  // A userid is read once.
  const byUserid = new Map(drawn.members.flatMap((one) => (one ? [[one.userid, one] as const] : [])));
  const absences = drawn.absences.flatMap((absence, index) => (absence ? [[`row-m${index}`, absence] as const] : []));
  return directory([...byUserid.values()], {
    departments: departments
      .map((id, index) => ({ id, name: `Department ${id}`, parentId: tree?.parents[index] ?? 1 }))
      .filter(({ id }) => tree?.read.includes(id)),
    absences: new Map(absences),
    userids: new Map(drawn.moved.map((index) => [`row-m${index}`, `m${index} now`])),
    goneDepartments: new Set(tree?.gone),
  });
}

function stateOf(drawn: Drawn): State {
  const tree = drawn.departments;
  const bindings: Record<string, string | string[]> = {};
  const taken = new Set<string>();
  drawn.bindings.forEach((userId, index) => {
    // NocoBase has one binding for a user and an authenticator.
    if (userId && !taken.has(userId)) {
      taken.add(userId);
      bindings[`U-m${index}`] = userId;
    }
  });
  drawn.oldKeys.forEach((key, index) => {
    const userId = users[5 - index];
    if (!taken.has(userId)) {
      taken.add(userId);
      bindings[key] = userId;
    }
  });
  const nocobase = departments.map((id, index) => ({
    id: `n${id}`,
    title: index % 2 ? `Department ${id}` : `By hand ${id}`,
    parentId: tree?.nocobaseParents[index],
    isPrivileged: tree?.privileged.includes(id) ?? false,
    hasRoles: (tree?.privileged.includes(id) || tree?.withRoles.includes(id)) ?? false,
  }));
  const hand = { id: 'hand', title: 'By hand', parentId: undefined, isPrivileged: false, hasRoles: false };
  const all = [hand, ...nocobase.filter(({ id }) => !tree?.deleted.includes(Number(id.slice(1))))];
  const ids = new Set(all.map(({ id }) => id));
  return state({
    rows: drawn.rows.flatMap((one) => (one ? [one] : [])),
    users: drawn.users.map(({ facts }) => facts),
    bindings,
    old: drawn.oldKeys,
    departmentRows: (tree?.rows ?? []).map((id) => ({
      id: `row-${id}`,
      departmentId: id,
      nocobaseId: `n${id}`,
      title: `Department ${id}`,
      parentNocobaseId: nocobase.find((one) => one.id === `n${id}`)?.parentId,
    })),
    departments: tree && {
      all: new Map(
        all.map((one) => [one.id, { ...one, parentId: ids.has(one.parentId ?? '') ? one.parentId : undefined }]),
      ),
      memberships: new Map(
        drawn.users.map(({ facts, memberships }) => [
          facts.id,
          new Map(memberships.filter((id) => ids.has(id)).map((id) => [id, false])),
        ]),
      ),
    },
    blocked: {
      unionIds: new Set(drawn.blocked.unionIds ? ['U-m2'] : []),
      userIds: new Set(drawn.blocked.userIds ? ['u3'] : []),
    },
    unlinked: {
      unionIds: new Set(drawn.unlinked.unionIds ? ['U-m4'] : []),
      userIds: new Set(drawn.unlinked.userIds ? ['u4'] : []),
    },
    isDefaultRolePrivileged: drawn.isDefaultRolePrivileged,
    mayMatchByPhone: drawn.mayMatchByPhone,
    privilegedWithOtherWayIn: new Set(
      drawn.users
        .filter(({ facts }) => facts.isPrivileged && drawn.otherWayIn.includes(facts.id))
        .map(({ facts }) => facts.id),
    ),
    undeletable: new Set(drawn.undeletable),
  });
}
