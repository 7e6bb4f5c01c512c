import fc from 'fast-check';
import { apply } from '../../../testing/directory/apply';
import { Book, type BookData } from '../../../testing/directory/book';
import { afterDeed, changingCompanies, type ChangingCompany } from '../../../testing/directory/changing-companies';
import { runs } from '../../../testing/fuzz';
import { missingDepartmentsOf, missingOf, plan } from './plan/plan';
import { findAbsences } from './read/absences';
import { Reading } from './read/read';
import { type Changes, ChangeReading } from './read/read-changes';
import { takingsOf } from './stops';
import type { Directory, MemberChange, Plan, State } from './types';

const readingOf = (book: BookData) => new Reading(new AbortController().signal, () => new Book(book));

/** As a run reads it. */
async function readAll(book: BookData, { chosen }: ChangingCompany, state: State): Promise<Directory> {
  const reading = readingOf(book);
  const read = await reading.read(chosen).catch(() => ({ departments: [], members: [] }));
  const found = { ...read, absences: new Map(), userids: new Map(), goneDepartments: new Set<number>() };
  const ids = new Set(read.departments.map(({ id }) => id));
  const isChosen = (departmentIds: number[]) => !chosen || departmentIds.some((id) => ids.has(id));
  const { dingtalk } = reading;
  const goneDepartments = new Set<number>();
  for (const id of missingDepartmentsOf(state.departmentRows, found)) {
    if (await dingtalk.isGone(id)) {
      goneDepartments.add(id);
    }
  }
  return { ...read, ...(await findAbsences(reading, missingOf(state.members, found), isChosen)), goneDepartments };
}

const isChanging = ({ departments, members }: Plan) => departments.length + members.length > 0;

async function planAll(book: BookData, company: ChangingCompany, state: State): Promise<Plan> {
  return plan(await readAll(book, company, state), state, company.settings);
}

/** After as many runs as it takes until nothing changes. */
async function settled(book: BookData, company: ChangingCompany, state: State): Promise<State> {
  for (let round = 0; round < 6; round++) {
    const planned = await planAll(book, company, state);
    if (!isChanging(planned)) {
      return state;
    }
    state = apply(state, planned);
  }
  throw new Error('The runs come to no end.');
}

async function follow(company: ChangingCompany, changes: Changes, state: State): Promise<Plan> {
  const { members, departmentRows, departments } = state;
  const known = { members, departmentRows, hasDepartments: departments !== undefined };
  const { directory } = await new ChangeReading(readingOf(company.after), company.chosen, known).read(changes);
  return plan(directory, state, company.settings);
}

/** What somebody could notice: without the order of rows, and without what the brake adds up. */
function rowsOf({ members, departmentRows, users, bound, blocked, unlinked, departments }: State) {
  const sorted = <T>(all: Iterable<T>) => [...all].map((one) => JSON.stringify(one)).sort();
  const memberships = [...(departments?.memberships ?? [])].flatMap(([user, mine]) =>
    [...mine].map(([department, isOwner]) => [user, department, isOwner]),
  );
  const rows = members.map(({ written, memberships: ours, ...row }) => ({
    ...Object.fromEntries(Object.entries(row).sort()),
    written: sorted(Object.entries(written)),
    memberships: sorted(Object.entries(ours)),
  }));
  return {
    members: sorted(rows),
    departmentRows: sorted(departmentRows),
    users: sorted([...users.values()].map((one) => Object.entries(one).sort())),
    bound: sorted([...bound].filter(([, { userIds }]) => userIds.some((id) => users.has(id)))),
    blocked: sorted([...blocked.unionIds, ...blocked.userIds]),
    unlinked: sorted([...unlinked.unionIds, ...unlinked.userIds]),
    departments: sorted(departments?.all.values() ?? []),
    memberships: sorted(memberships),
  };
}

/** The company as it is known when the changes begin. */
async function begin(company: ChangingCompany): Promise<State> {
  const known = await settled(company.before, company, company.initial);
  return company.deeds.reduce(afterDeed, known);
}

const tried = (property: (company: ChangingCompany) => Promise<void>) =>
  fc.assert(fc.asyncProperty(changingCompanies, property), { numRuns: runs(200) });

/**
 * All but what may wait for the run: owner flags of departments that were not read, and numbers of existing users.
 *
 * @param part the change by an event: where it makes nobody an owner, the run still may
 */
function withoutWaiting({ step, memberships, values, next }: MemberChange, part: MemberChange) {
  const { add = [], remove = [], main } = memberships ?? {};
  const noOwners = (part.memberships?.add ?? [])
    .filter(({ isOwner }) => !isOwner)
    .map(({ departmentId }) => departmentId);
  const withoutNumber = (of: Record<string, string> = {}) =>
    step?.type === 'create' ? of : Object.fromEntries(Object.entries(of).filter(([column]) => column !== 'phone'));
  return {
    step,
    values: withoutNumber(values),
    add: add.map((one) => (noOwners.includes(one.departmentId) ? { ...one, isOwner: false } : one)),
    remove,
    main,
    next: { ...next, written: withoutNumber(next.written), memberships: Object.keys(next.memberships) },
  };
}

describe('events of any company, in any order, repeated, lost, in any groups', () => {
  it('and a run then end in the same rows as the run alone', async () => {
    await tried(async (company) => {
      const start = await begin(company);
      const alone = await settled(company.after, company, start);
      let state = start;
      for (const batch of company.batches) {
        state = apply(state, await follow(company, batch, state));
      }
      expect(rowsOf(await settled(company.after, company, state))).toEqual(rowsOf(alone));
    });
  });

  it('take nothing away that a run would not take, bind nobody by a number and delete nobody', async () => {
    await tried(async (company) => {
      let state = await begin(company);
      for (const batch of company.batches) {
        const part = await follow(company, batch, state);
        const whole = takingsOf(await planAll(company.after, company, state));
        expect(takingsOf(part).filter((taking) => !whole.includes(taking))).toEqual([]);
        const steps = part.members.map(({ step }) => step?.type);
        expect(steps).not.toContain('bind');
        expect(steps).not.toContain('delete');
        state = apply(state, part);
      }
    });
  });

  it('change of each member what a run would, or wait for it', async () => {
    await tried(async (company) => {
      let state = await begin(company);
      for (const batch of company.batches) {
        const part = await follow(company, batch, state);
        const whole = await planAll(company.after, company, state);
        const byAccount = new Map(whole.members.map((change) => [change.next.unionId, change]));
        for (const change of part.members.filter(({ next }) => next.state !== 'open')) {
          const expected = byAccount.get(change.next.unionId);
          // Of one whose address alone is corrected, a run has read the rest as well.
          if (change.step || change.values || change.memberships) {
            expect(withoutWaiting(change, change)).toEqual(expected && withoutWaiting(expected, change));
          }
        }
        state = apply(state, part);
      }
    });
  });
});
