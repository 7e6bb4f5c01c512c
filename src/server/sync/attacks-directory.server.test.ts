import type { Model } from '@nocobase/database';
import { until } from '../../../dev/until';
import type { Account } from '../../../emulator';
import { NaiveSource } from '../../../testing/directory/naive-source';
import { Scene } from '../../../testing/directory/scene';
import { Session } from '../../../testing/nocobase/session';
import { signIn } from '../../../testing/nocobase/sign-in';
import type { Preview } from '../../shared/directory';
import { MEMBERS } from '../directory/store/collections';

// Each attack by the address book first works on a source that leaves everything to NocoBase's own writer, and then fails
// on ours: the same steps, in the same NocoBase and the same DingTalk.

interface Target {
  /** Of the source, and of its authenticator. */
  name: string;
  authenticator: string;
  run(cast: Account[], options?: { columns?: Record<string, string>; clientId?: string }): Promise<unknown>;
}

let scene: Scene;
let naive: Target;
let ours: Target;
let count = 0;

beforeAll(async () => {
  scene = await Scene.start({ company: { people: 6, departments: 2 }, plugins: ['api-keys'] });
  const { nocobase, dingtalk } = scene;
  await nocobase.addAuthenticator('naive', { corpId: dingtalk.corpId });
  await nocobase.db.getRepository('roles').create({
    values: { name: 'manager', title: 'Manager', snippets: ['pm.user-data-sync'] },
  });
  const source = new NaiveSource(nocobase);
  naive = { name: 'naive', authenticator: 'naive', run: (cast, options) => source.run(cast, options) };
  ours = { name: 'main', authenticator: 'dingtalk', run: () => scene.run() };
  await scene.run();
}, 120_000);

beforeEach(() => scene.letUsersEditProfiles(false));

afterAll(() => scene?.stop());

const addMember = (values: Parameters<typeof scene.dingtalk.addMember>[0] = {}) => scene.dingtalk.addMember(values);
const userid = ({ memberships }: Account) => memberships[0].userid;

const addUser = (values: object = {}): Promise<Model> =>
  scene.nocobase.addUser({ username: `user-${++count}`, nickname: `User ${count}`, password: 'of-a-user', ...values });

const link = (target: Target, user: Model, { unionId }: Account) =>
  scene.nocobase.db.getModel('usersAuthenticators').create({
    authenticator: target.authenticator,
    userId: user.get('id'),
    uuid: unionId,
    meta: { unionId },
  });

const rootUser = async () => (await scene.user(scene.root.id)) as Model;

/** As whom the account signs in, or why it does not. */
async function signedInAs({ authenticator }: Target, { id }: Account): Promise<string> {
  const { user, code, status } = await signIn(scene.nocobase, scene.dingtalk, { authenticator, account: id });
  return user ? `user ${user.id}` : (code ?? `refused with ${status}`);
}

const nameOf = (user: Model | null) => `user ${user?.get('id')}`;

/** Whether the user may do what administrators may. */
async function isAdministrator(user: Model | null): Promise<boolean> {
  if (!user) {
    return false;
  }
  const session = await Session.of(scene.nocobase, user as Model);
  const { status } = await session.call('getSourceState', { source: scene.source }, { 'x-role': 'admin' });
  return status === 200;
}

const deleteInDingTalk = (account: Account) => {
  const { data } = scene.dingtalk;
  data.accounts.splice(data.accounts.indexOf(account), 1);
};

