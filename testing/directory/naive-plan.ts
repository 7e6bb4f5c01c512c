import type { DirectoryMember } from '../../src/server/dingtalk/address-book';
import type { Directory, State } from '../../src/server/directory/types';

/** What a careless run would do: to whom, and what. */
interface NaivePlan {
  /** By userid of the member: who gets the DingTalk account. */
  bound: Record<string, string>;
  created: string[];
  /** By user: what is written. */
  written: Record<string, Record<string, string | undefined>>;
  /** By user: DingTalk's departments whose member the user becomes. */
  joined: Record<string, number[]>;
  /** Users who are deleted. */
  deleted: string[];
  /** DingTalk's IDs of departments that are removed. */
  removed: number[];
}

/**
 * A synchronization as it must not be planned, with the holes that such plugins have had: tests show each attack working
 * on it first.
 */
export function naivePlan(directory: Directory, state: State, columns: Record<string, string>): NaivePlan {
  const plan: NaivePlan = { bound: {}, created: [], written: {}, joined: {}, deleted: [], removed: [] };
  for (const member of directory.members) {
    const userId = findUser(member, state) ?? `new-${member.userid}`;
    if (!state.users.has(userId)) {
      // Holes: also who was deleted or unlinked, who has not joined yet, and while the default role is privileged.
      plan.created.push(userId);
    }
    plan.bound[member.userid] = userId;
    // Holes: always, over what somebody changed; any column; also ways in of administrators.
    const known = member as unknown as Record<string, string | undefined>;
    plan.written[userId] = Object.fromEntries(Object.entries(columns).map(([field, column]) => [column, known[field]]));
    // Hole: also departments that make administrators.
    plan.joined[userId] = member.departmentIds;
  }
  // Holes: whoever is not in the answer has left, whatever kept it short; and a department is gone.
  const read = new Set(directory.members.map(({ userid }) => userid));
  plan.deleted = state.members.flatMap(({ userid, userId }) => (userId && !read.has(userid) ? [userId] : []));
  const departments = new Set(directory.departments.map(({ id }) => id));
  plan.removed = state.departmentRows.map(({ departmentId }) => departmentId).filter((id) => !departments.has(id));
  return plan;
}

/** Holes: the userid is an identity, a phone number is one in one spelling, and so is an e-mail address. */
function findUser({ userid, mobile, email }: DirectoryMember, { members, users }: State): string | undefined {
  const byUserid = members.find((row) => row.userid === userid)?.userId;
  const byValue = [...users.values()].find(
    ({ columns }) => (mobile && columns.phone === mobile) || (email && columns.email === email),
  );
  return byUserid ?? byValue?.id;
}
