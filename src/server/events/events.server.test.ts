import { until } from '../../../dev/until';
import type { Account } from '../../../emulator';
import { Scene } from '../../../testing/directory/scene';
import { describeOnSqliteAnd } from '../../../testing/nocobase/databases';
import { CLIENT_ID, type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { signIn } from '../../../testing/nocobase/sign-in';
import type { SourceOptions } from '../../shared/directory';
import type { CallbackKeys } from '../../shared/events';
import { makeTables } from '../accounts/collections';
import { EVENT_SOURCES, eventCollections, EVENTS } from './collections';
import { addWaiting, countWaiting } from './waiting';

const PLUGINS = ['user-data-sync', 'departments'];

describeOnSqliteAnd('mysql')('events', (dialect) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.start({ dialect, company: { people: 8, departments: 3 }, options: { events: 'stream' } });
    await scene.run();
    await scene.dingtalk.until(() => connections().length === 1);
  }, 180_000);

  afterAll(() => scene?.stop());

  const connections = () => scene.dingtalk.stream.connections.filter(({ state }) => state === 'open');
  const isRead = async () => (await countWaiting(scene.nocobase.db, scene.source)) === 0;

  /** A new member, once it is a user. */
  async function join(): Promise<Account> {
    const account = scene.dingtalk.addMember();
    await until('there is a user', async () => Boolean(await scene.userOf(account)), { everyMs: 50, seconds: 20 });
    return account;
  }

  /** SQLite refuses what is saved where another write comes in between, as of what has just been read. */
  const choose = (options: SourceOptions) =>
    until('it is saved', async () => (await scene.choose(options)).status === 200, { everyMs: 50, seconds: 20 });

  async function hearByHttp(): Promise<void> {
    await choose({ events: 'http' });
    const { data } = await scene.root.call<CallbackKeys>('renewCallback', { source: scene.source });
    await scene.dingtalk.saveCallback(CLIENT_ID, data ?? { url: '', token: '', aesKey: '' });
  }

  async function hearByStream(): Promise<void> {
    scene.dingtalk.removeCallback(CLIENT_ID);
    await choose({ events: 'stream' });
    await scene.dingtalk.until(() => connections().length === 1);
  }

  async function sessionOf(account: Account): Promise<Session> {
    const user = await scene.userOf(account);
    return Session.of(scene.nocobase, user ?? { get: () => 0 });
  }

  /** How long a member who leaves still has a session. */
  async function endOf(account: Account): Promise<number> {
    const session = await sessionOf(account);
    expect(await session.call('getLinks')).toMatchObject({ status: 200 });
    const began = Date.now();
    scene.dingtalk.leave(account);
    await until('the session has ended', async () => (await session.call('getLinks')).status === 401, {
      everyMs: 50,
      seconds: 20,
    });
    return Date.now() - began;
  }

  it('by Stream: who leaves has no session seconds later, and cannot sign in', async () => {
    const account = await join();
    expect(await endOf(account)).toBeLessThan(10_000);
    const { user, code } = await signIn(scene.nocobase, scene.dingtalk, { account: account.id });
    expect([user, code]).toEqual([undefined, expect.any(String)]);
  }, 60_000);

  it('by HTTP: the same', async () => {
    const account = await join();
    await hearByHttp();
    expect(await endOf(account)).toBeLessThan(10_000);
    await hearByStream();
  }, 60_000);

  it('a leave event of somebody who has not left takes nothing away, and is asked about once more', async () => {
    const account = await join();
    const session = await sessionOf(account);
    const [membership] = account.memberships;
    scene.dingtalk.sendEvent({ type: 'user_leave_org', data: { userId: [membership.userid] } });
    await scene.dingtalk.eventsSettled();
    await until('it is read', isRead, { everyMs: 50 });
    expect(await session.call('getLinks')).toMatchObject({ status: 200 });
    expect((await scene.rowOf(account))?.state).toBe('active');
    // DingTalk has said so before it was so, and says nothing more.
    membership.left = true;
    await until('the session has ended', async () => (await session.call('getLinks')).status === 401, {
      everyMs: 50,
      seconds: 20,
    });
    await until('nothing is asked again', async () => (await scene.nocobase.db.getModel(EVENTS).count()) === 0, {
      everyMs: 50,
    });
  }, 60_000);

  it('what the list of failed callbacks has is read', async () => {
    const account = await join();
    const session = await sessionOf(account);
    await hearByHttp();
    scene.dingtalk.data.settings.pushRepeatsMs = [];
    scene.dingtalk.data.faults = [{ endpoint: 'push', fault: 'pushWrongKey' }];
    scene.dingtalk.leave(account);
    await scene.dingtalk.eventsSettled();
    scene.dingtalk.data.faults = [];
    // As ten minutes later.
    await scene.nocobase.db.getModel(EVENT_SOURCES).update({ failedAskedAt: null }, { where: {} });
    await choose({ events: 'http', newUsers: 'create' });
    await until('the session has ended', async () => (await session.call('getLinks')).status === 401, {
      everyMs: 50,
      seconds: 20,
    });
    await hearByStream();
  }, 60_000);

  it('a fault in events reaches no sign-in', async () => {
    const account = await join();
    const { db } = scene.nocobase;
    for (const name of [EVENTS, EVENT_SOURCES]) {
      await db.sequelize.getQueryInterface().dropTable(db.getCollection(name).getTableNameWithSchema());
    }
    scene.dingtalk.sendEvent({ type: 'user_modify_org', data: { userId: [account.memberships[0].userid] } });
    expect(await signIn(scene.nocobase, scene.dingtalk, { account: account.id })).toMatchObject({ status: 200 });
    const { data } = await scene.sources.send('userDataSyncSources:list');
    expect(data).toHaveLength(1);
    await makeTables(db, eventCollections);
  }, 60_000);

  it('what waited when the application stopped is read when it starts', async () => {
    const { app } = scene.nocobase;
    const account = await join();
    const session = await sessionOf(account);
    await app.emitAsync('beforeStop');
    await scene.dingtalk.until(() => connections().length === 0);
    scene.dingtalk.leave(account);
    await addWaiting(app, scene.source, [{ kind: 'member', id: account.memberships[0].userid }], Date.now());
    expect(await session.call('getLinks')).toMatchObject({ status: 200 });
    await app.emitAsync('afterStart', app, {});
    await until('the session has ended', async () => (await session.call('getLinks')).status === 401, {
      everyMs: 50,
      seconds: 20,
    });
  }, 60_000);
});