describe('A1: the userid, which others choose', () => {
  /** An administrator who signs in with DingTalk leaves the address book; an accomplice gets the userid. */
  async function giveUseridAway(target: Target) {
    const victim = addMember();
    const user = await addUser({ phone: victim.mobile, roles: [{ name: 'admin' }] });
    await link(target, user, victim);
    await target.run([victim]);
    deleteInDingTalk(victim);
    const accomplice = addMember({ userid: userid(victim) });
    await target.run([accomplice]);
    return { user, accomplice };
  }

  it('is given to an accomplice', async () => {
    const unprotected = await giveUseridAway(naive);
    expect(await signedInAs(naive, unprotected.accomplice)).toBe(nameOf(unprotected.user));

    const { user, accomplice } = await giveUseridAway(ours);
    expect(await signedInAs(ours, accomplice)).not.toBe(nameOf(user));
    expect(await scene.boundTo(accomplice)).not.toContain(String(user.get('id')));
    expect(await isAdministrator(await scene.userOf(accomplice))).toBe(false);
  });

  /** Whoever may manage sources pushes a record of a source, which leads from the own userid to root. */
  async function forgeRecord(target: Target) {
    const attacker = addMember();
    const manager = await Session.of(scene.nocobase, await addUser({ roles: [{ name: 'manager' }] }));
    const records = [{ uid: userid(attacker), username: 'root' }];
    const body = { dataType: 'user', sourceName: target.name, matchKey: 'username', records };
    const headers = { authorization: `Bearer ${manager.token}`, 'x-role': 'manager' };
    const pushed = await manager.browser.fetch('/api/userData:push', { json: body, headers });
    expect(pushed.status).toBe(200);
    await target.run([attacker]);
    return attacker;
  }

  it('has a forged record that leads to root', async () => {
    expect(await signedInAs(naive, await forgeRecord(naive))).toBe(nameOf(await rootUser()));
    await scene.nocobase.db.getModel('usersAuthenticators').destroy({ where: { userId: scene.root.id } });
    await (await rootUser()).update({ nickname: 'Root', phone: null, email: null });

    const attacker = await forgeRecord(ours);
    const user = await scene.userOf(attacker);
    expect(await signedInAs(ours, attacker)).toBe(nameOf(user));
    expect(user?.get('id')).not.toBe(scene.root.id);
    expect((await scene.nocobase.bindings()).filter(({ userId }) => userId === scene.root.id)).toEqual([]);
  });

  it('is somebody else’s in another organization', async () => {
    const { dingtalk, nocobase } = scene;
    const corpId = `ding${'c'.repeat(32)}`;
    const app = { ...dingtalk.data.apps[0], clientId: 'dingotherapp0001', corpId };
    dingtalk.data.organizations.push({ corpId, name: 'Other' });
    dingtalk.data.apps.push(app);
    const victim = addMember();
    const stranger = addMember({ userid: userid(victim), corpId });
    await naive.run([victim]);
    const { userId } = (await nocobase.bindings()).find(({ uuid }) => uuid === victim.unionId) ?? {};
    await naive.run([stranger], { clientId: app.clientId });
    expect(await signedInAs(naive, stranger)).toBe(`user ${userId}`);

    await ours.run([victim]);
    const authenticators = nocobase.db.getModel('authenticators');
    const row = await authenticators.findOne({ where: { name: 'dingtalk' } });
    const { options } = row?.get() ?? {};
    await row?.update({ options: { ...options, dingtalk: { ...options.dingtalk, corpId, clientId: app.clientId } } });
    const before = await scene.content();
    expect(await scene.sources.pull('main')).toMatchObject({ status: 409, code: 'OTHER_DIRECTORY' });
    expect(await scene.content()).toEqual(before);
    await row?.update({ options });
    dingtalk.data.accounts.splice(dingtalk.data.accounts.indexOf(stranger), 1);
  });
});

