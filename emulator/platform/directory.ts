import type { Account, Department, EmulatorData, Membership } from './data';

/** The department that every organization has. */
export const ROOT = 1;

export interface Member {
  account: Account;
  membership: Membership;
}

export type DirectoryDepartment = Omit<Department, 'parent_id'> & { parent_id?: number };

/** Neither a leaver nor an external contact. */
export const isEmployee = ({ left, contact_type }: Membership): boolean => !left && contact_type === 0;

export const departmentsOf = ({ dept_id_list }: Membership): number[] => dept_id_list ?? [ROOT];

export const orderIn = ({ dept_order_list }: Membership, department: number): number =>
  dept_order_list?.find(({ dept_id }) => dept_id === department)?.order ?? 1;

export const isLeaderIn = ({ leader_in_dept }: Membership, department: number): boolean =>
  leader_in_dept?.some(({ dept_id, leader }) => dept_id === department && leader) ?? false;

const lazily = <Value>(make: () => Value): (() => Value) => {
  let made: Value | undefined;
  return () => (made ??= make());
};

/** The first item of each key: two members may have one phone number. */
function firstBy<Item, Key>(items: Item[], keysOf: (item: Item) => Key[]): Map<Key, Item> {
  const map = new Map<Key, Item>();
  for (const item of items) {
    for (const key of keysOf(item)) {
      if (!map.has(key)) {
        map.set(key, item);
      }
    }
  }
  return map;
}

function groupBy<Item>(items: Item[], keysOf: (item: Item) => number[]): Map<number, Item[]> {
  const map = new Map<number, Item[]>();
  for (const item of items) {
    for (const key of keysOf(item)) {
      const group = map.get(key);
      if (group) {
        group.push(item);
      } else {
        map.set(key, [item]);
      }
    }
  }
  return map;
}

/** Mainland numbers come bare; the form of others is not documented, so both forms are understood. */
const spellings = ({ mobile, state_code }: Membership): string[] =>
  mobile === undefined ? [] : [mobile, `+${state_code}-${mobile}`, `+${state_code}${mobile}`];

/** The address book of one organization, with an index for each way to look something up, made when it is first used. */
export class Directory {
  constructor(
    private readonly data: EmulatorData,
    private readonly corpId: string,
  ) {}

  private readonly everyone = lazily(() =>
    this.data.accounts.flatMap((account): Member[] =>
      account.memberships.filter(({ corpId }) => corpId === this.corpId).map((membership) => ({ account, membership })),
    ),
  );

  /** Those who are, or are invited to be, in the organization, external contacts among them; leavers are not. */
  readonly members = lazily(() => this.everyone().filter(({ membership }) => !membership.left));

  readonly leavers = lazily(() => this.everyone().filter(({ membership }) => membership.left));

  private readonly byUserid = lazily(() => firstBy(this.members(), ({ membership }) => [membership.userid]));
  private readonly byUnionId = lazily(() => firstBy(this.members(), ({ account }) => [account.unionId]));
  private readonly byMobile = lazily(() => firstBy(this.members(), ({ membership }) => spellings(membership)));

  private readonly byDepartment = lazily(() => {
    const employees = this.members().filter(({ membership }) => membership.contact_type === 0);
    return groupBy(employees, ({ membership }) => departmentsOf(membership));
  });

  private readonly departments = lazily(() => {
    const { organizations, departments } = this.data;
    const name = organizations.find(({ corpId }) => corpId === this.corpId)?.name ?? this.corpId;
    const root = { corpId: this.corpId, name, create_dept_group: true, auto_add_user: true, hide_dept: false };
    const own = departments.filter(({ corpId }) => corpId === this.corpId);
    return new Map<number, DirectoryDepartment>([
      [ROOT, { ...root, ...own.find(({ dept_id }) => dept_id === ROOT), dept_id: ROOT, parent_id: undefined }],
      ...own.filter(({ dept_id }) => dept_id !== ROOT).map((each) => [each.dept_id, each] as const),
    ]);
  });

  private readonly byParent = lazily(() =>
    groupBy([...this.departments().values()], ({ parent_id }) => (parent_id === undefined ? [] : [parent_id])),
  );

  member(userid: string): Member | undefined {
    return this.byUserid().get(userid);
  }

  memberByUnionId(unionId: string): Member | undefined {
    return this.byUnionId().get(unionId);
  }

  /** By the number of the organization's record, bare or with the code of the country. */
  memberByMobile(mobile: string): Member | undefined {
    return this.byMobile().get(mobile);
  }

  /** The employees of this department itself, in the order of the data. */
  employeesIn(department: number): Member[] {
    return this.byDepartment().get(department) ?? [];
  }

  department(id: number): DirectoryDepartment | undefined {
    return this.departments().get(id);
  }

  children(id: number): DirectoryDepartment[] {
    return this.byParent().get(id) ?? [];
  }

  /** The department itself, its parent, and so on; it ends where a parent is missing, or comes a second time. */
  path(id: number): number[] {
    const path: number[] = [];
    for (let next = this.department(id); next && !path.includes(next.dept_id);) {
      path.push(next.dept_id);
      next = next.parent_id === undefined ? undefined : this.department(next.parent_id);
    }
    return path;
  }
}
