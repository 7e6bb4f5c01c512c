import type { Model } from '@nocobase/database';
import type { Account } from '../../../emulator';
import { LOOSE, Scene } from '../../../testing/directory/scene';
import { withQuickPace } from '../../../testing/directory/quick-pace';
import { Browser } from '../../../testing/nocobase/browser';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { signIn } from '../../../testing/nocobase/sign-in';
import type { Leavers, RunSummary } from '../../shared/directory';
import { readSourceRow, writeSourceRow } from '../directory/store/source-row';
import { Scheduler } from './schedule';
import { scheduledRun } from './scheduled-run';

// Rules 7 to 12 of the directory, by whole runs of a source, on two nodes that share the database alone.

const PLUGINS = ['user-data-sync', 'departments', 'api-keys', 'notification-manager', 'notification-in-app-message'];

let scene: Scene;
let other: NocoBase;

beforeAll(async () => {
  scene = await Scene.start({ company: { people: 12, departments: 4 }, hosts: PLUGINS });
  other = await startNocoBase('sqlite', { on: scene.nocobase.database, plugins: PLUGINS, isInstalled: true });
  await scene.run();
}, 240_000);

afterEach(() => {
  delete process.env.DINGTALK_DIRECTORY;
  jest.restoreAllMocks();
});

afterAll(async () => {
  await other?.stop();
  await scene?.stop();
});

const person = (index: number) => scene.dingtalk.data.accounts[index];
const addMember = () => scene.dingtalk.addMember({ dept_id_list: [1001] });
const runs = async () => (await scene.root.call<RunSummary[]>('getRuns', { source: scene.source })).data ?? [];

/** What was taken away within a day counts; a test begins with nothing. */
const forgetTaken = () => scene.nocobase.db.getModel('dingtalkRuns').update({ takenAway: {} }, { where: {} });

describe('rule 7: who left', () => {
  beforeAll(() => scene.letUsersEditProfiles(false));

  afterAll(() => scene.choose({ leavers: 'detach' }));

  async function leaver() {
    const account = addMember();
    const values = { username: `u${account.id}`, password: 'of-a-user', phone: account.mobile };
    const user = await scene.nocobase.addUser(values);
    await scene.run();
    // With its hooks, NocoBase takes whoever sends the request for the owner, and here is none.
    await scene.nocobase.db
      .getModel('apiKeys')
      .create(
        { name: 'key', roleName: 'member', createdById: user.get('id'), expiresIn: 'never', token: 't' },
        { hooks: false },
      );
    const session = await Session.of(scene.nocobase, user);
    const payload = { userId: user.get('id'), roleName: 'member' };
    const key = scene.nocobase.app.authManager.jwt.sign(payload, { expiresIn: '1h' });
    return { account, user, tokens: [session.token, key] };
  }

  /** Of each token on each node. */
  const statuses = (tokens: string[]) =>
    Promise.all(
      [scene.nocobase, other].flatMap(({ url }) =>
        tokens.map(async (token) => {
          const headers = { authorization: `Bearer ${token}` };
          return (await new Browser(url).fetch('/api/auth:check', { headers })).status;
        }),
      ),
    );

  const signInByPassword = async (user: Model) => {
    const response = await new Browser(other.url).fetch('/api/auth:signIn', {
      json: { account: user.get('username'), password: 'of-a-user' },
      headers: { 'x-authenticator': 'basic' },
    });
    return response.status;
  };

  async function signInByDingTalk(account: Account) {
    const { settings } = scene.dingtalk.data;
    settings.membersOnly = false;
    const { code } = await signIn(other, scene.dingtalk, { authenticator: 'dingtalk', account: account.id });
    settings.membersOnly = true;
    return code;
  }

  it.each<[Leavers, number]>([
    ['keep', 200],
    ['detach', 401],
    ['delete', 401],
  ])(
    '%s: sessions and API keys are then %i on both nodes; DingTalk is refused, the password is not',
    async (leavers, status) => {
      await scene.choose({ leavers });
      const { account, user, tokens } = await leaver();
      expect(await statuses(tokens)).toEqual([200, 200, 200, 200]);
      scene.dingtalk.leave(account);
      await scene.run();
      expect(await statuses(tokens)).toEqual([status, status, status, status]);
      expect(await signInByDingTalk(account)).toBe('NOT_A_MEMBER');
      expect(await signInByPassword(user)).toBe(200);
      const entry = await scene.entryOf(account);
      expect(entry?.action).toBe(leavers === 'keep' ? 'kept' : 'detached');
      // Where sessions end, keys end as well.
      expect(entry?.waysIn).toEqual([expect.any(String), ...(leavers === 'keep' ? ['API_KEYS'] : [])]);
      const { deleteAt } = (await scene.rowOf(account)) ?? {};
      expect(deleteAt !== undefined).toBe(leavers === 'delete');
      scene.dingtalk.changeMember(account, { left: false });
      await scene.run();
      expect(await scene.boundTo(account)).toEqual([String(user.get('id'))]);
      expect(await signInByDingTalk(account)).toBeUndefined();
      expect((await scene.rowOf(account))?.deleteAt).toBeUndefined();
    },
  );
});