describe('A2: a department that makes administrators', () => {
  let number = 0;

  /** An editor of the address book moves into the department. */
  async function moveIn(target: Target) {
    const { nocobase, dingtalk } = scene;
    const department = dingtalk.addDepartment({ name: `IT ${++number}` });
    await scene.run();
    const id = (await scene.department(department.dept_id))?.get('id');
    await nocobase.db.getModel('departmentsRoles').create({ departmentId: id, roleName: 'admin' });
    const editor = addMember();
    await target.run([editor]);
    dingtalk.moveMember(editor, [department.dept_id]);
    await target.run([editor]);
    const [userId] = (await nocobase.bindings()).filter(
      ({ uuid, authenticator }) => uuid === editor.unionId && authenticator === target.authenticator,
    );
    return { editor, user: await scene.user(userId.userId), department: department.dept_id };
  }

  it('makes none of whom the address book puts there, until an administrator confirms that', async () => {
    expect(await isAdministrator((await moveIn(naive)).user)).toBe(true);

    const { editor, user, department } = await moveIn(ours);
    expect(await isAdministrator(user)).toBe(false);
    expect(await scene.entryOf(editor)).toMatchObject({ action: 'open', reason: 'DEPARTMENT_PRIVILEGED', department });
    const body = { source: scene.source, member: userid(editor), department };
    expect(await scene.root.call('confirmMembership', body)).toMatchObject({ status: 200 });
    await scene.run();
    expect(await isAdministrator(user)).toBe(true);
    // Taking away waits for nobody.
    scene.dingtalk.moveMember(editor, [1]);
    await scene.run();
    expect(await isAdministrator(user)).toBe(false);
  });
});

describe('A3: phone and e-mail, which are ways in', () => {
  const writing = {
    nickname: { column: 'nickname', follow: 'always' },
    phone: { column: 'phone', follow: 'always' },
    email: { column: 'email', follow: 'always' },
  } as const;

  beforeAll(async () => {
    const row = await scene.nocobase.db.getModel('authenticators').findOne({ where: { name: 'dingtalk' } });
    const { options } = row?.get() ?? {};
    await row?.update({
      options: { ...options, dingtalk: { ...options.dingtalk, emailDomains: ['corp.example.com'] } },
    });
    expect(await scene.choose({ fields: writing })).toMatchObject({ status: 200 });
  });

  afterAll(() => scene.choose({ fields: null }));

  /** An administrator has linked an account properly; the address book then tells a number and an address of its own. */
  async function overwriteWaysIn(target: Target) {
    const account = addMember({ mobile: undefined });
    const user = await addUser({ roles: [{ name: 'admin' }] });
    await link(target, user, account);
    if (target === naive) {
      // The host has to have the user's record, as after any run that matched.
      await user.update({ phone: `199${userid(account).slice(-8)}` });
      scene.dingtalk.changeMember(account, { mobile: String(user.get('phone')) });
    }
    await target.run([account]);
    scene.dingtalk.changeMember(account, {
      mobile: `177${userid(account).slice(-8)}`,
      org_email: `${user.get('id')}@corp.example.com`,
    });
    await target.run([account]);
    await user.reload();
    return user.get() as Record<string, unknown>;
  }

  it('of an administrator are never written', async () => {
    const unprotected = await overwriteWaysIn(naive);
    expect(unprotected).toMatchObject({
      phone: expect.stringMatching(/^177/),
      email: expect.stringContaining('@corp'),
    });

    const nickname = `User ${count + 1}`;
    expect(await overwriteWaysIn(ours)).toMatchObject({ phone: null, email: null, nickname });
  });

  it('are not taken by a new member, who waits for the user whose they are', async () => {
    const boss = await addUser({ email: 'boss@corp.example.com' });
    const member = addMember({ org_email: 'boss@corp.example.com' });
    const source = new NaiveSource(scene.nocobase);
    await source.run([member], { matchKey: 'email' });
    expect(await signedInAs(naive, member)).toBe(nameOf(boss));
    await boss.update({ phone: null });

    const other = addMember({ org_email: 'Boss@corp.example.com' });
    await ours.run([other]);
    expect(await signedInAs(ours, other)).not.toBe(nameOf(boss));
    expect((await scene.userOf(other))?.get('email')).toBeNull();
    expect((await scene.entryOf(other))?.notes).toContain('EMAIL_TAKEN');
  });
});

