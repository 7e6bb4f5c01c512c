import { type Account, type Department, type EmulatorData, type Membership, parseDepartment } from './data';
import { type Directory, departmentsOf, ROOT } from './directory';
import { departmentChanges, memberChanges, type News } from './news';

/** What an administrator changes in the address book while others read it. */

export interface NewDepartment extends Partial<Omit<Department, 'name'>> {
  name: string;
}

/** Frozen lists are replaced: they belong to a kept directory, which is made anew where the list is another one. */
export function append<Key extends 'accounts' | 'departments'>(
  data: EmulatorData,
  key: Key,
  item: EmulatorData[Key][number],
): void {
  const list: EmulatorData[Key][number][] = data[key];
  if (Object.isFrozen(list)) {
    Object.assign(data, { [key]: [...list, item] });
  } else {
    list.push(item);
  }
}

const replaced = <Item>(list: Item[], index: number, item: Item): Item[] =>
  list.map((each, position) => (position === index ? item : each));

export class Changes {
  constructor(
    private readonly data: EmulatorData,
    private readonly directory: (corpId: string) => Directory,
    private readonly now: () => number,
    private readonly news: News,
  ) {}

  private get home(): string {
    return this.data.organizations[0].corpId;
  }

  /** By default below the root of the first organization, with the next free number. */
  addDepartment(values: NewDepartment): Department {
    const corpId = values.corpId ?? this.home;
    const highest = this.data.departments.reduce((most, { dept_id }) => Math.max(most, dept_id), ROOT);
    const department = parseDepartment({ dept_id: highest + 1, ...values, corpId });
    if (this.directory(corpId).department(department.dept_id)) {
      throw new Error(`The department ${department.dept_id} exists already`);
    }
    this.requireDepartments(corpId, [department.parent_id]);
    append(this.data, 'departments', department);
    this.news.report(departmentChanges(undefined, department));
    return department;
  }

  changeDepartment(id: number, changes: Partial<Omit<Department, 'dept_id' | 'corpId'>>, corpId = this.home): void {
    const { departments, settings } = this.data;
    const index = departments.findIndex((each) => each.dept_id === id && each.corpId === corpId);
    if (index < 0) {
      throw new Error(`No department has the dept_id ${id}`);
    }
    if (changes.parent_id !== undefined) {
      this.requireDepartments(corpId, [changes.parent_id]);
      if (!settings.brokenTree && this.directory(corpId).path(changes.parent_id).includes(id)) {
        throw new Error(`The department ${id} cannot be below itself`);
      }
    }
    const [before, after] = [{ ...departments[index] }, { ...departments[index], ...changes }];
    if (Object.isFrozen(departments)) {
      this.data.departments = replaced(departments, index, after);
    } else {
      Object.assign(departments[index], changes);
    }
    this.news.report(departmentChanges(before, after));
  }

  /** With all departments below it. Who is in no other department moves to the root. */
  removeDepartment(id: number, corpId = this.home): void {
    this.requireDepartments(corpId, [id]);
    if (id === ROOT) {
      throw new Error('The root cannot be removed');
    }
    this.news.together(() => this.takeOut(id, corpId));
  }

  private takeOut(id: number, corpId: string): void {
    const directory = this.directory(corpId);
    const isGone = (each: number) => directory.path(each).includes(id);
    for (const { account, membership } of directory.members()) {
      const left = departmentsOf(membership).filter((each) => !isGone(each));
      if (left.length < departmentsOf(membership).length) {
        this.changeMember(account, { dept_id_list: left.length > 0 ? left : [ROOT] }, corpId);
      }
    }
    const gone = this.data.departments.filter((each) => each.corpId === corpId && isGone(each.dept_id));
    this.data.departments = this.data.departments.filter((each) => !gone.includes(each));
    this.news.report(gone.flatMap((each) => departmentChanges(each, undefined)));
  }

  /** `account` may be its `id`. Where the data are frozen, an `Account` that the caller holds keeps the old values. */
  changeMember(account: Account | string, changes: Partial<Membership>, corpId = this.home): void {
    const { accounts } = this.data;
    const id = typeof account === 'string' ? account : account.id;
    const index = accounts.findIndex((each) => each.id === id);
    const found = accounts[index]?.memberships.find((each) => each.corpId === corpId);
    if (!found) {
      throw new Error(`No account "${id}" is in the organization`);
    }
    this.requireDepartments(corpId, changes.dept_id_list ?? []);
    const [before, after] = [{ ...found }, { ...found, ...changes }];
    if (Object.isFrozen(accounts)) {
      const memberships = accounts[index].memberships.map((each) => (each === found ? after : each));
      this.data.accounts = replaced(accounts, index, { ...accounts[index], memberships });
    } else {
      Object.assign(found, changes);
    }
    this.news.report(memberChanges(before, after));
  }

  leave(account: Account | string, reason: Membership['leave_reason'] = 'leave', corpId = this.home): void {
    const left_at = new Date(this.now()).toISOString();
    this.changeMember(account, { left: true, left_at, leave_reason: reason }, corpId);
  }

  requireDepartments(corpId: string, ids: number[]): void {
    const directory = this.directory(corpId);
    const missing = this.data.settings.brokenTree ? undefined : ids.find((id) => !directory.department(id));
    if (missing !== undefined) {
      throw new Error(`No department has the dept_id ${missing}`);
    }
  }
}