describe('rule 9: the brake', () => {
  afterAll(() => scene.choose({ brake: LOOSE }));

  /** A stop at three leavers, of whom none has lost anything. */
  async function stopped() {
    await forgetTaken();
    const leavers = [1, 2, 3].map(addMember);
    await scene.choose({ brake: LOOSE });
    await scene.run();
    await scene.choose({ brake: { free: 0, percent: 1, most: 2 } });
    leavers.forEach((account) => scene.dingtalk.leave(account));
    expect(await scene.run()).toMatchObject({ status: 'failed', message: expect.stringContaining('(SYNC_STOPPED)') });
    const bound = async () => (await Promise.all(leavers.map((each) => scene.boundTo(each)))).flat().length;
    expect(await bound()).toBe(3);
    const { stop } = await scene.state();
    const allow = () => scene.root.call('allowStop', { source: scene.source, stop: stop?.id });
    return { leavers, stop, allow, bound };
  }

  it('lets go exactly what was allowed, once', async () => {
    const { allow, bound, stop } = await stopped();
    expect(stop?.takenAway.members).toBe(3);
    expect(await allow()).toMatchObject({ status: 200 });
    expect(await scene.run()).toMatchObject({ status: 'success' });
    expect(await bound()).toBe(0);
    const more = await stopped();
    expect((await scene.state()).stop?.allowedUntil).toBeUndefined();
    await more.allow();
    await scene.run();
  });

  it('lets go nobody else, and nobody an hour later', async () => {
    const another = addMember();
    const { allow, bound, leavers } = await stopped();
    await allow();
    const row = await readSourceRow(scene.nocobase.db, scene.source);
    const late = row.stop && { ...row.stop, allowedUntil: Date.now() - 1 };
    await writeSourceRow(scene.nocobase.db, scene.source, { stop: late });
    expect(await scene.run()).toMatchObject({ status: 'failed' });
    await allow();
    scene.dingtalk.leave(another);
    expect(await scene.run()).toMatchObject({ status: 'failed' });
    expect(await bound()).toBe(leavers.length);
  });

  it('forgets what is discarded, and stops again for the same', async () => {
    await scene.choose({ brake: LOOSE });
    await scene.run();
    const { stop, bound } = await stopped();
    expect(await scene.root.call('discardStop', { source: scene.source, stop: stop?.id })).toMatchObject({
      status: 200,
    });
    expect((await scene.state()).stop).toBeUndefined();
    expect(await scene.run()).toMatchObject({ status: 'failed' });
    expect(await bound()).toBe(3);
    await scene.choose({ brake: LOOSE });
    await scene.run();
  });
});

describe('rule 10: another organization', () => {
  it('begins anew when that is confirmed; who was bound stays so, and may be told apart', async () => {
    const { dingtalk, nocobase, root, source } = scene;
    const corpId = `ding${'e'.repeat(32)}`;
    const clientId = 'dingneworgapp001';
    dingtalk.data.organizations.push({ corpId, name: 'Other' });
    dingtalk.data.apps.push({ ...dingtalk.data.apps[0], clientId, corpId });
    const newcomer = dingtalk.addMember({ corpId, userid: person(1).memberships[0].userid });
    const row = await nocobase.db.getModel('authenticators').findOne({ where: { name: 'dingtalk' } });
    const { options } = row?.get() ?? {};
    const bound = await nocobase.bindings();
    const users = await nocobase.countUsers();
    await row?.update({ options: { ...options, dingtalk: { ...options.dingtalk, corpId, clientId } } });
    expect(await scene.sources.pull('main')).toMatchObject({ code: 'OTHER_DIRECTORY' });
    const { newStart } = await scene.state();
    expect(newStart).toEqual({ corpId, clientId });
    expect(await root.call('confirmNewStart', { source, ...newStart })).toMatchObject({ status: 200 });
    expect(await scene.run()).toMatchObject({ status: 'success' });
    expect(await nocobase.countUsers()).toBe(users + 1);
    expect(await nocobase.bindings()).toEqual(expect.arrayContaining(bound));
    expect(await scene.boundTo(newcomer)).not.toEqual(await scene.boundTo(person(1)));
    // And back: the members of before are found by their bindings, and nobody is made twice.
    await row?.update({ options });
    await root.call('confirmNewStart', { source, ...(await scene.state()).newStart });
    await scene.run();
    expect(await nocobase.countUsers()).toBe(users + 1);
  });
});