describe('A4: fields that name any column', () => {
  const signInByPassword = (account: unknown, password: string) =>
    fetch(`${scene.nocobase.url}/api/auth:signIn`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-authenticator': 'basic' },
      body: JSON.stringify({ account, password }),
    });

  it.each(['password', 'resetToken', 'username', 'mainDepartmentId', 'createdById', 'roles'])(
    'do not name %s, when they are saved and when they are used',
    async (column) => {
      const fields = { jobNumber: { column, follow: 'always' } } as const;
      expect(await scene.choose({ fields })).toMatchObject({ status: 400, code: 'SOURCE_COLUMN_REFUSED' });
      const row = await scene.nocobase.db.getModel('userDataSyncSources').findByPk(scene.source);
      const { options } = row?.get() ?? {};
      await row?.update({ options: { ...options, fields } });
      const before = await scene.content();
      expect(await scene.sources.pull('main')).toMatchObject({ status: 400, code: 'SOURCE_COLUMN_REFUSED' });
      expect(await scene.content()).toEqual(before);
      await row?.update({ options });
    },
  );

  it('would make the job number a password', async () => {
    const member = addMember({ job_number: 'a-known-password' });
    const user = await addUser({ phone: member.mobile });
    await naive.run([member], { columns: { job_number: 'password' } });
    expect((await signInByPassword(user.get('username'), 'a-known-password')).status).toBe(200);
  });
});

describe('A5: a number that somebody entered', () => {
  /** An employee enters the director's number; the director need not even sign in. */
  async function enterNumber(target: Target) {
    const director = addMember({ dept_id_list: [1001] });
    const user = await addUser({ phone: director.mobile });
    await target.run([director]);
    return { user, director };
  }

  it('gives nobody the director’s departments while profiles can be edited', async () => {
    const unprotected = await enterNumber(naive);
    expect(Object.keys(await scene.departmentsOf(unprotected.user))).toHaveLength(1);

    await scene.letUsersEditProfiles(true);
    const { user, director } = await enterNumber(ours);
    expect([await scene.departmentsOf(user), await scene.boundTo(director)]).toEqual([{}, []]);
    expect(await scene.rowOf(director)).toMatchObject({ state: 'open', reason: 'PHONE_MATCH_OFF' });
  });

  it.each(['confirm', 'never'])('is not matched at night where sign-ins are matched "%s"', async (matchByPhone) => {
    const row = await scene.nocobase.db.getModel('authenticators').findOne({ where: { name: 'dingtalk' } });
    const { options } = row?.get() ?? {};
    await row?.update({ options: { ...options, dingtalk: { ...options.dingtalk, matchByPhone } } });
    const { user, director } = await enterNumber(ours);
    await row?.update({ options });
    expect([await scene.departmentsOf(user), await scene.boundTo(director)]).toEqual([{}, []]);
    expect(await scene.rowOf(director)).toMatchObject({ reason: 'PHONE_MATCH_OFF' });
  });

  it('of a leaver leads nobody else to the leaver’s user', async () => {
    const recycle = async (target: Target) => {
      const leaver = addMember();
      const user = await addUser({ phone: leaver.mobile });
      await target.run([leaver]);
      scene.dingtalk.leave(leaver);
      if (target === ours) {
        await target.run([leaver]);
      }
      const accomplice = addMember({ mobile: leaver.mobile });
      await target.run([accomplice]);
      return { user, accomplice };
    };
    const unprotected = await recycle(naive);
    expect(await signedInAs(naive, unprotected.accomplice)).toBe(nameOf(unprotected.user));

    const { user, accomplice } = await recycle(ours);
    expect(await signedInAs(ours, accomplice)).not.toBe(nameOf(user));
    expect(await scene.rowOf(accomplice)).toMatchObject({ state: 'open', reason: 'PHONE_OF_UNLINKED' });
  });
});

