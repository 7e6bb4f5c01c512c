import { apply } from '../../../../testing/directory/apply';
import {
  directory,
  type Given,
  knownRow,
  LOOSE,
  member,
  row,
  settings,
  state,
  user,
} from '../../../../testing/directory/company';
import { naivePlan } from '../../../../testing/directory/naive-plan';
import { quickest } from '../../../../testing/fuzz';
import { heapInUse } from '../../../../testing/memory';
import { missingDepartmentsOf, missingOf, plan } from './plan';
import type { Absence, State } from '../types';

const PHONE = '13800138000';
const COLUMNS = { name: 'nickname', mobile: 'phone', email: 'email' };

const told = ({ entries }: ReturnType<typeof plan>) =>
  entries.map(({ id, action, reason, notes = [] }) => [id, action, reason, ...notes].filter((one) => one).join(' '));

/** IT, with the role of an administrator. */
const it2 = {
  departmentRows: [{ id: '2', departmentId: 2, nocobaseId: 'n2', title: 'IT' }],
  departments: {
    all: new Map([['n2', { id: 'n2', title: 'IT', isPrivileged: true, hasRoles: true }]]),
    memberships: new Map<string, Map<string, boolean>>(),
  },
};
const read = { departments: [{ id: 2, name: 'IT', parentId: 1 }] };

