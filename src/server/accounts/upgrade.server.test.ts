// First: NocoBase reads its environment when it is first required.
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import path from 'node:path';
import { hasPreviousVersion, packPreviousVersion, PREVIOUS } from '../../../testing/browser/previous-version';
import { Browser } from '../../../testing/nocobase/browser';
import { createDatabase, describeOnEachDatabase, type TestDatabase } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { Session } from '../../../testing/nocobase/session';
import { signIn } from '../../../testing/nocobase/sign-in';
import { DEPARTMENTS, MEMBERS, RUNS, SOURCES } from '../directory/store/collections';
import { addMembers, type MemberValues, readMembers } from '../directory/store/members';
import { EVENT_SOURCES, EVENTS } from '../events/collections';
import { COUNTS } from '../notifications/counts';
import { ENDED_SESSIONS, EXCLUSIONS } from './collections';
import { endSessions } from './sessions';

declare const nativeRequire: NodeJS.Require;

const describeIfThere: typeof describeOnEachDatabase = hasPreviousVersion()
  ? describeOnEachDatabase
  : (name) => describe.skip(name, () => it('was not tried', () => undefined));

const member: MemberValues = {
  userid: 'li',
  unionId: 'someone',
  name: '李娜',
  state: 'active',
  isCreated: true,
  isLeftOut: false,
  isAllowed: false,
  written: { nickname: '李娜' },
  memberships: { 2: true },
  confirmed: [],
};

const OWN = [ENDED_SESSIONS, EXCLUSIONS, DEPARTMENTS, MEMBERS, RUNS, SOURCES, EVENTS, EVENT_SOURCES, COUNTS].sort();

/** The life of a database: each test begins with what the one before left. */
describeIfThere(`from ${PREVIOUS.version}, and back`, (dialect) => {
  let database: TestDatabase;
  let dingtalk: DingTalk;
  let nocobase: NocoBase | undefined;
  let previous: NonNullable<Parameters<typeof startNocoBase>[1]>['version'];
  let account: string;
  let userId: unknown;
  let isInstalled = false;

  beforeAll(async () => {
    const folder = path.dirname(await packPreviousVersion());
    ({ default: previous } = nativeRequire(path.join(folder, 'dist/server/index.js')));
    database = await createDatabase(dialect);
    dingtalk = await startDingTalk();
    account = dingtalk.addAccount().id;
  }, 240_000);

  afterEach(async () => {
    await nocobase?.stop();
    nocobase = undefined;
  });

  afterAll(async () => {
    await dingtalk?.close();
    await database?.drop();
  });

  /** A plain start, as after a restart: NocoBase's own upgrade is not run. */
  async function start(version?: typeof previous): Promise<NocoBase> {
    nocobase = await startNocoBase(dialect, { version, on: database, isInstalled });
    isInstalled = true;
    return nocobase;
  }

  const tables = async ({ db }: NocoBase) =>
    (await db.sequelize.getQueryInterface().showAllTables())
      .map((table: string | { tableName: string }) => (typeof table === 'string' ? table : table.tableName))
      .filter((table) => table.startsWith('dingtalk'))
      .sort();

  async function newcomerSignsIn(node: NocoBase) {
    const users = await node.countUsers();
    expect(await signIn(node, dingtalk, { account: dingtalk.addAccount().id })).toMatchObject({ status: 200 });
    expect(await node.countUsers()).toBe(users + 1);
  }

  it(`${PREVIOUS.version} has users who signed in, and no table of its own`, async () => {
    const node = await start(previous);
    await node.addAuthenticator('dingtalk', { autoSignup: true });
    const { status, user } = await signIn(node, dingtalk, { account });
    expect(status).toBe(200);
    userId = user?.id;
    expect(await tables(node)).toEqual([]);
    await expect(endSessions(node.db, String(userId), { apiKeys: false })).rejects.toThrow();
  });

  it('this version makes its tables in a plain start, and knows whom the previous one knew', async () => {
    const node = await start();
    expect(await tables(node)).toEqual(OWN);
    expect((await signIn(node, dingtalk, { account })).user?.id).toBe(userId);
    await newcomerSignsIn(node);
  });

  it('it keeps what is in its tables over another start', async () => {
    let node = await start();
    const session = await Session.of(node, { get: () => userId });
    await endSessions(node.db, String(userId), { apiKeys: true });
    await node.db.getModel(EXCLUSIONS).create({ authenticator: 'dingtalk', reason: 'unlinked', unionId: 'someone' });
    await addMembers(node.db, '1', [member]);
    await node.stop();
    node = await start();
    const headers = { authorization: `Bearer ${session.token}` };
    expect((await new Browser(node.url).fetch('/api/auth:check', { headers })).status).toBe(401);
    expect(await node.db.getModel(EXCLUSIONS).count()).toBe(1);
    expect(await readMembers(node.db, '1')).toMatchObject([member]);
  });

  it(`back at ${PREVIOUS.version}, everybody still signs in`, async () => {
    const node = await start(previous);
    expect((await signIn(node, dingtalk, { account })).user?.id).toBe(userId);
    await newcomerSignsIn(node);
    expect(await tables(node)).toEqual(OWN);
  });

  it('forward again, what was blocked and ended still is', async () => {
    const node = await start();
    expect(await node.db.getModel(EXCLUSIONS).count()).toBe(1);
    const row = await node.db.getModel(ENDED_SESSIONS).findByPk(String(userId), { raw: true });
    expect(row).toMatchObject({ userId: expect.anything() });
    expect(await readMembers(node.db, '1')).toMatchObject([member]);
    expect((await signIn(node, dingtalk, { account })).user?.id).toBe(userId);
  });

  it('its tables have the indexes by which they are asked, and no foreign keys', async () => {
    const { db } = await start();
    const queries = db.sequelize.getQueryInterface();
    const indexed = async (table: string) =>
      ((await queries.showIndex(table)) as { fields: { attribute: string }[] }[]).map(({ fields }) =>
        fields.map(({ attribute }) => attribute).join(),
      );
    expect(await indexed(EXCLUSIONS)).toEqual(
      expect.arrayContaining(['authenticator,unionId', 'authenticator,userId', 'authenticator,phoneFingerprint']),
    );
    expect(await indexed(MEMBERS)).toEqual(
      expect.arrayContaining(['sourceId,unionKey', 'sourceId,dingtalkUserid', 'userId']),
    );
    expect(await indexed(DEPARTMENTS)).toContain('sourceId,departmentId');
    expect(await indexed(RUNS)).toContain('sourceId,began');
    for (const table of OWN) {
      expect(await queries.getForeignKeyReferencesForTable(table)).toEqual([]);
    }
  });
});