describe('A6: who is not matched', () => {
  async function addAdministratorsNumber(target: Target) {
    const account = addMember();
    await addUser({ phone: account.mobile, roles: [{ name: 'admin' }] });
    const users = await scene.nocobase.countUsers();
    await (target === naive
      ? new NaiveSource(scene.nocobase).run([account], { matchKey: 'username' })
      : target.run([account]));
    return { account, created: (await scene.nocobase.countUsers()) - users };
  }

  it('becomes no second user', async () => {
    expect((await addAdministratorsNumber(naive)).created).toBe(1);

    const { account, created } = await addAdministratorsNumber(ours);
    expect([created, await scene.boundTo(account)]).toEqual([0, []]);
    expect(await scene.rowOf(account)).toMatchObject({ state: 'open', reason: 'USER_PRIVILEGED' });
    expect(await signedInAs(ours, account)).toBe('LINK_FIRST');
  });
});

describe('A7: many small bites', () => {
  it('of a small company stop, one run after the other', async () => {
    const cast = [1, 2, 3, 4].map(() => addMember());
    await naive.run(cast);
    const users = await scene.nocobase.countUsers();
    cast.forEach((account) => scene.dingtalk.leave(account));
    await naive.run(cast);
    expect(await scene.nocobase.countUsers()).toBe(users - 4);

    const leavers = Array.from({ length: 6 }, () => addMember());
    await ours.run(leavers);
    await scene.choose({ brake: { free: 0, percent: 50, most: 3 } });
    // What earlier tests took away counts: it was within a day.
    await scene.nocobase.db.getModel('dingtalkRuns').update({ takenAway: {} }, { where: {} });
    const outcomes: string[] = [];
    for (const leaver of leavers) {
      scene.dingtalk.leave(leaver);
      const { status } = await scene.run();
      outcomes.push(status);
    }
    await scene.choose({ brake: { free: 50, percent: 50, most: 1000 } });
    expect(outcomes).toEqual(['success', 'success', 'success', 'failed', 'failed', 'failed']);
    const bound = await Promise.all(leavers.map((leaver) => scene.boundTo(leaver)));
    expect(bound.filter((one) => one.length).length).toBe(3);
    await scene.run();
  });
});

describe('B1: what an administrator took away', () => {
  async function unlinkAndRun(target: Target) {
    const account = addMember();
    const user = await addUser({ phone: account.mobile });
    await target.run([account]);
    const body = { authenticator: target.authenticator, user: user.get('id') };
    expect(await scene.root.call('unlinkUser', body)).toMatchObject({ status: 200 });
    await target.run([account]);
    return { account, user };
  }

  it('a binding, is not given back at night', async () => {
    const unprotected = await unlinkAndRun(naive);
    expect(await scene.boundTo(unprotected.account)).toEqual([String(unprotected.user.get('id'))]);

    const { account } = await unlinkAndRun(ours);
    expect(await scene.boundTo(account)).toEqual([]);
    expect(await scene.rowOf(account)).toMatchObject({ state: 'open', reason: 'UNLINKED_BEFORE' });
  });

  it('a user, is not made again', async () => {
    const deleteAndRun = async (target: Target) => {
      const account = addMember();
      await target.run([account]);
      const [{ userId }] = (await scene.nocobase.bindings()).filter(({ uuid }) => uuid === account.unionId);
      await scene.nocobase.db.getRepository('users').destroy({ filterByTk: userId });
      await target.run([account]);
      return account;
    };
    expect(await scene.boundTo(await deleteAndRun(naive))).toHaveLength(1);

    const account = await deleteAndRun(ours);
    expect(await scene.boundTo(account)).toEqual([]);
    expect(await scene.rowOf(account)).toMatchObject({ state: 'open', reason: 'DELETED_BEFORE' });
    deleteInDingTalk(account);
  });

  it('an account that is blocked, is not created, linked or changed', async () => {
    const account = addMember();
    const user = await addUser({ phone: account.mobile });
    await ours.run([account]);
    const body = { authenticator: 'dingtalk', user: user.get('id') };
    expect(await scene.root.call('blockUser', body)).toMatchObject({ status: 200 });
    scene.dingtalk.changeMember(account, { name: 'Renamed', dept_id_list: [1001] });
    const users = await scene.nocobase.countUsers();
    await ours.run([account]);
    expect(await scene.nocobase.countUsers()).toBe(users);
    expect(await scene.departmentsOf(user)).toEqual({});
    expect(await scene.entryOf(account)).toMatchObject({ action: 'skipped', reason: 'BLOCKED' });
    expect(await signedInAs(ours, account)).toBe('ACCOUNT_BLOCKED');
  });
});

