// First: NocoBase reads its environment when it is first required.
import { type NocoBase, startNocoBase } from '../../../../testing/nocobase/nocobase';
import type { Model } from '@nocobase/database';
import { describeOnEachDatabase } from '../../../../testing/nocobase/databases';
import { changeOf, creationOf, departmentOf, memberOf, rowOf, Source } from '../../../../testing/nocobase/plans';
import { Exclusions } from '../../accounts/exclusions';
import { readDepartmentRows } from '../store/department-rows';
import { addMembers } from '../store/members';

const idOf = (user: Model | null | undefined) => String(user?.get('id'));

describeOnEachDatabase('a plan is written:', (dialect) => {
  let nocobase: NocoBase;
  let source: Source;
  let unions = 0;

  beforeAll(async () => {
    nocobase = await startNocoBase(dialect, { plugins: ['collection-tree', 'departments'] });
    await nocobase.addAuthenticator('dingtalk', { corpId: 'dingcorp' });
    source = await Source.of(nocobase);
    await source.write({
      departments: [departmentOf(10, 'Sales'), departmentOf(11, 'Sales East', 10), departmentOf(12, 'Research')],
    });
  }, 120_000);

  afterAll(() => nocobase?.stop());

  const unionId = () => `a${++unions}`;
  const setMatching = async (matchByPhone: string) => {
    const authenticators = nocobase.db.getRepository('authenticators');
    const row = await authenticators.findOne({ filter: { name: 'dingtalk' } });
    const { dingtalk, ...others } = row.get('options');
    await row.update({ options: { ...others, dingtalk: { ...dingtalk, matchByPhone } } });
  };
  const setProfiles = (enableEditProfile: boolean) =>
    nocobase.db.getModel('systemSettings').update({ enableEditProfile }, { where: {} });
  const find = (id: string | undefined): Promise<Model | null> => nocobase.db.getModel('users').findByPk(id);
  const bindingOf = async (id: string | undefined) =>
    (await nocobase.bindings()).find(({ userId }) => String(userId) === id);
  const exclusionsOf = async (account: string, userId: string) => {
    const found = await new Exclusions(nocobase.db, 'dingtalk').of({ unionId: account, userIds: [userId] });
    return found.map(({ reason }) => reason).sort();
  };
  const departmentId = async (id: number) => {
    const rows = await readDepartmentRows(nocobase.db, '1');
    return rows.find((row) => row.departmentId === id)?.nocobaseId ?? '';
  };
  const departmentsOf = async (userId: string) => {
    const rows: Model[] = await nocobase.db.getModel('departmentsUsers').findAll({ where: { userId } });
    return Object.fromEntries(rows.map((row) => [String(row.get('departmentId')), Boolean(row.get('isOwner'))]));
  };
  /** A user who is bound, and the row that says so. */
  async function bound(given: Parameters<Source['add']>[0] = { unionId: unionId() }) {
    const user = await nocobase.addUser({ nickname: `of ${given.unionId}` });
    await bind(user, given.unionId);
    return { user, row: await source.add({ ...given, userId: idOf(user) }) };
  }
  const bind = (user: Model, uuid: string) =>
    nocobase.db
      .getRepository('usersAuthenticators')
      .create({ values: { authenticator: 'dingtalk', userId: user.get('id'), uuid, meta: { unionId: uuid } } });

  it('a new member becomes a user with the default role, bound, in departments, with the row that says so', async () => {
    const member = memberOf();
    const memberships = {
      add: [
        { departmentId: 12, isOwner: false },
        { departmentId: 11, isOwner: true },
      ],
      remove: [],
      setOwner: [],
      main: 11,
    };
    expect(await source.write({ members: [creationOf(member, memberships)] })).toEqual({ failed: [], refused: [] });
    const row = (await source.rows()).find((one) => one.unionId === member.unionId);
    const user = await find(row?.userId);
    expect(user?.get()).toMatchObject({ nickname: member.name, phone: member.mobile, username: null, email: null });
    expect(String(user?.get('mainDepartmentId'))).toBe(await departmentId(11));
    expect(await departmentsOf(idOf(user))).toEqual({
      [await departmentId(11)]: true,
      [await departmentId(12)]: false,
    });
    expect(await bindingOf(row?.userId)).toMatchObject({
      uuid: member.unionId,
      nickname: member.name,
      meta: { unionId: member.unionId, corpId: 'dingcorp' },
    });
    expect(await nocobase.db.getModel('rolesUsers').count({ where: { userId: row?.userId, roleName: 'member' } })).toBe(
      1,
    );
    expect(row).toMatchObject({
      state: 'active',
      isCreated: true,
      memberships: { 11: true, 12: false },
      written: { nickname: member.name, phone: `+86${member.mobile}` },
    });
    expect(user?.get('sort')).toEqual(expect.anything());
  });

  it('T111: a new member gets the chosen role while it is one that may be given, and else the default one', async () => {
    const roles = nocobase.db.getRepository('roles');
    await roles.create({ values: { name: 'clerk', title: 'Clerk' } });
    source.context.defaultRole = 'clerk';
    const rolesOfNew = async () => {
      const member = memberOf();
      expect(await source.write({ members: [creationOf(member)] })).toEqual({ failed: [], refused: [] });
      const row = (await source.rows()).find((one) => one.unionId === member.unionId);
      const found = await nocobase.db.getModel('rolesUsers').findAll({ where: { userId: row?.userId } });
      return found.map((role) => role.get('roleName'));
    };
    try {
      expect(await rolesOfNew()).toEqual(['clerk']);
      await roles.update({ filterByTk: 'clerk', values: { snippets: ['pm.users'] } });
      expect(await rolesOfNew()).toEqual(['member']);
      await roles.destroy({ filterByTk: 'clerk' });
      expect(await rolesOfNew()).toEqual(['member']);
    } finally {
      source.context.defaultRole = undefined;
    }
  });

  it('a new user without a name and a number is called so, and has a place of its own in the order', async () => {
    const one = { ...creationOf(memberOf()), values: {} };
    const two = { ...creationOf(memberOf()), values: {} };
    await source.write({ members: [one, two] });
    const rows = (await source.rows()).slice(-2);
    const users = await Promise.all(rows.map(({ userId }) => find(userId)));
    expect(users.map((user) => user?.get('nickname'))).toEqual(['DingTalk user', 'DingTalk user']);
    expect(new Set(users.map((user) => Number(user?.get('sort')))).size).toBe(2);
  });

  it('a user is bound by phone, and is told', async () => {
    const member = memberOf();
    const user = await nocobase.addUser({ nickname: 'Li', phone: `+86 ${member.mobile}` });
    const change = changeOf('bound', { member, step: { type: 'bind', userId: idOf(user) } }, { userId: idOf(user) });
    expect(await source.write({ members: [change] })).toEqual({ failed: [], refused: [] });
    expect(await bindingOf(idOf(user))).toMatchObject({ uuid: member.unionId });
    expect((await find(idOf(user)))?.get('nickname')).toBe('Li');
  });

  it.each([
    ['the authenticator', (on: boolean) => setMatching(on ? 'automatic' : 'never')],
    ['a profile that its user edits', (on: boolean) => setProfiles(!on)],
  ])('T65: nobody is bound by phone once that was turned off by %s, after the plan was made', async (_, set) => {
    const member = memberOf();
    const user = await nocobase.addUser({ nickname: 'Wu', phone: member.mobile });
    const change = changeOf('bound', { member, step: { type: 'bind', userId: idOf(user) } }, { userId: idOf(user) });
    await set(false);
    const { refused } = await source.write({ members: [change] });
    await set(true);
    expect(refused.map(({ reason }) => reason)).toEqual(['PHONE_MATCH_OFF']);
    expect(await bindingOf(idOf(user))).toBeUndefined();
    // The control: it would have been.
    expect(await source.write({ members: [change] })).toEqual({ failed: [], refused: [] });
  });

  it('columns that differ alone, and nobody is told of a user whose columns are the same', async () => {
    const { user, row } = await bound();
    const same = await bound();
    const before = (await find(idOf(same.user)))?.get('updatedAt');
    const updated: string[] = [];
    const listener = (model: Model) => void updated.push(idOf(model));
    nocobase.db.on('users.afterUpdate', listener);
    nocobase.db.on('users.afterSave', listener);
    await source.write({
      members: [
        changeOf('updated', { row, values: { nickname: 'New' } }, { written: { nickname: 'New' } }),
        changeOf(
          'updated',
          { row: same.row, values: { nickname: String(same.user.get('nickname')) } },
          { written: { nickname: String(same.user.get('nickname')) } },
        ),
      ],
    });
    nocobase.db.off('users.afterUpdate', listener);
    nocobase.db.off('users.afterSave', listener);
    expect(new Set(updated)).toEqual(new Set([idOf(user)]));
    expect((await find(idOf(user)))?.get('nickname')).toBe('New');
    expect((await source.row(row.id)).written).toEqual({ nickname: 'New' });
    expect((await find(idOf(same.user)))?.get('updatedAt')).toEqual(before);
    expect((await source.row(same.row.id)).written).toEqual({ nickname: same.user.get('nickname') });
  });

  it('a row that is about no user', async () => {
    const member = memberOf({ name: undefined });
    const open = { userid: member.userid, unionId: member.unionId, state: 'open', reason: 'NOT_CREATED' } as const;
    await source.write({ members: [changeOf('skipped', { member }, open)] });
    const row = (await source.rows()).find((one) => one.unionId === member.unionId);
    expect(row).toMatchObject({ ...open, userId: undefined });
  });

  describe('memberships', () => {
    it('come and go, and what was made by hand stays', async () => {
      const { user, row } = await bound({ unionId: unionId(), memberships: { 10: false, 11: false } });
      const [sales, east, research] = [await departmentId(10), await departmentId(11), await departmentId(12)];
      const byHand = idOf(await nocobase.db.getRepository('departments').create({ values: { title: 'By hand' } }));
      const model = nocobase.db.getModel('departmentsUsers');
      for (const [id, isOwner] of [
        [sales, false],
        [east, true],
        [byHand, true],
      ] as const) {
        await model.create({ userId: user.get('id'), departmentId: id, isOwner });
      }
      await nocobase.db.getRepository('users').update({ filterByTk: idOf(user), values: { mainDepartmentId: sales } });
      const memberships = {
        add: [{ departmentId: 12, isOwner: true }],
        remove: ['10'],
        // Somebody has made the user its owner by hand.
        setOwner: [{ departmentId: 11, isOwner: false }],
        main: 12,
      };
      const next = { memberships: { 11: false, 12: true } };
      await source.write({ members: [changeOf('updated', { row, memberships }, next)] });
      expect(await departmentsOf(idOf(user))).toEqual({ [east]: true, [byHand]: true, [research]: true });
      expect(String((await find(idOf(user)))?.get('mainDepartmentId'))).toBe(research);
      expect((await source.row(row.id)).memberships).toEqual({ 11: false, 12: true });
    });

    it('the owner flag follows where nobody has changed it', async () => {
      const { user, row } = await bound({ unionId: unionId(), memberships: { 11: false } });
      const east = await departmentId(11);
      await nocobase.db.getModel('departmentsUsers').create({ userId: user.get('id'), departmentId: east });
      const memberships = { add: [], remove: [], setOwner: [{ departmentId: 11, isOwner: true }] };
      await source.write({ members: [changeOf('updated', { row, memberships }, { memberships: { 11: true } })] });
      expect(await departmentsOf(idOf(user))).toEqual({ [east]: true });
    });

    it('a membership made by hand meanwhile is not taken for one of the source, nor is a department that is gone', async () => {
      const { user, row } = await bound();
      const research = await departmentId(12);
      await nocobase.db
        .getModel('departmentsUsers')
        .create({ userId: user.get('id'), departmentId: research, isOwner: true });
      const memberships = {
        add: [
          { departmentId: 12, isOwner: false },
          { departmentId: 99, isOwner: false },
        ],
        remove: [],
        setOwner: [],
      };
      const next = { memberships: { 12: false, 99: false } };
      await source.write({ members: [changeOf('updated', { row, memberships }, next)] });
      expect(await departmentsOf(idOf(user))).toEqual({ [research]: true });
      expect((await source.row(row.id)).memberships).toEqual({});
    });
  });

  describe('a member who has left', () => {
    const leaving = (row: Awaited<ReturnType<typeof bound>>['row'], action: 'detached' | 'kept' | 'suspended') => {
      const type = ({ detached: 'detach', kept: 'keep', suspended: 'suspend' } as const)[action];
      const next = { state: 'left', ...(action === 'detached' && { memberships: {}, written: {} }) } as const;
      const memberships = { add: [], remove: Object.keys(row.memberships), setOwner: [] };
      const given = { row, step: { type, userId: row.userId ?? '' }, ...(action === 'detached' && { memberships }) };
      return changeOf(action, given, next);
    };

    it('is detached: memberships and the binding are gone, the account is refused, and the user stays', async () => {
      const { user, row } = await bound({ unionId: unionId(), memberships: { 12: false } });
      const research = await departmentId(12);
      await nocobase.db.getModel('departmentsUsers').create({ userId: user.get('id'), departmentId: research });
      expect(await source.write({ members: [leaving(row, 'detached')] })).toEqual({ failed: [], refused: [] });
      expect(await bindingOf(idOf(user))).toBeUndefined();
      expect(await departmentsOf(idOf(user))).toEqual({});
      expect((await find(idOf(user)))?.get('mainDepartmentId')).toBeNull();
      expect(await exclusionsOf(row.unionId, idOf(user))).toEqual(['detached', 'left']);
      expect(await source.row(row.id)).toMatchObject({ state: 'left', userId: idOf(user), memberships: {} });
    });

    it('comes back as the same user, and nothing keeps the account out', async () => {
      const { user, row } = await bound();
      await source.write({ members: [leaving(row, 'detached')] });
      const left = await source.row(row.id);
      const member = memberOf({ unionId: row.unionId, userid: 'another-userid' });
      const step = { type: 'rebind', userId: idOf(user) } as const;
      const change = changeOf('returned', { row: left, member, step }, { state: 'active', userid: member.userid });
      expect(await source.write({ members: [change] })).toEqual({ failed: [], refused: [] });
      expect(await bindingOf(idOf(user))).toMatchObject({ uuid: row.unionId });
      expect(await exclusionsOf(row.unionId, idOf(user))).toEqual([]);
      expect(await source.row(row.id)).toMatchObject({ state: 'active', userid: 'another-userid' });
    });

    it('is refused no longer when DingTalk lists it as an open case, but is matched with nobody', async () => {
      const { user, row } = await bound();
      await source.write({ members: [leaving(row, 'detached')] });
      const left = await source.row(row.id);
      const next = { state: 'open', reason: 'USER_PRIVILEGED' } as const;
      await source.write({ members: [changeOf('open', { row: left, member: memberOf(row) }, next)] });
      expect(await exclusionsOf(row.unionId, idOf(user))).toEqual(['detached']);
    });

    it('is kept, but for the sign-in, and comes back by the binding', async () => {
      const { user, row } = await bound();
      await source.write({ members: [leaving(row, 'kept')] });
      expect(await bindingOf(idOf(user))).toMatchObject({ uuid: row.unionId });
      expect(await exclusionsOf(row.unionId, idOf(user))).toEqual(['left']);
      const left = await source.row(row.id);
      const member = memberOf({ unionId: row.unionId });
      await source.write({ members: [changeOf('returned', { row: left, member }, { state: 'active' })] });
      expect(await exclusionsOf(row.unionId, idOf(user))).toEqual([]);
    });

    it('is suspended where the user is privileged: binding and roles stay', async () => {
      const { user, row } = await bound();
      await nocobase.db.getModel('rolesUsers').create({ userId: user.get('id'), roleName: 'admin' });
      expect(await source.write({ members: [leaving(row, 'suspended')] })).toEqual({ failed: [], refused: [] });
      expect(await bindingOf(idOf(user))).toMatchObject({ uuid: row.unionId });
      expect(await exclusionsOf(row.unionId, idOf(user))).toEqual(['left']);
      expect(await nocobase.db.getModel('rolesUsers').count({ where: { userId: idOf(user), roleName: 'admin' } })).toBe(
        1,
      );
    });

    it('is deleted later, stays refused, and becomes a new user when listed again', async () => {
      const { user, row } = await bound();
      await source.write({ members: [leaving(row, 'detached')] });
      const left = await source.row(row.id);
      const step = { type: 'delete', userId: idOf(user) } as const;
      const next = { userId: undefined, isAllowed: true };
      expect(await source.write({ members: [changeOf('deleted', { row: left, step }, next)] })).toEqual({
        failed: [],
        refused: [],
      });
      expect(await find(idOf(user))).toBeNull();
      expect(await source.row(row.id)).toMatchObject({ state: 'left', ...next });
      expect(await exclusionsOf(row.unionId, idOf(user))).toEqual(['left']);
      const member = memberOf({ unionId: row.unionId });
      const again = { ...creationOf(member), row: await source.row(row.id) };
      expect(await source.write({ members: [again] })).toEqual({ failed: [], refused: [] });
      expect(await exclusionsOf(row.unionId, idOf(user))).toEqual([]);
      expect((await source.row(row.id)).userId).toBe(idOf(await find((await source.row(row.id)).userId)));
    });

    describe('T72: is deleted later, but not', () => {
      beforeAll(() =>
        nocobase.db.getRepository('collections').create({
          values: {
            name: 'contracts',
            fields: [{ type: 'belongsTo', name: 'owner', target: 'users', foreignKey: 'ownerId', onDelete: 'CASCADE' }],
          },
          context: {},
        }),
      );

      /** What was planned while nothing kept a run from deleting the user. */
      async function due() {
        const { user, row } = await bound();
        await source.write({ members: [leaving(row, 'detached')] });
        const step = { type: 'delete', userId: idOf(user) } as const;
        const change = changeOf('deleted', { row: await source.row(row.id), step }, { userId: undefined });
        return { user, change };
      }

      it.each<[string, (user: Model) => Promise<unknown>]>([
        [
          'where another source knows the user by now',
          (user) => addMembers(nocobase.db, '2', [rowOf({ unionId: unionId(), userId: idOf(user) })]),
        ],
        [
          'where rows would go along that the user owns by now',
          (user) => nocobase.db.getModel('contracts').create({ ownerId: user.get('id') }),
        ],
      ])('%s', async (_, keep) => {
        const [spared, other] = [await due(), await due()];
        await keep(spared.user);
        const { failed, refused } = await source.write({ members: [spared.change, other.change] });
        expect([failed, refused]).toEqual([
          [],
          [expect.objectContaining({ action: 'skipped', notes: ['USER_UNDELETABLE'] })],
        ]);
        expect(await find(idOf(other.user))).toBeNull();
        expect(await find(idOf(spared.user))).not.toBeNull();
      });
    });
  });

  describe('departments', () => {
    const all = async () => {
      const rows: Model[] = await nocobase.db.getModel('departments').findAll({ order: ['id'] });
      return new Map(rows.map((row) => [String(row.get('id')), row]));
    };

    it('have their parents, in NocoBase’s tree as well, and open where they have children', async () => {
      const [sales, east, research] = [await departmentId(10), await departmentId(11), await departmentId(12)];
      const found = await all();
      expect(String(found.get(east)?.get('parentId'))).toBe(sales);
      expect([sales, east, research].map((id) => found.get(id)?.get('isLeaf'))).toEqual([false, true, true]);
      const paths: Model[] = await nocobase.db.getModel('main_departments_path').findAll();
      expect(paths.map((row) => row.get('path'))).toContain(`/${sales}/${east}`);
    });

    it('are renamed and moved, but not where somebody has done so meanwhile', async () => {
      await source.write({
        departments: [departmentOf(20, 'A'), departmentOf(21, 'B', 20), departmentOf(22, 'C', 20)],
      });
      const rows = await readDepartmentRows(nocobase.db, '1');
      const row = (id: number) => rows.find((one) => one.departmentId === id) ?? rows[0];
      const [a, b, c] = [20, 21, 22].map((id) => row(id).nocobaseId);
      const departments = nocobase.db.getRepository('departments');
      await departments.update({ filterByTk: c, values: { title: 'By hand', parentId: null } });
      const entry = { kind: 'department', id: '1', name: '', action: 'changed' } as const;
      await source.write({
        departments: [
          { type: 'update', row: row(21), title: 'B2', parentId: null, entry },
          { type: 'update', row: row(22), title: 'C2', parentId: 21, entry },
        ],
      });
      const found = await all();
      expect([b, c].map((id) => [found.get(id)?.get('title'), found.get(id)?.get('parentId')])).toEqual([
        ['B2', null],
        ['By hand', null],
      ]);
      expect(found.get(a)?.get('isLeaf')).toBe(true);
      const after = await readDepartmentRows(nocobase.db, '1');
      expect(after.find((one) => one.departmentId === 21)).toMatchObject({ title: 'B2', parentNocobaseId: undefined });
    });

    it('whose parent could not be written fail with it, and land nowhere else', async () => {
      const creating = () => Promise.reject(new Error('no'));
      const listener = (model: Model) => (model.get('title') === 'Refused' ? creating() : undefined);
      nocobase.db.on('departments.beforeCreate', listener);
      const { failed } = await source.write({
        departments: [departmentOf(30, 'Refused'), departmentOf(31, 'Below', 30), departmentOf(32, 'Beside')],
      });
      nocobase.db.off('departments.beforeCreate', listener);
      expect(failed.map(({ id, reason }) => [id, reason])).toEqual([
        ['30', 'WRITE_FAILED'],
        ['31', 'WRITE_FAILED'],
      ]);
      expect([30, 31].map((id) => departmentId(id))).toHaveLength(2);
      expect(await Promise.all([30, 31, 32].map(departmentId))).toEqual(['', '', expect.stringMatching(/^\d+$/)]);
    });
  });
});
