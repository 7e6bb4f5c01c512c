import type { CaseCode } from './codes';
import type { FIELD_NAMES } from './constants';
import type { EventMode } from './events';

/** What the server and both clients agree on about sources of the type `dingtalk`: types alone, as in contract.ts. */

export type FieldName = (typeof FIELD_NAMES)[number];

/**
 * When a column is written: where it is empty or still has what the source wrote last; always; once, where it is empty.
 * What DingTalk does not tell never empties a column.
 */
export type Follow = 'ours' | 'always' | 'once';

export interface FieldRule {
  /** Name of a column of `users`. */
  column: string;
  follow: Follow;
  /** Of the phone number alone: whether it is written only of users whom the source creates. */
  newUsersOnly?: boolean;
}

/** What becomes of people in DingTalk who are no user: they become users, or are left alone. */
export type NewUsers = 'create' | 'link';

/** What becomes of the users of members who left the organization. */
export type Leavers = 'detach' | 'keep' | 'delete';

/** When a source runs by itself, daily. */
export interface Schedule {
  /** `HH:MM`. */
  time: string;
  /** IANA name of a time zone: `Asia/Shanghai`. */
  zone: string;
}

/** The brake: a run that takes away more than this stops before its first write. */
export interface BrakeLimits {
  /** So many are never too many, 0 to 50. */
  free: number;
  /** More than this share of what is known stops, 1 to 50. */
  percent: number;
  /** More than this stops, whatever the share, 1 to 1,000. */
  most: number;
}

/** The options of a source, as its form saves them in `userDataSyncSources.options`. */
export type SourceOptions = {
  /** Name of the authenticator whose app reads the directory. */
  authenticator?: string;
  /** DingTalk's IDs of departments, each with everything below it; none for all that the app may see. */
  departments?: number[] | null;
  newUsers?: NewUsers | null;
  leavers?: Leavers | null;
  /** Absent: the nickname, and the phone number of users whom the source creates, both `ours`. What is not named here is not written. */
  fields?: Partial<Record<FieldName, FieldRule>> | null;
  /** Null for never. A source that is saved without one gets a minute between 02:10 and 04:50. */
  schedule?: Schedule | null;
  brake?: Partial<BrakeLimits> | null;
  events?: EventMode | null;
};

/**
 * What a run did, or a preview says that it would do, with one member or department. What was done with departments has
 * actions of its own (`added`, `changed`, `removed`): whoever reads that twelve were created takes them for people.
 */
export type EntryAction =
  | 'created'
  | 'bound'
  | 'updated'
  | 'returned'
  | 'detached'
  | 'suspended'
  | 'deleted'
  | 'kept'
  | 'outside'
  | 'added'
  | 'changed'
  | 'removed'
  | 'open'
  | 'skipped'
  | 'failed';

/** One line of a report. Never a phone number, an e-mail address or another value. */
export interface Entry {
  kind: 'member' | 'department';
  /** The member's userid, or the department's ID, in DingTalk. */
  id: string;
  /** As DingTalk calls it; empty for a member whose user is privileged. */
  name: string;
  action: EntryAction;
  /** Why it is an open case, was skipped, or failed; else missing. */
  reason?: CaseCode;
  /** ID of the user in NocoBase. */
  userId?: string;
  /** Names of the columns that were written. */
  fields?: string[];
  /** Titles of departments that the user came into and out of. */
  joined?: string[];
  left?: string[];
  /** DingTalk's ID of the department that waits until an administrator confirms it, under `DEPARTMENT_PRIVILEGED`. */
  department?: number;
  /** By what the user of a leaver can still sign in: titles of authenticators, and `API_KEYS`. */
  waysIn?: string[];
  /** What was not written, and why. */
  notes?: CaseCode[];
}

/** How many lines a report has of each action. `unchanged` has no lines. */
export type Counts = Record<EntryAction | 'unchanged', number>;

/** How much a run takes away. */
export interface TakenAway {
  members: number;
  departments: number;
  memberships: number;
}

export type Trigger = 'manual' | 'retry' | 'schedule' | 'event';

/** The state of one run, as a list shows it. */
export interface RunSummary {
  id: string;
  trigger: Trigger;
  /** ID of the user who pressed the button; missing for a schedule or an event. */
  by?: string;
  /** Milliseconds since 1970. */
  began: number;
  ended?: number;
  outcome: 'running' | 'success' | 'failed' | 'stopped';
  /** What failed, as a sentence in the language of the request. */
  message?: string;
  counts: Counts;
  takenAway: TakenAway;
}

export interface Report extends RunSummary {
  /** Those of the page that was asked for. */
  entries: Entry[];
  /** How many there are in all that the filter finds. */
  total: number;
}

/** A run that the brake stopped. */
export interface Stop {
  /** Names this stop when it is allowed or discarded: another run may have stopped meanwhile. */
  id: string;
  /** Milliseconds since 1970. */
  since: number;
  takenAway: TakenAway;
  /** What would go: lines of the actions that take away. */
  entries: Entry[];
  /** Until when an administrator has allowed it; missing where nobody has. */
  allowedUntil?: number;
}

/** What the form shows of a saved source. */
export interface SourceState {
  /** Whether `DINGTALK_DIRECTORY=off` stops runs, events and messages of this NocoBase. */
  isOff: boolean;
  isRunning: boolean;
  lastRun?: RunSummary;
  /** Milliseconds since 1970; missing where the source is not enabled or has no schedule. */
  nextRun?: number;
  stop?: Stop;
  /** Where the authenticator belongs to another organization or app than the members that are known: who confirms it begins anew. */
  newStart?: { corpId: string; clientId: string };
  members: { bound: number; open: number; left: number };
}

/** A department in the tree of the form. */
export interface DepartmentChoice {
  id: number;
  name: string;
  /** Whether it carries a role that makes privileged, in NocoBase. */
  isPrivileged: boolean;
}

/** What a preview shows of one member. */
export interface MemberPreview {
  /** Missing where nothing would change. */
  entry?: Entry;
  /** Which of the member's values DingTalk tells: names alone. */
  known: string[];
  /** Names of the departments, as DingTalk has them. */
  departments: string[];
}

export interface Preview {
  counts: Counts;
  takenAway: TakenAway;
  /** Whether the brake would stop the run. */
  wouldStop: boolean;
  /** The first 200. */
  entries: Entry[];
  total: number;
  /** Where one was asked for; null where DingTalk has none such. */
  member?: MemberPreview | null;
}

/** Users without DingTalk, and members without a user: one page of a list. */
export interface Unmatched {
  /** NocoBase answers another shape where a field is called `rows`. */
  list: { id: string; name: string; reason?: CaseCode }[];
  more: boolean;
}