describe('B2: sessions that are ended', () => {
  it('are, with the very next request, API keys included', async () => {
    const { db, app } = scene.nocobase;
    const account = addMember();
    await ours.run([account]);
    const user = (await scene.userOf(account)) as Model;
    const session = await Session.of(scene.nocobase, user as Model);
    const payload = { userId: user.get('id'), roleName: 'member' };
    const key = new Session(session.browser, session.id, app.authManager.jwt.sign(payload, { expiresIn: '1h' }));
    // What a careless run does: tokens that are valid are not looked up there.
    await db.getModel('issuedTokens').destroy({ where: { userId: user.get('id') } });
    const statuses = async () => [(await session.call('getLinks')).status, (await key.call('getLinks')).status];
    // The key is let in, and told that this page is for who signs in.
    expect(await statuses()).toEqual([200, 403]);

    scene.dingtalk.leave(account);
    await ours.run([account]);
    expect(await statuses()).toEqual([401, 401]);
  });
});

describe('B3: departments that vanish from what the app may see', () => {
  it('stay, with who is in them and what was made by hand below them', async () => {
    const { dingtalk, nocobase } = scene;
    const { db } = nocobase;
    const parent = dingtalk.addDepartment({ name: 'Out of scope' });
    const account = addMember({ dept_id_list: [parent.dept_id] });
    await ours.run([account]);
    const department = await scene.department(parent.dept_id);
    const child = await db.getModel('departments').create({ title: 'By hand', parentId: department?.get('id') });
    const copy = await db.getModel('departments').create({ title: 'Copy' });
    const ofCopy = await db.getModel('departments').create({ title: 'By hand', parentId: copy.get('id') });
    await db.getRepository('departments').destroy({ filterByTk: copy.get('id') });
    expect(await db.getModel('departments').findByPk(ofCopy.get('id'))).toBeNull();

    const titles = async () => (await db.getModel('departments').findAll()).map((one) => one.get('title')).sort();
    const before = await titles();
    dingtalk.data.apps[0].contactScope = { departments: [1001], users: [] };
    await ours.run([account]);
    dingtalk.data.apps[0].contactScope = 'all';
    expect(await titles()).toEqual(before);
    expect(await db.getModel('departments').findByPk(child.get('id'))).not.toBeNull();
    // Outside of the scope is not left.
    expect(await scene.boundTo(account)).toHaveLength(1);
    await ours.run([account]);
    expect(Object.keys(await scene.departmentsOf(await scene.userOf(account)))).toEqual(['Out of scope']);
  });
});

