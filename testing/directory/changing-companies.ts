import fc from 'fast-check';
import type { DirectoryMember } from '../../src/server/dingtalk/address-book';
import type { Changes } from '../../src/server/directory/read/read-changes';
import type { PlanSettings, State } from '../../src/server/directory/types';
import type { BookData } from './book';
import { DAY, LOOSE, member, NOW, settings, state, user } from './company';

// Companies whose address book changes, what somebody does in NocoBase by hand meanwhile, and what DingTalk tells of it.

/** What somebody does in NocoBase between the runs. */
type Deed =
  | { type: 'delete department' | 'empty department' | 'raise department' | 'move department'; index: number }
  | { type: 'delete user' | 'unlink' | 'leave out' | 'allow' | 'confirm' | 'take out'; index: number }
  /** A month goes by; a row leads to the user of the next one, as after links by hand. */
  | { type: 'wait' | 'lead elsewhere'; index: number };

export interface ChangingCompany {
  before: BookData;
  after: BookData;
  /** DingTalk's departments that the source has; null for all. */
  chosen: number[] | null;
  initial: State;
  deeds: Deed[];
  settings: PlanSettings;
  /** What is told, in the order in which it arrives. */
  batches: Changes[];
}

const indexes = (most: number) => Array.from({ length: most }, (_, index) => index);
const slots = indexes(6);
const departments = [2, 3, 4, 5, 6];
const someOf = <T>(all: T[], maxLength = 2) => fc.uniqueArray(fc.constantFrom(...all), { maxLength });
const rarely = fc.integer({ min: 0, max: 7 }).map((one) => one === 0);

/** Numbers of nobody else in DingTalk: of two newcomers with one, the first to be known gets it. */
const numberOf = (index: number, which: number) => `1380013800${(index + which * 3) % 10}`;

const slotOf = (index: number) =>
  fc.record({
    isThere: fc.constantFrom(true, true, true, false),
    // The organization gives a userid to another account, and the account another userid.
    isOther: rarely,
    isRenumbered: rarely,
    name: fc.constantFrom('Ada', 'Bob', '张伟'),
    departmentIds: someOf([1, ...departments]),
    leads: someOf(departments),
    active: fc.constantFrom(true, true, true, false),
    hasNumber: fc.boolean(),
    which: fc.constantFrom(0, 0, 1),
    index: fc.constant(index),
  });

const treeOf = fc.record({
  there: fc.tuple(...departments.map(() => fc.constantFrom(true, true, true, false))),
  parents: fc.tuple(...departments.map((id) => fc.constantFrom(1, ...departments.filter((other) => other < id)))),
  names: fc.tuple(...departments.map((id) => fc.constantFrom(`D${id}`, `D${id}`, `Renamed ${id}`))),
});

type Slot = ReturnType<typeof slotOf> extends fc.Arbitrary<infer T> ? T : never;
type Tree = typeof treeOf extends fc.Arbitrary<infer T> ? T : never;

function bookOf(tree: Tree, drawn: Slot[], scope: BookData['scope']): BookData {
  const listed = departments
    .map((id, index) => ({ id, name: tree.names[index], parentId: tree.parents[index] }))
    .filter((_, index) => tree.there[index]);
  const ids = new Set(listed.map(({ id }) => id));
  // A department is removed with what is below it.
  const isThere = (id: number): boolean =>
    id === 1 || (ids.has(id) && isThere(listed.find((one) => one.id === id)?.parentId ?? 0));
  const numbers = new Set<string>();
  const members = drawn
    .filter((slot) => slot.isThere)
    .flatMap(({ index, isOther, isRenumbered, hasNumber, which, leads, ...slot }): DirectoryMember[] => {
      const mobile = numberOf(index, which);
      const isFree = !numbers.has(mobile);
      numbers.add(mobile);
      const in_ = slot.departmentIds.filter(isThere);
      const departmentIds = in_.length ? in_ : [1];
      const mine = member(`m${index}`, {
        unionId: `U-m${index}`,
        name: slot.name,
        active: slot.active,
        departmentIds,
        leads: Object.fromEntries(departmentIds.map((id) => [id, leads.includes(id)])),
        ...(hasNumber && isFree && { mobile }),
      });
      const renumbered = { ...mine, userid: `m${index} anew` };
      const other = { ...mine, unionId: `U-other${index}`, mobile: undefined };
      if (isOther) {
        return isRenumbered ? [other, renumbered] : [other];
      }
      return [isRenumbered ? renumbered : mine];
    });
  return { departments: listed.filter(({ id }) => isThere(id)), members, scope };
}

