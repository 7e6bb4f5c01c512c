import type { CaseCode } from '../../shared/codes';
import type {
  BrakeLimits,
  Counts,
  Entry,
  FieldName,
  FieldRule,
  Leavers,
  NewUsers,
  TakenAway,
} from '../../shared/directory';
import type { Department, DirectoryMember } from '../dingtalk/address-book';
import type { Fingerprint } from './store/fingerprint';

// What `plan` is given and what it answers: plain data. IDs of NocoBase are texts, as databases differ in their types.

/**
 * What was read of DingTalk, whole, or all of a part that is named: a reading that was cut short is an error before there
 * is a `Directory`.
 */
export interface Directory {
  /** Parents before children. A parent that was not read makes a root. */
  departments: Department[];
  /** One for each userid, whatever the number of departments. */
  members: DirectoryMember[];
  /** What DingTalk said of each member that a source knows and that was not read: by the ID of its row. */
  absences: Map<string, Absence>;
  /** Of those who were not read, and have another userid than the row says: that one, by the ID of the row. */
  userids: Map<string, string>;
  /** The departments that a source knows, that were not read, and of which DingTalk says that they are gone. */
  goneDepartments: Set<number>;
  /** Of a reading of single changes: absent for one that is whole. */
  part?: DirectoryPart;
}

/**
 * What is known besides a part that was read. Of whom and what was not read nothing is planned, nothing is missing, and
 * nothing that stays is decided by comparing with them: see `plan`.
 */
export interface DirectoryPart {
  /** Departments of the members who were read that a whole reading would have. */
  departments: Set<number>;
}

/**
 * Why a known member was not read: left the organization; outside of what the app may see; outside of the departments that
 * were chosen; there after all (it moved while others were read, or has another userid).
 */
export type Absence = 'left' | 'outOfScope' | 'notChosen' | 'present';

/** What a source knows of a member, a row of `dingtalkMembers`. */
export interface MemberRow {
  id: string;
  userid: string;
  unionId: string;
  /** Nickname, as DingTalk called the member last. */
  name: string;
  userId?: string;
  /** `outside`: not read at the last run, and not left. `open`: no user. */
  state: 'active' | 'open' | 'outside' | 'left';
  /** Why the member is an open case, or was skipped. */
  reason?: CaseCode;
  /** Whether the source made the user. */
  isCreated: boolean;
  /** An administrator left this member out. */
  isLeftOut: boolean;
  /** An administrator allowed what was taken away to come back: a user who was deleted, a binding that was undone. */
  isAllowed: boolean;
  /**
   * Whether the source itself took the binding away, and so gives it back to who comes back: one that is gone otherwise
   * was undone by a user or an administrator. Absent: it did of one who left.
   */
  isDetached?: boolean;
  /** The fingerprint of what was written last, by the names of columns. */
  written: Record<string, string>;
  /** The memberships that the source made: by the ID of DingTalk's department, the owner flag that was written last. */
  memberships: Record<string, boolean>;
  /** DingTalk's departments with a privileged role of which an administrator said that this member may be there. */
  confirmed: string[];
  /** Milliseconds since 1970. */
  leftAt?: number;
  /** When the user is deleted unless DingTalk lists the member again; milliseconds since 1970. */
  deleteAt?: number;
}

/** What a source knows of a department, a row of `dingtalkDepartments`. */
export interface DepartmentRow {
  id: string;
  /** DingTalk's. */
  departmentId: number;
  /** NocoBase's. */
  nocobaseId: string;
  /** What was written last. */
  title: string;
  parentNocobaseId?: string;
}

/** A user of NocoBase. */
export interface UserFacts {
  id: string;
  /** Text columns that the source may write, the phone number and the e-mail address among them. */
  columns: Record<string, string | null>;
  mainDepartmentId?: string;
  isPrivileged: boolean;
  isRoot: boolean;
}

/** A department of NocoBase. */
export interface NocobaseDepartment {
  id: string;
  title: string;
  parentId?: string;
  /** Whether one of its roles makes users privileged. */
  isPrivileged: boolean;
  hasRoles: boolean;
}

