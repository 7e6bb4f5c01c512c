// First: NocoBase reads its environment when it is first required.
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import type { Model } from '@nocobase/database';
import { createDatabase, describeOnEachDatabase, type TestDatabase } from '../../../testing/nocobase/databases';
import { Session } from '../../../testing/nocobase/session';
import { DEPARTMENTS, MEMBERS, RUNS, SOURCES } from '../directory/store/collections';
import { ENDED_SESSIONS, EXCLUSIONS, makeTables } from './collections';

const TABLES = [EXCLUSIONS, ENDED_SESSIONS, MEMBERS, DEPARTMENTS, SOURCES, RUNS];

describe('the tables of the plugin', () => {
  let nocobase: NocoBase;
  let sessions: Record<string, Session>;

  beforeAll(async () => {
    nocobase = await startNocoBase();
    const { db } = nocobase;
    await db.getModel(EXCLUSIONS).create({ authenticator: 'dingtalk', reason: 'blocked', account: 'Li' });
    await db.getModel(ENDED_SESSIONS).create({ userId: 1_000_000, sessions: 1 });
    await db.getModel(SOURCES).create({ sourceId: 1, corpId: 'ding1' });
    await db
      .getModel(MEMBERS)
      .create({ sourceId: 1, dingtalkUserid: 'li', unionId: 'u', unionKey: 'k', state: 'open' });
    await db.getModel(DEPARTMENTS).create({ sourceId: 1, departmentId: 2, nocobaseId: 3 });
    await db.getModel(RUNS).create({ sourceId: 1, trigger: 'manual', began: 1, outcome: 'success' });
    const root: Model = await db.getRepository('users').findOne({ filter: { id: 1 } });
    const user = (role: string) => nocobase.addUser({ nickname: role, roles: [{ name: role }] });
    sessions = {
      root: await Session.of(nocobase, root),
      administrator: await Session.of(nocobase, await user('admin')),
      member: await Session.of(nocobase, await user('member')),
    };
  }, 60_000);

  afterAll(() => nocobase?.stop());

  async function ask(who: string, path: string, method = 'GET') {
    const { browser, token } = sessions[who];
    const response = await browser.fetch(`/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(who === 'administrator' && { 'x-role': 'admin' }) },
      ...(method === 'POST' && { json: { authenticator: 'x', reason: 'x', userId: 2, sessions: 0 } }),
    });
    return { status: response.status, text: await response.text() };
  }

  it('T48: control: a table of NocoBase, which root reads', async () => {
    const answer = { status: 200, text: expect.stringContaining('jti') };
    expect(await ask('root', 'issuedTokens:list')).toMatchObject(answer);
  });

  const actions = ['list', 'get?filterByTk=1', 'create', 'update?filterByTk=1', 'destroy?filterByTk=1', 'none'];
  const others = ['firstOrCreate', 'updateOrCreate', 'query', 'move', 'export', 'add', 'set', 'toggle'];

  it.each(TABLES)('T48: %s is read and changed by nobody through the API', async (table) => {
    const before = await nocobase.db.getModel(table).findAll({ raw: true });
    for (const who of Object.keys(sessions)) {
      for (const action of [...actions, ...others]) {
        for (const method of ['GET', 'POST']) {
          const { status, text } = await ask(who, `${table}:${action}`, method);
          expect([who, action, method, status, text]).toEqual([who, action, method, 404, 'Not Found']);
        }
      }
      expect((await ask(who, table)).status).toBe(404);
      expect((await ask(who, `${table}/1`, 'DELETE')).status).toBe(404);
      expect((await ask(who, `collections:get?filterByTk=${table}`)).text).not.toContain('"fields"');
    }
    expect(await nocobase.db.getModel(table).findAll({ raw: true })).toEqual(before);
  });

  it('are in no list of tables that administrators see, and a part of the backups that users are a part of', async () => {
    expect((await ask('root', 'collections:list?paginate=false')).text).not.toContain('dingtalk');
    const { dumpRules, shared } = nocobase.db.getCollection('users').options;
    for (const table of TABLES) {
      expect(nocobase.db.getCollection(table).options).toMatchObject({ dumpRules, shared });
    }
  });
});

describeOnEachDatabase('a table that an earlier build of this version made, without a column', (dialect) => {
  let database: TestDatabase;
  let nocobase: NocoBase;

  /** A plain start, as after a restart: NocoBase's own upgrade is not run. */
  const start = async (isInstalled: boolean) => {
    nocobase = await startNocoBase(dialect, { on: database, isInstalled });
  };
  const queries = () => nocobase.db.sequelize.getQueryInterface();
  const columnOf = async () => (await queries().describeTable(EXCLUSIONS)).phoneFingerprint;
  const indexesOf = async () =>
    ((await queries().showIndex(EXCLUSIONS)) as { name: string; fields: { attribute: string }[] }[])
      .filter(({ fields }) => fields.some(({ attribute }) => attribute === 'phoneFingerprint'))
      .map(({ name }) => name);

  async function takeColumnOut() {
    for (const name of await indexesOf()) {
      await queries().removeIndex(EXCLUSIONS, name);
    }
    await queries().removeColumn(EXCLUSIONS, 'phoneFingerprint');
    expect(await columnOf()).toBeUndefined();
  }

  beforeAll(async () => {
    database = await createDatabase(dialect);
    await start(false);
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await database?.drop();
  });

  it('gets it, and its index, by a plain start, and keeps its rows', async () => {
    const values = { authenticator: 'dingtalk', reason: 'blocked', userId: 1, account: 'Li' };
    await nocobase.db.getModel(EXCLUSIONS).create(values);
    await takeColumnOut();
    await expect(nocobase.db.getModel(EXCLUSIONS).findAll()).rejects.toThrow();
    await nocobase.stop();
    await start(true);
    expect(await columnOf()).toMatchObject({ allowNull: true });
    expect(await indexesOf()).toHaveLength(1);
    const rows = await nocobase.db.getModel(EXCLUSIONS).findAll({ raw: true });
    expect(rows).toMatchObject([{ account: 'Li', reason: 'blocked', phoneFingerprint: null }]);
  });

  it('gets it once where two nodes start at the same time', async () => {
    await takeColumnOut();
    await Promise.all([makeTables(nocobase.db), makeTables(nocobase.db)]);
    expect(await columnOf()).toMatchObject({ allowNull: true });
  });

  it('is left alone where nothing is missing, and keeps a column of a later version', async () => {
    await queries().addColumn(EXCLUSIONS, 'later', { type: 'VARCHAR(255)' });
    const spy = jest.spyOn(nocobase.db.getCollection(EXCLUSIONS), 'sync');
    await makeTables(nocobase.db);
    expect(spy).not.toHaveBeenCalled();
    expect(await queries().describeTable(EXCLUSIONS)).toHaveProperty('later');
  });
});
