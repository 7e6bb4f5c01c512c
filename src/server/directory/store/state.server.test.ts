// First: NocoBase reads its environment when it is first required.
import { CLIENT_ID, type NocoBase, startNocoBase } from '../../../../testing/nocobase/nocobase';
import type { Model } from '@nocobase/database';
import { describeOnEachDatabase } from '../../../../testing/nocobase/databases';
import { rowOf } from '../../../../testing/nocobase/plans';
import { EXCLUSIONS } from '../../accounts/collections';
import { requireAuthenticator } from '../../configuration/authenticators';
import { backgroundContext } from '../../http/background';
import { RUNS } from './collections';
import { addDepartmentRow, readDepartmentRows, removeDepartmentRow, updateDepartmentRow } from './department-rows';
import { comparable } from './fingerprint';
import { addMembers, type MemberValues, readMembers, removeMembers, updateMember } from './members';
import { beginRun, endRun, listRuns } from './runs';
import { loadState, type SourceContext } from './state';
import type { PlanSettings, State } from '../types';

const NOW = 1_800_000_000_000;
const SOURCE = '7';

const settings: PlanSettings = {
  newUsers: 'create',
  leavers: 'delete',
  fields: { jobNumber: { column: 'staffNumber', follow: 'ours' }, title: { column: 'nickname', follow: 'once' } },
  writesPhoneOfOthers: false,
  emailDomains: [],
  brake: { free: 5, percent: 10, most: 100 },
  fingerprint: comparable,
  now: NOW,
};

const member: MemberValues = rowOf({ userid: 'zhang wei', unionId: 'unionA', name: '张伟' });

