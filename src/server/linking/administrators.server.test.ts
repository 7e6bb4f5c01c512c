import { setTimeout } from 'node:timers/promises';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { type Answer, Session } from '../../../testing/nocobase/session';
import { signIn } from '../../../testing/nocobase/sign-in';
import type { ExclusionsFound, LinkedUsers, WaysIn } from '../../shared/contract';
import { Exclusions } from '../accounts/exclusions';

describe('administrators', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let root: Session;
  let users = 0;

  afterEach(() => jest.restoreAllMocks());

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase();
    await nocobase.addAuthenticator('dingtalk');
    await nocobase.addAuthenticator('second');
    await nocobase.addAuthenticator('guarded', { protectedRoles: ['vip'] } as object);
    await nocobase.addAuthenticator('broken', { clientSecret: '', protectedRoles: ['vip'] } as object);
    const user = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
    root = await Session.of(nocobase, user);
    const [manager, people, vip] = [
      ['pm.auth.authenticators'],
      ['pm.auth.authenticators', 'pm.users', 'pm.acl.roles'],
      [] as string[],
    ];
    for (const [name, snippets] of Object.entries({ manager, people, vip })) {
      await nocobase.db.getRepository('roles').create({ values: { name, title: name, snippets } });
    }
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  async function newSession(values: Record<string, unknown> = {}): Promise<Session> {
    const username = `user-${++users}`;
    const named = { username, nickname: `User ${users}`, password: 'a good password' };
    return Session.of(nocobase, await nocobase.addUser({ ...named, ...values }));
  }

  /** An administrator with one role, who uses it. */
  async function newAdministrator(role: string, values: Record<string, unknown> = {}) {
    const session = await newSession({ roles: [{ name: role }], ...values });
    return {
      id: session.id,
      session,
      call: <T = object>(action: string, body: object): Promise<Answer<T>> =>
        session.call<T>(action, { authenticator: 'dingtalk', ...body }, { 'x-role': role }),
    };
  }

  const bind = ({ id }: Session, uuid: string, authenticator = 'dingtalk') =>
    nocobase.db.getRepository('usersAuthenticators').create({ values: { authenticator, userId: id, uuid } });
  const isBound = async ({ id }: Session, authenticator = 'dingtalk') =>
    (await nocobase.bindings()).some((row) => row.userId === id && row.authenticator === authenticator);
  const keyOf = ({ browser, id }: Session) =>
    new Session(
      browser,
      id,
      nocobase.app.authManager.jwt.sign({ userId: id, roleName: 'member' }, { expiresIn: '1h' }),
    );
  const isIn = async (session: Session) => {
    const headers = { authorization: `Bearer ${session.token}` };
    return (await session.browser.fetch('/api/auth:check', { headers })).status === 200;
  };

  async function refused<T>(attempt: () => Promise<T>): Promise<T> {
    const before = await nocobase.everything();
    const answer = await attempt();
    expect(await nocobase.everything()).toBe(before);
    return answer;
  }

  describe('unlinkUser', () => {
    it('leaves the user’s sessions, and what is unlinked is not matched again', async () => {
      const account = dingtalk.addAccount();
      const user = await newSession();
      await user.link(dingtalk, account.id);
      expect(await root.call('unlinkUser', { authenticator: 'dingtalk', user: user.id })).toMatchObject({
        status: 200,
      });
      expect(await isIn(user)).toBe(true);
      const { exclusions, more } = await root.exclusions('notMatchedAgain', `User ${users}`);
      expect({ exclusions, more }).toEqual({
        exclusions: [
          {
            id: expect.anything(),
            reason: 'unlinked',
            account: account.nick,
            user: { id: user.id, nickname: `User ${users}`, username: `user-${users}` },
            since: expect.any(Number),
          },
        ],
        more: false,
      });
      expect(Math.abs(exclusions[0].since - Date.now())).toBeLessThan(60_000);
      const [row] = await nocobase.db.getModel('dingtalkExclusions').findAll({ where: { userId: user.id }, raw: true });
      expect(row).toMatchObject({ unionId: account.unionId, createdById: root.id });
    });

    it('ends the user’s sessions where asked: the next request is refused; API keys stay', async () => {
      const user = await newSession();
      await bind(user, `ended-${user.id}`);
      const body = { authenticator: 'dingtalk', user: user.id, endSessions: true };
      expect(await root.call('unlinkUser', body)).toMatchObject({ status: 200 });
      expect([await isIn(user), await isIn(keyOf(user))]).toEqual([false, true]);
    });

    it('lets both be matched again where asked, and takes back what was written before', async () => {
      const user = await newSession();
      for (const matchAgain of [false, true]) {
        await bind(user, `again-${user.id}`);
        const body = { authenticator: 'dingtalk', user: user.id, matchAgain };
        expect(await root.call('unlinkUser', body)).toMatchObject({ status: 200 });
        const { exclusions } = await root.exclusions('notMatchedAgain', `User ${users}`);
        expect(exclusions).toHaveLength(matchAgain ? 0 : 1);
      }
    });

    it('of an openId, the key of a plugin used before, leaves nothing behind when the user links again', async () => {
      const account = dingtalk.addAccount();
      const user = await newSession();
      await bind(user, account.openId);
      await root.call('unlinkUser', { authenticator: 'dingtalk', user: user.id });
      const rows = () => nocobase.db.getModel('dingtalkExclusions').findAll({ where: { unionId: account.openId } });
      expect(await rows()).toHaveLength(1);
      expect(await user.link(dingtalk, account.id)).toMatchObject({ status: 200 });
      expect(await rows()).toEqual([]);
    });

    it('keeps no phone number, where that is the key of the binding', async () => {
      const user = await newSession();
      await bind(user, '13800138000');
      await root.call('unlinkUser', { authenticator: 'dingtalk', user: user.id });
      const [row] = await nocobase.db.getModel('dingtalkExclusions').findAll({ where: { userId: user.id }, raw: true });
      expect(row).toMatchObject({ reason: 'unlinked', unionId: null });
    });

    it.each([{ endSessions: 'yes' }, { matchAgain: 1 }, { endSessions: null }])('refuses %j', async (flags) => {
      const body = { authenticator: 'dingtalk', user: root.id, ...flags };
      expect(await refused(() => root.call('unlinkUser', body))).toMatchObject({
        status: 400,
        code: 'REQUEST_INVALID',
      });
    });
  });

  describe('T43: blockUser', () => {
    const block = (user: number | string, authenticator = 'dingtalk') =>
      root.call<WaysIn>('blockUser', { authenticator, user });

    it('keeps the binding, ends sessions and API keys, and tells the ways in that remain', async () => {
      const account = dingtalk.addAccount();
      const user = await newSession();
      await user.link(dingtalk, account.id);
      await bind(user, `second-${user.id}`, 'second');
      const key = keyOf(user);
      expect([await isIn(user), await isIn(key)]).toEqual([true, true]);

      expect(await block(user.id)).toEqual({ status: 200, data: { waysIn: ['Password', 'DingTalk'] } });

      expect([await isIn(user), await isIn(key)]).toEqual([false, false]);
      expect(await isBound(user)).toBe(true);
      const { exclusions } = await root.exclusions('blocked', `User ${users}`);
      expect(exclusions).toMatchObject([{ reason: 'blocked', account: account.nick, user: { id: user.id } }]);
      const [row] = await nocobase.db.getModel('dingtalkExclusions').findAll({ where: { userId: user.id }, raw: true });
      expect(row).toMatchObject({ unionId: account.unionId, authenticator: 'dingtalk', createdById: root.id });
    });

    it('T45: ends the session of a sign-in that had passed the check, and whose token is made afterwards', async () => {
      const account = dingtalk.addAccount();
      const user = await newSession();
      await user.link(dingtalk, account.id);
      // The next to wait for the lock is the sign-in that writes the row of its session.
      const { lockManager } = nocobase.app;
      jest.spyOn(lockManager, 'runExclusive').mockImplementationOnce((async (name, work, ttl) => {
        expect((await block(user.id)).status).toBe(200);
        await setTimeout(5);
        return lockManager.runExclusive(name, work, ttl);
      }) as typeof lockManager.runExclusive);
      const { status, token = '' } = await signIn(nocobase, dingtalk, { account: account.id });
      expect([status, await isIn(new Session(user.browser, user.id, token))]).toEqual([200, false]);
    });

    it.each([
      ['blockUser', {}],
      ['unlinkUser', { endSessions: true }],
    ])('T45: %s ends also what began before it was to be seen', async (action, flags) => {
      const user = await newSession();
      await bind(user, `late-${user.id}`);
      const { sequelize } = nocobase.db;
      const transaction = sequelize.transaction.bind(sequelize) as (...given: unknown[]) => Promise<unknown>;
      let late: Session | undefined;
      jest.spyOn(sequelize, 'transaction').mockImplementationOnce((async (...given: unknown[]) => {
        const result = await transaction(...given);
        await setTimeout(5);
        late = await Session.of(nocobase, { get: () => user.id });
        return result;
      }) as typeof sequelize.transaction);
      const body = { authenticator: 'dingtalk', user: user.id, ...flags };
      expect(await root.call(action, body)).toMatchObject({ status: 200 });
      expect(await isIn(late as Session)).toBe(false);
      expect(await isIn(await Session.of(nocobase, { get: () => user.id }))).toBe(true);
    });

    it('counts no way in under which the user is blocked as well', async () => {
      const user = await newSession({ password: null });
      await bind(user, `one-${user.id}`);
      await bind(user, `two-${user.id}`, 'second');
      expect((await block(user.id)).data?.waysIn).toEqual(['DingTalk']);
      expect((await block(user.id, 'second')).data?.waysIn).toEqual([]);
    });

    it.each([
      ['a password', 'a good password', ['Password']],
      ['none', null, []],
    ])('T69: counts no DingTalk account that has left, as a directory says: with %s', async (_, password, ways) => {
      const user = await newSession({ password });
      await bind(user, `left-${user.id}`);
      await new Exclusions(nocobase.db, 'dingtalk').add('left', { unionId: `left-${user.id}` });
      expect((await block(user.id, 'second')).data?.waysIn).toEqual(ways);
    });

    it('names an authenticator by its title', async () => {
      const { db } = nocobase;
      await db.getModel('authenticators').update({ title: 'Company account' }, { where: { name: 'basic' } });
      const user = await newSession();
      expect((await block(user.id)).data?.waysIn).toEqual(['Company account']);
      await db.getModel('authenticators').update({ title: null }, { where: { name: 'basic' } });
    });

    it('works for a user who is not linked, and twice without a second entry', async () => {
      const user = await newSession();
      expect([(await block(user.id)).status, (await block(user.id)).status]).toEqual([200, 200]);
      expect((await root.exclusions('blocked', `User ${users}`)).exclusions).toHaveLength(1);
    });

    it('survives unlinking, and the deletion of the user', async () => {
      const account = dingtalk.addAccount();
      const user = await newSession();
      await user.link(dingtalk, account.id);
      await block(user.id);
      expect(
        await root.call('unlinkUser', { authenticator: 'dingtalk', user: user.id, matchAgain: true }),
      ).toMatchObject({
        status: 200,
      });
      await nocobase.db.getRepository('users').destroy({ filterByTk: user.id });

      const { exclusions } = await root.exclusions('blocked', account.nick);
      expect(exclusions).toMatchObject([{ reason: 'blocked', account: account.nick, user: null }]);
      const other = await newSession();
      expect(await other.link(dingtalk, account.id)).toMatchObject({ status: 403, code: 'ACCOUNT_BLOCKED' });
      const [{ id }] = exclusions;
      expect(await root.call('unblock', { authenticator: 'dingtalk', id })).toMatchObject({ status: 200 });
      expect(await other.link(dingtalk, account.id)).toMatchObject({ status: 200 });
    });

    it('survives them where the user was bound by an openId, the key of a plugin used before', async () => {
      const account = dingtalk.addAccount();
      const user = await newSession();
      await bind(user, account.openId);
      await block(user.id);
      await nocobase.db.getRepository('users').destroy({ filterByTk: user.id });
      const other = await newSession();
      expect(await other.link(dingtalk, account.id)).toMatchObject({ status: 403, code: 'ACCOUNT_BLOCKED' });
    });

    it('is refused to administrators of themselves who could not come back, and only then', async () => {
      const lone = await newAdministrator('people', { password: null });
      expect(await refused(() => lone.call('blockUser', { user: lone.id }))).toMatchObject({ code: 'LAST_WAY_IN' });
      await nocobase.db.getModel('users').update({ password: 'one at last' }, { where: { id: lone.id } });
      expect(await lone.call('blockUser', { user: lone.id })).toMatchObject({ status: 200 });
      expect(await isIn(lone.session)).toBe(false);
    });

    it.each([404404, '1 OR 1', '01', '1e0', '9'.repeat(19), 1.5, -1, { $ne: 0 }, [1], null, true])(
      'does not take %j for a user',
      async (user) => {
        for (const action of ['blockUser', 'unlinkUser']) {
          const answer = await refused(() => root.call(action, { authenticator: 'dingtalk', user }));
          const [status, code] = user === 404404 ? [404, 'NOT_LINKED'] : [400, 'REQUEST_INVALID'];
          expect(answer).toMatchObject({ status, code });
        }
      },
    );

    it('has its line in the log: whom, under which authenticator, and by whom', async () => {
      const user = await newSession();
      await nocobase.logs.outcomes(0, 'DingTalk link');
      await block(user.id);
      const [{ id }] = (await root.exclusions('blocked', `User ${users}`)).exclusions;
      await root.call('unblock', { authenticator: 'dingtalk', id });
      await block(404404);
      const named = { authenticator: 'dingtalk', userId: String(user.id), by: String(root.id) };
      expect(await nocobase.logs.outcomes(3, 'DingTalk link')).toEqual([
        { outcome: 'BLOCKED', ...named },
        { outcome: 'UNBLOCKED', ...named },
        { outcome: 'NOT_LINKED', authenticator: 'dingtalk', userId: '404404' },
      ]);
    });
  });

  describe('unblock', () => {
    it.each(['blocked', 'unlinked', 'detached'])('takes back what was %s, once', async (reason) => {
      const user = await newSession();
      const model = nocobase.db.getModel('dingtalkExclusions');
      const { id } = (await model.create({ authenticator: 'dingtalk', reason, userId: user.id, account: '' })).get();
      const body = { authenticator: 'dingtalk', id };
      // The control: not by another authenticator, which another administrator may have named.
      expect(await refused(() => root.call('unblock', { ...body, authenticator: 'second' }))).toMatchObject({
        code: 'NOT_LINKED',
      });
      expect(await root.call('unblock', body)).toMatchObject({ status: 200 });
      expect(await model.count({ where: { id } })).toBe(0);
      expect(await root.call('unblock', body)).toMatchObject({ status: 404, code: 'NOT_LINKED' });
    });
  });

  describe('getBlocked', () => {
    it('answers nothing of an authenticator that is not saved, and refuses one of another type', async () => {
      const list = (authenticator: string) => root.call('getBlocked', { authenticator });
      expect(await list('not-saved')).toMatchObject({ status: 200, data: { exclusions: [], more: false } });
      expect(await list('basic')).toMatchObject({ status: 404, code: 'AUTHENTICATOR_UNAVAILABLE' });
      expect(await root.call('getBlocked', { authenticator: 'dingtalk', list: 'all' })).toMatchObject({ status: 400 });
    });
  });

  it.each(['unlinkUser', 'blockUser', 'unblock', 'getBlocked', 'getLinkedUsers'])(
    'T41: %s is for who may manage authenticators',
    async (action) => {
      const user = await newSession();
      await bind(user, `${action}-${user.id}`);
      await root.call('blockUser', { authenticator: 'second', user: user.id });
      const [{ id }] = (await root.exclusions('blocked', `User ${users}`, 'second')).exclusions;
      const authenticator = action === 'unblock' ? 'second' : 'dingtalk';
      const body = { authenticator, user: user.id, id };
      const other = await newSession();
      expect((await refused(() => other.call(action, body))).status).toBe(403);
      expect((await (await newAdministrator('manager')).call(action, body)).status).toBe(200);
    },
  );

  describe('T41: who may manage authenticators, and neither users nor roles', () => {
    const linkedUsers = async (
      administrator: Awaited<ReturnType<typeof newAdministrator>>,
      search: string,
      name = 'dingtalk',
    ) => (await administrator.call<LinkedUsers>('getLinkedUsers', { search, authenticator: name })).data;
    const excluded = async (administrator: Awaited<ReturnType<typeof newAdministrator>>, search: string) =>
      (await administrator.call<ExclusionsFound>('getBlocked', { search })).data;

    it('neither finds, nor unlinks, nor blocks a privileged user, who is as one who does not exist', async () => {
      const mark = `Boss ${++users}`;
      const boss = await newSession({ nickname: mark, roles: [{ name: 'manager' }] });
      await bind(boss, `boss-${boss.id}`);
      const manager = await newAdministrator('manager');
      const missing = await refused(() => manager.call('unlinkUser', { user: 404404 }));

      expect(await linkedUsers(manager, mark)).toEqual({ users: [], more: false });
      for (const action of ['unlinkUser', 'blockUser']) {
        for (const user of [boss.id, String(boss.id), root.id]) {
          expect(await refused(() => manager.call(action, { user, matchAgain: true }))).toEqual(missing);
        }
      }
      expect(await refused(() => manager.call('unlinkUser', { user: `0${boss.id}` }))).toMatchObject({ status: 400 });

      // The control: who may change users and roles finds, blocks and unlinks the same user.
      const people = await newAdministrator('people');
      expect(await linkedUsers(people, mark)).toMatchObject({ users: [{ id: boss.id }] });
      expect(await people.call('blockUser', { user: boss.id })).toMatchObject({ status: 200 });

      expect(await excluded(manager, mark)).toEqual({ exclusions: [], more: false });
      const [{ id }] = (await excluded(people, mark))?.exclusions ?? [];
      expect(await refused(() => manager.call('unblock', { id }))).toEqual(missing);
      expect(await people.call('unblock', { id })).toMatchObject({ status: 200 });
      expect(await people.call('unlinkUser', { user: boss.id })).toMatchObject({ status: 200 });
    });

    it('manages all others', async () => {
      const user = await newSession();
      await bind(user, `other-${user.id}`);
      const manager = await newAdministrator('manager');
      expect(await linkedUsers(manager, `user-${user.id}`)).toBeDefined();
      expect(await manager.call('blockUser', { user: user.id })).toMatchObject({ status: 200 });
      expect(await manager.call('unlinkUser', { user: user.id })).toMatchObject({ status: 200 });
    });

    it.each([
      ['of users and roles', ['update'], ['update'], undefined, true],
      ['of users alone', ['update'], [], undefined, false],
      ['of roles alone', [], ['update'], undefined, false],
      ['of the own users', ['update'], ['update'], 'own', false],
      ['to read them', ['view'], ['view'], undefined, false],
    ])('with permissions %s', async (_, ofUsers, ofRoles, scopeKey, finds) => {
      const name = `role-${++users}`;
      const scope =
        scopeKey &&
        (await nocobase.db.getModel('dataSourcesRolesResourcesScopes').findOne({ where: { key: scopeKey } }));
      const resources = { users: ofUsers, roles: ofRoles };
      await nocobase.db.getRepository('roles').create({
        values: { name, title: name, snippets: ['pm.auth.authenticators'] },
      });
      for (const [resource, actions] of Object.entries(resources)) {
        await nocobase.db.getRepository('dataSourcesRolesResources').create({
          values: {
            dataSourceKey: 'main',
            roleName: name,
            name: resource,
            usingActionsConfig: true,
            actions: actions.map((action) => ({ name: action, scopeId: scope ? scope.get('id') : null })),
          },
        });
      }
      const mark = `Chief ${++users}`;
      const chief = await newSession({ nickname: mark, roles: [{ name: 'admin' }] });
      await bind(chief, `chief-${chief.id}`);
      const administrator = await newAdministrator(name);
      expect((await linkedUsers(administrator, mark))?.users).toHaveLength(finds ? 1 : 0);
      expect(await administrator.call('unlinkUser', { user: chief.id })).toMatchObject({ status: finds ? 200 : 404 });
    });

    it('does not count the hidden either: twenty are shown, and more only of those who are', async () => {
      for (let i = 0; i < 150; i++) {
        const { id } = await nocobase.addUser({ nickname: `Crowd ${i}`, roles: i < 130 ? [{ name: 'manager' }] : [] });
        await nocobase.db
          .getRepository('usersAuthenticators')
          .create({ values: { authenticator: 'second', userId: id, uuid: `crowd-${i}` } });
      }
      const manager = await newAdministrator('manager');
      const shown = async () => {
        const data = await linkedUsers(manager, 'crowd', 'second');
        return [data?.users.length, data?.users[0].nickname, data?.more];
      };
      expect(await shown()).toEqual([20, 'Crowd 130', false]);
      const user = await nocobase.addUser({ nickname: 'Crowd 150' });
      await bind({ id: user.get('id') } as Session, 'crowd-150', 'second');
      expect(await shown()).toEqual([20, 'Crowd 130', true]);
      expect((await root.linkedUsers('second', 'crowd')).data).toMatchObject({ users: { length: 20 }, more: true });
    }, 60_000);

    it.each(['guarded', 'broken'])('nor finds who has a protected role: %s', async (authenticator) => {
      const mark = `Vip ${++users}`;
      const vip = await newSession({ nickname: mark, roles: [{ name: 'vip' }] });
      await bind(vip, `vip-${vip.id}`, authenticator);
      await bind(vip, `vip-${vip.id}`);
      const manager = await newAdministrator('manager');
      expect((await linkedUsers(manager, mark, authenticator))?.users).toEqual([]);
      const body = { authenticator, user: vip.id };
      expect(await refused(() => manager.call('blockUser', body))).toMatchObject({ code: 'NOT_LINKED' });
      // The control: elsewhere the role is as any other.
      expect((await linkedUsers(manager, mark))?.users).toHaveLength(1);
    });

    it('uses one role at a time, as everywhere in NocoBase', async () => {
      const mark = `Two hats ${++users}`;
      const boss = await newSession({ nickname: mark, roles: [{ name: 'manager' }] });
      await bind(boss, `hats-${boss.id}`);
      const both = await newSession({ roles: [{ name: 'manager' }, { name: 'people' }] });
      const found = async (role: string) =>
        (
          await both.call<LinkedUsers>(
            'getLinkedUsers',
            { authenticator: 'dingtalk', search: mark },
            { 'x-role': role },
          )
        ).data?.users.length;
      expect([await found('manager'), await found('people')]).toEqual([0, 1]);

      // Where an organization has NocoBase unite the roles of a user, all of them count.
      await nocobase.db.getModel('systemSettings').update({ roleMode: 'allow-use-union' }, { where: {} });
      await nocobase.app.cache.del('app:systemSettings');
      expect(await found('__union__')).toBe(1);
      await nocobase.db.getModel('systemSettings').update({ roleMode: 'default' }, { where: {} });
      await nocobase.app.cache.del('app:systemSettings');
    });
  });
});