describeOnSqliteAnd('postgres')('events on two nodes', (dialect) => {
  let scene: Scene;
  let second: NocoBase;

  beforeAll(async () => {
    scene = await Scene.start({ dialect, company: { people: 4, departments: 1 }, options: { events: 'stream' } });
    await scene.run();
    const { database } = scene.nocobase;
    second = await startNocoBase(dialect, { on: database, plugins: PLUGINS, isInstalled: true });
    await scene.dingtalk.until(() => scene.dingtalk.stream.connections.length === 2);
  }, 240_000);

  afterAll(async () => {
    await second?.stop();
    await scene?.stop();
  });

  it('each has a connection, and each event is worked on once', async () => {
    const accounts = Array.from({ length: 20 }, () => scene.dingtalk.addMember());
    await scene.dingtalk.eventsSettled();
    const isThere = async () => (await Promise.all(accounts.map((one) => scene.userOf(one)))).every(Boolean);
    await until('all are users', isThere, { everyMs: 100, seconds: 60 });
    await until('nothing waits', async () => (await scene.nocobase.db.getModel(EVENTS).count()) === 0, { everyMs: 50 });
    const bindings = (await scene.nocobase.bindings()).map(({ uuid }) => uuid);
    expect(new Set(bindings).size).toBe(bindings.length);
    const used = scene.dingtalk.events.flatMap(({ receivers }) =>
      receivers.flatMap(({ attempts }) => attempts.map(({ connection }) => connection)),
    );
    expect(new Set(used).size).toBe(2);
  }, 120_000);

  it('what one of them stored and could not read is read by the other', async () => {
    const account = scene.dingtalk.addMember();
    await until('there is a user', async () => Boolean(await scene.userOf(account)), { everyMs: 50, seconds: 30 });
    const session = await Session.of(scene.nocobase, (await scene.userOf(account)) ?? { get: () => 0 });
    await scene.nocobase.app.emitAsync('beforeStop');
    scene.dingtalk.leave(account);
    await scene.dingtalk.eventsSettled();
    await addWaiting(second.app, scene.source, [{ kind: 'member', id: account.memberships[0].userid }], Date.now());
    await until('the session has ended', async () => (await session.call('getLinks')).status === 401, {
      everyMs: 100,
      seconds: 45,
    });
  }, 120_000);
});