describeOnEachDatabase('what a source knows', (dialect) => {
  let nocobase: NocoBase;

  beforeAll(async () => {
    nocobase = await startNocoBase(dialect, { plugins: ['departments', 'user-data-sync'] });
    await nocobase.db.getRepository('collections').create({
      values: { name: 'orders', fields: [{ type: 'belongsTo', name: 'owner', target: 'users', onDelete: 'CASCADE' }] },
      context: {},
    });
    await nocobase.db.getRepository('collections').create({
      values: { name: 'notes', fields: [{ type: 'belongsTo', name: 'author', target: 'users', onDelete: 'SET NULL' }] },
      context: {},
    });
    await nocobase.db.getRepository('fields').create({
      values: { collectionName: 'users', name: 'staffNumber', type: 'string' },
      context: {},
    });
    await nocobase.db.getRepository('fields').create({
      values: {
        collectionName: 'users',
        name: 'head',
        type: 'belongsTo',
        target: 'users',
        foreignKey: 'headId',
        onDelete: 'CASCADE',
      },
      context: {},
    });
    await nocobase.addAuthenticator('dingtalk', { clientId: CLIENT_ID, corpId: 'dingcorp' });
    await nocobase.addAuthenticator('other');
  }, 120_000);

  afterAll(() => nocobase?.stop());

  const contextOf = async (more: Partial<SourceContext> = {}): Promise<SourceContext> => ({
    app: nocobase.app,
    db: nocobase.db,
    sourceId: SOURCE,
    authenticator: await requireAuthenticator(backgroundContext(nocobase.app), 'dingtalk'),
    settings,
    protectedRoles: [],
    ...more,
  });
  const load = async (more?: Partial<SourceContext>): Promise<State> => loadState(await contextOf(more));
  let count = 0;
  const addUser = async (values: object = {}): Promise<string> =>
    String((await nocobase.addUser({ nickname: `user ${++count}`, ...values })).get('id'));
  const bind = (userId: string, uuid: string, meta: object | null, authenticator = 'dingtalk') =>
    nocobase.db.getModel('usersAuthenticators').create({ authenticator, userId, uuid, nickname: '', avatar: '', meta });

  describe('of members', () => {
    afterEach(() => removeMembers(nocobase.db, '1'));

    it('is read as it was written, with its IDs as texts and its times as numbers', async () => {
      const full: MemberValues = {
        ...member,
        userId: '348999124123648',
        state: 'left',
        reason: 'USER_PRIVILEGED',
        isCreated: true,
        isLeftOut: true,
        isAllowed: true,
        isDetached: true,
        written: { phone: '13800138000' },
        memberships: { 5: true, 6: false },
        confirmed: ['5'],
        leftAt: NOW,
        deleteAt: NOW + 1,
      };
      const [id] = await addMembers(nocobase.db, '1', [full]);
      expect(await readMembers(nocobase.db, '1')).toEqual([{ id, ...full }]);
      const kept = { ...full, isDetached: false };
      await updateMember(nocobase.db, id, kept);
      expect(await readMembers(nocobase.db, '1')).toEqual([{ id, ...kept }]);
      await updateMember(nocobase.db, id, member);
      expect(await readMembers(nocobase.db, '1')).toEqual([{ id, ...member }]);
    });

    it('is added in bulk, and the IDs are told in order', async () => {
      const values = ['b', 'a', 'c'].map((unionId) => ({ ...member, unionId, userid: `of ${unionId}` }));
      const ids = await addMembers(nocobase.db, '1', values);
      const rows = await readMembers(nocobase.db, '1');
      expect(ids.map((id) => rows.find((row) => row.id === id)?.unionId)).toEqual(['b', 'a', 'c']);
      // Equal ones are kept once, see `Interned`.
      expect(new Set(rows.map(({ memberships }) => memberships)).size).toBe(1);
      expect((await readMembers(nocobase.db, '1', { ids: [ids[1]] })).map(({ unionId }) => unionId)).toEqual(['a']);
      expect(await readMembers(nocobase.db, '2')).toEqual([]);
    });

    it('has one row of each unionId in a source, and those of other capitals are others', async () => {
      await addMembers(nocobase.db, '1', [member, { ...member, unionId: 'UNIONa' }]);
      await expect(addMembers(nocobase.db, '1', [member])).rejects.toThrow();
      const [id] = await addMembers(nocobase.db, '2', [member]);
      expect(id).toMatch(/^\d+$/);
      await removeMembers(nocobase.db, '2');
      expect(await readMembers(nocobase.db, '1')).toHaveLength(2);
    });

    it('is read in pages where there are many', async () => {
      const many = Array.from({ length: 10_001 }, (_, index) => ({ ...member, unionId: `union ${index}` }));
      await nocobase.db.sequelize.transaction(async (transaction) => {
        for (let begin = 0; begin < many.length; begin += 1000) {
          await addMembers(nocobase.db, '1', many.slice(begin, begin + 1000), transaction);
        }
      });
      const rows = await readMembers(nocobase.db, '1');
      expect(new Set(rows.map(({ unionId }) => unionId)).size).toBe(10_001);
    });
  });

  it('of departments is read as it was written', async () => {
    const { db } = nocobase;
    const department = { departmentId: 4_294_967_297, nocobaseId: '348999124123648', title: '研发部' };
    const id = await addDepartmentRow(db, '1', department);
    expect(await readDepartmentRows(db, '1')).toEqual([{ id, ...department, parentNocobaseId: undefined }]);
    await updateDepartmentRow(db, id, { ...department, title: '', parentNocobaseId: '2' });
    expect(await readDepartmentRows(db, '1')).toEqual([{ id, ...department, title: '', parentNocobaseId: '2' }]);
    await removeDepartmentRow(db, id);
    expect(await readDepartmentRows(db, '1')).toEqual([]);
  });

  describe('of users', () => {
    it('has the columns that it may write, and who is privileged or root', async () => {
      const plain = await addUser({ nickname: '李娜', phone: '+86 138-0013-8000', staffNumber: '0042' });
      const admin = await addUser({ nickname: 'Ops', roles: ['admin'] });
      const { users } = await load();
      expect(users.get(plain)).toEqual({
        id: plain,
        columns: { nickname: '李娜', phone: '+86 138-0013-8000', email: null, staffNumber: '0042' },
        mainDepartmentId: undefined,
        isPrivileged: false,
        isRoot: false,
      });
      expect(users.get(admin)).toMatchObject({ isPrivileged: true, isRoot: false });
      expect(users.get('1')).toMatchObject({ isPrivileged: true, isRoot: true });
      expect((await load({ protectedRoles: ['member'] })).users.get(plain)).toMatchObject({ isPrivileged: true });
    });

    it('has bindings of its own authenticator, by their exact keys', async () => {
      const [one, two, three, four] = [await addUser(), await addUser(), await addUser(), await addUser()];
      await bind(one, 'Key', { unionId: 'Key' });
      await bind(two, 'kEY', null);
      await bind(three, 'Key', { nick: 'old' });
      await bind(four, 'Key', { unionId: 'Key' }, 'other');
      const { bound, boundUserIds } = await load();
      expect(bound.get('kEY')).toEqual({ userIds: [two], isOurs: false });
      expect(bound.get('Key')?.isOurs).toBe(true);
      expect([...(bound.get('Key')?.userIds ?? [])].sort()).toEqual([one, three].sort());
      expect([one, two, three, four].filter((id) => boundUserIds.has(id))).toEqual([one, two, three]);
    });

    it('has who is blocked, and who is not matched again', async () => {
      const add = (reason: string, values: object, authenticator = 'dingtalk') =>
        nocobase.db.getModel(EXCLUSIONS).create({ authenticator, reason, ...values });
      await add('blocked', { unionId: 'b', userId: 51 });
      await add('unlinked', { unionId: 'u' });
      await add('detached', { userId: 52 });
      await add('left', { unionId: 'l', userId: 53 });
      await add('of a later version', { userId: 54 });
      await add('blocked', { unionId: 'o' }, 'other');
      const { blocked, unlinked } = await load();
      expect(blocked).toEqual({ unionIds: new Set(['b']), userIds: new Set(['51']) });
      expect(unlinked).toEqual({ unionIds: new Set(['u']), userIds: new Set(['52', '54']) });
    });

    it('has departments, with their roles and owners', async () => {
      const { db } = nocobase;
      const add = (values: object): Promise<Model> => db.getRepository('departments').create({ values });
      const top = await add({ title: 'Top', roles: ['admin'] });
      const below = await add({ title: 'Below', parent: top.get('id'), roles: ['member'] });
      const [id, belowId] = [String(top.get('id')), String(below.get('id'))];
      const [owner, both] = [await addUser(), await addUser()];
      const join = (userId: string, departmentId: string, isOwner: boolean) =>
        db.getModel('departmentsUsers').create({ userId, departmentId, isOwner });
      await join(owner, belowId, true);
      await join(both, belowId, false);
      await join(both, id, false);
      await db.getModel('users').update({ mainDepartmentId: belowId }, { where: { id: owner } });
      const { departments, users } = await load();
      expect(departments?.all.get(id)).toEqual({ id, title: 'Top', isPrivileged: true, hasRoles: true });
      expect(departments?.all.get(belowId)).toEqual({
        id: belowId,
        title: 'Below',
        parentId: id,
        isPrivileged: false,
        hasRoles: true,
      });
      expect(departments?.memberships.get(owner)).toEqual(new Map([[belowId, true]]));
      expect(departments?.memberships.get(both)).toEqual(new Map([[belowId, false], [id, false]])); // prettier-ignore
      expect(users.get(owner)?.mainDepartmentId).toBe(belowId);
      expect([users.get(owner)?.isPrivileged, users.get(both)?.isPrivileged]).toEqual([false, true]);
    });

    it('has the memberships of all, however many users there are, and equal ones once', async () => {
      const { db } = nocobase;
      const department: Model = await db.getRepository('departments').create({ values: { title: 'Many' } });
      const departmentId = String(department.get('id'));
      const ids = Array.from({ length: 4001 }, (_, index) => String(700_001 + index));
      const all = [...ids, '900000'];
      const users = ids.map((id) => ({ id, nickname: id }));
      await db.getModel('users').bulkCreate(users, { hooks: false });
      const rows = all.map((userId) => ({ userId, departmentId, isOwner: false }));
      await db.getModel('departmentsUsers').bulkCreate(rows, { hooks: false });
      const memberships = (await load()).departments?.memberships;
      await db.getModel('departmentsUsers').destroy({ where: { departmentId } });
      await db.getModel('users').destroy({ where: { id: ids } });
      expect(all.filter((id) => !memberships?.has(id))).toEqual([]);
      expect(new Set(all.map((id) => memberships?.get(id)))).toEqual(new Set([new Map([[departmentId, false]])]));
      expect(memberships?.get(all[0])).toBe(memberships?.get(all[4001]));
    });

    it('has the privileged ones who can sign in without DingTalk', async () => {
      const password = { password: 'a password', roles: ['admin'] };
      const named = await addUser({ ...password, username: `name${++count}` });
      const nameless = await addUser(password);
      const byDingTalk = await addUser({ roles: ['admin'] });
      const plain = await addUser({ password: 'a password', username: `name${++count}` });
      await bind(byDingTalk, 'x', { unionId: 'x' });
      await bind(byDingTalk, 'x', { unionId: 'x' }, 'other');
      const asked = [named, nameless, byDingTalk, plain];
      const others = async () => {
        const { privilegedWithOtherWayIn } = await load();
        return asked.filter((id) => privilegedWithOtherWayIn.has(id));
      };
      expect(await others()).toEqual([named]);
      const basic = nocobase.db.getModel('authenticators');
      await basic.update({ enabled: false }, { where: { name: 'basic' } });
      expect(await others()).toEqual([]);
      await basic.update({ enabled: true }, { where: { name: 'basic' } });
    });

    it('T65: matches by phone where nobody can prepare a number, and the settings allow it', async () => {
      const { db } = nocobase;
      const may = async () => (await load()).mayMatchByPhone;
      const profile = (enableEditProfile: boolean) =>
        db.getModel('systemSettings').update({ enableEditProfile }, { where: {} });
      const basic = (allowSignUp: boolean) =>
        db.getModel('authenticators').update({ options: { public: { allowSignUp } } }, { where: { name: 'basic' } });
      await basic(false);
      await profile(true);
      expect(await may()).toBe(false);
      await profile(false);
      expect(await may()).toBe(true);
      await basic(true);
      expect(await may()).toBe(false);
      await basic(false);
      const authenticators = db.getModel('authenticators');
      const saved: Model | null = await authenticators.findOne({ where: { name: 'dingtalk' } });
      const options = saved?.get('options');
      const dingtalk = { ...options.dingtalk, matchByPhone: 'confirm' };
      await authenticators.update({ options: { ...options, dingtalk } }, { where: { name: 'dingtalk' } });
      expect(await may()).toBe(false);
      await authenticators.update({ options }, { where: { name: 'dingtalk' } });
    });

    it('has the names of root, and whether new users are privileged', async () => {
      const { rootNames, isDefaultRolePrivileged } = await load();
      const root: Model | null = await nocobase.db.getModel('users').findByPk(1);
      expect(rootNames).toEqual([root?.get('nickname'), root?.get('username')]);
      expect(isDefaultRolePrivileged).toBe(false);
      expect((await load({ protectedRoles: ['member'] })).isDefaultRolePrivileged).toBe(true);
    });
  });

  describe('of those whom a run of now may delete', () => {
    const due = (userId: string, unionId: string, more: Partial<MemberValues> = {}) =>
      addMembers(nocobase.db, SOURCE, [{ ...member, unionId, userId, state: 'left', deleteAt: NOW - 1, ...more }]);

    afterEach(async () => {
      await removeMembers(nocobase.db, SOURCE);
      await removeMembers(nocobase.db, '8');
    });

    it('T72: are not deleted: owners of rows that would be deleted with them, and who is known to another source', async () => {
      const { db } = nocobase;
      const [owner, author, elsewhere, pushed, free] = [
        await addUser(),
        await addUser(),
        await addUser(),
        await addUser(),
        await addUser({ roles: ['member'] }),
      ];
      await db.getRepository('orders').create({ values: { owner } });
      await db.getRepository('notes').create({ values: { author } });
      await addMembers(db, '8', [{ ...member, userId: elsewhere }]);
      await db.getModel('userDataSyncRecordsResources').create({ resource: 'users', resourcePk: pushed, recordId: 1 });
      await db
        .getModel('userDataSyncRecordsResources')
        .create({ resource: 'departments', resourcePk: free, recordId: 2 });
      const department = await db.getRepository('departments').create({ values: { title: 'D', members: [free] } });
      expect(department.get('id')).toBeDefined();
      await bind(free, 'free', { unionId: 'free' });
      // A relation of users among themselves.
      const [head, assistant] = [await addUser(), await addUser()];
      await db.getModel('users').update({ headId: head }, { where: { id: assistant } });
      for (const userId of [owner, author, elsewhere, pushed, free, head, assistant]) {
        await due(userId, `union of ${userId}`);
      }
      expect((await load()).undeletable).toEqual(new Set([owner, elsewhere, pushed, head]));
    });

    it('costs no statement for others', async () => {
      const { db } = nocobase;
      const owner = await addUser();
      await db.getRepository('orders').create({ values: { owner } });
      await due(owner, 'later', { deleteAt: NOW + 1 });
      await due(owner, 'without a date', { deleteAt: undefined });
      await due(owner, 'there again', { state: 'active' });
      const query = jest.spyOn(db.sequelize, 'query');
      const { undeletable } = await load();
      const statements = query.mock.calls.map(([sql]) => (typeof sql === 'string' ? sql : sql.query));
      query.mockRestore();
      expect(undeletable.size).toBe(0);
      expect(statements.filter((sql) => sql.includes('orders'))).toEqual([]);
    });
  });

  it('sums up what was taken away within a day, of this source', async () => {
    const add = (began: number, takenAway: object | null, sourceId = SOURCE) =>
      nocobase.db.getModel(RUNS).create({ sourceId, trigger: 'manual', began, outcome: 'success', takenAway });
    const hour = 60 * 60 * 1000;
    await add(NOW - hour, { members: 1, departments: 2, memberships: 3 });
    await add(NOW - 23 * hour, { members: 10, departments: 20, memberships: 30 });
    await add(NOW - 2 * hour, null);
    await add(NOW - 25 * hour, { members: 100, departments: 200, memberships: 300 });
    await add(NOW - hour, { members: 1000, departments: 2000, memberships: 3000 }, '8');
    expect((await load()).takenAway).toEqual({ members: 11, departments: 22, memberships: 33 });
  });

  it('forgets nothing of a day on which there were more runs than reports are kept', async () => {
    const { app, db } = nocobase;
    const sourceId = '9';
    const entry = { kind: 'member', id: 'x', name: '', action: 'detached' } as const;
    for (let run = 0; run < 40; run++) {
      const id = await beginRun(app, { sourceId, trigger: 'manual' });
      const takenAway = { members: 1, departments: 0, memberships: 2 };
      await endRun(app, sourceId, id, { outcome: 'success', takenAway, entries: [entry] });
    }
    const given = { ...settings, fields: {}, now: Date.now() };
    const authenticator = await requireAuthenticator(backgroundContext(app), 'dingtalk');
    const context = { app, db, sourceId, authenticator, settings: given, protectedRoles: [] };
    expect((await loadState(context)).takenAway).toEqual({ members: 40, departments: 0, memberships: 80 });
    expect(await listRuns(db, sourceId)).toHaveLength(30);
    const rows = await db.getModel(RUNS).findAll({ where: { sourceId }, order: ['id'] });
    expect(rows.map((row) => row.get('entries').length)).toEqual([...Array(10).fill(0), ...Array(30).fill(1)]);
    // A day later those without a report are not needed any more.
    await db.getModel(RUNS).update({ began: Date.now() - 25 * 60 * 60 * 1000 }, { where: { sourceId } });
    await endRun(app, sourceId, await beginRun(app, { sourceId, trigger: 'manual' }), { outcome: 'success' });
    expect(await db.getModel(RUNS).count({ where: { sourceId } })).toBe(30);
  });

  it('costs the same statements, whatever the number of users', async () => {
    const query = jest.spyOn(nocobase.db.sequelize, 'query');
    await load();
    const few = query.mock.calls.length;
    query.mockClear();
    for (let index = 0; index < 30; index++) {
      await bind(await addUser(), `many ${index}`, { unionId: `many ${index}` });
    }
    query.mockClear();
    await load();
    expect(query.mock.calls.length).toBe(few);
    expect(few).toBeLessThan(40);
    query.mockRestore();
  });
});

describe('without the plugin that has departments', () => {
  it('no memberships are compared', async () => {
    const nocobase = await startNocoBase();
    await nocobase.addAuthenticator('dingtalk', { corpId: 'dingcorp' });
    const state = await loadState({
      app: nocobase.app,
      db: nocobase.db,
      sourceId: SOURCE,
      authenticator: await requireAuthenticator(backgroundContext(nocobase.app), 'dingtalk'),
      settings: { ...settings, fields: {} },
      protectedRoles: [],
    });
    await nocobase.stop();
    expect(state.departments).toBeUndefined();
    expect(state.users.get('1')).toMatchObject({ isRoot: true, mainDepartmentId: undefined });
  });
});
