import { directory, knownRow, member, settings, state, user } from '../../../../testing/directory/company';
import { plan } from './plan';
import type { DepartmentChange, NocobaseDepartment } from '../types';

const department = (id: number, parentId = 1, name = `D${id}`) => ({ id, name, parentId });
/** One that the source made: NocoBase's n2 for DingTalk's 2. */
const made = (id: number, parent?: number, more: { title?: string; hasRoles?: boolean; was?: string } = {}) => ({
  id,
  parent: parent === undefined ? undefined : `n${parent}`,
  ...more,
});

interface Case {
  read?: ReturnType<typeof department>[];
  made?: (ReturnType<typeof made> & { deleted?: boolean; wasBelow?: string })[];
  byHand?: NocobaseDepartment[];
  gone?: number[];
  /** By user: NocoBase's departments. */
  in?: Record<string, string[]>;
  /** By user: what the source made. */
  ours?: Record<string, string[]>;
  absent?: string[];
}

const flags = (ids: string[]) => Object.fromEntries(ids.map((id) => [id, false]));

function planned({ read = [], made = [], byHand = [], gone = [], in: memberships = {}, ours = {}, absent = [] }: Case) {
  const users = Object.keys(memberships);
  const nocobase = made
    .filter(({ deleted }) => !deleted)
    .map(({ id, parent, title, hasRoles }) => ({
      id: `n${id}`,
      title: title ?? `D${id}`,
      parentId: parent,
      isPrivileged: false,
      hasRoles: hasRoles ?? false,
    }));
  const facts = state({
    users: users.map((id) => user(id)),
    bindings: Object.fromEntries(users.map((id) => [`U-${id}`, id])),
    rows: users.map((id) => knownRow(id, { memberships: flags(ours[id] ?? []) })),
    departmentRows: made.map(({ id, parent, was, wasBelow }) => ({
      id: `row-${id}`,
      departmentId: id,
      nocobaseId: `n${id}`,
      title: was ?? `D${id}`,
      parentNocobaseId: wasBelow ?? parent,
    })),
    departments: {
      all: new Map([...nocobase, ...byHand].map((one) => [one.id, one])),
      memberships: new Map(users.map((id) => [id, new Map(Object.entries(flags(memberships[id])))])),
    },
  });
  const members = users.filter((id) => !absent.includes(id)).map((id) => member(id));
  const { departments, entries } = plan(
    directory(members, { departments: read, goneDepartments: new Set(gone) }),
    facts,
    settings(),
  );
  return {
    changes: departments.map(told),
    notes: entries.flatMap(({ kind, notes = [] }) => (kind === 'department' ? notes : [])),
  };
}

function told(change: DepartmentChange): string {
  switch (change.type) {
    case 'create':
      return `create ${change.department.id} in ${change.parentId}`;
    case 'update':
      return [
        'update',
        change.row.departmentId,
        change.title,
        'parentId' in change ? `to ${change.parentId}` : undefined,
      ]
        .filter((one) => one !== undefined)
        .join(' ');
    default:
      return `${change.type} ${change.row.departmentId}`;
  }
}

const hand = (id: string, parentId?: string): NocobaseDepartment => ({
  id,
  title: id,
  parentId,
  isPrivileged: false,
  hasRoles: false,
});

