import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type Dialect, describeOnSqliteAnd } from '../../../testing/nocobase/databases';
import { IN_APP_PLUGINS, InApp } from '../../../testing/nocobase/in-app';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { DIRECTORY_PERMISSIONS, Sources } from '../../../testing/nocobase/sources';
import { readSourceRow, setSourceRow } from '../directory/store/source-row';
import { type ScheduleClock, Scheduler } from './schedule';
import { scheduledRun } from './scheduled-run';

const MINUTE = 60_000;

describeOnSqliteAnd('mysql')('the schedule of sources', (dialect: Dialect) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let sources: Sources;
  let source: string;
  let inApp: InApp;
  let now = 0;
  const clock: ScheduleClock = { now: () => now, every: () => () => undefined };

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    dingtalk.data.apps[0].permissions.push(...DIRECTORY_PERMISSIONS);
    nocobase = await startNocoBase(dialect, {
      plugins: ['user-data-sync', 'departments', ...IN_APP_PLUGINS],
    });
    const user = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
    sources = new Sources(nocobase, await Session.of(nocobase, user));
    inApp = await InApp.setUp(nocobase);
    await nocobase.addAuthenticator('dingtalk', { corpId: dingtalk.corpId });
    source = await sources.add('nightly', {
      authenticator: 'dingtalk',
      schedule: { time: '03:00', zone: 'Asia/Shanghai' },
      events: 'off',
    });
    const { nextRun = 0 } = await readSourceRow(nocobase.db, source);
    now = nextRun;
  }, 120_000);

  afterEach(() => {
    delete process.env.DINGTALK_DIRECTORY;
    dingtalk.data.apps[0].clientSecret = SECRET;
  });

  const SECRET = 'emulator-secret-0001-not-a-real-one-9f3b7c21d8e64a50b7c1f2e3d4a5';

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  /** One of several processes of the same NocoBase. */
  async function tick(processes = 1): Promise<void> {
    const { app } = nocobase;
    const schedulers = Array.from(
      { length: processes },
      () => new Scheduler(app, (row) => scheduledRun(app, row), clock),
    );
    await Promise.all(schedulers.map((scheduler) => scheduler.tickNow()));
  }

  const row = () => readSourceRow(nocobase.db, source);
  const triggers = async () =>
    (await nocobase.db.getModel('dingtalkRuns').findAll({ order: ['id'] })).map((run) => run.get('trigger'));
  const messages = () => inApp.titles();

  it('T73: runs nothing before its time, nor in a clone', async () => {
    now -= MINUTE;
    await tick();
    now += MINUTE;
    process.env.DINGTALK_DIRECTORY = 'off';
    await tick();
    expect(await triggers()).toEqual([]);
    // Not even a failure is noted.
    expect(await row()).toMatchObject({ nextRun: now, attempts: 0 });
  });

  it('T82: runs a source once, whatever the number of processes, and one that was missed', async () => {
    now += 5 * 60 * MINUTE;
    await tick(3);
    expect(await triggers()).toEqual(['schedule']);
    expect(await sources.tasks(source)).toMatchObject([{ status: 'success' }]);
    expect(await row()).toMatchObject({ attempts: 0 });
    expect(((await row()).nextRun ?? 0) - now).toBe(19 * 60 * MINUTE);
    await tick(3);
    expect(await triggers()).toEqual(['schedule']);
  });

  it('tries again after 10, 30 and 60 minutes, tells of it once, and once when it is well', async () => {
    dingtalk.data.apps[0].clientSecret = 'changed';
    await nocobase.app.cache.reset();
    const pauses: number[] = [];
    for (let night = 0; night < 2; night++) {
      now = (await row()).nextRun ?? 0;
      for (let attempt = 0; attempt < 4; attempt++) {
        await tick();
        const { nextRun = 0 } = await row();
        pauses.push(Math.round((nextRun - now) / MINUTE));
        if (attempt < 3) {
          now = nextRun;
        }
      }
    }
    expect(pauses.slice(0, 3)).toEqual([10, 30, 60]);
    expect(pauses.slice(4, 7)).toEqual([10, 30, 60]);
    expect(pauses[3]).toBe(24 * 60 - 100);
    expect(await messages()).toEqual(['Synchronization with DingTalk fails']);
    dingtalk.data.apps[0].clientSecret = SECRET;
    now = (await row()).nextRun ?? 0;
    await tick();
    await tick();
    expect(await messages()).toEqual([
      'Synchronization with DingTalk fails',
      'Synchronization with DingTalk works again',
    ]);
  });

  it('runs again where the process that had begun was killed', async () => {
    now = (await row()).nextRun ?? 0;
    const { app } = nocobase;
    // It claims the run, and is gone.
    const killed = new Scheduler(app, () => Promise.reject(new Error('killed')), clock);
    await setSourceRow(app, source, { attempts: 0 });
    await killed.tickNow();
    const { nextRun = 0 } = await row();
    expect(nextRun - now).toBe(10 * MINUTE);
    now = nextRun;
    const before = (await triggers()).length;
    await tick();
    expect(await triggers()).toHaveLength(before + 1);
  });

  it('is claimed once, also where the run has ended before the others ask', async () => {
    const { nextRun = 0 } = await row();
    let runs = 0;
    const due: ScheduleClock = { ...clock, now: () => nextRun };
    const count = async () => {
      runs++;
    };
    const schedulers = [1, 2, 3].map(() => new Scheduler(nocobase.app, count, due));
    await Promise.all(schedulers.map((scheduler) => scheduler.tickNow()));
    expect(runs).toBe(1);
    await setSourceRow(nocobase.app, source, { nextRun });
  });

  it('T69: forgets the departments of whom a run on another node has moved, and of nobody else', async () => {
    const { app, db } = nocobase;
    const node = new Scheduler(app, () => Promise.resolve(), clock);
    await node.tickNow();
    // As requests to this node left it, before and after the run of the other one.
    const remember = (userId: number) => app.cache.set(`departments:${userId}`, [{ id: 1 }]);
    await Promise.all([7001, 7002, 7003].map(remember));
    const line = { kind: 'member', id: 'x', name: '', action: 'updated' };
    const entries = [
      { ...line, userId: '7001', left: ['Administration'] },
      { ...line, userId: '7002', fields: ['nickname'] },
    ];
    const run = { sourceId: source, trigger: 'manual', outcome: 'success', began: Date.now() };
    await db.getModel('dingtalkRuns').create({ ...run, ended: Date.now(), entries });
    const known = () => Promise.all([7001, 7002, 7003].map((userId) => app.cache.get(`departments:${userId}`)));
    expect(await known()).toEqual([[{ id: 1 }], [{ id: 1 }], [{ id: 1 }]]);
    await node.tickNow();
    expect(await known()).toEqual([undefined, [{ id: 1 }], [{ id: 1 }]]);
    await remember(7001);
    await node.tickNow();
    expect(await app.cache.get('departments:7001')).toEqual([{ id: 1 }]);
  });

  it('runs no source that is disabled', async () => {
    await sources.send(`userDataSyncSources:update?filterByTk=${source}`, { enabled: false });
    expect((await row()).nextRun).toBeUndefined();
    now += 48 * 60 * MINUTE;
    const before = (await triggers()).length;
    await tick();
    expect(await triggers()).toHaveLength(before);
  });
});
