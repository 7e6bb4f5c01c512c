import type { FaultRule } from '../../../emulator';
import english from '../../locale/en-US.json';
import { Scene } from '../../../testing/directory/scene';
import { withQuickPace } from '../../../testing/directory/quick-pace';
import type { Task } from '../../../testing/nocobase/sources';
import { type ErrorCode, errorCodes, keyForAdministrators } from '../../shared/codes';
import { SOURCES } from '../directory/store/collections';
import { cleanName } from '../accounts/names';
import { scheduledRun } from './scheduled-run';

// What DingTalk, the network, an administrator or an attacker may get wrong. A run then ends with a code and a sentence
// that says who must do what, and NocoBase is as it was: nothing is lost or doubled, and nobody may do more.

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start({ company: { people: 12, departments: 6, odd: true } });
  // The last of a company has the number of the first.
  scene.dingtalk.changeMember(person(11), { mobile: '13712345678' });
}, 120_000);

afterEach(() => {
  const { data } = scene.dingtalk;
  data.faults.length = 0;
  Object.assign(data.apps[0], { contactScope: 'all' });
  jest.restoreAllMocks();
});

afterAll(() => scene?.stop());

const person = (index: number) => scene.dingtalk.data.accounts[index];
const sentenceOf = (code: ErrorCode) => `(${code}) ${english[keyForAdministrators(code)]}`;

/** Runs, and expects that all tables are as they were but those that tell of the run. */
async function untouched<T>(work: () => Promise<T>): Promise<T> {
  const before = await scene.content();
  const result = await work();
  expect(await scene.content()).toEqual(before);
  return result;
}

/** The list of tasks holds no more than 255 characters of it. */
function expectSaid({ status, message }: Task, code: ErrorCode) {
  expect(status).toBe('failed');
  expect(message?.slice(0, 250)).toBe(sentenceOf(code).slice(0, 250));
  expect(['user', 'administrator', 'dingtalk']).toContain(errorCodes[code].actor);
}