/** All that DingTalk has to tell of the difference. */
function toldOf(before: BookData, after: BookData): Changes {
  const differing = <T>(one: T[], other: T[], keyOf: (item: T) => string | number) => {
    const texts = (items: T[]) => new Map(items.map((item) => [keyOf(item), JSON.stringify(item)]));
    const [first, second] = [texts(one), texts(other)];
    return [...new Set([...first.keys(), ...second.keys()])].filter((key) => first.get(key) !== second.get(key));
  };
  return {
    userids: differing(before.members, after.members, ({ userid }) => userid).map(String),
    departmentIds: differing(before.departments, after.departments, ({ id }) => id).map(Number),
  };
}

/** In any order, repeated or lost, in any groups; and of what has not changed, or never was. */
function batchesOf({ userids, departmentIds }: Changes): fc.Arbitrary<Changes[]> {
  const all = [
    ...[...userids, ...userids, 'm0', 'nobody'].map((userid) => ({ userids: [userid], departmentIds: [] as number[] })),
    ...[...departmentIds, ...departmentIds, 1, 2, 99].map((id) => ({ userids: [], departmentIds: [id] })),
  ];
  return fc.array(fc.record({ one: fc.constantFrom(...all), begins: fc.boolean() }), { maxLength: 12 }).map((events) =>
    events.reduce<Changes[]>((batches, { one, begins }) => {
      const last = batches.at(-1);
      return last && !begins
        ? [
            ...batches.slice(0, -1),
            {
              userids: [...last.userids, ...one.userids],
              departmentIds: [...last.departmentIds, ...one.departmentIds],
            },
          ]
        : [...batches, one];
    }, []),
  );
}

const scopes: { scope: BookData['scope']; chosen: number[] | null }[] = [
  { scope: { departmentIds: [1], userids: [] }, chosen: null },
  { scope: { departmentIds: [1], userids: [] }, chosen: null },
  { scope: { departmentIds: [1], userids: [] }, chosen: [2, 4] },
  { scope: { departmentIds: [2, 4], userids: ['m5'] }, chosen: null },
];

export const changingCompanies: fc.Arbitrary<ChangingCompany> = fc
  .record({
    trees: fc.tuple(treeOf, treeOf),
    slots: fc.tuple(...slots.map((index) => fc.tuple(slotOf(index), slotOf(index), fc.boolean()))),
    isTreeSame: fc.boolean(),
    place: fc.constantFrom(...scopes),
    users: fc.tuple(...slots.map((index) => fc.record({ which: fc.constantFrom(0, 1), index: fc.constant(index) }))),
    unbound: someOf(slots, 3),
    privileged: someOf(slots, 1),
    deeds: fc.array(
      fc.record({
        type: fc.constantFrom<Deed['type']>(
          'delete department',
          'empty department',
          'raise department',
          'move department',
          'delete user',
          'unlink',
          'leave out',
          'allow',
          'confirm',
          'take out',
          'wait',
          'lead elsewhere',
        ),
        index: fc.nat(5),
      }),
      { maxLength: 4 },
    ),
    hasDepartments: fc.constantFrom(true, true, true, false),
    mayMatchByPhone: fc.boolean(),
    newUsers: fc.constantFrom<PlanSettings['newUsers']>('create', 'create', 'link'),
    leavers: fc.constantFrom<PlanSettings['leavers']>('detach', 'keep', 'delete'),
    follow: fc.constantFrom<'ours' | 'always'>('ours', 'always'),
    writesPhoneOfOthers: fc.boolean(),
  })
  .map(({ trees: [tree, other], isTreeSame, slots: drawn, place, ...rest }) => ({
    ...rest,
    chosen: place.chosen,
    before: bookOf(
      tree,
      drawn.map(([one]) => one),
      place.scope,
    ),
    after: bookOf(
      isTreeSame ? tree : other,
      drawn.map(([one, another, isSame]) => (isSame ? one : another)),
      place.scope,
    ),
  }))
  .chain(({ before, after, chosen, deeds, ...drawn }) =>
    batchesOf(toldOf(before, after)).map((batches): ChangingCompany => ({
      before,
      after,
      chosen,
      deeds: deeds as Deed[],
      batches,
      initial: initialState(drawn),
      settings: settings({
        newUsers: drawn.newUsers,
        leavers: drawn.leavers,
        fields: {
          nickname: { column: 'nickname', follow: drawn.follow },
          phone: { column: 'phone', follow: drawn.follow },
        },
        writesPhoneOfOthers: drawn.writesPhoneOfOthers,
        brake: LOOSE,
      }),
    })),
  );

