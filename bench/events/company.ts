/** What happens in the company, change by change: each of them is in another department than the one before. */
import type { Account, Emulator } from '../../emulator';
import { isOrdinary } from '../directory/company';

export const kinds = ['renamed', 'joined'] as const;

export type Kind = (typeof kinds)[number];

export class Life {
  private readonly members: Account[];
  private readonly departments: number[];
  private changes = 0;

  constructor(private readonly dingtalk: Emulator) {
    const { accounts, departments } = dingtalk.data;
    this.departments = departments.map(({ dept_id }) => dept_id);
    // Neighbors in the list are no neighbors in the tree: one member of each department, then another one.
    const byDepartment = new Map<number, Account[]>();
    for (const account of accounts.filter(isOrdinary)) {
      const [id = 1] = account.memberships[0].dept_id_list ?? [];
      byDepartment.set(id, [...(byDepartment.get(id) ?? []), account]);
    }
    const teams = [...byDepartment.values()];
    const longest = Math.max(...teams.map(({ length }) => length));
    this.members = Array.from({ length: longest }, (_, at) => teams.map((team) => team[at]).filter(Boolean)).flat();
  }

  /** @returns the name by which it is recognized in NocoBase */
  change(kind: Kind): string {
    const number = ++this.changes;
    const name = `${kind} ${number}`;
    if (kind === 'joined') {
      this.dingtalk.addMember({ name, dept_id_list: [this.departments[number % this.departments.length]] });
    } else {
      const account = this.next();
      this.dingtalk.changeMember(account, { name });
      this.members.push(account);
    }
    return name;
  }

  /** Somebody of whom nothing was changed for longest. */
  next(): Account {
    const account = this.members.shift();
    if (!account) {
      throw new Error('The company is too small.');
    }
    return account;
  }
}
