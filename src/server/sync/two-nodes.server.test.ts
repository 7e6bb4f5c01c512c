import { createDatabase, describeOnEachDatabase, type TestDatabase } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { DIRECTORY_PERMISSIONS, Sources } from '../../../testing/nocobase/sources';
import { readMembers } from '../directory/store/members';
import { readSourceRow } from '../directory/store/source-row';
import { type ScheduleClock, Scheduler } from './schedule';
import { scheduledRun } from './scheduled-run';

/** Two applications on one database, as behind a load balancer; nothing tells one what the other does. */
describeOnEachDatabase('sources on two nodes', (dialect) => {
  const plugins = ['user-data-sync', 'departments', 'api-keys'];
  let database: TestDatabase;
  let dingtalk: DingTalk;
  let nodes: NocoBase[] = [];
  let root: Session;
  let sources: Sources;
  let source: string;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    dingtalk.data.apps[0].permissions.push(...DIRECTORY_PERMISSIONS);
    database = await createDatabase(dialect);
    nodes = [await startNocoBase(dialect, { on: database, plugins })];
    nodes.push(await startNocoBase(dialect, { on: database, plugins, isInstalled: true }));
    const [first] = nodes;
    await first.addAuthenticator('dingtalk', { corpId: dingtalk.corpId });
    const user = await first.db.getRepository('users').findOne({ filter: { username: 'root' } });
    root = await Session.of(first, user);
    sources = new Sources(first, root);
    const schedule = { time: '03:00', zone: 'Asia/Shanghai' };
    source = await sources.add('main', { authenticator: 'dingtalk', schedule, leavers: 'detach', events: 'off' });
  }, 240_000);

  afterAll(async () => {
    for (const node of nodes) {
      await node.stop();
    }
    await dingtalk?.close();
    await database?.drop();
  });

  it('a schedule is claimed by one of them, and a second click on the other one is refused', async () => {
    const { nextRun = 0 } = await readSourceRow(nodes[0].db, source);
    const clock: ScheduleClock = { now: () => nextRun, every: () => () => undefined };
    const schedulers = nodes.map(({ app }) => new Scheduler(app, (row) => scheduledRun(app, row), clock));
    await Promise.all(schedulers.map((scheduler) => scheduler.tickNow()));
    expect(await sources.tasks(source)).toMatchObject([{ status: 'success' }]);
    const others = new Sources(
      nodes[1],
      new Session((await Session.of(nodes[1], rootUser())).browser, root.id, root.token),
    );
    const answers = await Promise.all([sources, others, sources, others].map((one) => one.pull('main')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    await sources.ended(source);
    expect(await sources.tasks(source)).toHaveLength(2);
  });

  it('what a leaver could still sign in by ends on the other one as well', async () => {
    const account = dingtalk.addMember();
    await sources.run('main', source);
    const { userid: member } = account.memberships[0];
    const row = (await readMembers(nodes[0].db, source)).find(({ userid }) => userid === member);
    const user = await nodes[0].db.getModel('users').findByPk(row?.userId);
    dingtalk.leave(account);
    await sources.run('main', source);
    // Signed in with a password after the run.
    const session = await Session.of(nodes[1], user ?? rootUser());
    expect(await session.call('getLinks')).toMatchObject({ status: 200 });
    expect(await root.call('endWaysIn', { source, member })).toMatchObject({ status: 200 });
    expect(await session.call('getLinks')).toMatchObject({ status: 401 });
  });

  it('T69: the other one forgets the departments of whom a run moved; the one that wrote forgets once, as it writes', async () => {
    const { dept_id } = dingtalk.addDepartment({ name: 'Sales' });
    const account = dingtalk.addMember({ dept_id_list: [dept_id] });
    await sources.run('main', source);
    const member = (await readMembers(nodes[0].db, source)).find(({ unionId }) => unionId === account.unionId);
    const key = `departments:${member?.userId}`;
    const memories = () => Promise.all(nodes.map(({ app }) => app.cache.get(key)));
    const clock: ScheduleClock = { now: () => 0, every: () => () => undefined };
    const schedulers = nodes.map(({ app }) => new Scheduler(app, () => Promise.resolve(), clock));
    const tick = () => Promise.all(schedulers.map((scheduler) => scheduler.tickNow()));
    await tick();
    // As requests leave it, before the run and after it.
    await Promise.all(nodes.map(({ app }) => app.cache.set(key, ['before'])));
    dingtalk.leave(account);
    await sources.run('main', source);
    expect(await memories()).toEqual([undefined, ['before']]);
    await nodes[0].app.cache.set(key, ['after']);
    await tick();
    expect(await memories()).toEqual([['after'], undefined]);
  });

  const rootUser = () => ({ get: () => root.id });
});