describe('departments', () => {
  it.each<[string, Case, string[], string[]?]>([
    [
      'are made from the root down',
      { read: [department(3, 2), department(2)] },
      ['create 2 in undefined', 'create 3 in 2'],
    ],
    [
      'the organization itself is none',
      { read: [{ id: 1, name: 'Corp', parentId: 1 }, department(2)] },
      ['create 2 in undefined'],
    ],
    ['whose parent was not read are roots', { read: [department(3, 2)] }, ['create 3 in undefined']],
    [
      'in a loop are made all the same',
      { read: [department(2, 3), department(3, 2)] },
      ['create 3 in undefined', 'create 2 in 3'],
    ],
    ['unchanged', { read: [department(2), department(3, 2)], made: [made(2), made(3, 2)] }, []],
    ['get a new title', { read: [department(2, 1, 'New')], made: [made(2)] }, ['update 2 New']],
    [
      'keep a title that was given by hand',
      { read: [department(2, 1, 'New')], made: [made(2, undefined, { title: 'Mine', was: 'D2' })] },
      [],
    ],
    [
      'whose title by hand DingTalk has as well are ours again',
      { read: [department(2, 1, 'Mine')], made: [made(2, undefined, { title: 'Mine', was: 'D2' })] },
      ['update 2 Mine'],
    ],
    ['move', { read: [department(2), department(3)], made: [made(2), made(3, 2)] }, ['update 3 to null']],
    [
      'move below one that is made now',
      { read: [department(4), department(3, 4)], made: [made(3)] },
      ['create 4 in undefined', 'update 3 to 4'],
    ],
    [
      'stay where they were moved by hand',
      {
        read: [department(2), department(3, 2)],
        made: [made(2), { ...made(3), parent: 'hand', wasBelow: 'n9' }],
        byHand: [hand('hand')],
      },
      [],
    ],
    [
      'change places',
      { read: [department(3), department(2, 3)], made: [made(2), made(3, 2)] },
      ['update 3 to null', 'update 2 to 3'],
    ],
    [
      'never move below themselves',
      { read: [department(2, 3), department(3)], made: [made(2), { ...made(3, 2), wasBelow: 'n9' }] },
      [],
    ],
    [
      'deleted by hand are not made again; what is below hangs higher',
      { read: [department(2), department(3, 2), department(4, 3)], made: [made(2), { ...made(3, 2), deleted: true }] },
      ['create 4 in 2'],
      ['DEPARTMENT_DELETED'],
    ],
    ['T70: not read and not gone stay as they are', { made: [made(2), made(3, 2)] }, []],
    [
      'gone go, the deepest first',
      { made: [made(2), made(3, 2), made(4, 3)], gone: [2, 3, 4] },
      ['remove 4', 'remove 3', 'remove 2'],
    ],
    ['gone, and read after all', { read: [department(2)], made: [made(2)], gone: [2] }, []],
    [
      'T70: gone with a child made by hand stay',
      { made: [made(2)], byHand: [hand('h', 'n2')], gone: [2] },
      ['release 2'],
      ['DEPARTMENT_IN_USE'],
    ],
    [
      'gone with a child that is not gone stay',
      { made: [made(2), made(3, 2)], gone: [2] },
      ['release 2'],
      ['DEPARTMENT_IN_USE'],
    ],
    [
      'gone with a child that moves away go',
      { read: [department(3)], made: [made(2), made(3, 2)], gone: [2] },
      ['update 3 to null', 'remove 2'],
    ],
    [
      'gone with a role stay',
      { made: [made(2, undefined, { hasRoles: true })], gone: [2] },
      ['release 2'],
      ['DEPARTMENT_IN_USE'],
    ],
    [
      'above one that stays, stay',
      { made: [made(2), made(3, 2, { hasRoles: true })], gone: [2, 3] },
      ['release 3', 'release 2'],
      ['DEPARTMENT_IN_USE', 'DEPARTMENT_IN_USE'],
    ],
    [
      'gone with a member by hand stay',
      { made: [made(2)], gone: [2], in: { ada: ['n2'] } },
      ['release 2'],
      ['DEPARTMENT_IN_USE'],
    ],
    [
      'gone with members of ours go, when these have gone',
      { made: [made(2)], gone: [2], in: { ada: ['n2'] }, ours: { ada: ['2'] } },
      ['remove 2'],
    ],
    [
      'gone with a member who was not read wait',
      { made: [made(2), made(3, 2)], gone: [2, 3], in: { ada: ['n3'] }, ours: { ada: ['3'] }, absent: ['ada'] },
      [],
    ],
    ['gone and deleted by hand are forgotten', { made: [{ ...made(2), deleted: true }], gone: [2] }, ['release 2']],
  ])('%s', (_, given, changes, notes = []) => {
    expect(planned(given)).toEqual({ changes, notes });
  });
});
