/** The company whose directory is read, and what happens in it between two runs. */
import { type Emulator, type EmulatorData, type EmulatorDataInput, generateCompany } from '../../emulator';

export interface Size {
  people: number;
  departments: number;
}

export const companyOf = ({ people, departments }: Size): EmulatorDataInput => generateCompany({ people, departments });

const ROOT = 1;
const PAGE = 100;

/** What reading all of it takes: the token, the scope, each department's own departments, and each page of members. */
export function callsFor({ accounts, departments }: EmulatorData, missing = 0): number {
  const members = new Map([[ROOT, 0], ...departments.map(({ dept_id }) => [dept_id, 0] as const)]);
  for (const { memberships } of accounts) {
    for (const id of memberships.filter(({ left }) => !left).flatMap(({ dept_id_list = [ROOT] }) => dept_id_list)) {
      members.set(id, (members.get(id) ?? 0) + 1);
    }
  }
  const pages = [...members.values()].map((count) => Math.max(1, Math.ceil(count / PAGE)));
  return 1 + members.size + pages.reduce((sum, count) => sum + count, 0) + missing;
}

/** How many members a hundredth of the company's changes are, and of which kind. */
export interface Changes {
  renamed: number;
  moved: number;
  hired: number;
  left: number;
}

export function changesFor(people: number): Changes {
  const all = Math.round(people / 100);
  const left = Math.max(1, Math.round(all / 20));
  const renamed = Math.floor((all - 2 * left) / 2);
  return { renamed, moved: all - 2 * left - renamed, hired: left, left };
}

/** Changes a hundredth of the members, each time others. They are all users by now. */
export class Life {
  private next = 0;
  private readonly people: string[];

  constructor(private readonly dingtalk: Emulator) {
    this.people = dingtalk.data.accounts.filter(isOrdinary).map(({ id }) => id);
  }

  goOn(changes: Changes): void {
    const { dingtalk } = this;
    const departments = dingtalk.data.departments.map(({ dept_id }) => dept_id);
    const times = (count: number, change: (id: string, index: number) => void) =>
      Array.from({ length: count }, (_, index) => change(this.people[this.next++], index));
    times(changes.renamed, (id) => dingtalk.changeMember(id, { name: `Renamed ${id}` }));
    times(changes.moved, (id, index) => dingtalk.moveMember(id, [this.elsewhere(id, departments, index)]));
    times(changes.left, (id) => dingtalk.leave(id));
    for (let index = 0; index < changes.hired; index++) {
      dingtalk.addMember({ dept_id_list: [departments[index % departments.length]] });
    }
  }

  private elsewhere(id: string, departments: number[], index: number): number {
    const account = this.dingtalk.data.accounts.find((each) => each.id === id);
    const now = account?.memberships[0]?.dept_id_list ?? [];
    return departments.find((department, at) => at >= index && !now.includes(department)) ?? departments[0];
  }
}

/** Who becomes a user: has joined, and has a number of which there is no second one. */
export const isOrdinary = (
  { mobile, dedicatedTo, memberships: [membership] }: EmulatorData['accounts'][number],
  index: number,
) => index > 0 && membership?.active && mobile !== undefined && dedicatedTo === undefined;