describe('attacks by the address book, on a careless run and on this one', () => {
  it('T61: gives nobody the user of somebody else for a userid that was given anew', () => {
    const facts = state({
      users: [user('zhangsan', { isPrivileged: true })],
      rows: [knownRow('zhangsan')],
      bindings: { 'U-zhangsan': 'zhangsan' },
    });
    const book = directory([member('zhangsan', { unionId: 'U-accomplice' })]);
    expect(naivePlan(book, facts, COLUMNS).bound).toEqual({ zhangsan: 'zhangsan' });
    const { members, entries } = plan(book, facts, settings());
    expect(told(plan(book, facts, settings()))).toEqual(['zhangsan open USERID_REUSED']);
    expect(members.map(({ step, values, next }) => [step, values, next.state, next.userId])).toEqual([
      [undefined, undefined, 'open', undefined],
    ]);
    expect(entries).toHaveLength(1);
    expect(missingOf(facts.members, book)).toEqual(facts.members);
  });

  it.each<[string, Given, string]>([
    ['a user', {}, 'zhangsan detached'],
    ['who has the same number', { users: [user('zhangsan', { phone: PHONE })] }, 'zhangsan detached'],
    [
      'an administrator',
      { users: [user('zhangsan', { phone: PHONE, isPrivileged: true })], privilegedWithOtherWayIn: new Set(['root']) },
      'zhangsan suspended',
    ],
  ])('T61: decides of the new owner of a userid when the earlier one has left: %s', (_, given, line) => {
    const facts = state({
      users: [user('zhangsan')],
      rows: [knownRow('zhangsan')],
      bindings: { 'U-zhangsan': 'zhangsan' },
      ...given,
    });
    const book = (absence: Absence) =>
      directory([member('zhangsan', { unionId: 'U-new', mobile: PHONE })], {
        absences: new Map([['row-zhangsan', absence]]),
      });
    const first = plan(book('left'), facts, settings());
    expect(told(first)).toEqual([line, 'zhangsan open USERID_REUSED']);
    const second = plan(book('left'), apply(facts, first), settings());
    expect(second.members.map(({ step, next }) => [step?.type ?? next.reason, next.unionId, next.userId])).toEqual([
      [expect.stringMatching(/^create|^PHONE_OF_UNLINKED|^USER_PRIVILEGED/), 'U-new', undefined],
    ]);
    // Nothing is known of the earlier one, who is there.
    expect(told(plan(book('present'), facts, settings()))).toEqual(['zhangsan open USERID_REUSED']);
  });

  it('decides of the new owner of a userid when the earlier one has another', () => {
    const facts = state({ users: [user('ada')], rows: [knownRow('ada')], bindings: { 'U-ada': 'ada' } });
    const eve = member('ada', { unionId: 'U-eve' });
    const moved = { userids: new Map([['row-ada', 'ada2']]) };
    for (const absence of ['outOfScope', 'present'] as const) {
      const book = directory([eve], { absences: new Map([['row-ada', absence]]), ...moved });
      const first = plan(book, facts, settings());
      expect(first.members.map(({ next }) => [next.unionId, next.userid, next.userId])).toEqual([
        ['U-eve', 'ada', undefined],
        ['U-ada', 'ada2', 'ada'],
      ]);
      expect(told(plan(book, apply(facts, first), settings()))).toEqual(['ada created']);
    }
    const listed = plan(directory([eve, member('ada2', { unionId: 'U-ada' })]), facts, settings());
    expect(told(listed)).toEqual(['ada created', 'ada2 updated']);
  });

  it('T61: follows no row against the binding, so that a forged one leads nowhere', () => {
    const facts = state({
      users: [user('root', { isRoot: true, isPrivileged: true })],
      rows: [row('eve', { userId: 'root' })],
    });
    const book = directory([member('eve')]);
    expect(naivePlan(book, facts, COLUMNS).bound).toEqual({ eve: 'root' });
    expect(told(plan(book, facts, settings()))).toEqual(['eve open UNLINKED_BEFORE']);
  });

  it('T62: makes nobody an administrator by a department, until an administrator confirms', () => {
    const facts = state({ users: [user('eve')], rows: [knownRow('eve')], bindings: { 'U-eve': 'eve' }, ...it2 });
    const book = directory([member('eve', { departmentIds: [2], leads: { 2: true } })], read);
    expect(naivePlan(book, facts, COLUMNS).joined).toEqual({ eve: [2] });
    const { members, entries } = plan(book, facts, settings());
    expect(members.map(({ memberships }) => memberships)).toEqual([undefined]);
    expect(entries).toEqual([
      {
        kind: 'member',
        id: 'eve',
        name: 'eve',
        action: 'open',
        reason: 'DEPARTMENT_PRIVILEGED',
        userId: 'eve',
        joined: ['IT'],
        department: 2,
      },
    ]);

    const confirmed = { ...facts, members: [knownRow('eve', { confirmed: ['2'] })] };
    const renamed = directory([member('eve', { departmentIds: [2], name: 'Renamed' })], read);
    const [change] = plan(renamed, confirmed, settings()).members;
    expect(change.memberships?.add).toEqual([{ departmentId: 2, isOwner: false }]);
    // Who is privileged afterwards counts as privileged, in the name of the report as well.
    expect([change.values, change.entry.name]).toEqual([undefined, '']);
  });

  it('T62: confirms anew who left the department, and who becomes a user of another account', () => {
    const facts = state({
      users: [user('eve')],
      rows: [knownRow('eve', { confirmed: ['2'] })],
      bindings: { 'U-eve': 'eve' },
      ...it2,
    });
    expect(plan(directory([member('eve')], read), facts, settings()).members[0].next.confirmed).toEqual([]);
    const left: State = {
      ...facts,
      bound: new Map(),
      boundUserIds: new Set(),
      members: [row('eve', { state: 'left', userId: 'eve', confirmed: ['2'] })],
    };
    const back = plan(directory([member('eve', { departmentIds: [2] })], read), left, settings());
    expect(told(back)).toEqual(['eve open DEPARTMENT_PRIVILEGED', 'eve returned']);
  });

  it('T63: writes no way in of an administrator', () => {
    const facts = state({
      users: [user('root', { isRoot: true, isPrivileged: true })],
      rows: [knownRow('root')],
      bindings: { 'U-root': 'root' },
    });
    const book = directory([member('root', { mobile: PHONE, email: 'eve@corp.example' })]);
    expect(naivePlan(book, facts, COLUMNS).written.root).toMatchObject({ phone: PHONE, email: 'eve@corp.example' });
    const fields = {
      phone: { column: 'phone', follow: 'always' },
      email: { column: 'email', follow: 'always' },
    } as const;
    const options = settings({ fields, writesPhoneOfOthers: true, emailDomains: ['corp.example'] });
    expect(plan(book, facts, options).members).toEqual([]);
  });

  it('T63: gives no new user the address of somebody who has not come yet, but of a domain that was named', () => {
    const book = directory([member('eve', { email: 'boss@corp.example' })]);
    expect(naivePlan(book, state(), COLUMNS).written['new-eve']).toMatchObject({ email: 'boss@corp.example' });
    const email = { email: { column: 'email', follow: 'ours' } } as const;
    expect(plan(book, state(), settings({ fields: email })).members[0].values).toBeUndefined();
  });

  it.each([
    ['T65: while numbers can be prepared, or matching is off', { mayMatchByPhone: false }, 'PHONE_MATCH_OFF'],
    [
      'T66: where the user is privileged: nor is there a second one',
      { users: [user('boss', { phone: PHONE, isPrivileged: true })] },
      'USER_PRIVILEGED',
    ],
    [
      'T65: where the user was detached, and the number has a new owner',
      { unlinked: { unionIds: new Set<string>(), userIds: new Set(['boss']) } },
      'PHONE_OF_UNLINKED',
    ],
    [
      'T66: where two users have it',
      { users: [user('boss', { phone: PHONE }), user('b', { phone: `+86 ${PHONE}` })] },
      'PHONE_SHARED',
    ],
  ])('matches nobody by a number %s', (_, given, reason) => {
    const facts = state({ users: [user('boss', { phone: PHONE })], ...given });
    const book = directory([member('eve', { mobile: PHONE })]);
    expect(naivePlan(book, facts, COLUMNS).bound).toEqual({ eve: 'boss' });
    const { members } = plan(book, facts, settings());
    expect(told(plan(book, facts, settings()))).toEqual([`eve open ${reason}`]);
    expect(members.map(({ step, next }) => [step, next.state, next.reason])).toEqual([[undefined, 'open', reason]]);
  });

  it('T67: stops where another organization answers, and in a small company as well', () => {
    const ids = Array.from({ length: 10 }, (_, index) => `m${index}`);
    const facts = state({
      users: ids.map((id) => user(id)),
      rows: ids.map((id) => knownRow(id)),
      bindings: Object.fromEntries(ids.map((id) => [`U-${id}`, id])),
    });
    const book = directory([member('stranger')], {
      absences: new Map(ids.map((id) => [`row-${id}`, 'left' as const])),
    });
    expect(naivePlan(book, facts, COLUMNS).deleted).toEqual(ids);
    const brake = { free: 5, percent: 10, most: 100 };
    expect(plan(book, facts, settings({ brake })).isTooMuch).toBe(true);
    // Bite by bite: four today, two more an hour later.
    const bite = directory(
      ids.slice(2).map((id) => member(id)),
      {
        absences: new Map([
          ['row-m0', 'left'],
          ['row-m1', 'left'],
        ]),
      },
    );
    expect(plan(bite, facts, settings({ brake })).isTooMuch).toBe(false);
    const before = { ...facts, takenAway: { members: 4, departments: 0, memberships: 0 } };
    expect(plan(bite, before, settings({ brake })).isTooMuch).toBe(true);
  });

  it.each([
    [
      'T68: an unlinked user',
      {
        users: [user('ada')],
        rows: [knownRow('ada')],
        unlinked: { unionIds: new Set(['U-ada']), userIds: new Set(['ada']) },
      },
      'ada open UNLINKED_BEFORE',
    ],
    ['T68: a deleted user', { rows: [knownRow('ada')] }, 'ada open DELETED_BEFORE'],
    [
      'T68: a blocked account',
      { blocked: { unionIds: new Set(['U-ada']), userIds: new Set<string>() } },
      'ada skipped BLOCKED',
    ],
  ])('gives nothing back that was taken away: %s', (_, given, line) => {
    const facts = state(given);
    const book = directory([member('ada')]);
    expect(Object.keys(naivePlan(book, facts, COLUMNS).bound)).toEqual(['ada']);
    const planned = plan(book, facts, settings());
    expect(told(planned)).toEqual([line]);
    expect(planned.members.filter(({ step, values }) => step || values)).toEqual([]);
    // And again with the next run.
    expect(told(plan(book, apply(facts, planned), settings()))).toEqual([line]);
  });

  it('T70: takes nothing away for a department that only went out of sight', () => {
    const facts = state({
      users: [user('ada')],
      rows: [knownRow('ada', { memberships: { 2: false } })],
      bindings: { 'U-ada': 'ada' },
      ...it2,
      departments: { ...it2.departments, memberships: new Map([['ada', new Map([['n2', false]])]]) },
    });
    const book = directory([member('ada', { departmentIds: [2] })]);
    expect(naivePlan(book, facts, COLUMNS).removed).toEqual([2]);
    expect(plan(book, facts, settings())).toMatchObject({ departments: [], members: [], entries: [] });
  });

  it('T47: creates nobody while the default role is privileged', () => {
    const book = directory([member('eve')]);
    const facts = state({ isDefaultRolePrivileged: true });
    expect(naivePlan(book, facts, COLUMNS).created).toEqual(['new-eve']);
    expect(told(plan(book, facts, settings()))).toEqual(['eve open NEW_USERS_PRIVILEGED']);
  });

  it('T78: knows nobody without a unionId, and creates nobody who has not joined', () => {
    const book = directory([member('ghost', { unionId: undefined }), member('invited', { active: false })]);
    expect(naivePlan(book, state(), COLUMNS).created).toEqual(['new-ghost', 'new-invited']);
    const { members } = plan(book, state(), settings());
    expect(told(plan(book, state(), settings()))).toEqual(['ghost skipped NO_UNION_ID', 'invited skipped NOT_ACTIVE']);
    expect(members.map(({ next }) => next.userid)).toEqual(['invited']);
  });
});

