import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { CLIENT_ID, type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { type Answer, Session } from '../../../testing/nocobase/session';
import { DIRECTORY_PERMISSIONS, Sources } from '../../../testing/nocobase/sources';
import { signIn } from '../../../testing/nocobase/sign-in';
import type { Entry, Report, RunSummary, Unmatched } from '../../shared/directory';
import { readMembers } from '../directory/store/members';
import { nothingTaken } from '../directory/store/runs';
import { writeSourceRow } from '../directory/store/source-row';

describe('an administrator settles open cases', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let root: Session;
  let sources: Sources;
  let source: string;
  let users = 0;
  const options = { authenticator: 'dingtalk', schedule: null, leavers: 'detach', events: 'off' } as const;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    dingtalk.data.apps[0].permissions.push(...DIRECTORY_PERMISSIONS);
    nocobase = await startNocoBase('sqlite', {
      plugins: ['user-data-sync', 'departments', 'api-keys', 'notification-manager', 'notification-in-app-message'],
    });
    const user = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
    root = await Session.of(nocobase, user);
    sources = new Sources(nocobase, root);
    await nocobase.addAuthenticator('dingtalk', { corpId: dingtalk.corpId });
    const roles = {
      manager: ['pm.user-data-sync'],
      people: ['pm.user-data-sync', 'pm.users', 'pm.acl.roles'],
      staff: ['pm.user-data-sync', 'pm.users'],
      channels: ['pm.notification.channels'],
      others: ['pm.*', '!pm.user-data-sync', '!pm.notification', '!pm.notification.channels'],
    };
    for (const [name, snippets] of Object.entries(roles)) {
      await nocobase.db.getRepository('roles').create({ values: { name, title: name, snippets } });
    }
    source = await sources.add('main', options);
    await sources.run('main', source);
  }, 60_000);

  afterEach(() => jest.restoreAllMocks());

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  const addUser = (values: object = {}) =>
    nocobase.addUser({
      username: `user-${++users}`,
      nickname: `User ${users}`,
      password: 'a good password',
      ...values,
    });

  async function administrator(role: string) {
    const session = await Session.of(nocobase, await addUser({ roles: [{ name: role }] }));
    return {
      id: session.id,
      call: <T = object>(action: string, body: object = {}): Promise<Answer<T>> =>
        session.call<T>(action, body, { 'x-role': role }),
    };
  }

  /** A member whose number two users have: nobody can tell which of them it is. */
  async function openCase() {
    const account = dingtalk.addMember();
    const rivals = [await addUser({ phone: account.mobile }), await addUser({ phone: `+86 ${account.mobile}` })];
    await sources.run('main', source);
    const { userid } = account.memberships[0];
    return { account, member: userid, rivals };
  }

  const rowOf = async (member: string) => {
    const rows = await readMembers(nocobase.db, source);
    return rows.find(({ userid }) => userid === member);
  };
  const bindingOf = async (user: { get(name: 'id'): unknown }) =>
    (await nocobase.bindings()).find((row) => String(row.userId) === String(user.get('id')));

  /** What the report of the latest run says of a member. */
  async function lineOf(member: string): Promise<Entry | undefined> {
    const [run] = (await root.call<RunSummary[]>('getRuns', { source })).data ?? [];
    const { data } = await root.call<Report>('getReport', { source, run: run.id });
    return data?.entries.find(({ id }) => id === member);
  }

  describe('who may', () => {
    it.each([
      ['manager', 200, 200],
      ['channels', 200, 403],
      ['others', 403, 403],
    ])('%s: choose an authenticator %s, see a source %s', async (role, choose, see) => {
      const { call } = await administrator(role);
      const list = await call('listAuthenticators');
      expect(list.status).toBe(choose);
      expect((await call('getSourceState', { source })).status).toBe(see);
      if (list.data) {
        expect(list.data).toEqual([{ name: 'dingtalk', title: 'dingtalk', hasCorpId: true }]);
      }
    });

    it.each([
      ['linkMember', { member: 'x', user: 1 }],
      ['endWaysIn', { member: 'x' }],
      ['confirmMembership', { member: 'x', department: 2 }],
      ['allowMember', { member: 'x' }],
    ])('T81: %s: not who may only manage sources', async (action, body) => {
      const { call } = await administrator('manager');
      expect(await call(action, { source, ...body })).toMatchObject({ status: 403, code: 'ACTION_FORBIDDEN' });
      const { call: asPeople } = await administrator('people');
      expect(await asPeople(action, { source, ...body })).toMatchObject({ status: 404, code: 'MEMBER_UNAVAILABLE' });
    });

    it('T74, T81: no privileged user is named to who may only manage sources, by a member with the number either', async () => {
      const account = dingtalk.addMember({ name: 'Secretly Root' });
      const boss = await addUser({ phone: account.mobile, roles: [{ name: 'people' }] });
      await sources.run('main', source);
      const { userid } = account.memberships[0];
      expect(await rowOf(userid)).toMatchObject({ state: 'open', reason: 'USER_PRIVILEGED' });
      const nameIn = (list: Unmatched | undefined) => list?.list.find(({ id }) => id === userid)?.name;
      const { call: byManager } = await administrator('manager');
      const listed = await byManager<Unmatched>('getUnmatched', { source, side: 'members' });
      expect(nameIn(listed.data)).toBe('');
      const byRoot = await root.call<Unmatched>('getUnmatched', { source, side: 'members' });
      expect(nameIn(byRoot.data)).toBe((await rowOf(userid))?.name);
      await boss.destroy();
      const { call } = await administrator('manager');
      const { data } = await call<Unmatched>('getUnmatched', { source, side: 'users' });
      const asRoot = await root.call<Unmatched>('getUnmatched', { source, side: 'users' });
      const nameOfRoot = (list: Unmatched | undefined) => list?.list.find(({ id }) => id === String(root.id))?.name;
      expect([nameOfRoot(data), nameOfRoot(asRoot.data)]).toEqual(['', 'Root']);
    });
  });

  describe('linkMember', () => {
    it('binds the member to the user, who is told, and signs in with that account', async () => {
      const { account, member, rivals } = await openCase();
      expect(await rowOf(member)).toMatchObject({ state: 'open', reason: 'PHONE_SHARED' });
      const user = rivals[0];
      const body = { source, member, user: user.get('id') };
      expect(await root.call('linkMember', body)).toMatchObject({ status: 200 });
      expect(await bindingOf(user)).toMatchObject({ uuid: account.unionId, authenticator: 'dingtalk' });
      expect(await rowOf(member)).toMatchObject({ state: 'active', userId: String(user.get('id')) });
      const signedIn = await signIn(nocobase, dingtalk, { account: account.id, authenticator: 'dingtalk' });
      expect(signedIn).toMatchObject({ status: 200 });
      const [logged] = await nocobase.logs.outcomes(1, 'DingTalk binding');
      expect(logged).toMatchObject({ outcome: 'BOUND', rule: 'administrator' });
      await sources.run('main', source);
      expect(await rowOf(member)).toMatchObject({ state: 'active', userId: String(user.get('id')) });
    });

    it('T81: never to a privileged user', async () => {
      const { member } = await openCase();
      const before = await nocobase.bindings();
      for (const allow of [false, true]) {
        const body = { source, member, user: root.id, allow };
        expect(await root.call('linkMember', body)).toMatchObject({ status: 409, code: 'MEMBER_NOT_LINKABLE' });
      }
      expect(await nocobase.bindings()).toEqual(before);
    });

    it('not to who was bound before, unless that is allowed', async () => {
      const { member, rivals } = await openCase();
      const user = rivals[1].get('id');
      await root.call('linkMember', { source, member, user });
      await root.call('unlinkUser', { authenticator: 'dingtalk', user });
      await sources.run('main', source);
      expect(await rowOf(member)).toMatchObject({ state: 'open', reason: 'UNLINKED_BEFORE' });
      expect(await root.call('linkMember', { source, member, user })).toMatchObject({ code: 'MEMBER_NOT_LINKABLE' });
      expect(await root.call('linkMember', { source, member, user, allow: true })).toMatchObject({ status: 200 });
    });

    it('not with what an administrator confirmed of the member before: that was about another user, or none', async () => {
      const { db } = nocobase;
      const { account, member, rivals } = await openCase();
      const power = await db.getRepository('departments').create({ values: { title: 'Power', roles: ['people'] } });
      await db
        .getModel('dingtalkDepartments')
        .create({ sourceId: source, departmentId: 77, nocobaseId: power.get('id'), title: 'Power' });
      dingtalk.addDepartment({ dept_id: 77, name: 'Power' });
      dingtalk.moveMember(account, [77]);
      expect(await root.call('confirmMembership', { source, member, department: 77 })).toMatchObject({ status: 200 });
      // Who may change users, and no roles, chooses who the member is.
      const { call } = await administrator('staff');
      const user = rivals[0].get('id');
      expect(await call('linkMember', { source, member, user })).toMatchObject({ status: 200 });
      await sources.run('main', source);
      const places = await db
        .getModel('departmentsUsers')
        .count({ where: { userId: user, departmentId: power.get('id') } });
      expect(places).toBe(0);
      expect(await rowOf(member)).toMatchObject({ state: 'active', reason: 'DEPARTMENT_PRIVILEGED' });
    });

    it('not to who is bound to another account', async () => {
      const first = await openCase();
      const second = await openCase();
      const user = first.rivals[0].get('id');
      await root.call('linkMember', { source, member: first.member, user });
      const body = { source, member: second.member, user };
      expect(await root.call('linkMember', body)).toMatchObject({ code: 'MEMBER_NOT_LINKABLE' });
    });

    it.each([
      ['a user who does not exist', { user: 999_999 }, 'MEMBER_NOT_LINKABLE'],
      ['a member who does not exist', { member: 'nobody' }, 'MEMBER_UNAVAILABLE'],
      ['no number', { user: '1 or 1=1' }, 'REQUEST_INVALID'],
      ['another source', { source: 999 }, 'SOURCE_UNAVAILABLE'],
    ])('refuses %s', async (_, different, code) => {
      const { member, rivals } = await openCase();
      const body = { source, member, user: rivals[0].get('id'), ...different };
      expect(await root.call('linkMember', body)).toMatchObject({ code });
    });
  });

  it('leaves a member out, and takes that back', async () => {
    const { member, rivals } = await openCase();
    await root.call('leaveOut', { source, member });
    await rivals[1].destroy();
    await sources.run('main', source);
    expect(await rowOf(member)).toMatchObject({ state: 'open', reason: 'LEFT_OUT', isLeftOut: true });
    await root.call('leaveOut', { source, member, undo: true });
    await sources.run('main', source);
    expect(await rowOf(member)).toMatchObject({ isLeftOut: false });
    expect((await rowOf(member))?.reason).not.toBe('LEFT_OUT');
  });

  it('lets a user come back who was deleted in NocoBase', async () => {
    const account = dingtalk.addMember();
    const { userid: member } = account.memberships[0];
    await sources.run('main', source);
    const { userId } = (await rowOf(member)) ?? {};
    await nocobase.db.getRepository('users').destroy({ filterByTk: userId });
    await sources.run('main', source);
    expect(await rowOf(member)).toMatchObject({ state: 'open', reason: 'DELETED_BEFORE' });
    const count = await nocobase.countUsers();
    expect(await root.call('allowMember', { source, member })).toMatchObject({ status: 200 });
    await sources.run('main', source);
    expect(await nocobase.countUsers()).toBe(count + 1);
    expect(await rowOf(member)).toMatchObject({ state: 'active' });
  });

  it('T69: ends what a leaver can still sign in by: password, bindings, API keys', async () => {
    const account = dingtalk.addMember();
    const { userid: member } = account.memberships[0];
    await sources.run('main', source);
    const { userId = '' } = (await rowOf(member)) ?? {};
    const { db } = nocobase;
    await db
      .getRepository('users')
      .update({ filterByTk: userId, values: { username: 'leaver', password: 'secret 1' } });
    await db.getModel('usersAuthenticators').create({ authenticator: 'basic', userId, uuid: 'x' });
    await db
      .getModel('apiKeys')
      .create(
        { name: 'key', roleName: 'member', createdById: userId, expiresIn: 'never', token: 't' },
        { hooks: false },
      );
    expect(await db.getModel('apiKeys').count({ where: { createdById: userId } })).toBe(1);
    expect(await root.call('endWaysIn', { source, member })).toMatchObject({ code: 'MEMBER_UNAVAILABLE' });
    dingtalk.leave(account);
    await sources.run('main', source);
    expect(await rowOf(member)).toMatchObject({ state: 'left' });
    expect(await lineOf(member)).toMatchObject({ action: 'detached', waysIn: ['Password'] });
    const key = new Session(
      root.browser,
      userId,
      nocobase.app.authManager.jwt.sign({ userId: Number(userId), roleName: 'member' }, { expiresIn: '1h' }),
    );
    expect(await root.call('endWaysIn', { source, member })).toMatchObject({ status: 200 });
    const user = await db.getModel('users').findByPk(userId);
    expect(user?.get('password') ?? null).toBeNull();
    expect((await nocobase.bindings()).filter((row) => String(row.userId) === userId)).toEqual([]);
    expect(await db.getModel('apiKeys').count({ where: { createdById: userId } })).toBe(0);
    expect(await key.call('getLinks')).toMatchObject({ status: 401 });
  });

  it('T69: ends the email address by which a leaver could set a new password, where that is possible', async () => {
    const { db } = nocobase;
    const account = dingtalk.addMember();
    const { userid: member } = account.memberships[0];
    await sources.run('main', source);
    const { userId = '' } = (await rowOf(member)) ?? {};
    const email = 'leaver@mail.example';
    await db.getRepository('users').update({ filterByTk: userId, values: { email } });
    dingtalk.leave(account);
    await sources.run('main', source);
    const reset = async (enableResetPassword: boolean) => {
      const model = db.getModel('authenticators');
      await model.update({ options: { public: { enableResetPassword } } }, { where: { name: 'basic' } });
    };
    const emailOf = async () => (await db.getModel('users').findByPk(userId))?.get('email');
    await reset(false);
    expect(await root.call('endWaysIn', { source, member })).toMatchObject({ status: 200 });
    expect(await emailOf()).toBe(email);
    await reset(true);
    expect(await root.call('endWaysIn', { source, member })).toMatchObject({ status: 200 });
    expect((await emailOf()) ?? null).toBeNull();
    await reset(false);
  });

  it('refuses while a run is under way, whose rows it would change', async () => {
    const { member } = await openCase();
    await nocobase.db
      .getModel('dingtalkSources')
      .update({ holder: 'another', heldUntil: Date.now() + 60_000 }, { where: { sourceId: source } });
    expect(await root.call('leaveOut', { source, member })).toMatchObject({ status: 409, code: 'SYNC_RUNNING' });
    await nocobase.db.getModel('dingtalkSources').update({ heldUntil: null }, { where: { sourceId: source } });
  });

  it('lets a member into a department with a privileged role once that is confirmed, and into no other one', async () => {
    const { db } = nocobase;
    const departments = [dingtalk.addDepartment({ name: 'Vault' }), dingtalk.addDepartment({ name: 'Safe' })].map(
      ({ dept_id }) => dept_id,
    );
    await sources.run('main', source);
    const nocobaseIds = new Map<number, unknown>();
    for (const id of departments) {
      const row = await db.getModel('dingtalkDepartments').findOne({ where: { sourceId: source, departmentId: id } });
      nocobaseIds.set(id, row?.get('nocobaseId'));
      await db.getModel('departmentsRoles').create({ departmentId: row?.get('nocobaseId'), roleName: 'admin' });
    }
    const { memberships } = dingtalk.addMember({ dept_id_list: departments });
    const member = memberships[0].userid;
    const joined = async () => {
      const { userId } = (await rowOf(member)) ?? {};
      const rows = await db.getModel('departmentsUsers').findAll({ where: { userId } });
      return rows.map((row) => String(row.get('departmentId')));
    };
    await sources.run('main', source);
    expect(await rowOf(member)).toMatchObject({ state: 'active', reason: 'DEPARTMENT_PRIVILEGED' });
    expect(await joined()).toEqual([]);
    const [vault] = departments;
    expect(await root.call('confirmMembership', { source, member, department: vault })).toMatchObject({ status: 200 });
    expect(await joined()).toEqual([]);
    await sources.run('main', source);
    expect(await joined()).toEqual([String(nocobaseIds.get(vault))]);
  });

  it('counts members for the settings form of an authenticator, and only where a source has it', async () => {
    const before = (await root.call<{ bound: number; open: number }>('countMembers', { authenticator: 'dingtalk' }))
      .data;
    await openCase();
    const { data } = await root.call('countMembers', { authenticator: 'dingtalk' });
    expect(data).toEqual({ bound: before?.bound, open: (before?.open ?? 0) + 1 });
    await nocobase.addAuthenticator('without-source');
    expect(await root.call('countMembers', { authenticator: 'without-source' })).toEqual({ status: 204 });
  });

  describe('has every change audited, with who it concerns and without a userid:', () => {
    it.each<[string, object, 'row' | 'user' | 'source']>([
      ['leaveOut', {}, 'row'],
      ['allowMember', {}, 'row'],
      ['confirmMembership', { department: 2 }, 'row'],
      ['linkMember', { user: 'rival' }, 'user'],
      ['endWaysIn', {}, 'user'],
      ['allowStop', { stop: 'a-stop' }, 'source'],
      ['discardStop', { stop: 'a-stop' }, 'source'],
      ['confirmNewStart', {}, 'source'],
    ])('%s', async (action, body, target) => {
      const { account, member, rivals } = await openCase();
      const user = String(rivals[0].get('id'));
      if (action === 'endWaysIn') {
        await root.call('linkMember', { source, member, user });
        dingtalk.leave(account);
        await sources.run('main', source);
      }
      const stop = { id: 'a-stop', since: 1, takenAway: nothingTaken(), entries: [], takings: [] };
      const isNew = action === 'confirmNewStart' && { clientId: 'another' };
      await writeSourceRow(nocobase.db, source, { stop, ...isNew });
      const row = await rowOf(member);
      const logged = jest.fn();
      nocobase.app.auditManager.setLogger({ log: logged });
      const app = { corpId: dingtalk.corpId, clientId: CLIENT_ID };
      const ofMember = target === 'source' ? {} : { member };
      const given = 'user' in body ? { user } : body;
      const sent = { source, ...ofMember, ...given, ...(isNew && app) };
      expect(await root.call(action, sent)).toMatchObject({ status: 200 });
      const targets = {
        row: { targetCollection: 'dingtalkMembers', targetRecordUK: row?.id },
        user: { targetCollection: 'users', targetRecordUK: user },
        source: { targetCollection: 'userDataSyncSources', targetRecordUK: source },
      };
      expect(logged).toHaveBeenCalledWith(expect.objectContaining({ action, status: 200, ...targets[target] }));
      expect(JSON.stringify(logged.mock.calls)).not.toContain(member);
      await writeSourceRow(nocobase.db, source, { stop: null });
    });
  });
});
