import {
  DAY,
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
import type { CaseCode } from '../../../shared/codes';
import { plan } from './plan';
import type { Absence, MemberRow, PlanSettings } from '../types';

interface Case extends Given {
  absence?: Absence;
  row?: Partial<MemberRow>;
  isPrivileged?: boolean;
  isRoot?: boolean;
  /** Whether Ada is bound to the account of her row; else to another one, or to none. */
  boundTo?: string | null;
  leavers?: PlanSettings['leavers'];
  isListed?: boolean;
}

const ALL = {
  all: new Map([['n2', { id: 'n2', title: 'IT', isPrivileged: false, hasRoles: false }]]),
  memberships: new Map([['ada', new Map([['n2', false]])]]),
};

/** Ada is in the department 2, which the source gave. */
function planned({
  absence = 'left',
  row,
  isPrivileged,
  isRoot,
  boundTo = 'U-ada',
  leavers,
  isListed,
  ...given
}: Case) {
  const facts = state({
    users: [user('ada', { isPrivileged: isPrivileged || isRoot, isRoot })],
    rows: [knownRow('ada', { memberships: { 2: false }, isCreated: true, ...row })],
    bindings: boundTo ? { [boundTo]: 'ada' } : {},
    departmentRows: [{ id: '2', departmentId: 2, nocobaseId: 'n2', title: 'IT' }],
    departments: ALL,
    ...given,
  });
  const members = isListed ? [member('ada', { departmentIds: [2] })] : [];
  const departments = [{ id: 2, name: 'IT', parentId: 1 }];
  return plan(
    directory(members, { departments, absences: new Map([['row-ada', absence]]) }),
    facts,
    settings({ leavers }),
  );
}

const told = (given: Case) => {
  const { members, entries } = planned(given);
  const [change] = members;
  const { state: next, memberships, written, leftAt, deleteAt, isDetached, userId } = change?.next ?? {};
  return {
    line: entries
      .map(({ action, reason, notes }) =>
        [action, reason, ...(notes ?? ([] as CaseCode[]))].filter((one) => one).join(' '),
      )
      .join(),
    step: change?.step?.type,
    removed: change?.memberships?.remove.join(),
    next: change && { state: next, memberships, written, leftAt, deleteAt, isDetached, userId },
  };
};

const stays = { memberships: { 2: false }, written: { nickname: 'ada' }, userId: 'ada', deleteAt: undefined };
const left = { state: 'left', leftAt: NOW };
const nothing = { line: '', step: undefined, removed: undefined, next: undefined };
const others = { privilegedWithOtherWayIn: new Set(['root']) };
const past = { state: 'left', deleteAt: NOW - 1, leftAt: NOW - 30 * DAY } as const;

describe('a member who was not read', () => {
  it.each<[string, Case, object]>([
    [
      'left, under detach',
      {},
      {
        line: 'detached',
        step: 'detach',
        removed: '2',
        next: { ...left, memberships: {}, written: {}, isDetached: true, userId: 'ada', deleteAt: undefined },
      },
    ],
    [
      'T72: left, under delete: detached, and 30 days',
      { leavers: 'delete' },
      {
        line: 'detached',
        step: 'detach',
        removed: '2',
        next: { ...left, memberships: {}, written: {}, isDetached: true, userId: 'ada', deleteAt: NOW + 30 * DAY },
      },
    ],
    [
      'left, under keep',
      { leavers: 'keep' },
      { line: 'kept', step: 'keep', removed: undefined, next: { ...left, ...stays, isDetached: false } },
    ],
    [
      'T75: left, privileged: suspended',
      { isPrivileged: true, ...others },
      { line: 'suspended', step: 'suspend', removed: undefined, next: { ...left, ...stays, isDetached: false } },
    ],
    [
      'left, privileged, under delete: suspended, and no date',
      { isPrivileged: true, leavers: 'delete', ...others },
      { line: 'suspended', step: 'suspend', removed: undefined, next: { ...left, ...stays, isDetached: false } },
    ],
    ['left, root: never', { isRoot: true, ...others }, { ...nothing, line: 'open LAST_ADMINISTRATOR' }],
    [
      'T75: left, the last who can sign in without DingTalk',
      { isPrivileged: true, privilegedWithOtherWayIn: new Set(['ada']) },
      { ...nothing, line: 'open LAST_ADMINISTRATOR' },
    ],
    [
      'left, privileged, and nobody else can sign in',
      { isPrivileged: true },
      { ...nothing, line: 'open LAST_ADMINISTRATOR' },
    ],
    [
      'left, without a binding: what the source gave goes',
      { boundTo: null },
      {
        line: 'outside',
        step: undefined,
        removed: '2',
        next: {
          ...left,
          memberships: {},
          written: { nickname: 'ada' },
          isDetached: false,
          userId: 'ada',
          deleteAt: undefined,
        },
      },
    ],
    [
      'left, and bound to another account since',
      { boundTo: 'U-other' },
      {
        ...nothing,
        next: {
          ...left,
          memberships: {},
          written: { nickname: 'ada' },
          isDetached: false,
          userId: 'ada',
          deleteAt: undefined,
        },
      },
    ],
    [
      'left, bound to this account and one more',
      { bindings: { 'U-ada': 'ada', 'U-other': 'ada' } },
      { ...nothing, line: 'open SEVERAL_BOUND' },
    ],
    [
      'left, while departments are off',
      { departments: undefined },
      {
        line: 'detached',
        step: 'detach',
        removed: undefined,
        next: { ...left, memberships: { 2: false }, written: {}, isDetached: true, userId: 'ada', deleteAt: undefined },
      },
    ],
    [
      'left, and was an open case',
      { row: { state: 'open', userId: undefined, memberships: {}, written: {} }, boundTo: null },
      {
        ...nothing,
        next: { ...left, memberships: {}, written: {}, isDetached: false, userId: undefined, deleteAt: undefined },
      },
    ],
    ['left before: is not asked, and nothing happens', { row: { state: 'left' } }, nothing],

    [
      'T71: out of scope: what the source gave goes, and nothing else',
      { absence: 'outOfScope' },
      {
        line: 'outside',
        step: undefined,
        removed: '2',
        next: {
          state: 'outside',
          memberships: {},
          written: { nickname: 'ada' },
          userId: 'ada',
          leftAt: undefined,
          deleteAt: undefined,
          isDetached: undefined,
        },
      },
    ],
    [
      'T71: out of the chosen departments, under delete: the same',
      { absence: 'notChosen', leavers: 'delete' },
      { line: 'outside', step: undefined, removed: '2' },
    ],
    ['out of scope, still', { absence: 'outOfScope', row: { state: 'outside', memberships: {} } }, nothing],
    ['there after all', { absence: 'present' }, nothing],

    [
      'due, under delete',
      { row: past, leavers: 'delete', boundTo: null },
      {
        line: 'deleted',
        step: 'delete',
        removed: undefined,
        next: {
          state: 'left',
          leftAt: past.leftAt,
          memberships: {},
          written: {},
          userId: undefined,
          deleteAt: undefined,
          isDetached: undefined,
        },
      },
    ],
    ['not due yet', { row: { ...past, deleteAt: NOW + 1 }, leavers: 'delete', boundTo: null }, nothing],
    [
      'T71: left under another policy: is never deleted',
      { row: { ...past, deleteAt: undefined }, leavers: 'delete', boundTo: null },
      nothing,
    ],
    ['due, but nobody deletes any more', { row: past, leavers: 'detach', boundTo: null }, nothing],
    [
      'due, privileged',
      { row: past, leavers: 'delete', isPrivileged: true, boundTo: null },
      { line: 'skipped USER_PRIVILEGED', step: undefined },
    ],
    [
      'T72: due, owner of rows that would go too',
      { row: past, leavers: 'delete', undeletable: new Set(['ada']), boundTo: null },
      { line: 'skipped USER_UNDELETABLE', step: undefined },
    ],
    [
      'due, and linked to another account since',
      { row: past, leavers: 'delete', boundTo: 'U-other' },
      { line: '', step: undefined },
    ],
    [
      'due, and listed again',
      { row: past, leavers: 'delete', boundTo: null, isListed: true },
      { line: 'returned', step: 'rebind' },
    ],
    [
      'due, listed again, and blocked',
      {
        row: past,
        leavers: 'delete',
        boundTo: null,
        isListed: true,
        blocked: { unionIds: new Set(['U-ada']), userIds: new Set() },
      },
      { line: 'skipped BLOCKED', step: undefined, next: { deleteAt: undefined } },
    ],
  ])('%s', (_, given, expected) => {
    expect(told(given)).toMatchObject(expected);
    // A row is written once.
    expect(planned(given).members.length).toBeLessThanOrEqual(1);
  });

  it('does not delete the user of a member who is there, for another account of the past', () => {
    const facts = state({
      users: [user('ada')],
      rows: [row('old', { userId: 'ada', ...past }), knownRow('ada')],
      unlinked: { unionIds: new Set(['U-ada']), userIds: new Set() },
    });
    const { members } = plan(directory([member('ada')]), facts, settings({ leavers: 'delete' }));
    expect(members.map(({ step, next }) => [step, next.userid, next.deleteAt])).toEqual([
      [undefined, 'ada', undefined],
      [undefined, 'old', undefined],
    ]);
  });

  it('who left while the plugin that has departments was off loses what the source gave once it is on again', () => {
    const off = plan(
      directory([], { absences: new Map([['row-ada', 'left' as const]]) }),
      state({
        users: [user('ada')],
        rows: [knownRow('ada', { memberships: { 2: false } })],
        bindings: { 'U-ada': 'ada' },
        departmentRows: [{ id: '2', departmentId: 2, nocobaseId: 'n2', title: 'IT' }],
      }),
      settings(),
    );
    const [{ next }] = off.members;
    expect(next).toMatchObject({ state: 'left', isDetached: true, memberships: { 2: false } });
    const again = (leavers: PlanSettings['leavers'], given: Partial<MemberRow> = {}, absence?: Absence) =>
      plan(
        directory([], {
          departments: [{ id: 2, name: 'IT', parentId: 1 }],
          absences: new Map(absence ? [['row-ada', absence]] : []),
        }),
        state({
          users: [user('ada')],
          rows: [{ ...next, id: 'row-ada', ...given }],
          departmentRows: [{ id: '2', departmentId: 2, nocobaseId: 'n2', title: 'IT' }],
          departments: ALL,
        }),
        settings({ leavers }),
      );
    const { members, takenAway } = again('detach');
    expect(members.map(({ memberships, next: after }) => [memberships?.remove, after.memberships])).toEqual([
      [['2'], {}],
    ]);
    expect(takenAway.memberships).toBe(1);
    // Of one who was kept, or is privileged, they stay.
    expect(again('detach', { isDetached: false }).members).toEqual([]);
    // As of one who is there again, and whom an answer that was cut short has not named.
    const there = again('detach', {}, 'present');
    expect([
      there.takenAway.memberships,
      there.members.flatMap(({ memberships }) => memberships?.remove ?? []),
    ]).toEqual([0, []]);
  });

  it('of several administrators the last one stays, whatever the order of the rows', () => {
    const administrators = ['10', '9', '11'];
    const rows = administrators.map((id) => knownRow(id, { id, memberships: {} }));
    const facts = (all: MemberRow[]) =>
      state({
        users: administrators.map((id) => user(id, { isPrivileged: true })),
        rows: all,
        bindings: Object.fromEntries(administrators.map((id) => [`U-${id}`, id])),
        privilegedWithOtherWayIn: new Set(administrators),
      });
    const book = directory([], { absences: new Map(administrators.map((id) => [id, 'left' as const])) });
    for (const all of [rows, [...rows].reverse()]) {
      const { entries } = plan(book, facts(all), settings());
      expect(entries.map(({ id, action }) => `${id} ${action}`).sort()).toEqual([
        '10 suspended',
        '11 open',
        '9 suspended',
      ]);
    }
  });

  it('counts what is taken away, and comes first in the report with the privileged', () => {
    const ids = ['a', 'b', 'boss', 'root'];
    const facts = state({
      users: [
        user('a'),
        user('b'),
        user('boss', { isPrivileged: true }),
        user('root', { isPrivileged: true, isRoot: true }),
      ],
      rows: ids.map((id) => knownRow(id)),
      bindings: Object.fromEntries(ids.map((id) => [`U-${id}`, id])),
      ...others,
    });
    const book = directory([member('new')], { absences: new Map(ids.map((id) => [`row-${id}`, 'left' as const])) });
    const { entries, counts, takenAway, isTooMuch } = plan(
      book,
      facts,
      settings({ brake: { free: 2, percent: 10, most: 100 } }),
    );
    expect(entries.map(({ name, id, action }) => `${id} ${name} ${action}`)).toEqual([
      'boss  suspended',
      'root  open',
      'a a detached',
      'b b detached',
      'new new created',
    ]);
    expect(counts).toMatchObject({ suspended: 1, detached: 2, created: 1, open: 1, unchanged: 0 });
    expect(takenAway).toEqual({ members: 3, departments: 0, memberships: 0 });
    expect(isTooMuch).toBe(true);
  });
});
