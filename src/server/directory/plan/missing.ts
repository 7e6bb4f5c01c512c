import type { DirectoryMember } from '../../dingtalk/address-book';
import type { DepartmentRow, Directory, MemberRow } from '../types';

/** Rows and members by what they are called. */
export interface Addresses {
  /** By unionId. */
  rows: Map<string, MemberRow>;
  /** Those with a user who have not left and were not read, by userid: somebody else may have it now. */
  unreadByUserid: Map<string, MemberRow[]>;
  /** How many members were read of each unionId: several only where DingTalk contradicts itself. */
  listed: Map<string, number>;
}

export function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values) {
    values.push(value);
  } else {
    map.set(key, [value]);
  }
}

export function addressesOf(rows: MemberRow[], { members }: Pick<Directory, 'members'>): Addresses {
  const listed: Addresses['listed'] = new Map();
  members.forEach(({ unionId }) => unionId && listed.set(unionId, (listed.get(unionId) ?? 0) + 1));
  const unreadByUserid: Addresses['unreadByUserid'] = new Map();
  rows
    .filter(({ unionId, userId, state }) => userId !== undefined && state !== 'left' && !listed.has(unionId))
    .forEach((row) => push(unreadByUserid, row.userid, row));
  return { rows: new Map(rows.map((row) => [row.unionId, row])), unreadByUserid, listed };
}

/**
 * Whether a member has the userid of another one whom the source knows with a user, and who was not read under any other:
 * it was given to somebody else. Nothing is decided of the member until it is known what became of the earlier one, whom
 * the same run asks about. A row of the member's own that names a user settles it.
 */
export function isContested({ unionId, userid }: DirectoryMember, { rows, unreadByUserid }: Addresses): boolean {
  return (
    rows.get(unionId ?? '')?.userId === undefined &&
    (unreadByUserid.get(userid) ?? []).some((row) => row.unionId !== unionId)
  );
}

/**
 * Whom DingTalk has to be asked of one by one: those who were not read. Not those who left: 10,000 of them would be
 * 10,000 calls each night, and who comes back is read. Nor those whose userid was read without a unionId: they were not
 * seen to be gone.
 */
export function missingOf(rows: MemberRow[], { members }: Pick<Directory, 'members'>): MemberRow[] {
  const listed = new Set(members.map(({ unionId }) => unionId));
  const unclear = new Set(members.filter(({ unionId }) => !unionId).map(({ userid }) => userid));
  return rows.filter(({ unionId, userid, state }) => state !== 'left' && !listed.has(unionId) && !unclear.has(userid));
}

/** DingTalk's IDs of the departments that a source knows and that were not read. */
export function missingDepartmentsOf(rows: DepartmentRow[], { departments }: Pick<Directory, 'departments'>): number[] {
  const read = new Set(departments.map(({ id }) => id));
  return rows.map(({ departmentId }) => departmentId).filter((id) => !read.has(id));
}
