import type { TakenAway } from '../../../shared/directory';
import { isTooMuch } from './brake';
import { planDepartments } from './departments';
import { identifyMembers, isSomebody } from './identify-member';
import { know } from './known';
import { planLeavers } from './leavers';
import { planListed, type PlannedMember } from './listed-members';
import { missingOf } from './missing';
import { planRemovals } from './removed-departments';
import { countsOf, inOrder, takenAwayOf } from './report';
import type { Directory, Plan, PlanSettings, State } from '../types';

export { missingDepartmentsOf, missingOf } from './missing';

/**
 * What has to be written so that NocoBase says what the directory says, as far as the rules allow: nothing, where it says
 * so already. Pure, and linear in the number of members, users and departments.
 *
 * The rules are those of a whole reading. Of a part (`Directory.part`) they still hold, as each compares with
 *
 * - the binding, the row of the account, the users of NocoBase: the state has them all, whatever was read;
 * - the member or department itself, or what DingTalk said of it when it was asked: read anew;
 * - other members. There it waits for a run: a match by phone, an account that comes back to a user to whom the row of
 *   another one leads, too (`WAITS_FOR_RUN`), a userid whose earlier owner was not found (`isContested`), what a row
 *   without a binding gave (`mayBeOfOther`), a department that has another one of the source below it, or a member of it
 *   (`planRemovals`), a phone number or e-mail address of somebody who is a user already. Deletions that are due and memberships that are owed are for a run as well.
 *
 * Two things depend on the order in which changes arrive, as they do over several runs: of two members with one phone
 * number or e-mail address, of whom no user has it yet, the one who becomes a user by an event gets it; of the last two administrators who could let others in and who leave
 * at once, the second one stays.
 */
export function plan(directory: Directory, state: State, settings: PlanSettings): Plan {
  const known = know(directory, state, settings);
  const departments = planDepartments(directory, state);
  const { kept } = departments;
  const decisions = identifyMembers(directory.members, known);
  const claimed = new Set([...decisions.values()].flatMap((one) => (isSomebody(one) ? [one.userId] : [])));

  const listed = directory.members.map((member) =>
    planListed(member, decisions.get(member) ?? { type: 'create' }, kept, known),
  );
  const gone = planLeavers(missingOf(state.members, directory), claimed, kept, known);
  const planned: PlannedMember[] = [...listed, ...gone];

  const members = planned.flatMap(({ change }) => (change ? [change] : []));
  const removals = planRemovals(directory, state, departments, members);
  const entries = inOrder([
    ...departments.entries,
    ...removals.filter(({ entry }) => entry.action === 'removed' || entry.notes).map(({ entry }) => entry),
    ...planned.flatMap((one) => one.entries),
  ]);
  const counts = countsOf(entries, listed.filter((one) => !one.entries.length).length);
  const memberships = planned.reduce((sum, { taken }) => sum + taken, 0);
  const takenAway = takenAwayOf(counts, entries, memberships);
  return {
    departments: [...departments.changes, ...removals],
    members,
    entries,
    counts,
    takenAway,
    isTooMuch: isTooMuch(takenAway, state.takenAway, knownOf(state), settings.brake),
  };
}

const knownOf = ({ members, departmentRows }: State): TakenAway => ({
  members: members.filter(({ state }) => state === 'active').length,
  departments: departmentRows.length,
  memberships: members.reduce((sum, { memberships }) => sum + Object.keys(memberships).length, 0),
});
