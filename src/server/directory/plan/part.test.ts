import {
  directory,
  type Given,
  knownRow,
  member,
  NOW,
  row,
  settings,
  state,
  user,
} from '../../../../testing/directory/company';
import type { Directory, DirectoryPart, PlanSettings } from '../types';
import { plan } from './plan';

// A part of the directory, as single changes are read: what each rule assumes of a whole reading, and why it still holds.

const PHONE = '13800138000';

const part = (departments: number[] = []): { part: DirectoryPart } => ({
  part: { departments: new Set(departments) },
});

const told = ({ entries }: ReturnType<typeof plan>) =>
  entries.map(({ id, action, reason, notes = [] }) => [id, action, reason, ...notes].filter((one) => one).join(' '));

const linesOf = (book: Directory, given: Given, more: Partial<PlanSettings> = {}) =>
  told(plan(book, state(given), settings(more)));

const ada = { users: [user('ada')], rows: [knownRow('ada')], bindings: { 'U-ada': 'ada' } };
const bob = { users: [user('bob')], rows: [knownRow('bob')], bindings: { 'U-bob': 'bob' } };

/** The departments 2 and 3 of the source, 3 below 2. */
const tree = (): Pick<Given, 'departmentRows' | 'departments'> => ({
  departmentRows: [
    { id: '2', departmentId: 2, nocobaseId: 'n2', title: 'Two' },
    { id: '3', departmentId: 3, nocobaseId: 'n3', title: 'Three', parentNocobaseId: 'n2' },
  ],
  departments: {
    all: new Map([
      ['n2', { id: 'n2', title: 'Two', isPrivileged: false, hasRoles: false }],
      ['n3', { id: 'n3', title: 'Three', parentId: 'n2', isPrivileged: false, hasRoles: false }],
    ]),
    memberships: new Map<string, Map<string, boolean>>(),
  },
});

