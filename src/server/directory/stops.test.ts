import { row } from '../../../testing/directory/company';
import type { Entry } from '../../shared/directory';
import { noCounts, nothingTaken, withWritten } from './store/runs';
import { ALLOWED_MS, isAllowed, joinStops, stopOf, takingsOf, toStop } from './stops';
import type { MemberChange, MemberRow, Plan } from './types';

const rowOf = (unionId: string): MemberRow => row(unionId, { unionId, userId: '7' });

const entryOf = (id: string, action: Entry['action']): Entry => ({ kind: 'member', id, name: id, action });

function leaving(unionId: string, type: 'detach' | 'keep' = 'detach'): MemberChange {
  const row = rowOf(unionId);
  return { row, entry: entryOf(unionId, 'detached'), step: { type, userId: '7' }, next: row };
}

function planOf(...members: MemberChange[]): Plan {
  return {
    departments: [],
    members,
    entries: members.map(({ entry }) => entry),
    counts: noCounts(),
    takenAway: { ...nothingTaken(), members: members.length },
    isTooMuch: true,
  };
}

const NOW = 1_700_000_000_000;
const allowed = (plan: Plan) => ({ ...stopOf(plan, NOW), allowedUntil: NOW + ALLOWED_MS });

describe('a stop that was allowed', () => {
  it('lets exactly those go, or fewer', () => {
    const stop = allowed(planOf(leaving('a'), leaving('b')));
    expect(isAllowed(planOf(leaving('b'), leaving('a')), stop, NOW)).toBe(true);
    expect(isAllowed(planOf(leaving('a')), stop, NOW)).toBe(true);
  });

  it.each([
    ['one more', planOf(leaving('a'), leaving('b'), leaving('c'))],
    ['another one', planOf(leaving('a'), leaving('c'))],
    ['another end', planOf(leaving('a'), leaving('b', 'keep'))],
  ])('does not let go %s', (_, plan) => {
    expect(isAllowed(plan, allowed(planOf(leaving('a'), leaving('b'))), NOW)).toBe(false);
  });

  it('is allowed for an hour', () => {
    const stop = allowed(planOf(leaving('a')));
    expect(isAllowed(planOf(leaving('a')), stop, NOW + ALLOWED_MS - 1)).toBe(true);
    expect(isAllowed(planOf(leaving('a')), stop, NOW + ALLOWED_MS)).toBe(false);
  });

  it('is not allowed by stopping again', () => {
    const plan = planOf(leaving('a'));
    const again = stopOf(plan, NOW + 5, allowed(plan));
    expect([again.id, again.since, again.allowedUntil]).toEqual([stopOf(plan, NOW).id, NOW, undefined]);
    expect(isAllowed(plan, again, NOW + 6)).toBe(false);
    expect(isAllowed(plan, undefined, NOW)).toBe(false);
  });
});

describe('a stop that events add to', () => {
  const entriesOf = ({ entries }: { entries: Entry[] }) => entries.map(({ id }) => id);

  it('is one of all of them, which nobody has read yet', () => {
    const first = allowed(planOf(leaving('a'), leaving('b')));
    const joined = joinStops(first, planOf(leaving('b'), leaving('c')), NOW + 5);
    expect(joined).toMatchObject({ since: NOW, takenAway: { members: 3 } });
    expect(entriesOf(joined)).toEqual(['a', 'b', 'c']);
    expect([joined.id === first.id, joined.allowedUntil]).toEqual([false, undefined]);
    const all = planOf(leaving('a'), leaving('b'), leaving('c'));
    // As if one run had stopped for all, so that an administrator can allow it, and a run stops for the same.
    expect(joined.id).toBe(stopOf(all, NOW).id);
    expect(isAllowed(all, { ...joined, allowedUntil: NOW + ALLOWED_MS }, NOW)).toBe(true);
  });

  it('stays as it is, with its consent, where they add nothing', () => {
    const stop = allowed(planOf(leaving('a'), leaving('b')));
    expect(joinStops(stop, planOf(leaving('b')), NOW + 5)).toBe(stop);
  });

  it('begins with them, where there is none', () => {
    const plan = planOf(leaving('a'));
    expect(joinStops(undefined, plan, NOW)).toEqual(stopOf(plan, NOW));
  });

  it('counts memberships and departments that go beyond it', () => {
    const moved: MemberChange = {
      row: rowOf('m'),
      entry: { ...entryOf('m', 'updated'), left: ['A', 'B'] },
      memberships: { add: [{ departmentId: 4, isOwner: false }], remove: ['2', '3'], setOwner: [] },
      next: rowOf('m'),
    };
    const row = { id: '1', departmentId: 9, nocobaseId: 'n9', title: 'Nine' };
    const entry = { kind: 'department', id: '9', name: 'Nine', action: 'removed' } as const;
    const plan: Plan = {
      ...planOf(moved),
      departments: [{ type: 'remove', row, entry }],
      entries: [moved.entry, entry],
    };
    const joined = joinStops(stopOf(planOf(leaving('a')), NOW), plan, NOW);
    expect(joined.takenAway).toEqual({ members: 1, departments: 1, memberships: 1 });
    expect(entriesOf(joined)).toEqual(['a', 'm', '9']);
    expect(joinStops(joined, plan, NOW)).toBe(joined);
  });
});

describe('what a plan takes away', () => {
  it('is members, memberships and departments', () => {
    const staying = {
      ...leaving('a'),
      step: undefined,
      memberships: { add: [], remove: ['12', '13'], setOwner: [] },
    };
    const department = {
      type: 'remove' as const,
      row: { id: '1', departmentId: 12, nocobaseId: '3', title: 'Sales' },
      entry: { ...entryOf('12', 'removed'), kind: 'department' as const },
    };
    const plan = { ...planOf(staying, leaving('b')), departments: [department] };
    expect(takingsOf(plan)).toHaveLength(4);
    // A userid may be a phone number, and is kept for as long as nobody decides.
    expect(takingsOf(planOf(leaving('13800138000'))).join()).not.toContain('13800138000');
  });

  it('is shown without what it is compared by', () => {
    const stop = toStop({ ...allowed(planOf(leaving('a'))), allowedUntil: NOW - 1 }, NOW);
    expect(stop).toEqual({
      id: expect.any(String),
      since: NOW,
      takenAway: { members: 1, departments: 0, memberships: 0 },
      entries: [entryOf('a', 'detached')],
    });
  });
});

describe('the report of a run', () => {
  it('has what failed in place of what was planned, in front', () => {
    const counts = { ...noCounts(), created: 2 };
    const entries = [entryOf('a', 'created'), entryOf('b', 'created')];
    const failed: Entry = { ...entryOf('b', 'failed'), reason: 'WRITE_FAILED' };
    expect(withWritten({ entries, counts }, [failed])).toEqual({
      entries: [failed, entries[0]],
      counts: { ...noCounts(), created: 1, failed: 1 },
    });
  });
});
