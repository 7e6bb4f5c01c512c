import type { CaseCode } from '../../../shared/codes';
import { cleanName, withoutAstral } from '../../accounts/names';
import type { DirectoryMember } from '../../dingtalk/address-book';
import type { MemberRow } from '../types';

/** A row as it is afterwards. */
export type NextRow = Omit<MemberRow, 'id'>;

/** As DingTalk calls the member; a name without pictures is what some tables of MySQL hold of it. */
export function nameOf(member: DirectoryMember, row?: MemberRow): string {
  const name = cleanName(member.name);
  return name === undefined || (row?.name && row.name === withoutAstral(name)) ? (row?.name ?? '') : name;
}

/** A row without a user, for buttons and lists. What an earlier row knows is kept: the case may be settled. */
export function openRow(member: DirectoryMember, unionId: string, reason: CaseCode, row?: MemberRow): NextRow {
  const { userid } = member;
  if (!row) {
    return {
      userid,
      unionId,
      name: nameOf(member),
      state: 'open',
      reason,
      isCreated: false,
      isLeftOut: false,
      isAllowed: false,
      written: {},
      memberships: {},
      confirmed: [],
    };
  }
  // Nothing is written of who is blocked, but who is there again is not deleted.
  if (reason === 'BLOCKED' && row.userId !== undefined && row.state !== 'open') {
    return { ...withoutId(row), deleteAt: undefined };
  }
  return {
    ...withoutId(row),
    leftAt: undefined,
    deleteAt: undefined,
    userid,
    name: nameOf(member, row),
    state: 'open',
    reason,
    // Of one who left it follows from the state, which ends here.
    isDetached: row.isDetached ?? (row.state === 'left' ? true : undefined),
  };
}

export function withoutId(row: MemberRow): NextRow {
  const next: NextRow & Partial<MemberRow> = { ...row };
  delete next.id;
  return next;
}

/** Whether a row does not have to be written. */
export function isSameRow(row: MemberRow, next: NextRow): boolean {
  const { written, memberships, confirmed, ...rest } = withoutId(row);
  const keys = new Set([...Object.keys(rest), ...Object.keys(next)]) as Set<keyof NextRow>;
  const plain = [...keys].filter((key) => key !== 'written' && key !== 'memberships' && key !== 'confirmed');
  return (
    plain.every((key) => row[key] === next[key]) &&
    isSameRecord(written, next.written) &&
    isSameRecord(memberships, next.memberships) &&
    confirmed.join() === next.confirmed.join()
  );
}

export function isSameRecord(one: Record<string, unknown>, other: Record<string, unknown>): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
