import type { Counts, Entry, EntryAction, TakenAway } from '../../../shared/directory';

/** The order of the lines: what an administrator has to see stands first. */
const order: EntryAction[][] = [
  ['detached', 'deleted', 'kept', 'outside', 'removed'],
  ['open'],
  ['failed'],
  ['added', 'created'],
  ['bound'],
  ['returned'],
  ['changed', 'updated'],
  ['skipped'],
];

const ranks = new Map(order.flatMap((actions, rank) => actions.map((action) => [action, rank + 1] as const)));

/** Privileged leavers come before all others. */
const rankOf = ({ action, reason }: Entry): number =>
  action === 'suspended' || reason === 'LAST_ADMINISTRATOR' ? 0 : (ranks.get(action) ?? order.length);

export function inOrder(entries: Entry[]): Entry[] {
  const byRank: Entry[][] = Array.from({ length: order.length + 2 }, () => []);
  entries.forEach((entry) => byRank[rankOf(entry)].push(entry));
  return byRank.flat();
}

export function countsOf(entries: Entry[], unchanged: number): Counts {
  const counts = Object.fromEntries(['suspended', ...order.flat()].map((action) => [action, 0])) as Counts;
  entries.forEach(({ action }) => counts[action]++);
  return { ...counts, unchanged };
}

/** @param memberships how many go from members who stay */
export const takenAwayOf = (counts: Counts, entries: Entry[], memberships: number): TakenAway => ({
  members: counts.detached + counts.suspended + counts.kept + counts.deleted,
  departments: entries.filter(({ action }) => action === 'removed').length,
  memberships,
});