describe('B4, B5: the policy "delete"', () => {
  afterEach(() => scene.choose({ leavers: 'detach', departments: null }));

  const due = (account: Account) =>
    scene.nocobase.db.getModel(MEMBERS).update({ deleteAt: Date.now() - 1 }, { where: { unionId: account.unionId } });

  it('holds for those who leave after it was set', async () => {
    const earlier = addMember();
    await ours.run([earlier]);
    const user = await scene.userOf(earlier);
    scene.dingtalk.leave(earlier);
    await ours.run([earlier]);
    await scene.choose({ leavers: 'delete' });
    await ours.run([earlier]);
    expect(await scene.rowOf(earlier)).toMatchObject({ state: 'left', deleteAt: undefined });
    expect(await scene.user(user?.get('id'))).not.toBeNull();
  });

  it('deletes who left 30 days ago, but nobody who owns rows that would go with the user', async () => {
    const { db } = scene.nocobase;
    await db.getRepository('collections').create({
      values: {
        name: 'contracts',
        fields: [{ type: 'belongsTo', name: 'owner', target: 'users', foreignKey: 'ownerId', onDelete: 'CASCADE' }],
      },
      context: {},
    });
    await scene.choose({ leavers: 'delete' });
    const [owner, other, unprotected] = [addMember(), addMember(), await addUser()];
    await ours.run([owner, other]);
    const [ownerUser, otherUser] = [await scene.userOf(owner), await scene.userOf(other)];
    for (const user of [ownerUser, unprotected]) {
      await db.getModel('contracts').create({ ownerId: user?.get('id') });
    }
    await unprotected.destroy();
    expect(await db.getModel('contracts').count()).toBe(1);

    [owner, other].forEach((account) => scene.dingtalk.leave(account));
    await ours.run([owner, other]);
    expect([await scene.user(ownerUser?.get('id')), await scene.user(otherUser?.get('id'))]).not.toContain(null);
    await due(owner);
    await due(other);
    await ours.run([owner, other]);
    expect(await scene.user(otherUser?.get('id'))).toBeNull();
    expect(await scene.user(ownerUser?.get('id'))).not.toBeNull();
    expect(await db.getModel('contracts').count()).toBe(1);
    expect((await scene.entryOf(owner))?.notes).toEqual(['USER_UNDELETABLE']);
  });

  it('takes nobody outside of the departments that are chosen for a leaver', async () => {
    const account = addMember({ dept_id_list: [1001] });
    await ours.run([account]);
    await scene.choose({ leavers: 'delete', departments: [1002] });
    await ours.run([account]);
    expect(await scene.rowOf(account)).toMatchObject({ state: 'outside' });
    expect(await scene.boundTo(account)).toHaveLength(1);
    expect(await scene.departmentsOf(await scene.userOf(account))).toEqual({});
  });
});

describe('B6: two sources on one app, or a clone', () => {
  it('a second source is refused when it is saved, and when it runs', async () => {
    const options = { authenticator: 'naive', schedule: null } as const;
    expect(await scene.sources.save('second', options)).toMatchObject({ status: 409, code: 'SOURCE_APP_TAKEN' });
    const values = { name: 'second', sourceType: 'dingtalk', enabled: true, options };
    const row = await scene.nocobase.db.getModel('userDataSyncSources').create(values);
    expect(await scene.sources.pull('second')).toMatchObject({ status: 409, code: 'SOURCE_APP_TAKEN' });
    await row.destroy();
  });

  it('a clone that is off asks DingTalk nothing', async () => {
    process.env.DINGTALK_DIRECTORY = 'off';
    const calls = scene.dingtalk.calls.length;
    expect(await scene.sources.pull('main')).toMatchObject({ status: 409, code: 'SYNC_OFF' });
    delete process.env.DINGTALK_DIRECTORY;
    expect(scene.dingtalk.calls).toHaveLength(calls);
  });
});

describe('C2: what a report tells', () => {
  it('is no formula, no number and no name of an administrator', async () => {
    const { nocobase, source, root, dingtalk } = scene;
    const formula = addMember({ name: '=HYPERLINK("https://evil.example","x")' });
    const account = addMember({ name: 'Known Administrator' });
    await link(ours, await addUser({ roles: [{ name: 'admin' }] }), account);
    await ours.run([formula, account]);
    dingtalk.leave(account);
    await ours.run([account]);
    const manager = await Session.of(nocobase, await addUser({ roles: [{ name: 'manager' }] }));
    const headers = { 'x-role': 'manager' };
    const { data: runs = [] } = await root.call<{ id: string }[]>('getRuns', { source });
    const tables = await Promise.all(
      runs.slice(0, 2).map(({ id }) => manager.call<{ csv: string }>('exportReport', { source, run: id }, headers)),
    );
    const text = tables.map(({ data }) => data?.csv).join('\n');
    expect(text).toContain(`"'=HYPERLINK`);
    expect(text).not.toContain('Known Administrator');
    expect([formula.mobile, account.mobile].filter((mobile) => text.includes(mobile))).toEqual([]);
    // Whoever may read sources, without the snippet, reads no report with them.
    const [row] = await nocobase.db.getModel('userDataSyncSources').findAll();
    expect(JSON.stringify(row.get('options'))).not.toContain('HYPERLINK');
  });
});

