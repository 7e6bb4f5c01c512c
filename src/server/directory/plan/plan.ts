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
 */
export function plan(directory: Directory, state: State, settings: PlanSettings): Plan {
  const { only } = settings;
  const known = know(directory, state, settings);
  const departments = planDepartments(directory, state);
  const { kept } = departments;
  const decisions = identifyMembers(directory.members, known);
  const claimed = new Set([...decisions.values()].flatMap((one) => (isSomebody(one) ? [one.userId] : [])));

  const chosen = only === undefined ? directory.members : directory.members.filter(({ userid }) => userid === only);
  const listed = chosen.map((member) => planListed(member, decisions.get(member) ?? { type: 'create' }, kept, known));
  const gone = only === undefined ? planLeavers(missingOf(state.members, directory), claimed, kept, known) : [];
  const planned: PlannedMember[] = [...listed, ...gone];

  const members = planned.flatMap(({ change }) => (change ? [change] : []));
  const removals = only === undefined ? planRemovals(directory, state, departments, members) : [];
  const entries = inOrder([
    ...(only === undefined ? departments.entries : []),
    ...removals.filter(({ entry }) => entry.action === 'removed' || entry.notes).map(({ entry }) => entry),
    ...planned.flatMap((one) => one.entries),
  ]);
  const counts = countsOf(entries, listed.filter((one) => !one.entries.length).length);
  const memberships = planned.reduce((sum, { taken }) => sum + taken, 0);
  const takenAway = takenAwayOf(counts, entries, memberships);
  return {
    departments: only === undefined ? [...departments.changes, ...removals] : [],
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