/** Users whom a run binds by the number, and an administrator who can let the others in. */
function initialState(drawn: {
  users: { which: number; index: number }[];
  unbound: number[];
  privileged: number[];
  hasDepartments: boolean;
  mayMatchByPhone: boolean;
}): State {
  const people = drawn.users
    .filter(({ index }) => drawn.unbound.includes(index))
    .map(({ which, index }) =>
      user(`u${index}`, { phone: numberOf(index, which), isPrivileged: drawn.privileged.includes(index) }),
    );
  // Numbers have a unique index.
  const unique = people.filter(
    ({ columns }, index) => people.findIndex((one) => one.columns.phone === columns.phone) === index,
  );
  return state({
    users: [user('boss', { isPrivileged: true, isRoot: true }), ...unique],
    privilegedWithOtherWayIn: new Set(['boss']),
    mayMatchByPhone: drawn.mayMatchByPhone,
    ...(drawn.hasDepartments && {
      departments: {
        all: new Map([['hand', { id: 'hand', title: 'By hand', isPrivileged: false, hasRoles: false }]]),
        memberships: new Map(),
      },
    }),
  });
}

/** The state after somebody has done something by hand; the same one where there is nothing to be done. */
export function afterDeed(before: State, { type, index }: Deed): State {
  const after = structuredClone(before);
  const { departments } = after;
  const department = after.departmentRows[index % Math.max(1, after.departmentRows.length)];
  const present = departments?.all.get(department?.nocobaseId ?? '');
  const row = after.members[index % Math.max(1, after.members.length)];
  const owner = after.users.get(row?.userId ?? '');
  switch (type) {
    case 'delete department':
      if (present && departments) {
        const isBelow = (id: string): boolean => {
          const above = departments.all.get(id)?.parentId;
          return id === present.id || (above !== undefined && isBelow(above));
        };
        for (const id of [...departments.all.keys()].filter(isBelow)) {
          departments.all.delete(id);
          departments.memberships.forEach((mine) => mine.delete(id));
        }
      }
      break;
    case 'empty department':
      departments?.memberships.forEach((mine) => mine.delete(present?.id ?? ''));
      break;
    case 'raise department':
      if (present) {
        Object.assign(present, { isPrivileged: index % 2 === 0, hasRoles: true });
      }
      break;
    case 'move department':
      if (present) {
        present.parentId = 'hand';
      }
      break;
    case 'delete user':
      if (owner && !owner.isRoot) {
        after.users.delete(owner.id);
        after.boundUserIds.delete(owner.id);
        departments?.memberships.delete(owner.id);
        after.bound.forEach(({ userIds }, key) => userIds.includes(owner.id) && after.bound.delete(key));
      }
      break;
    case 'unlink':
      if (owner && row && after.bound.delete(row.unionId)) {
        after.boundUserIds.delete(owner.id);
        after.unlinked.unionIds.add(row.unionId);
        after.unlinked.userIds.add(owner.id);
      }
      break;
    case 'wait':
      after.members
        .filter(({ deleteAt }) => deleteAt !== undefined)
        .forEach((one) => Object.assign(one, { deleteAt: NOW - DAY }));
      break;
    case 'lead elsewhere':
      if (row) {
        row.userId = after.members[(index + 1) % after.members.length].userId;
      }
      break;
    case 'take out':
      departments?.memberships.get(owner?.id ?? '')?.clear();
      break;
    default:
      if (row) {
        Object.assign(row, {
          ...(type === 'leave out' && { isLeftOut: true }),
          ...(type === 'allow' && { isAllowed: true }),
          ...(type === 'confirm' && { confirmed: ['2', '3', '4', '5', '6'] }),
        });
      }
  }
  return after;
}
