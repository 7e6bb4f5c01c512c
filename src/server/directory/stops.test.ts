import { row } from '../../../testing/directory/company';
import type { Entry } from '../../shared/directory';
import { noCounts, nothingTaken, withWritten } from './store/runs';
import { ALLOWED_MS, isAllowed, stopOf, takingsOf, toStop } from './stops';
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
