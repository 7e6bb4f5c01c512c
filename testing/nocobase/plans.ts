import type { Transaction } from '@nocobase/database';
import type { DirectoryMember } from '../../src/server/dingtalk/address-book';
import { requireAuthenticator } from '../../src/server/configuration/authenticators';
import { comparable } from '../../src/server/directory/store/fingerprint';
import { addMembers, readMembers } from '../../src/server/directory/store/members';
import type { SourceContext } from '../../src/server/directory/store/state';
import type {
  DepartmentChange,
  DepartmentRow,
  MemberChange,
  MemberRow,
  PlanSettings,
} from '../../src/server/directory/types';
import { writePlan } from '../../src/server/directory/write/write';
import { backgroundContext } from '../../src/server/http/background';
import type { Entry, EntryAction } from '../../src/shared/directory';
import { freshRow } from '../directory/company';
import type { NocoBase } from './nocobase';

const settings: PlanSettings = {
  newUsers: 'create',
  leavers: 'detach',
  fields: {},
  writesPhoneOfOthers: false,
  emailDomains: [],
  brake: { free: 5, percent: 10, most: 100 },
  // Fingerprints that a test can read.
  fingerprint: comparable,
  now: Date.now(),
};

/** Plans that are written by hand, as a run makes them. */
export class Source {
  /** A lease that nobody takes over. */
  lease: { check(transaction: Transaction): Promise<void> } = { check: async () => undefined };

  private constructor(
    readonly nocobase: NocoBase,
    readonly context: SourceContext,
  ) {}

  static async of(nocobase: NocoBase, given: Partial<PlanSettings> = {}, sourceId = '1'): Promise<Source> {
    const { app, db } = nocobase;
    // While users could prepare a number, nobody would be matched by one.
    await db.getModel('systemSettings').update({ enableEditProfile: false }, { where: {} });
    await db.getModel('authenticators').update({ options: {} }, { where: { name: 'basic' } });
    const authenticator = await requireAuthenticator(backgroundContext(app), 'dingtalk');
    const { protectedRoles } = authenticator;
    const all = { ...settings, ...given };
    return new Source(nocobase, { app, db, sourceId, authenticator, settings: all, protectedRoles });
  }

  write(changes: { departments?: DepartmentChange[]; members?: MemberChange[] }, progress?: Progress) {
    return writePlan(this.context, { departments: [], members: [], ...changes }, this.lease, progress);
  }

  /** As a run has left it. */
  async add(given: Partial<MemberRow> & { unionId: string }): Promise<MemberRow> {
    const [id] = await addMembers(this.context.db, this.context.sourceId, [rowOf(given)]);
    return this.row(id);
  }

  async row(id: string): Promise<MemberRow> {
    const [row] = await readMembers(this.context.db, this.context.sourceId, { ids: [id] });
    return row;
  }

  rows(): Promise<MemberRow[]> {
    return readMembers(this.context.db, this.context.sourceId);
  }
}

type Progress = (done: number, all: number) => void;

export const rowOf = (given: Partial<MemberRow> & { unionId: string }): Omit<MemberRow, 'id'> => ({
  userid: `userid-of-${given.unionId}`,
  name: given.unionId,
  ...freshRow(),
  ...given,
});

/** @param next what differs from the row, or of a new one: its unionId at least */
export function changeOf(
  action: EntryAction,
  given: Omit<Partial<MemberChange>, 'next' | 'member'> & { member?: DirectoryMember },
  next: Partial<MemberRow> = {},
): MemberChange {
  const unionId = next.unionId ?? given.row?.unionId ?? given.member?.unionId ?? '';
  const after = rowOf({ ...given.row, ...next, unionId });
  return { ...given, entry: entryOf('member', after.userid, action), next: after };
}

export const entryOf = (kind: Entry['kind'], id: string, action: EntryAction): Entry => ({
  kind,
  id,
  name: id,
  action,
});

let members = 0;

/** A member as DingTalk lists it. */
export function memberOf(given: Partial<DirectoryMember> = {}): Listed {
  const number = ++members;
  return {
    userid: `userid${number}`,
    unionId: `union${number}`,
    name: `Member ${number}`,
    mobile: `138${String(number).padStart(8, '0')}`,
    departmentIds: [],
    leads: {},
    active: true,
    isDedicated: false,
    ...given,
  };
}

type Listed = DirectoryMember & { unionId: string; userid: string };

/** A new member, who becomes a user. */
export function creationOf(member: Listed, memberships?: MemberChange['memberships']): MemberChange {
  const { userid, unionId, name = '', mobile } = member;
  const values = { nickname: name, ...(mobile && { phone: mobile }) };
  return changeOf(
    'created',
    { member, step: { type: 'create' }, values, memberships },
    {
      userid,
      unionId,
      name,
      isCreated: true,
      written: values,
      memberships: Object.fromEntries((memberships?.add ?? []).map((one) => [one.departmentId, one.isOwner])),
    },
  );
}

export const departmentOf = (
  id: number,
  name: string,
  parentId?: number,
): Extract<DepartmentChange, { type: 'create' }> => ({
  type: 'create',
  department: { id, name, parentId },
  parentId,
  entry: entryOf('department', String(id), 'added'),
});

export const removalOf = (row: DepartmentRow): DepartmentChange => ({
  type: 'remove',
  row,
  entry: entryOf('department', String(row.departmentId), 'removed'),
});