describe('of a part that was read', () => {
  it('nothing is said of anybody else, whoever they are', () => {
    const given = {
      ...ada,
      users: [user('ada'), user('bob')],
      rows: [knownRow('ada'), knownRow('bob', { memberships: { 2: false } })],
      bindings: { 'U-ada': 'ada', 'U-bob': 'bob' },
      ...tree(),
    };
    const planned = plan(directory([member('eve')], part()), state(given), settings());
    expect(told(planned)).toEqual(['eve created']);
    expect([planned.members.length, planned.departments, planned.takenAway]).toEqual([
      1,
      [],
      { members: 0, departments: 0, memberships: 0 },
    ]);
  });

  it.each<[string, Given, string]>([
    ['is created', {}, 'ada created'],
    ['is who is bound', ada, 'ada updated'],
    [
      'comes back',
      { ...ada, rows: [knownRow('ada', { state: 'left', isDetached: true })], bindings: {} },
      'ada returned',
    ],
    [
      'stays taken away',
      { unlinked: { unionIds: new Set(['U-ada']), userIds: new Set() } },
      'ada open UNLINKED_BEFORE',
    ],
    ['is not made again', { rows: [knownRow('ada')] }, 'ada open DELETED_BEFORE'],
  ])('a member %s, by what NocoBase knows', (_, given, line) => {
    const book = directory([member('ada', { name: 'Ada Changed' })], part());
    expect(linesOf(book, given)).toEqual([line]);
    expect(linesOf(directory(book.members), given)).toEqual([line]);
  });

  describe('what only a comparison with all members tells waits for a run', () => {
    it('whether a number is of one member alone', () => {
      const given = { users: [user('somebody', { phone: PHONE })] };
      const members = [member('ada', { mobile: PHONE })];
      expect(linesOf(directory(members), given)).toEqual(['ada bound']);
      expect(linesOf(directory(members, part()), given)).toEqual(['ada open WAITS_FOR_RUN']);
      // What excludes it is known without them.
      const privileged = { users: [user('somebody', { phone: PHONE, isPrivileged: true })] };
      expect(linesOf(directory(members, part()), privileged)).toEqual(['ada open USER_PRIVILEGED']);
    });

    it('whether another member comes back to the same user', () => {
      const left = { userId: 'ada', state: 'left', isDetached: true } as const;
      const given = { users: [user('ada')], rows: [row('ada', left), row('eve', left)] };
      const both = [member('ada'), member('eve')];
      expect(linesOf(directory(both), given)).toEqual(['ada open UNLINKED_BEFORE', 'eve open UNLINKED_BEFORE']);
      expect(linesOf(directory([member('ada')], part()), given)).toEqual(['ada open WAITS_FOR_RUN']);
    });

    it('whether somebody else is the user of a leaver who is not bound', () => {
      const given = {
        users: [user('ada')],
        rows: [knownRow('ada', { memberships: { 2: false } })],
        ...tree(),
      };
      given.departments?.memberships.set('ada', new Map([['n2', false]]));
      const left = { absences: new Map([['row-ada', 'left' as const]]) };
      expect(linesOf(directory([], left), given)).toEqual(['ada outside']);
      expect(plan(directory([], { ...left, ...part() }), state(given), settings()).members).toEqual([]);
    });

    it('who had a userid before', () => {
      const eve = member('ada', { unionId: 'U-eve' });
      expect(linesOf(directory([eve], part()), ada)).toEqual(['ada open USERID_REUSED']);
    });
  });

  describe.each([
    ['phone', { mobile: PHONE }, PHONE],
    ['email', { orgEmail: 'a@corp.example' }, 'a@corp.example'],
  ] as const)('a %s', (field, known, text) => {
    const given = { fields: { [field]: { column: field, follow: 'always' } }, emailDomains: ['corp.example'] };
    const more = { ...given, writesPhoneOfOthers: true } as Partial<PlanSettings>;
    const valuesOf = (members: string[], facts: Given) =>
      plan(
        directory(
          members.map((one) => member(one, known)),
          part(),
        ),
        state(facts),
        settings(more),
      ).members.map(({ values }) => values);

    it('of a newcomer is written, unless another member of the part or a user has it', () => {
      expect(valuesOf(['ada'], {})).toEqual([{ [field]: text }]);
      expect(valuesOf(['ada', 'eve'], {})).toEqual([undefined, undefined]);
      // By the number, it could be this user.
      const somebody = { users: [user('somebody', { [field]: text })] };
      expect(valuesOf(['ada'], somebody)).toEqual([undefined]);
    });

    it('of a user waits for a run: a member who was not read may have the same', () => {
      const book = directory([member('ada', known)]);
      expect(plan(book, state(ada), settings(more)).members.map(({ values }) => values)).toEqual([{ [field]: text }]);
      expect(valuesOf(['ada'], ada)).toEqual([]);
    });
  });

  describe('leavers', () => {
    it('are detached, and marked to be deleted, which a run alone does', () => {
      const left = directory([], { absences: new Map([['row-ada', 'left' as const]]), ...part() });
      const [change] = plan(left, state(ada), settings({ leavers: 'delete' })).members;
      expect(change.step).toEqual({ type: 'detach', userId: 'ada', deleteAt: expect.any(Number) });
      const due = { ...bob, rows: [knownRow('bob', { state: 'left', deleteAt: NOW - 1 })], bindings: {} };
      expect(linesOf(directory([]), due, { leavers: 'delete' })).toEqual(['bob deleted']);
      expect(linesOf(directory([], part()), due, { leavers: 'delete' })).toEqual([]);
    });

    it('who are the last administrator stay, as far as NocoBase knows who is', () => {
      const given = (others: string[]): Given => ({
        ...ada,
        users: [user('ada', { isPrivileged: true })],
        privilegedWithOtherWayIn: new Set(['ada', ...others]),
      });
      const left = directory([], { absences: new Map([['row-ada', 'left' as const]]), ...part() });
      expect(linesOf(left, given([]))).toEqual(['ada open LAST_ADMINISTRATOR']);
      expect(linesOf(left, given(['boss']))).toEqual(['ada suspended']);
    });
  });

  describe('memberships', () => {
    const addedOf = (book: Directory) =>
      plan(book, state({ ...ada, ...tree() }), settings()).members.map(({ memberships }) => memberships?.add);

    it('come in departments that a whole reading would have', () => {
      const members = [member('ada', { departmentIds: [2], leads: { 2: true } })];
      expect(addedOf(directory(members, part([2])))).toEqual([[{ departmentId: 2, isOwner: true }]]);
    });

    it('come in no department that may be out of sight', () => {
      expect(addedOf(directory([member('ada', { departmentIds: [2] })], part()))).toEqual([]);
    });
  });

  describe('departments', () => {
    const departmentsOf = (book: Directory, given: Given = tree()) => plan(book, state(given), settings()).departments;

    it('hang below those that were not read, where the source knows these', () => {
      const book = directory([], { departments: [{ id: 4, name: 'Four', parentId: 3 }], ...part() });
      expect(departmentsOf(book)).toMatchObject([{ type: 'create', parentId: 3 }]);
    });

    it('hang above one that was deleted by hand, as it hung', () => {
      const given = tree();
      given.departments?.all.delete('n3');
      const book = directory([], { departments: [{ id: 4, name: 'Four', parentId: 3 }], ...part() });
      expect(departmentsOf(book, given)).toMatchObject([{ type: 'create', parentId: 2 }]);
    });

    it('go where nothing of the source is below them any more that may be gone, or elsewhere', () => {
      const gone = (...ids: number[]) => directory([], { goneDepartments: new Set(ids), ...part() });
      expect(departmentsOf(gone(2))).toEqual([]);
      expect(departmentsOf(gone(2, 3)).map(({ type }) => type)).toEqual(['remove', 'remove']);
      const moved = { departments: [{ id: 3, name: 'Three', parentId: 1 }] };
      expect(departmentsOf({ ...gone(2), ...moved })).toMatchObject([{ type: 'update' }, { type: 'remove' }]);
    });

    it('become nobody’s only when nobody of the source is in them any more: who was not read would stay there', () => {
      const given = { ...bob, rows: [knownRow('bob', { memberships: { 3: false } })], ...tree() };
      given.departments?.memberships.set('bob', new Map([['n3', false]]));
      given.departments?.all.set('n3', {
        id: 'n3',
        title: 'Three',
        parentId: 'n2',
        isPrivileged: false,
        hasRoles: true,
      });
      const gone = { goneDepartments: new Set([3]), ...part() };
      expect(departmentsOf(directory([], gone), given)).toEqual([]);
      const read = directory([member('bob', { departmentIds: [1] })], gone);
      expect(departmentsOf(read, given)).toMatchObject([{ type: 'release' }]);
    });

    it('wait for members who were not read', () => {
      const given = { ...bob, rows: [knownRow('bob', { memberships: { 3: false } })], ...tree() };
      given.departments?.memberships.set('bob', new Map([['n3', false]]));
      const gone = { goneDepartments: new Set([3]), ...part() };
      expect(departmentsOf(directory([], gone), given)).toEqual([]);
      const read = directory([member('bob', { departmentIds: [1] })], gone);
      expect(departmentsOf(read, given)).toMatchObject([{ type: 'remove' }]);
    });
  });
});