/** What NocoBase and the source know, read in a few statements. */
export interface State {
  members: MemberRow[];
  departmentRows: DepartmentRow[];
  /** All users, by ID. */
  users: Map<string, UserFacts>;
  /** Of the source's authenticator: the users who are bound to a key, be it a unionId or an older one. */
  bound: Map<string, { userIds: string[]; isOurs: boolean }>;
  /** Users who are bound to any account under the authenticator. */
  boundUserIds: Set<string>;
  /** Of the authenticator: by account and by user. */
  blocked: { unionIds: Set<string>; userIds: Set<string> };
  /** Who was bound before, and was unlinked or detached. */
  unlinked: { unionIds: Set<string>; userIds: Set<string> };
  /** Undefined where the plugin that has departments is off: memberships are not compared. */
  departments?: {
    all: Map<string, NocobaseDepartment>;
    /** By user, by the department's ID in NocoBase: the owner flag. Users of the same departments may share one map. */
    memberships: Map<string, Map<string, boolean>>;
  };
  /** Whether every new user would be privileged, by the role that they get. */
  isDefaultRolePrivileged: boolean;
  /** Whether new users get NocoBase's default role in place of the chosen one. */
  isDefaultRoleUnused?: boolean;
  /** Whether a match by phone number is allowed at all: `automatic`, and no stranger can prepare a number. */
  mayMatchByPhone: boolean;
  /** Names of users with the role root, which no member gets. */
  rootNames: string[];
  /** Privileged users who can sign in without DingTalk. */
  privilegedWithOtherWayIn: Set<string>;
  /** Users whom no run deletes: owners of rows by a relation with CASCADE, and who is known to another source. */
  undeletable: Set<string>;
  /** What was taken away within 24 hours. */
  takenAway: TakenAway;
}

/** The options of a source, with defaults. */
export interface PlanSettings {
  newUsers: NewUsers;
  leavers: Leavers;
  fields: Partial<Record<FieldName, FieldRule>>;
  /** Whether the phone number of users whom the source did not create is written, too. */
  writesPhoneOfOthers: boolean;
  emailDomains: string[];
  brake: BrakeLimits;
  fingerprint: Fingerprint;
  now: number;
}

/** What changes for one user or member. Everything of it is written in one transaction, or nothing. */
export interface MemberChange {
  /** Undefined for one that has no row yet. */
  row?: MemberRow;
  /**
   * Of the member, where the account gets a user. The rest of the member has its place in other fields, and is let go before the
   * first write: it takes half a kilobyte of each of 100,000.
   */
  member?: Pick<DirectoryMember, 'name' | 'avatar' | 'mobile' | 'stateCode'>;
  /** The line of the report. Where nothing changes that anybody sees, `Plan.entries` has none such. */
  entry: Entry;
  /** What happens to the binding. `rebind` is for one who comes back, `bind` for a match by phone number. */
  step?:
    | { type: 'create' }
    | { type: 'bind'; userId: string }
    | { type: 'rebind'; userId: string }
    | { type: 'detach'; userId: string; deleteAt?: number }
    | { type: 'suspend'; userId: string }
    | { type: 'keep'; userId: string }
    | { type: 'delete'; userId: string };
  /** New values of columns of the user. */
  values?: Record<string, string>;
  /** By the ID of DingTalk's department. */
  memberships?: {
    add: { departmentId: number; isOwner: boolean }[];
    remove: string[];
    setOwner: { departmentId: number; isOwner: boolean }[];
    /** DingTalk's ID; the main department of a user who is in none of the present one. */
    main?: number;
  };
  /** The row as it is afterwards. */
  next: Omit<MemberRow, 'id'>;
}

export type DepartmentChange =
  | { type: 'create'; department: Department; parentId?: number; entry: Entry }
  | { type: 'update'; row: DepartmentRow; title?: string; parentId?: number | null; entry: Entry }
  | { type: 'remove'; row: DepartmentRow; entry: Entry }
  /** The row is forgotten, and the department stays as one that was made by hand. */
  | { type: 'release'; row: DepartmentRow; entry: Entry };

export interface Plan {
  /** In the order in which they are written: created from the root down, removed from the leaves up. */
  departments: DepartmentChange[];
  members: MemberChange[];
  /** All lines of the report, those of open cases and of skipped members too. */
  entries: Entry[];
  counts: Counts;
  takenAway: TakenAway;
  /** Whether the brake stops it. */
  isTooMuch: boolean;
}
