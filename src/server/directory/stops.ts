import { createHash } from 'node:crypto';
import type { Entry, Stop } from '../../shared/directory';
import type { Plan } from './types';

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
export function takingsOf({ members, departments }: Plan): string[] {
  const ofMembers = members.flatMap(({ row, entry, step, memberships }) => {
    const member = row?.unionId ?? entry.id;
    const isTaken = step && ['detach', 'suspend', 'keep', 'delete'].includes(step.type);
    return [
      ...(isTaken ? [`${step.type} ${member}`] : []),
      ...(memberships?.remove ?? []).map((department) => `membership ${department} ${member}`),
    ];
  });
  const ofDepartments = departments.flatMap((change) =>
    change.type === 'remove' ? [`department ${change.row.departmentId}`] : [],
  );
  return [...ofMembers, ...ofDepartments].map(hash).sort();
}

const hash = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22);

/** @param previous where it stopped for exactly the same, that stop goes on: the list that an administrator reads stays */
export function stopOf(plan: Plan, now: number, previous?: StoredStop): StoredStop {
  const takings = takingsOf(plan);
  const id = hash(JSON.stringify(takings));
  if (previous?.id === id) {
    return { ...previous, allowedUntil: undefined };
  }
  const { takenAway } = plan;
  const entries = plan.entries.filter(({ action, left }) => TAKING.includes(action) || left?.length);
  return { id, since: now, takenAway, entries: entries.slice(0, MAX_SHOWN), takings };
}

/** Whether all that a plan takes away was allowed: no more than that, and not too long ago. */
export function isAllowed(plan: Plan, stop: StoredStop | undefined, now: number): boolean {
  const allowed = new Set(stop?.takings);
  return now < (stop?.allowedUntil ?? 0) && takingsOf(plan).every((taking) => allowed.has(taking));
}

/** As a client sees it. */
export function toStop({ id, since, takenAway, entries, allowedUntil }: StoredStop, now = Date.now()): Stop {
  return { id, since, takenAway, entries, ...(allowedUntil && allowedUntil > now && { allowedUntil }) };
}