describe('a plan', () => {
  it('creates a user with what DingTalk tells, and has nothing to do afterwards', () => {
    const book = directory([member('ada', { mobile: PHONE, departmentIds: [3], leads: { 3: true } })], {
      departments: [
        { id: 2, name: 'R&D', parentId: 1 },
        { id: 3, name: 'Lab', parentId: 2 },
      ],
    });
    const facts = state({ departments: { all: new Map(), memberships: new Map() } });
    const { members, departments, counts } = plan(book, facts, settings());
    expect(departments.map(({ entry }) => entry.name)).toEqual(['R&D', 'Lab']);
    expect(members[0]).toMatchObject({
      step: { type: 'create' },
      values: { nickname: 'ada', phone: PHONE },
      memberships: { add: [{ departmentId: 3, isOwner: true }], remove: [], setOwner: [], main: 3 },
      next: {
        state: 'active',
        isCreated: true,
        memberships: { 3: true },
        written: { nickname: 'ada', phone: `+86${PHONE}` },
      },
      entry: { action: 'created', fields: ['nickname', 'phone'], joined: ['Lab'] },
    });
    // People and departments are counted apart.
    expect(counts).toMatchObject({ created: 1, added: 2, unchanged: 0 });
    const again = plan(book, apply(facts, plan(book, facts, settings())), settings());
    expect(again).toMatchObject({ departments: [], members: [], entries: [], counts: { created: 0, unchanged: 1 } });
  });

  it('writes a row of who signed in before, and calls it no change', () => {
    const facts = state({ users: [user('ada')], bindings: { 'U-ada': 'ada' } });
    const { members, entries, counts } = plan(directory([member('ada')]), facts, settings());
    expect(members.map(({ step, values, next }) => [step, values, next.userId])).toEqual([
      [undefined, undefined, 'ada'],
    ]);
    expect([entries, counts.unchanged, counts.updated]).toEqual([[], 1, 0]);
  });

  it('corrects a row that names another user than the binding, and what was written of that one', () => {
    const facts = state({
      users: [user('a'), user('b')],
      bindings: { 'U-ada': 'a' },
      rows: [row('ada', { userId: 'b', isCreated: true, written: { nickname: 'a' } })],
    });
    const [change] = plan(directory([member('ada')]), facts, settings()).members;
    expect(change.next).toMatchObject({ userId: 'a', isCreated: false, written: {} });
    expect(change.values).toBeUndefined();
  });

  it('creates two members with one number, both without it', () => {
    const book = directory([member('ada', { mobile: PHONE }), member('eve', { mobile: PHONE })]);
    const { members, entries } = plan(book, state(), settings());
    expect(members.map(({ values }) => values)).toEqual([{ nickname: 'ada' }, { nickname: 'eve' }]);
    expect(entries.map(({ notes }) => notes)).toEqual([['PHONE_TAKEN'], ['PHONE_TAKEN']]);
  });

  it('tells what cannot be written also where nothing else changes', () => {
    const facts = state({ users: [user('ada')], rows: [knownRow('ada')], bindings: { 'U-ada': 'ada' } });
    const planned = plan(directory([member('ada', { name: 'Admin' })]), facts, settings());
    expect(told(planned)).toEqual(['ada skipped NAME_RESERVED']);
    expect(planned.members.map(({ values }) => values)).toEqual([undefined]);
  });

  it('T74: keeps values out of the report', () => {
    const book = directory([member('ada', { mobile: PHONE, orgEmail: 'ada@corp.example' })]);
    const fields = { phone: { column: 'phone', follow: 'ours' }, email: { column: 'email', follow: 'ours' } } as const;
    const { entries } = plan(book, state(), settings({ fields, emailDomains: ['corp.example'] }));
    expect(entries).toEqual([
      { kind: 'member', id: 'ada', name: 'ada', action: 'created', fields: ['phone', 'email'] },
    ]);
  });
});

