// First: NocoBase reads its environment when it is first required.
import { type NocoBase, startNocoBase } from '../../../../testing/nocobase/nocobase';
import type { BelongsToManyRepository, Model } from '@nocobase/database';
import { setTimeout } from 'node:timers/promises';
import { Browser } from '../../../../testing/nocobase/browser';
import { describeOnSqliteAnd } from '../../../../testing/nocobase/databases';
import { changeOf, creationOf, departmentOf, memberOf, removalOf, Source } from '../../../../testing/nocobase/plans';
import { Session } from '../../../../testing/nocobase/session';
import { Exclusions } from '../../accounts/exclusions';
import { withWriteLock } from '../../accounts/lock';
import { phoneOf } from '../../accounts/phone';
import { phoneFingerprint } from '../../accounts/phone-fingerprint';
import { backgroundContext } from '../../http/background';
import { SOURCES } from '../store/collections';
import { readDepartmentRows } from '../store/department-rows';
import { withLease } from '../lock';

const idOf = (user: Model | null | undefined) => String(user?.get('id'));

describeOnSqliteAnd('postgres')('writing a plan', (dialect) => {
  let nocobase: NocoBase;
  let source: Source;

  beforeAll(async () => {
    nocobase = await startNocoBase(dialect, {
      plugins: ['collection-tree', 'departments', 'api-keys', 'notification-manager', 'notification-in-app-message'],
    });
    await nocobase.addAuthenticator('dingtalk', { corpId: 'dingcorp' });
    source = await Source.of(nocobase);
  }, 120_000);

  afterAll(() => nocobase?.stop());

  beforeEach(async () => {
    source.lease = { check: async () => undefined };
    await linesOf(0);
  });

  const linesOf = (expected: number) => nocobase.logs.outcomes(expected, 'DingTalk directory');
  const model = (name: string) => nocobase.db.getModel(name);
  const membersOf = (count: number) => Array.from({ length: count }, () => memberOf());
  const countOf = async (members: { unionId: string }[]) => {
    const unionIds = members.map(({ unionId }) => unionId);
    const rows = (await source.rows()).filter(({ unionId }) => unionIds.includes(unionId));
    return {
      rows: rows.length,
      users: await model('users').count({ where: { id: rows.map(({ userId }) => userId ?? 0) } }),
      bindings: await model('usersAuthenticators').count({ where: { uuid: unionIds } }),
    };
  };
  async function bound(given: Parameters<Source['add']>[0] = { unionId: memberOf().unionId }) {
    const user = await nocobase.addUser({ nickname: `of ${given.unionId}` });
    await model('usersAuthenticators').create({
      authenticator: 'dingtalk',
      userId: user.get('id'),
      uuid: given.unionId,
      meta: { unionId: given.unionId },
    });
    return { user, row: await source.add({ ...given, userId: idOf(user) }) };
  }

  describe('where one fails', () => {
    it('in the middle of a batch, nothing of it is left, and all others are written once', async () => {
      const members = membersOf(120);
      const [unlucky] = members.slice(49);
      const created: string[] = [];
      const listener = async (user: Model) => {
        created.push(String(user.get('nickname')));
        if (user.get('nickname') === unlucky.name) {
          throw new Error('a workflow has failed');
        }
      };
      nocobase.db.on('users.afterCreate', listener);
      const steps: number[] = [];
      const written = await source.write(
        { members: members.map((one) => creationOf(one)) },
        (done) => void steps.push(done),
      );
      nocobase.db.off('users.afterCreate', listener);
      expect(written).toEqual({
        failed: [
          { kind: 'member', id: unlucky.userid, name: unlucky.userid, action: 'failed', reason: 'WRITE_FAILED' },
        ],
        refused: [],
      });
      expect(await countOf([unlucky])).toEqual({ rows: 0, users: 0, bindings: 0 });
      expect(await model('users').count({ where: { nickname: unlucky.name } })).toBe(0);
      expect(await countOf(members)).toEqual({ rows: 119, users: 119, bindings: 119 });
      expect(steps).toEqual([49, 50, 100, 120]);
      // One line for the fault, however many it hits, and none of a member.
      const lines = await linesOf(1);
      expect(lines).toMatchObject([{ outcome: 'WRITE_FAILED', count: 1, source: '1' }]);
      expect(JSON.stringify(lines)).not.toContain(unlucky.name);
    });

    it('by a number that somebody else got meanwhile', async () => {
      const members = membersOf(5);
      await nocobase.addUser({ nickname: 'Faster', phone: members[2].mobile });
      const { failed } = await source.write({ members: members.map((one) => creationOf(one)) });
      expect(failed.map(({ id }) => id)).toEqual([members[2].userid]);
      expect(await countOf(members)).toEqual({ rows: 4, users: 4, bindings: 4 });
    });

    it('by a field that users must have, it is an open case and no fault', async () => {
      const members = membersOf(3);
      const { options } = nocobase.db.getCollection('users').getField('email');
      options.validation = { type: 'string', rules: [{ name: 'required' }] };
      const written = await source.write({ members: members.map((one) => creationOf(one)) });
      delete options.validation;
      expect(written.failed).toEqual([]);
      expect(written.refused.map(({ id, action, reason }) => [id, action, reason])).toEqual(
        members.map(({ userid }) => [userid, 'open', 'NEW_USERS_INCOMPLETE']),
      );
      expect(await countOf(members)).toEqual({ rows: 3, users: 0, bindings: 0 });
      const rows = (await source.rows()).slice(-3);
      expect(rows.map(({ state, reason, userId, written: values }) => [state, reason, userId, values])).toEqual(
        members.map(() => ['open', 'NEW_USERS_INCOMPLETE', undefined, {}]),
      );
      expect(await linesOf(1)).toMatchObject([{ outcome: 'NEW_USERS_INCOMPLETE', count: 3 }]);
    });
  });

  describe('where another process takes over', () => {
    it('T82: nothing more is written from then on', async () => {
      const members = membersOf(250);
      const writing = withLease(nocobase.app, '1', (lease) => {
        source.lease = lease;
        return source.write({ members: members.map((one) => creationOf(one)) }, async (done) => {
          if (done === 100) {
            // In turn: on SQLite, another connection may find no moment between the batches.
            const takeOver = () => model(SOURCES).update({ holder: 'another process' }, { where: { sourceId: '1' } });
            void withWriteLock(nocobase, takeOver);
          }
        });
      });
      await expect(writing).rejects.toMatchObject({ code: 'SYNC_RUNNING' });
      const { users, rows } = await countOf(members);
      expect([rows, users]).toEqual([users, users]);
      expect(users % 100).toBe(0);
      expect(users).toBeLessThan(250);
      expect(users).toBeGreaterThan(0);
      await model(SOURCES).update({ holder: null, heldUntil: null }, { where: { sourceId: '1' } });
    });

    it('no department is written or removed', async () => {
      await source.write({ departments: [departmentOf(70, 'Stays')] });
      const [row] = (await readDepartmentRows(nocobase.db, '1')).filter((one) => one.departmentId === 70);
      const lost = new Error('lost');
      source.lease = { check: () => Promise.reject(lost) };
      await expect(source.write({ departments: [departmentOf(71, 'Late')] })).rejects.toBe(lost);
      await expect(source.write({ departments: [removalOf(row)] })).rejects.toBe(lost);
      expect(await model('departments').count({ where: { title: ['Stays', 'Late'] } })).toBe(1);
    });
  });

  describe('what has changed since it was planned is not touched:', () => {
    const before = (row: { id: string }) => source.row(row.id);

    it('a user who became privileged, was unlinked, or is gone; one who was left alone is written', async () => {
      const [raised, unlinked, deleted, other] = [await bound(), await bound(), await bound(), await bound()];
      await model('rolesUsers').create({ userId: raised.user.get('id'), roleName: 'admin' });
      await model('usersAuthenticators').destroy({ where: { userId: idOf(unlinked.user) } });
      await nocobase.db.getRepository('users').destroy({ filterByTk: idOf(deleted.user) });
      const values = { nickname: 'Renamed' };
      const all = [raised, unlinked, deleted, other];
      const rows = await Promise.all(all.map(({ row }) => before(row)));
      const { failed, refused } = await source.write({
        members: all.map(({ row }) => changeOf('updated', { row, values }, { written: values })),
      });
      expect(failed).toEqual([]);
      expect(refused.map(({ action, reason }) => [action, reason])).toEqual([
        ['open', 'USER_PRIVILEGED'],
        ['skipped', 'CHANGED_MEANWHILE'],
        ['skipped', 'CHANGED_MEANWHILE'],
      ]);
      expect(await model('users').count({ where: values })).toBe(1);
      expect(await Promise.all(all.slice(0, 3).map(({ row }) => before(row)))).toEqual(rows.slice(0, 3));
      expect(await before(other.row)).toMatchObject({ written: values });
    });

    it('a user who was bound to somebody else’s account meanwhile, and an account that got a user', async () => {
      const [one, two] = membersOf(2);
      const owner = await nocobase.addUser({ nickname: 'Owner', phone: one.mobile });
      const binding = { authenticator: 'dingtalk', meta: {} };
      await model('usersAuthenticators').create({ ...binding, userId: owner.get('id'), uuid: 'elsewhere' });
      const signedIn = await nocobase.addUser({ nickname: 'Signed in' });
      await model('usersAuthenticators').create({ ...binding, userId: signedIn.get('id'), uuid: two.unionId });
      const users = await nocobase.countUsers();
      const step = { type: 'bind', userId: idOf(owner) } as const;
      const { refused } = await source.write({
        members: [changeOf('bound', { member: one, step }, { userId: idOf(owner) }), creationOf(two)],
      });
      expect(refused.map(({ reason }) => reason)).toEqual(['PHONE_OF_BOUND', 'CHANGED_MEANWHILE']);
      expect(await nocobase.countUsers()).toBe(users);
      expect(await countOf([one, two])).toMatchObject({ rows: 0, bindings: 1 });
    });

    it('a phone number that is blocked, although the user who had it is gone: it becomes no new user', async () => {
      const [blocked, other] = membersOf(2);
      const phone = phoneOf({ mobile: blocked.mobile });
      const ctx = backgroundContext(nocobase.app);
      const fingerprint = phone && phoneFingerprint(ctx, 'dingtalk', phone);
      await new Exclusions(nocobase.db, 'dingtalk').add('blocked', { userId: '999999', phoneFingerprint: fingerprint });
      const { refused } = await source.write({ members: [creationOf(blocked), creationOf(other)] });
      expect(refused.map(({ id, reason }) => [id, reason])).toEqual([[blocked.userid, 'BLOCKED']]);
      expect(await countOf([blocked, other])).toEqual({ rows: 1, users: 1, bindings: 1 });
    });

    it('T70: a department that got a child, a member or a role by hand stays, and is none of the source any more', async () => {
      const ids = [80, 81, 82, 83];
      await source.write({ departments: ids.map((id) => departmentOf(id, `D${id}`)) });
      const rows = (await readDepartmentRows(nocobase.db, '1')).filter(({ departmentId }) =>
        ids.includes(departmentId),
      );
      const [child, member, role] = rows.map(({ nocobaseId }) => nocobaseId);
      await nocobase.db.getRepository('departments').create({ values: { title: 'By hand', parentId: child } });
      const user = await nocobase.addUser({ nickname: 'By hand' });
      await model('departmentsUsers').create({ userId: user.get('id'), departmentId: member });
      await model('departmentsRoles').create({ roleName: 'member', departmentId: role });
      const { failed, refused } = await source.write({ departments: rows.map(removalOf) });
      expect(failed).toEqual([]);
      expect(refused.map(({ id, notes }) => [id, notes])).toEqual(
        ['80', '81', '82'].map((id) => [id, ['DEPARTMENT_IN_USE']]),
      );
      const titles = [...ids.map((id) => `D${id}`), 'By hand'];
      expect(await model('departments').count({ where: { title: titles } })).toBe(4);
      expect(await model('departmentsUsers').count({ where: { userId: idOf(user) } })).toBe(1);
      const left = (await readDepartmentRows(nocobase.db, '1')).filter(({ departmentId }) =>
        ids.includes(departmentId),
      );
      expect(left).toEqual([]);
    });

    it('T70: a department that owns records stays: NocoBase would delete these with it', async () => {
      await nocobase.db.getRepository('collections').create({
        values: {
          name: 'budgets',
          fields: [{ type: 'belongsTo', name: 'department', target: 'departments', onDelete: 'CASCADE' }],
        },
        context: {},
      });
      await source.write({ departments: [departmentOf(85, 'Has a budget'), departmentOf(86, 'Has none')] });
      const rows = (await readDepartmentRows(nocobase.db, '1')).filter(({ departmentId }) =>
        [85, 86].includes(departmentId),
      );
      const [owner] = rows;
      await nocobase.db.getRepository('budgets').create({ values: { department: Number(owner.nocobaseId) } });
      const { failed, refused } = await source.write({ departments: rows.map(removalOf) });
      expect(failed).toEqual([]);
      expect(refused).toMatchObject([{ id: '85', action: 'skipped', notes: ['DEPARTMENT_IN_USE'] }]);
      expect(await model('budgets').count()).toBe(1);
      expect(await model('departments').count({ where: { title: ['Has a budget', 'Has none'] } })).toBe(1);
    });

    it('a department with a member of the source who was not taken out waits for the next run', async () => {
      await source.write({ departments: [departmentOf(90, 'Waits')] });
      const [row] = (await readDepartmentRows(nocobase.db, '1')).filter(({ departmentId }) => departmentId === 90);
      const { user } = await bound({ unionId: memberOf().unionId, memberships: { 90: false } });
      await model('departmentsUsers').create({ userId: user.get('id'), departmentId: row.nocobaseId });
      const { refused } = await source.write({ departments: [removalOf(row)] });
      expect(refused).toMatchObject([{ id: '90', action: 'skipped', reason: 'CHANGED_MEANWHILE' }]);
      expect(await model('departments').count({ where: { title: 'Waits' } })).toBe(1);
    });
  });

  describe('T69: roles by a department end with the next request', () => {
    const rolesOf = async (session: Session) => {
      const response = await session.browser.fetch('/api/auth:check', {
        headers: { authorization: `Bearer ${session.token}`, 'x-role': 'boss' },
      });
      return response.status;
    };

    it('after a removal; one that NocoBase does not hear of leaves them', async () => {
      const { db } = nocobase;
      await db.getRepository('roles').create({ values: { name: 'boss', snippets: ['!pm.*', '!ui.*', '!app'] } });
      await source.write({ departments: [departmentOf(95, 'Bosses')] });
      const [row] = (await readDepartmentRows(db, '1')).filter(({ departmentId }) => departmentId === 95);
      await model('departmentsRoles').create({ roleName: 'boss', departmentId: row.nocobaseId });
      const memberships = { add: [{ departmentId: 95, isOwner: false }], remove: [], setOwner: [] };
      const one = await bound();
      const session = await Session.of(nocobase, one.user);
      expect(await rolesOf(session)).toBe(401);
      await source.write({
        members: [changeOf('updated', { row: one.row, memberships }, { memberships: { 95: false } })],
      });
      expect(await rolesOf(session)).toBe(200);

      // The attack: as NocoBase's own synchronization takes a user out.
      const places = db.getRepository<BelongsToManyRepository>('users.departments', one.user.get('id') as number);
      await places.remove([row.nocobaseId]);
      expect(await rolesOf(session)).toBe(200);
      await model('departmentsUsers').create({ userId: one.user.get('id'), departmentId: row.nocobaseId });
      expect(await rolesOf(session)).toBe(200);

      const remove = { add: [], remove: ['95'], setOwner: [] };
      const now = await source.row(one.row.id);
      // Somebody asks before the commit, and puts what is true until then into NocoBase's memory.
      const stale: unknown = await nocobase.app.cache.get(`departments:${idOf(one.user)}`);
      const listener = () => nocobase.app.cache.set(`departments:${idOf(one.user)}`, stale);
      db.on('departmentsUsers.afterDestroy', listener);
      await source.write({ members: [changeOf('updated', { row: now, memberships: remove }, { memberships: {} })] });
      db.off('departmentsUsers.afterDestroy', listener);
      expect(stale).toBeTruthy();
      expect(await rolesOf(session)).toBe(401);
    });
  });

  describe('T45, T69: the sessions and API keys of one who left end', () => {
    it.each(['detach', 'suspend'] as const)('on two nodes (%s), and another way in stays', async (type) => {
      const other = await startNocoBase(dialect, {
        plugins: ['collection-tree', 'departments', 'api-keys'],
        on: nocobase.database,
        isInstalled: true,
      });
      try {
        const { user, row } = await bound();
        const credentials = { account: `leaver-${type}`, password: 'secret-12345' };
        const { account: username, password } = credentials;
        await nocobase.db.getRepository('users').update({ filterByTk: idOf(user), values: { username, password } });
        // A token says no more than its second: it has to begin after the password was set.
        await setTimeout(1100);
        // A member may make no API key.
        const where = { userId: user.get('id'), roleName: 'admin' };
        await model('rolesUsers').create(where);
        const { token } = await Session.of(nocobase, user);
        const made = await new Browser(nocobase.url).fetch('/api/apiKeys:create', {
          json: { name: 'key', role: { name: 'admin' }, expiresIn: '1d' },
          headers: { authorization: `Bearer ${token}`, 'x-role': 'admin' },
        });
        const body = await made.json();
        expect([made.status, body.errors]).toEqual([200, undefined]);
        const key: string = body.data.token;
        if (type === 'detach') {
          await model('rolesUsers').destroy({ where });
        }
        const status = async (node: NocoBase, bearer: string) =>
          (await new Browser(node.url).fetch('/api/auth:check', { headers: { authorization: `Bearer ${bearer}` } }))
            .status;
        const statuses = () =>
          Promise.all([nocobase, other].flatMap((node) => [status(node, token), status(node, key)]));
        expect((await statuses())[0]).toBe(200);
        const step = { type, userId: idOf(user) };
        await source.write({ members: [changeOf('detached', { row, step }, { state: 'left' })] });
        expect(await statuses()).toEqual([401, 401, 401, 401]);
        await setTimeout(2);
        const signedIn = await new Browser(other.url).fetch('/api/auth:signIn', {
          json: credentials,
          headers: { 'x-authenticator': 'basic', origin: other.url },
        });
        expect(signedIn.status).toBe(200);
      } finally {
        await other.stop();
      }
    });

    it('but not of one who is kept, under `keep` of a privileged one neither', async () => {
      const keeping = await Source.of(nocobase, { leavers: 'keep' });
      const [one, two] = [await bound(), await bound()];
      await model('rolesUsers').create({ userId: two.user.get('id'), roleName: 'admin' });
      const sessions = [await Session.of(nocobase, one.user), await Session.of(nocobase, two.user)];
      const steps = [
        { type: 'keep', userId: idOf(one.user) },
        { type: 'suspend', userId: idOf(two.user) },
      ] as const;
      const { failed, refused } = await keeping.write({
        members: [one, two].map(({ row }, n) => changeOf('kept', { row, step: steps[n] }, { state: 'left' })),
      });
      expect([failed, refused]).toEqual([[], []]);
      for (const { browser, token } of sessions) {
        const { status } = await browser.fetch('/api/auth:check', { headers: { authorization: `Bearer ${token}` } });
        expect(status).toBe(200);
      }
    });
  });

  it('tells users who were there before that they are bound, and nobody who was created', async () => {
    const values = { name: 'inside', title: 'Inside', notificationType: 'in-app-message' };
    await nocobase.db.getRepository('notificationChannels').create({ values });
    const [one, two] = membersOf(2);
    const user = await nocobase.addUser({ nickname: 'Was there', phone: one.mobile });
    const step = { type: 'bind', userId: idOf(user) } as const;
    await source.write({
      members: [changeOf('bound', { member: one, step }, { userId: idOf(user) }), creationOf(two)],
    });
    const messages: Model[] = await model('notificationInAppMessages').findAll();
    expect(messages.map((message) => String(message.get('userId')))).toEqual([idOf(user)]);
    // No line of a member.
    expect(await linesOf(0)).toEqual([]);
    expect(await nocobase.logs.outcomes(0, 'DingTalk binding')).toEqual([]);
  });

  it('takes seven statements and a bit for each of a hundred new users, and none for the size of the company', async () => {
    const query = jest.spyOn(nocobase.db.sequelize, 'query');
    await source.write({ members: membersOf(100).map((one) => creationOf(one)) });
    const statements = query.mock.calls.length;
    query.mockRestore();
    expect(statements).toBeLessThan(1000);
  });
});