describe('C7: administrators who leave', () => {
  it('lose the binding’s use and their sessions, not their roles; the last one loses nothing', async () => {
    const { root } = scene;
    const [account, ofRoot] = [addMember(), addMember()];
    const user = await addUser({ roles: [{ name: 'admin' }] });
    await link(ours, user, account);
    await link(ours, await rootUser(), ofRoot);
    await ours.run([account, ofRoot]);
    const session = await Session.of(scene.nocobase, user as Model);
    [account, ofRoot].forEach((one) => scene.dingtalk.leave(one));
    await ours.run([account, ofRoot]);
    const [first] = await scene.entries();
    expect(first).toMatchObject({ action: 'suspended', userId: String(user.get('id')) });
    expect(await session.call('getLinks')).toMatchObject({ status: 401 });
    expect(await signedInAs(ours, account)).not.toBe(nameOf(user));
    expect(await isAdministrator(user)).toBe(true);
    expect(await scene.entryOf(ofRoot)).toMatchObject({ action: 'open', reason: 'LAST_ADMINISTRATOR' });
    expect(await root.call('getLinks')).toMatchObject({ status: 200 });
  });
});

describe('C9: a source that is deleted and made again under its name', () => {
  it('knows nothing of the members of the old one, whose users keep their bindings', async () => {
    const { nocobase, sources, source } = scene;
    const account = addMember();
    await ours.run([account]);
    const [userId] = await scene.boundTo(account);
    expect(await sources.send(`userDataSyncSources:destroy?filterByTk=${source}`)).toMatchObject({ status: 200 });
    expect(await nocobase.db.getModel(MEMBERS).count()).toBe(0);
    expect(await scene.boundTo(account)).toEqual([userId]);
    const users = await nocobase.countUsers();
    const again = await sources.add('main', { authenticator: 'dingtalk', schedule: null });
    expect(again).not.toBe(source);
    const { userid: address } = account.memberships[0];
    deleteInDingTalk(account);
    const accomplice = addMember({ userid: address });
    expect(await sources.run('main', again)).toMatchObject({ status: 'success' });
    expect(await scene.boundTo(accomplice)).not.toContain(userId);
    // The accomplice is a user of their own; nobody else is new.
    expect(await nocobase.countUsers()).toBe(users + 1);
  });

  it('T68: begins from nothing: makes users anew who were deleted, and shows that before; a block goes on', async () => {
    const { nocobase, sources, root } = scene;
    const { db } = nocobase;
    const [{ id: before }] = (await db
      .getModel('userDataSyncSources')
      .findAll({ where: { name: 'main' }, raw: true })) as unknown as { id: number }[];
    const [deleted, blocked] = [addMember(), addMember()];
    await sources.run('main', String(before));
    const ids = [(await scene.boundTo(deleted))[0], (await scene.boundTo(blocked))[0]];
    await root.call('blockUser', { authenticator: 'dingtalk', user: ids[1] });
    await db.getRepository('users').destroy({ filterByTk: ids });
    const reasons = async (source: string) => {
      const options = { authenticator: 'dingtalk', schedule: null };
      const { entries = [] } = (await root.call<Preview>('previewRun', { options, source })).data ?? {};
      return [deleted, blocked].map((account) => {
        const found = entries.find(({ id }) => id === userid(account));
        return found?.reason ?? found?.action;
      });
    };
    expect(await reasons(String(before))).toEqual(['DELETED_BEFORE', 'BLOCKED']);
    // SQLite refuses what comes beside another write.
    const destroy = async () => (await sources.send(`userDataSyncSources:destroy?filterByTk=${before}`)).status === 200;
    await until('it is deleted', destroy, { seconds: 20 });
    const again = await sources.add('main', { authenticator: 'dingtalk', schedule: null });
    expect(await reasons(again)).toEqual(['created', 'BLOCKED']);
  });
});
