import { directory, member, row, settings, state, user } from '../../../../testing/directory/company';
import { planDepartments } from './departments';
import { know } from './known';
import { planMemberships } from './memberships';

/** The departments 2, 3 and 4 of DingTalk are n2, n3 and n4; 4 makes privileged, 5 was not read, 6 is gone. */
const read = [2, 3, 4, 7].map((id) => ({ id, name: `D${id}`, parentId: 1 }));
const nocobase = (id: number) => ({
  id: `n${id}`,
  title: `D${id}`,
  isPrivileged: id === 4,
  hasRoles: id === 4,
});

interface Case {
  /** Departments, as DingTalk says. */
  says?: number[];
  leads?: Record<number, boolean>;
  /** What the user is in, in NocoBase, with the owner flag. */
  is?: Record<string, boolean>;
  /** What the source made. */
  ours?: Record<string, boolean>;
  confirmed?: string[];
  main?: string;
  isOff?: boolean;
}

function planned({ says, leads = {}, is = {}, ours = {}, confirmed = [], main, isOff }: Case) {
  const all = [2, 3, 4, 5, 6].map(nocobase);
  const facts = state({
    users: [user('ada', { mainDepartmentId: main })],
    departmentRows: all.map(({ id, title }) => ({ id, departmentId: Number(id.slice(1)), nocobaseId: id, title })),
    departments: isOff
      ? undefined
      : { all: new Map(all.map((one) => [one.id, one])), memberships: new Map([['ada', new Map(Object.entries(is))]]) },
  });
  const one = says && member('ada', { departmentIds: says, leads });
  const book = directory(one ? [one] : [], { departments: read, goneDepartments: new Set([6]) });
  const { change, ...rest } = planMemberships(
    { member: one, row: row('ada', { memberships: ours }), userId: 'ada', confirmed },
    planDepartments(book, facts).kept,
    know(book, facts, settings()),
  );
  return {
    add: change?.add
      .map(({ departmentId, isOwner }) => (isOwner ? `${departmentId} owner` : String(departmentId)))
      .join(),
    remove: change?.remove.join(),
    owner: change?.setOwner.map(({ departmentId, isOwner }) => `${departmentId} ${isOwner}`).join(),
    main: change?.main,
    ...rest,
  };
}

const none = { add: undefined, remove: undefined, owner: undefined, main: undefined };

describe('memberships', () => {
  it.each<[string, Case, object]>([
    ['come', { says: [2] }, { add: '2', ours: { 2: false }, main: 2 }],
    ['come with the owner flag', { says: [2], leads: { 2: true } }, { add: '2 owner', ours: { 2: true } }],
    ['come in a department that is still to be made', { says: [7] }, { add: '7', ours: { 7: false }, main: 7 }],
    [
      'go, if they are ours',
      { says: [2], is: { n2: false, n3: false }, ours: { 2: false, 3: false } },
      { remove: '3', ours: { 2: false }, taken: 1 },
    ],
    [
      'go for others: a move takes nothing away',
      { says: [2], is: { n3: false }, ours: { 3: false } },
      { add: '2', remove: '3', taken: 0 },
    ],
    ['unchanged', { says: [2], is: { n2: false }, ours: { 2: false }, main: 'n2' }, { ...none, ours: { 2: false } }],
    [
      'by hand: stay, and stay so',
      { says: [2], is: { n2: false, n3: true }, ours: { 2: false }, main: 'n2' },
      { ...none, ours: { 2: false } },
    ],
    ['by hand: are not taken over', { says: [2], is: { n2: true }, main: 'n2' }, { ...none, ours: {} }],
    ['taken away by hand: stay away', { says: [2], ours: { 2: false } }, { ...none, ours: { 2: false } }],
    ['taken away by hand, then in DingTalk: may come again', { says: [], ours: { 2: false } }, { ...none, ours: {} }],
    [
      'owner: follows DingTalk',
      { says: [2], leads: { 2: true }, is: { n2: false }, ours: { 2: false }, main: 'n2' },
      { owner: '2 true', ours: { 2: true } },
    ],
    [
      'owner: changed by hand',
      { says: [2], leads: { 2: false }, is: { n2: true }, ours: { 2: false }, main: 'n2' },
      { ...none, ours: { 2: false } },
    ],
    [
      'owner: not of what is by hand',
      { says: [2], leads: { 2: true }, is: { n2: false }, main: 'n2' },
      { ...none, ours: {} },
    ],
    [
      'owner: DingTalk says nothing',
      { says: [2], is: { n2: true }, ours: { 2: true }, main: 'n2' },
      { ...none, ours: { 2: true } },
    ],
    [
      'main: kept while the user is in it',
      { says: [3, 2], is: { n2: false }, ours: { 2: false }, main: 'n2' },
      { add: '3', main: undefined },
    ],
    [
      'main: else the first that is synchronized',
      { says: [9, 3], is: { n2: false, n3: false }, ours: { 2: false, 3: false }, main: 'n2' },
      { remove: '2', main: 3 },
    ],
    ['a department that was not read: nobody comes', { says: [5] }, { ...none, ours: {} }],
    [
      'a department that was not read: who is there stays',
      { says: [5], is: { n5: false }, ours: { 5: false }, main: 'n5' },
      { ...none, ours: { 5: false } },
    ],
    ['a department that is gone', { says: [], is: { n6: false }, ours: { 6: false } }, { remove: '6', ours: {} }],
    [
      'T71: a member who is elsewhere now: all that is ours goes',
      { is: { n2: false, n3: false }, ours: { 2: false } },
      { remove: '2', ours: {}, taken: 1 },
    ],
    [
      'T62: a privileged department: waits',
      { says: [4] },
      { ...none, waiting: [4], ours: {}, becomesPrivileged: false },
    ],
    [
      'a privileged department: confirmed',
      { says: [4], confirmed: ['4'] },
      { add: '4', waiting: [], becomesPrivileged: true },
    ],
    [
      'a privileged department: leaving it does not wait',
      { says: [], is: { n4: false }, ours: { 4: false } },
      { remove: '4' },
    ],
    [
      'T71: without departments nothing is compared',
      { says: [3], is: {}, ours: { 2: false }, isOff: true },
      { ...none, ours: { 2: false } },
    ],
  ])('%s', (_, given, expected) => {
    expect(planned(given)).toMatchObject(expected);
  });
});