describe('whom DingTalk is asked of', () => {
  const ask = (rows: State['members'], ...members: ReturnType<typeof member>[]) =>
    missingOf(rows, { members }).map(({ userid }) => userid);

  it('those who were not read, whatever their state, but not who left before', () => {
    const rows = (['active', 'open', 'outside', 'left'] as const).map((one) => row(one, { state: one }));
    expect(ask(rows)).toEqual(['active', 'open', 'outside']);
    expect(ask(rows, member('active'), member('new', { unionId: 'U-outside' }))).toEqual(['open']);
  });

  it('not those whose userid was read without a unionId, which a permission may hide', () => {
    const hidden = member('ada', { unionId: undefined });
    expect(ask([knownRow('ada')], hidden)).toEqual([]);
    expect(ask([row('ada', { state: 'open' })], hidden)).toEqual([]);
  });

  it('those whose userid was given to another member', () => {
    const eve = member('ada', { unionId: 'U-eve' });
    expect(ask([knownRow('ada')], eve)).toEqual(['ada']);
    expect(ask([knownRow('ada'), row('ada', { id: '2', unionId: 'U-eve', userId: 'eve' })], eve)).toEqual(['ada']);
  });

  it('departments that were not read', () => {
    const rows = [2, 3].map((id) => ({ id: String(id), departmentId: id, nocobaseId: `n${id}`, title: '' }));
    expect(missingDepartmentsOf(rows, { departments: [{ id: 3, name: 'D3' }] })).toEqual([2]);
  });
});

