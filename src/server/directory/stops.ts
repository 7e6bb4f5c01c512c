import { createHash } from 'node:crypto';
import type { Entry, Stop } from '../../shared/directory';
import type { DepartmentChange, MemberChange, Plan } from './types';

// What the brake stopped, in `dingtalkSources.stop`, until an administrator has allowed or discarded it.

/** How long a consent lasts. */
export const ALLOWED_MS = 60 * 60 * 1000;

/** So many lines the form can show of it. */
const MAX_SHOWN = 500;

const TAKING: Entry['action'][] = ['suspended', 'detached', 'deleted', 'kept', 'outside', 'removed'];

/** A stop, with what exactly would go: `takings`. */
export interface StoredStop extends Stop {
  takings: string[];
}

/**
 * Each thing that a plan takes away, as a text: what becomes of a member; a membership of one; a department. Hashed, as a
 * userid may be a phone number, and as thousands of them are kept.
 */
export const takingsOf = ({ members, departments }: Pick<Plan, 'members' | 'departments'>): string[] =>
  [...members.flatMap(takenOf), ...departments.flatMap(removedOf)].sort();

const isTaken = ({ step }: MemberChange): boolean =>
  step !== undefined && ['detach', 'suspend', 'keep', 'delete'].includes(step.type);

function takenOf(change: MemberChange): string[] {
  const { row, entry, step, memberships } = change;
  const member = row?.unionId ?? entry.id;
  return [
    ...(isTaken(change) ? [`${step?.type} ${member}`] : []),
    ...(memberships?.remove ?? []).map((department) => `membership ${department} ${member}`),
  ].map(hash);
}

const removedOf = (change: DepartmentChange): string[] =>
  change.type === 'remove' ? [hash(`department ${change.row.departmentId}`)] : [];

const hash = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22);

/** @param previous where it stopped for exactly the same, that stop goes on: the list that an administrator reads stays */
export function stopOf(plan: Plan, now: number, previous?: StoredStop): StoredStop {
  const takings = takingsOf(plan);
  const id = hash(JSON.stringify(takings));
  if (previous?.id === id) {
    return { ...previous, allowedUntil: undefined };
  }
  const { takenAway } = plan;
  return { id, since: now, takenAway, entries: plan.entries.filter(isTakingLine).slice(0, MAX_SHOWN), takings };
}

const isTakingLine = ({ action, left }: Entry): boolean => TAKING.includes(action) || Boolean(left?.length);

/**
 * A stop with what an event would take away beyond it. Where that is nothing, the stop stays as it is; else nobody has read
 * the list, and a consent for the shorter one ends.
 */
export function joinStops(before: StoredStop | undefined, plan: Plan, now: number): StoredStop {
  if (!before) {
    return stopOf(plan, now);
  }
  const known = new Set(before.takings);
  const isNew = (takings: string[]) => takings.some((taking) => !known.has(taking));
  const members = plan.members.filter((change) => isNew(takenOf(change)));
  const departments = plan.departments.filter((change) => isNew(removedOf(change)));
  if (!members.length && !departments.length) {
    return before;
  }
  const takings = [...new Set([...before.takings, ...takingsOf({ members, departments })])].sort();
  const lines = new Set([...members, ...departments].map(({ entry }) => keyOf(entry)));
  const entries = plan.entries.filter((entry) => isTakingLine(entry) && lines.has(keyOf(entry)));
  const replaced = new Set(entries.map(keyOf));
  const { takenAway } = before;
  return {
    id: hash(JSON.stringify(takings)),
    since: before.since,
    takenAway: {
      members: takenAway.members + members.filter(isTaken).length,
      departments: takenAway.departments + departments.length,
      memberships: takenAway.memberships + members.reduce((sum, change) => sum + lostBy(change), 0),
    },
    entries: [...before.entries.filter((entry) => !replaced.has(keyOf(entry))), ...entries].slice(0, MAX_SHOWN),
    takings,
  };
}

const keyOf = ({ kind, id }: Entry) => `${kind} ${id}`;

/** Those of one who leaves count with the member. */
const lostBy = (change: MemberChange): number =>
  isTaken(change) ? 0 : Math.max(0, (change.memberships?.remove.length ?? 0) - (change.memberships?.add.length ?? 0));

/** Whether all that a plan takes away was allowed: no more than that, and not too long ago. */
export function isAllowed(plan: Plan, stop: StoredStop | undefined, now: number): boolean {
  const allowed = new Set(stop?.takings);
  return now < (stop?.allowedUntil ?? 0) && takingsOf(plan).every((taking) => allowed.has(taking));
}

/** As a client sees it. */
export function toStop({ id, since, takenAway, entries, allowedUntil }: StoredStop, now = Date.now()): Stop {
  return { id, since, takenAway, entries, ...(allowedUntil && allowedUntil > now && { allowedUntil }) };
}