describe('rules 11 and 12: the schedule', () => {
  const MINUTE = 60_000;
  const DAY = 24 * 60 * MINUTE;

  beforeAll(async () => {
    await scene.choose({ schedule: { time: '03:00', zone: 'Asia/Shanghai' } });
  });

  /** A scheduler of this node, at a time of the test. */
  const schedulerAt = (now: number, node: NocoBase = scene.nocobase) =>
    new Scheduler(node.app, (row) => scheduledRun(node.app, row), { now: () => now, every: () => () => undefined });

  async function tick(now: number, nodes = [scene.nocobase]) {
    const schedulers = nodes.map((node) => schedulerAt(now, node));
    schedulers.forEach((scheduler) => scheduler.start());
    // What a process does that is stopped meanwhile ends early.
    await Promise.all(schedulers.map((scheduler) => (scheduler as unknown as { ticking?: Promise<void> }).ticking));
    await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
  }

  const nextRun = async () => (await readSourceRow(scene.nocobase.db, scene.source)).nextRun ?? 0;
  const scheduled = async () => (await runs()).filter(({ trigger }) => trigger === 'schedule').length;

  it('is due once on both nodes, and not before', async () => {
    const due = await nextRun();
    expect(due).toBeGreaterThan(Date.now());
    await tick(due - 1, [scene.nocobase, other]);
    expect(await scheduled()).toBe(0);
    await tick(due, [scene.nocobase, other]);
    expect(await scheduled()).toBe(1);
    expect(await nextRun()).toBe(due + DAY);
    const [run] = await runs();
    expect([run.outcome, run.by]).toEqual(['success', undefined]);
  });

  it('is caught up once after days without a server', async () => {
    const [before, due] = [await scheduled(), await nextRun()];
    await tick(due + 3 * DAY + MINUTE);
    expect(await scheduled()).toBe(before + 1);
    expect(await nextRun()).toBe(due + 4 * DAY);
    await tick(due + 3 * DAY + 2 * MINUTE);
    expect(await scheduled()).toBe(before + 1);
  });

  it('does nothing in a clone that is off', async () => {
    const [before, due, calls] = [await scheduled(), await nextRun(), scene.dingtalk.calls.length];
    process.env.DINGTALK_DIRECTORY = 'off';
    await tick(due);
    expect([await scheduled(), await nextRun(), scene.dingtalk.calls.length]).toEqual([before, due, calls]);
    const state = await scene.state();
    expect([state.isOff, state.nextRun]).toEqual([true, undefined]);
  });

  it('is tried again after 10, 30 and 60 minutes, and told once of an episode and once of its end', async () => {
    const { db, app } = scene.nocobase;
    const [dingTalkApp] = scene.dingtalk.data.apps;
    const { permissions } = dingTalkApp;
    await db.getRepository('notificationChannels').create({
      values: { name: 'in-app', title: 'In-app', notificationType: 'in-app-message' },
    });
    const titles: string[] = [];
    const manager = app.pm.get('notification-manager') as unknown as { send(given: object): Promise<object> };
    jest.spyOn(manager, 'send').mockImplementation(async (given) => {
      titles.push((given as { data: { title: string } }).data.title);
      return { status: 'success' };
    });
    jest.spyOn(console, 'error').mockReturnValue();
    dingTalkApp.permissions = [];
    const due = await nextRun();
    await withQuickPace(async () => {
      let now = due;
      for (const pause of [10, 30, 60]) {
        await tick(now);
        expect(await nextRun()).toBe(now + pause * MINUTE);
        expect(titles).toEqual([]);
        now += pause * MINUTE;
      }
      await tick(now);
      expect(await nextRun()).toBe(due + DAY);
      expect(titles).toEqual(['Synchronization with DingTalk fails']);
      // The next day, all of that again: the episode goes on.
      for (now = due + DAY; now < due + 2 * DAY; now = await nextRun()) {
        await tick(now);
      }
    });
    expect(titles).toHaveLength(1);
    dingTalkApp.permissions = permissions;
    await tick(await nextRun());
    expect(titles).toEqual(['Synchronization with DingTalk fails', 'Synchronization with DingTalk works again']);
    await tick(await nextRun());
    expect(titles).toHaveLength(2);
  });
});