describe('before anything is known', () => {
  it.each<[string, Partial<(typeof scene.dingtalk.data.apps)[0]>, ErrorCode]>([
    ['an app without a permission', { permissions: [] }, 'DIRECTORY_PERMISSION'],
    ['an app that may see nobody', { contactScope: { departments: [], users: [] } }, 'DIRECTORY_EMPTY'],
    ['a secret that was renewed', { clientSecret: 'another' }, 'CREDENTIALS_INVALID'],
    ['an IP address that is not on the list', { ipWhiteList: ['203.0.113.9'] }, 'IP_NOT_ALLOWED'],
  ])('%s writes nothing and says who must do what', async (_, changes, code) => {
    const [app] = scene.dingtalk.data.apps;
    const before = { ...app };
    Object.assign(app, changes);
    await scene.nocobase.app.cache.reset();
    expectSaid(await untouched(() => scene.run()), code);
    Object.assign(app, before);
    await scene.nocobase.app.cache.reset();
  });

  it('three clicks at once make one task, and each member a user once', async () => {
    const users = await scene.nocobase.countUsers();
    const answers = await Promise.all([1, 2, 3].map(() => scene.sources.pull('main')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.message).toContain(english.SYNC_RUNNING);
    expect(await scene.sources.ended(scene.source)).toMatchObject({ status: 'success' });
    expect(await scene.nocobase.countUsers()).toBe(users + 12);
    expect(await scene.nocobase.bindings()).toHaveLength(12);
  });

  it('names of 300 characters, with emoji, markup and other directions are cleaned and stored', async () => {
    for (const account of scene.dingtalk.data.accounts) {
      const nickname = (await scene.userOf(account))?.get('nickname');
      expect(nickname).toBe(cleanName(account.memberships[0].name));
      expect(String(nickname)).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
      expect([...String(nickname)].length).toBeLessThanOrEqual(255);
    }
    for (const { dept_id, name } of scene.dingtalk.data.departments) {
      const title = String((await scene.department(dept_id))?.get('title'));
      expect(title.length).toBeGreaterThan(0);
      expect([...title].length).toBeLessThanOrEqual(255);
      expect(name).toContain(title.slice(0, 2).trim());
    }
  });
});

describe('an answer that is not whole', () => {
  type Fault = Pick<FaultRule, 'endpoint' | 'fault'> & Partial<FaultRule>;

  it.each<[string, Fault]>([
    ['no members', { endpoint: 'v2/user/list', fault: 'emptyList' }],
    ['half of the members', { endpoint: 'v2/user/list', fault: 'halfList' }],
    ['no departments', { endpoint: 'v2/department/listsub', fault: 'emptyList' }],
    ['half of the departments', { endpoint: 'v2/department/listsub', fault: 'halfList' }],
  ])('%s, which says that it is all, takes nothing from anybody', async (_, fault) => {
    scene.dingtalk.data.faults.push(fault);
    expect(await untouched(() => scene.run())).toMatchObject({ status: 'success' });
  });

  it.each<[string, Fault, ErrorCode]>([
    [
      'a page that fails at the end',
      { endpoint: 'v2/user/list', fault: 'lastPageFails', after: 3 },
      'DIRECTORY_INCOMPLETE',
    ],
    ['pages without an end', { endpoint: 'v2/user/list', fault: 'endlessPages', after: 2 }, 'DIRECTORY_INCOMPLETE'],
    ['text that is cut short', { endpoint: 'v2/user/list', fault: 'truncatedJson', after: 2 }, 'DIRECTORY_INCOMPLETE'],
    ['values of other types', { endpoint: 'v2/user/list', fault: 'wrongTypes', after: 2 }, 'DIRECTORY_INCOMPLETE'],
    ['a page of a proxy', { endpoint: 'v2/department/listsub', fault: 'htmlBan', after: 2 }, 'DIRECTORY_INCOMPLETE'],
    ['DingTalk down in the middle', { endpoint: '*', fault: 'reset', after: 5 }, 'DINGTALK_UNAVAILABLE'],
    [
      'a permission that is taken away',
      { endpoint: 'v2/user/list', fault: 'permission88', after: 2 },
      'DIRECTORY_PERMISSION',
    ],
  ])('%s ends the run before its first write', async (_, fault, code) => {
    scene.dingtalk.data.faults.push(fault);
    const leaver = person(4);
    scene.dingtalk.changeMember(leaver, { name: 'Changed meanwhile' });
    await withQuickPace(async () => expectSaid(await untouched(() => scene.run()), code));
    scene.dingtalk.data.faults.length = 0;
    // It can be retried, and the same run then does its work.
    const [task] = await scene.sources.tasks(scene.source);
    await scene.sources.send(`userData:retry?id=${task.id}&sourceId=${scene.source}`);
    expect(await scene.sources.ended(scene.source)).toMatchObject({ id: task.id, status: 'success' });
  });

  it('a leaver of whom DingTalk cannot be asked stays, and so does everybody else', async () => {
    const leaver = scene.dingtalk.addMember();
    await scene.run();
    scene.dingtalk.leave(leaver);
    scene.dingtalk.data.faults.push({ endpoint: 'v2/user/get', fault: 'error500' });
    await withQuickPace(async () => expect(await untouched(() => scene.run())).toMatchObject({ status: 'failed' }));
    scene.dingtalk.data.faults.length = 0;
    await scene.run();
    expect(await scene.rowOf(leaver)).toMatchObject({ state: 'left' });
  });

  it('a minute of throttling is waited for, and after that said', async () => {
    scene.dingtalk.data.faults.push({ endpoint: 'v2/user/list', fault: 'throttle90018', times: 5 });
    await withQuickPace(async (waited) => {
      expect(await untouched(() => scene.run())).toMatchObject({ status: 'success' });
      expect(waited()).toBeGreaterThan(1000);
      scene.dingtalk.data.faults.push({ endpoint: 'v2/user/list', fault: 'throttle88' });
      const before = waited();
      expectSaid(await untouched(() => scene.run()), 'DINGTALK_BUSY');
      expect(waited() - before).toBeGreaterThanOrEqual(60_000);
    });
  });
});

describe('a tree that is none', () => {
  afterEach(() => {
    scene.dingtalk.data.settings.brokenTree = false;
  });

  it('with a loop, or without a parent, ends, and loses no member', async () => {
    const { dingtalk } = scene;
    const [one, two, three] = ['One', 'Two', 'Three'].map((name) => dingtalk.addDepartment({ name }));
    const members = [one, two, three].map(({ dept_id }) => dingtalk.addMember({ dept_id_list: [dept_id] }));
    await scene.run();
    const bound = await scene.nocobase.bindings();
    dingtalk.data.settings.brokenTree = true;
    dingtalk.changeDepartment(one.dept_id, { parent_id: two.dept_id });
    dingtalk.changeDepartment(two.dept_id, { parent_id: one.dept_id });
    dingtalk.changeDepartment(three.dept_id, { parent_id: 999_999 });
    const { status, message } = await scene.run();
    expect([status, message]).toEqual(['success', expect.any(String)]);
    expect(await scene.nocobase.bindings()).toEqual(bound);
    const departments = await Promise.all(members.map(async (each) => scene.departmentsOf(await scene.userOf(each))));
    expect(departments.map((each) => Object.keys(each))).toEqual([['One'], ['Two'], ['Three']]);
    dingtalk.data.settings.brokenTree = false;
    [one, two, three].forEach(({ dept_id }) => dingtalk.changeDepartment(dept_id, { parent_id: 1 }));
    await scene.run();
  });

  it('has a department that vanishes while it is read: its members are in the next one', async () => {
    const { dingtalk } = scene;
    const department = dingtalk.addDepartment({ name: 'Vanishing' });
    const member = dingtalk.addMember({ dept_id_list: [department.dept_id] });
    await scene.run();
    const users = await scene.nocobase.countUsers();
    dingtalk.onCall('v2/user/list', 2, () => dingtalk.removeDepartment(department.dept_id));
    expect(await scene.run()).toMatchObject({ status: 'success' });
    expect(await scene.run()).toMatchObject({ status: 'success' });
    expect(await scene.nocobase.countUsers()).toBe(users);
    expect(await scene.boundTo(member)).toHaveLength(1);
    expect(await scene.departmentsOf(await scene.userOf(member))).toEqual({});
    expect(await scene.department(department.dept_id)).toBeNull();
  });
});

describe('members who are not as others', () => {
  it('two with one number or e-mail address are two users, and neither has it', async () => {
    const { dingtalk } = scene;
    const one = dingtalk.addMember({ org_email: 'same@corp.example.com' });
    const two = dingtalk.addMember({ mobile: one.mobile, org_email: 'same@corp.example.com' });
    await scene.run();
    for (const account of [one, two]) {
      expect((await scene.userOf(account))?.get()).toMatchObject({ phone: null, email: null });
      expect(await scene.boundTo(account)).toHaveLength(1);
    }
  });

  it('a userid with blanks, or that looks like another, is one address of one member', async () => {
    const { dingtalk } = scene;
    const accounts = [' a b ', 'a b', 'A B', "a' OR '1'='1", '中 文'].map((userid) => dingtalk.addMember({ userid }));
    const users = await scene.nocobase.countUsers();
    await scene.run();
    expect(await scene.nocobase.countUsers()).toBe(users + accounts.length);
    await untouched(() => scene.run());
    dingtalk.leave(accounts[0]);
    await scene.run();
    expect(await scene.rowOf(accounts[0])).toMatchObject({ state: 'left' });
    expect(await Promise.all(accounts.slice(1).map((each) => scene.rowOf(each)))).toEqual(
      accounts.slice(1).map(() => expect.objectContaining({ state: 'active' })),
    );
  });

  it('one who is called as root is, has a name of that kind, and an avatar that is no address of the web', async () => {
    const member = scene.dingtalk.addMember({ name: 'root', account: { avatarUrl: undefined } });
    await scene.run();
    expect((await scene.userOf(member))?.get('nickname')).not.toBe('root');
    expect((await scene.entryOf(member))?.notes).toEqual(['NAME_RESERVED']);
  });
});

describe('an authenticator that is not what it was', () => {
  const row = () => scene.nocobase.db.getModel('authenticators').findOne({ where: { name: 'dingtalk' } });

  async function withAuthenticator(values: object, dingtalk: object, work: () => Promise<void>) {
    const found = await row();
    const { enabled, options } = found?.get() ?? {};
    await found?.update({ ...values, options: { ...options, dingtalk: { ...options.dingtalk, ...dingtalk } } });
    await work().finally(() => found?.update({ enabled, options }));
  }

  it.each<[string, object, object, ErrorCode]>([
    ['disabled', { enabled: false }, {}, 'SOURCE_AUTHENTICATOR'],
    ['without a Corp ID', {}, { corpId: '' }, 'CORP_ID_REQUIRED'],
    ['without a secret', {}, { clientSecret: '' }, 'NOT_CONFIGURED'],
    ['moved to another organization', {}, { corpId: `ding${'d'.repeat(32)}` }, 'OTHER_DIRECTORY'],
    ['of another app', {}, { clientId: 'dinganotherapp01' }, 'OTHER_DIRECTORY'],
  ])('%s: no run begins, by Sync, Retry or the schedule', async (_, values, dingtalk, code) => {
    const { app, db } = scene.nocobase;
    await withAuthenticator(values, dingtalk, async () => {
      const calls = scene.dingtalk.calls.length;
      const before = await scene.content();
      const { status, message } = await scene.sources.pull('main');
      expect([status, message]).toEqual([
        errorCodes[code].status,
        expect.stringContaining(english[keyForAdministrators(code)]),
      ]);
      const [task] = await scene.sources.tasks(scene.source);
      await db.getModel('userDataSyncTasks').update({ status: 'failed' }, { where: { id: task.id } });
      const retried = await scene.sources.send(`userData:retry?id=${task.id}&sourceId=${scene.source}`);
      expect(retried).toMatchObject({ code });
      const source = await db.getModel('userDataSyncSources').findByPk(scene.source);
      await expect(scheduledRun(app, source as never)).rejects.toMatchObject({ code });
      expect(await scene.content()).toEqual(before);
      expect(scene.dingtalk.calls).toHaveLength(calls);
    });
    expect(await scene.run()).toMatchObject({ status: 'success' });
  });

  it('deleted: the source says so, and users keep their places', async () => {
    const { db } = scene.nocobase;
    const values = (await row())?.toJSON() as { id: number; name: string };
    const bindings = await db.getModel('usersAuthenticators').findAll({ raw: true });
    await db.getRepository('authenticators').destroy({ filterByTk: values.id });
    const users = await scene.nocobase.countUsers();
    expect(await scene.sources.pull('main')).toMatchObject({ status: 404, code: 'SOURCE_AUTHENTICATOR' });
    expect(await scene.nocobase.countUsers()).toBe(users);
    await db.getRepository('authenticators').create({ values });
    if (!(await db.getModel('usersAuthenticators').count())) {
      await db.getModel('usersAuthenticators').bulkCreate(bindings as never[]);
    }
    expect(await scene.run()).toMatchObject({ status: 'success' });
    expect(await scene.nocobase.countUsers()).toBe(users);
  });
});

describe('a database that goes down in the middle', () => {
  it('has nothing half; the task is ended by the next run, and can be retried', async () => {
    const { app, db } = scene.nocobase;
    const members = [1, 2, 3].map(() => scene.dingtalk.addMember({ dept_id_list: [1001] }));
    const source = await db.getModel('userDataSyncSources').findByPk(scene.source);
    const users = await scene.nocobase.countUsers();
    const query = db.sequelize.query.bind(db.sequelize) as (...given: unknown[]) => Promise<unknown>;
    let isDown = false;
    jest.spyOn(console, 'error').mockReturnValue();
    const spy = jest.spyOn(db.sequelize, 'query').mockImplementation(((...given: unknown[]) => {
      const [first] = given;
      const sql = typeof first === 'string' ? first : String((first as { query?: string }).query);
      // A database that goes down rolls back by itself.
      if (isDown && !/^ROLLBACK/i.test(sql)) {
        return Promise.reject(new Error('Connection terminated unexpectedly'));
      }
      isDown ||= /INSERT INTO ["`]?usersAuthenticators/.test(sql);
      return query(...given);
    }) as typeof db.sequelize.query);
    await expect(scheduledRun(app, source as never)).rejects.toMatchObject({ code: expect.any(String) });
    spy.mockRestore();
    expect(isDown).toBe(true);

    expect(await scene.nocobase.countUsers()).toBe(users);
    expect(await Promise.all(members.map((member) => scene.boundTo(member)))).toEqual([[], [], []]);
    const [task] = await scene.sources.tasks(scene.source);
    expect(task.status).toBe('processing');
    // A process that is gone holds the source for a minute.
    await db.getModel(SOURCES).update({ heldUntil: Date.now() - 1, claimedUntil: null }, { where: {} });
    expect(await scene.run()).toMatchObject({ status: 'success' });
    expect(await scene.nocobase.countUsers()).toBe(users + 3);
    const stale = (await scene.sources.tasks(scene.source)).find(({ id }) => id === task.id);
    expectSaid(stale as Task, 'SYNC_INTERRUPTED');
    await scene.sources.send(`userData:retry?id=${task.id}&sourceId=${scene.source}`);
    expect(await scene.sources.ended(scene.source)).toBeDefined();
    expect(await scene.nocobase.countUsers()).toBe(users + 3);
  });
});
