import type { BrakeLimits } from '../../src/shared/directory';
import type { DirectoryMember } from '../../src/server/dingtalk/address-book';
import { comparable } from '../../src/server/directory/store/fingerprint';
import type { Directory, MemberRow, PlanSettings, State, UserFacts } from '../../src/server/directory/types';

// A directory and what NocoBase knows of it, in a few words: what a test does not name is as it mostly is.

export const DAY = 24 * 60 * 60 * 1000;
export const NOW = Date.UTC(2027, 0, 4, 3);

/** Lets everything through: what a test takes away is not what it is about. */
export const LOOSE: BrakeLimits = { free: 50, percent: 50, most: 1000 };

/** A member whose unionId is that of the userid: `ada` has the unionId `U-ada`. */
export const member = (userid: string, more: Partial<DirectoryMember> = {}): DirectoryMember => ({
  userid,
  unionId: `U-${userid}`,
  name: userid,
  departmentIds: [],
  leads: {},
  active: true,
  isDedicated: false,
  ...more,
});

/** What a row says of a member of whom nothing has been decided or written yet. */
export const freshRow = (): Omit<MemberRow, 'id' | 'userid' | 'unionId' | 'name'> => ({
  state: 'active',
  isCreated: false,
  isLeftOut: false,
  isAllowed: false,
  written: {},
  memberships: {},
  confirmed: [],
});

export const row = (userid: string, more: Partial<MemberRow> = {}): MemberRow => ({
  id: `row-${userid}`,
  userid,
  unionId: `U-${userid}`,
  name: userid,
  ...freshRow(),
  ...more,
});

/** A member who is known as the user with the same name, and nothing of whom has changed. */
export const knownRow = (userid: string, more: Partial<MemberRow> = {}): MemberRow =>
  row(userid, { userId: userid, written: { nickname: userid }, ...more });

type User = Partial<Omit<UserFacts, 'columns'>> & { phone?: string; email?: string; columns?: UserFacts['columns'] };

export const user = (id: string, { phone, email, columns, ...more }: User = {}): UserFacts => ({
  id,
  columns: { nickname: id, phone: phone ?? null, email: email ?? null, ...columns },
  isPrivileged: false,
  isRoot: false,
  ...more,
});

export const directory = (members: DirectoryMember[], more: Partial<Directory> = {}): Directory => ({
  departments: [],
  members,
  absences: new Map(),
  userids: new Map(),
  goneDepartments: new Set(),
  ...more,
});

export interface Given extends Partial<Omit<State, 'users' | 'bound' | 'members'>> {
  users?: UserFacts[];
  rows?: MemberRow[];
  /** By unionId or an older key: the user, or several. */
  bindings?: Record<string, string | string[]>;
  /** Keys of bindings that another plugin made. */
  old?: string[];
}

export function state({ users = [], rows = [], bindings = {}, old = [], ...more }: Given = {}): State {
  const bound = new Map(
    Object.entries(bindings).map(([key, userIds]) => [key, { userIds: [userIds].flat(), isOurs: !old.includes(key) }]),
  );
  return {
    members: rows,
    departmentRows: [],
    users: new Map(users.map((one) => [one.id, one])),
    bound,
    boundUserIds: new Set(Object.values(bindings).flat()),
    blocked: { unionIds: new Set(), userIds: new Set() },
    unlinked: { unionIds: new Set(), userIds: new Set() },
    isDefaultRolePrivileged: false,
    mayMatchByPhone: true,
    rootNames: [],
    privilegedWithOtherWayIn: new Set(),
    undeletable: new Set(),
    takenAway: { members: 0, departments: 0, memberships: 0 },
    ...more,
  };
}

export const settings = (more: Partial<PlanSettings> = {}): PlanSettings => ({
  newUsers: 'create',
  leavers: 'detach',
  fields: { nickname: { column: 'nickname', follow: 'ours' }, phone: { column: 'phone', follow: 'ours' } },
  writesPhoneOfOthers: false,
  emailDomains: [],
  brake: LOOSE,
  // Fingerprints that a test can read.
  fingerprint: comparable,
  now: NOW,
  ...more,
});
