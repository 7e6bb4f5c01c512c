import { apply } from '../../../testing/directory/apply';
import { directory, knownRow, member, settings, state, user } from '../../../testing/directory/company';
import { plan } from './plan';

describe('plan', () => {
  it('smoke', () => {
    const d = directory(
      [member('ada', { departmentIds: [2], leads: { 2: true }, mobile: '13800138000' }), member('bob')],
      {
        departments: [
          { id: 2, name: 'IT', parentId: 1 },
          { id: 3, name: 'Sub', parentId: 2 },
        ],
      },
    );
    const s = state({
      users: [user('bob')],
      bindings: { 'U-bob': 'bob' },
      rows: [knownRow('bob')],
      departments: { all: new Map(), memberships: new Map() },
    });
    const p = plan(d, s, settings());
    expect(p.members.map((c) => [c.step, c.values, c.memberships])).toEqual([
      [
        { type: 'create' },
        { nickname: 'ada', phone: '13800138000' },
        { add: [{ departmentId: 2, isOwner: true }], remove: [], setOwner: [], main: 2 },
      ],
    ]);
    const after = apply(s, p);
    const again = plan(d, after, settings());
    expect(again).toMatchObject({ departments: [], members: [], entries: [] });
  });
});
