import { isDeepStrictEqual } from 'node:util';
import type { Department, EmulatorData, Membership } from './data';
import { isEmployee, ROOT } from './directory';
import type { EventType } from './names';

/** What an event tells of a change: who or which departments, and hardly more. */
export interface Change {
  type: EventType;
  corpId: string;
  ids: (string | number)[];
  diffInfo?: { prev: DiffFields; curr: DiffFields; userid: string };
}

type DiffFields = Record<string, string | number>;
type Book = Pick<EmulatorData, 'accounts' | 'departments'>;

/** What `diffInfo` knows of a member. */
const diffFieldsOf = (membership: Membership): DiffFields => {
  const { manager_userid, hired_date, name, telephone, email, job_number, work_place } = membership;
  const fields = {
    managerUserid: manager_userid,
    hiredDate: hired_date,
    name,
    telephone,
    email,
    jobNumber: job_number,
    workPlace: work_place,
  };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
};

/** Of these there are other events, or none. */
const withoutOwnEvents = (membership: Membership) => ({
  ...membership,
  active: undefined,
  admin: undefined,
  left: undefined,
  left_at: undefined,
  leave_reason: undefined,
});

const ofMember = (type: EventType, { corpId, userid }: Membership): Change => ({ type, corpId, ids: [userid] });

function employmentChanges(before: Membership, after: Membership): Change[] {
  const joined = !before.active && after.active ? [ofMember('user_active_org', after)] : [];
  if (isDeepStrictEqual(withoutOwnEvents(before), withoutOwnEvents(after))) {
    return joined;
  }
  const diffInfo = { prev: diffFieldsOf(before), curr: diffFieldsOf(after), userid: after.userid };
  return [{ ...ofMember('user_modify_org', after), diffInfo }, ...joined];
}

/** What an organization's record of somebody was and is. The account's own profile has no event. */
export function memberChanges(before: Membership | undefined, after: Membership | undefined): Change[] {
  const was = before && isEmployee(before) ? before : undefined;
  const is = after && isEmployee(after) ? after : undefined;
  if (was && is && was.userid === is.userid) {
    return employmentChanges(was, is);
  }
  return [...(was ? [ofMember('user_leave_org', was)] : []), ...(is ? [ofMember('user_add_org', is)] : [])];
}

export function departmentChanges(before: Department | undefined, after: Department | undefined): Change[] {
  const known = after ?? before;
  if (!known || isDeepStrictEqual(before, after)) {
    return [];
  }
  // The root is there without being in the data.
  const type =
    known.dept_id === ROOT || (before && after) ? 'org_dept_modify' : after ? 'org_dept_create' : 'org_dept_remove';
  return [{ type, corpId: known.corpId, ids: [known.dept_id] }];
}

function pairs<Item>(
  before: Item[],
  after: Item[],
  keyOf: (item: Item) => string,
): [Item | undefined, Item | undefined][] {
  const [old, fresh] = [before, after].map((list) => new Map(list.map((item) => [keyOf(item), item])));
  return [...new Set([...old.keys(), ...fresh.keys()])].map((key) => [old.get(key), fresh.get(key)]);
}

const membershipsOf = ({ accounts }: Book) => accounts.flatMap(({ memberships }) => memberships);

/** What happened between two states of the data: departments appear before their members, and go after them. */
export function changesBetween(before: Book, after: Book): Change[] {
  const departments = pairs(before.departments, after.departments, (each) => `${each.corpId}/${each.dept_id}`).flatMap(
    ([old, fresh]) => departmentChanges(old, fresh),
  );
  const members = pairs(membershipsOf(before), membershipsOf(after), (each) => `${each.corpId}/${each.userid}`).flatMap(
    ([old, fresh]) => memberChanges(old, fresh),
  );
  const isRemoval = ({ type }: Change) => type === 'org_dept_remove';
  return [...departments.filter((each) => !isRemoval(each)), ...members, ...departments.filter(isRemoval)];
}

/** What happened together is one event for each of its types; `diffInfo` speaks of one member, and of one change. */
function merged(changes: Change[]): Change[] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const key = `${change.corpId} ${change.type}`;
    const group = groups.get(key);
    if (group) {
      group.push(change);
    } else {
      groups.set(key, [change]);
    }
  }
  return [...groups.values()].map((group) => {
    const [{ type, corpId }] = group;
    return group.length === 1 ? group[0] : { type, corpId, ids: [...new Set(group.flatMap(({ ids }) => ids))] };
  });
}

/** The one place where the changes of the address book are told. */
export class News {
  private gathered?: Change[];
  private listener: (changes: Change[]) => void = () => undefined;

  listen(listener: (changes: Change[]) => void): void {
    this.listener = listener;
  }

  report(changes: Change[]): void {
    if (this.gathered) {
      this.gathered.push(...changes);
    } else if (changes.length > 0) {
      this.listener(merged(changes));
    }
  }

  /** One change of many people is told as one. */
  together<Result>(work: () => Result): Result {
    if (this.gathered) {
      return work();
    }
    this.gathered = [];
    try {
      return work();
    } finally {
      const changes = this.gathered;
      this.gathered = undefined;
      this.report(changes);
    }
  }
}
