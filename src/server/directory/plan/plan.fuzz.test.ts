import fc from 'fast-check';
import { apply } from '../../../../testing/directory/apply';
import { companies, type Company } from '../../../../testing/directory/companies';
import { runs } from '../../../../testing/fuzz';
import { plan } from './plan';
import type { MemberChange, Plan } from '../types';

const planOf = ({ directory, state, settings }: Company): Plan => plan(directory, state, settings);
const after = (company: Company): Company => ({ ...company, state: apply(company.state, planOf(company)) });
const changesOf = ({ departments, members }: Plan) => [...departments, ...members];

/** After as many runs as it takes until nothing changes. */
const settled = (company: Company, most: number): Company =>
  most === 0 || !changesOf(planOf(company)).length ? company : settled(after(company), most - 1);

const tried = (company: fc.Arbitrary<Company>, property: (company: Company) => void) =>
  fc.assert(fc.property(company, property), { numRuns: runs(150) });

/** The user whom a change is about; none where one is created. */
function userOf({ step, next, row }: MemberChange): string | undefined {
  if (step) {
    return step.type === 'create' ? undefined : step.userId;
  }
  return next.userId ?? row?.userId;
}

/** Whether a user is detached or deleted who was bound to another account before: an administrator may have allowed that one. */
function freesForOthers(company: Company): boolean {
  const detached = planOf(company).members.filter(({ step }) => step?.type === 'detach' || step?.type === 'delete');
  return detached.some((change) =>
    company.state.members.some((other) => other.userId === userOf(change) && other.id !== change.row?.id),
  );
}

/** Whether somebody waits until it is known what became of whoever had the userid. */
const hasContested = (company: Company) => planOf(company).entries.some(({ reason }) => reason === 'USERID_REUSED');

describe('a plan, for any company', () => {
  it('leaves nothing to be done by the next run', () => {
    tried(companies(false), (company) => {
      fc.pre(!freesForOthers(company) && !hasContested(company));
      expect(changesOf(planOf(after(company)))).toEqual([]);
    });
  });

  it('comes to an end where a number or an address that was freed lets another member be somebody', () => {
    tried(companies(), (company) => {
      expect(changesOf(planOf(settled(company, 4)))).toEqual([]);
    });
  });

  it('T80: takes nothing away for an answer that was cut short', () => {
    tried(
      fc.tuple(companies(), fc.infiniteStream(fc.boolean())).map(([company, keeps]) => {
        const { directory, ...rest } = settled(company, 4);
        const cut = <T>(all: T[]) => all.filter(() => keeps.next().value);
        return {
          ...rest,
          directory: {
            departments: cut(directory.departments),
            members: cut(directory.members),
            absences: new Map(rest.state.members.map(({ id }) => [id, 'present' as const])),
            userids: new Map<string, string>(),
            goneDepartments: new Set<number>(),
          },
        };
      }),
      (company) => {
        const { takenAway, members, departments } = planOf(company);
        expect(takenAway).toEqual({ members: 0, departments: 0, memberships: 0 });
        expect(members.filter(({ memberships }) => memberships?.remove.length)).toEqual([]);
        expect(departments.filter(({ type }) => type === 'remove' || type === 'release')).toEqual([]);
      },
    );
  });

  it('T63: touches nobody who is privileged: no binding, no name, no way in', () => {
    tried(companies(), (company) => {
      const isPrivileged = (userId: string | undefined) => company.state.users.get(userId ?? '')?.isPrivileged;
      for (const change of planOf(company).members.filter((one) => isPrivileged(userOf(one)))) {
        expect([undefined, 'suspend']).toContain(change.step?.type);
        expect(Object.keys(change.values ?? {})).toEqual([]);
      }
      const privileged = [...company.state.users.values()].filter((user) => user.isPrivileged);
      const { users, bound } = after(company).state;
      expect(privileged.map(({ id }) => users.get(id)?.columns)).toEqual(privileged.map(({ columns }) => columns));
      for (const [key, { userIds }] of company.state.bound) {
        if (userIds.some(isPrivileged)) {
          expect(bound.get(key)).toEqual({ userIds, isOurs: expect.any(Boolean) });
        }
      }
    });
  });

  it('T62: makes nobody privileged whom no administrator confirmed, and no new user at all', () => {
    tried(companies(), (company) => {
      const { state } = company;
      const isPrivileged = (id: number) => {
        const row = state.departmentRows.find(({ departmentId }) => departmentId === id);
        return state.departments?.all.get(row?.nocobaseId ?? '')?.isPrivileged;
      };
      for (const { memberships, row, step } of planOf(company).members) {
        for (const { departmentId } of (memberships?.add ?? []).filter((one) => isPrivileged(one.departmentId))) {
          expect(row?.confirmed).toContain(String(departmentId));
          expect(step).toBeUndefined();
        }
        expect(state.isDefaultRolePrivileged && step?.type === 'create').toBe(false);
      }
    });
  });

  it('binds nobody twice: no account to two users, no user to two accounts', () => {
    tried(companies(), (company) => {
      // The model of the writer throws where an account or a user is bound.
      const { state } = settled(company, 4);
      const before = company.state.bound;
      for (const [key, { userIds }] of state.bound) {
        expect(userIds.length === 1 || before.has(key)).toBe(true);
      }
    });
  });

  it('T61: gives nobody the user of who had the userid before', () => {
    tried(companies(false), (company) => {
      const before = new Map(company.state.members.map((row) => [row.userid, row]));
      const { state } = settled(company, 4);
      for (const { unionId = '', userid } of company.directory.members) {
        const earlier = before.get(userid);
        const userId = earlier?.unionId === unionId ? undefined : earlier?.userId;
        const had = company.state.bound.get(unionId)?.userIds ?? [];
        const rowHad = company.state.members.find((row) => row.unionId === unionId)?.userId;
        if (userId !== undefined && rowHad !== userId && !had.includes(userId)) {
          expect(state.bound.get(unionId)?.userIds ?? []).not.toContain(userId);
        }
      }
    });
  });

  it('does not depend on the order in which DingTalk and the database answer', () => {
    const shuffled = companies().chain((company) =>
      fc
        .record({
          members: fc.shuffledSubarray(company.directory.members, { minLength: company.directory.members.length }),
          departments: fc.shuffledSubarray(company.directory.departments, {
            minLength: company.directory.departments.length,
          }),
          rows: fc.shuffledSubarray(company.state.members, { minLength: company.state.members.length }),
        })
        .map(({ members, departments, rows }) => [
          company,
          {
            ...company,
            directory: { ...company.directory, members, departments },
            state: { ...company.state, members: rows },
          },
        ]),
    );
    const sorted = (all: unknown[]) => all.map((one) => JSON.stringify(one)).sort();
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const [first, second] = [planOf(one), planOf(other)];
        expect(sorted(second.members)).toEqual(sorted(first.members));
        expect(sorted(second.departments)).toEqual(sorted(first.departments));
        expect(sorted(second.entries)).toEqual(sorted(first.entries));
        expect(second.takenAway).toEqual(first.takenAway);
      }),
      { numRuns: runs(150) },
    );
  });
});