/** A company of this many members, with a hundredth as many departments, all of them known and unchanged. */
function large(size: number) {
  const ids = Array.from({ length: size }, (_, index) => index);
  const departments = ids
    .filter((id) => id % 100 === 0)
    .map((id) => ({ id: id + 2, name: `D${id}`, parentId: id < 1000 ? 1 : (id % 1000) + 2 }));
  const book = directory(
    ids.map((id) => member(`m${id}`, { mobile: String(13_000_000_000 + id), departmentIds: [id - (id % 100) + 2] })),
    { departments },
  );
  const facts = state({
    users: ids.map((id) => user(String(id), { phone: String(13_000_000_000 + id), columns: { nickname: `m${id}` } })),
    rows: ids.map((id) => knownRow(`m${id}`, { userId: String(id), memberships: { [id - (id % 100) + 2]: false } })),
    bindings: Object.fromEntries(ids.map((id) => [`U-m${id}`, String(id)])),
    departmentRows: departments.map(({ id, name, parentId }) => ({
      id: String(id),
      departmentId: id,
      nocobaseId: `n${id}`,
      title: name,
      parentNocobaseId: parentId === 1 ? undefined : `n${parentId}`,
    })),
    departments: {
      all: new Map(
        departments.map(({ id, name, parentId }) => [
          `n${id}`,
          {
            id: `n${id}`,
            title: name,
            parentId: parentId === 1 ? undefined : `n${parentId}`,
            isPrivileged: false,
            hasRoles: false,
          },
        ]),
      ),
      memberships: new Map(ids.map((id) => [String(id), new Map([[`n${id - (id % 100) + 2}`, false]])])),
    },
  });
  return { book, facts };
}

it('grows with the company, and not with its square', () => {
  const small = large(400);
  const big = large(4000);
  expect(plan(big.book, big.facts, settings({ brake: LOOSE }))).toMatchObject({
    departments: [],
    members: [],
    entries: [],
  });
  const timeOf = ({ book, facts }: typeof small) => quickest(() => plan(book, facts, settings()));
  // Ten times as many would take a hundred times as long.
  expect(timeOf(big)).toBeLessThan(40 * timeOf(small));
});

it('takes less than a kilobyte of each newcomer, of whom 100,000 wait until they are written', async () => {
  const people = 4000;
  const { book, facts } = large(people);
  const newcomers = { ...facts, members: [], users: new Map(), bound: new Map(), boundUserIds: new Set<string>() };
  // What the first plan compiles is of no member.
  plan(book, newcomers, settings());
  const before = await heapInUse();
  const planned = plan(book, newcomers, settings());
  expect(((await heapInUse()) - before) / people).toBeLessThan(1000);
  expect(planned.counts.created).toBe(people);
});
