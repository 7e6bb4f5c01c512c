import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { DIRECTORY_PERMISSIONS, Sources } from '../../../testing/nocobase/sources';
import type { Preview, Report, RunSummary, SourceState, Unmatched } from '../../shared/directory';
import { DEPARTMENTS, MEMBERS, SOURCES } from '../directory/store/collections';
import { readSourceRow, writeSourceRow } from '../directory/store/source-row';

describe('a source of the type dingtalk', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let root: Session;
  let sources: Sources;
  let source: string;
  const options = { authenticator: 'dingtalk', schedule: null, events: 'off' } as const;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase('sqlite', { plugins: ['user-data-sync', 'departments'] });
    const user = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
    root = await Session.of(nocobase, user);
    sources = new Sources(nocobase, root);
    await nocobase.addAuthenticator('dingtalk', { corpId: dingtalk.corpId });
    source = await sources.add('main', options);
  }, 60_000);

  beforeEach(async () => {
    dingtalk.reset();
    dingtalk.data.apps[0].permissions.push(...DIRECTORY_PERMISSIONS);
  });

  afterEach(() => {
    delete process.env.DINGTALK_DIRECTORY;
  });

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  const state = async () => (await root.call<SourceState>('getSourceState', { source })).data;
  const preview = (body: object = {}) => root.call<Preview>('previewRun', { options, source, ...body });

  it('is one of NocoBase’s types', async () => {
    const { data } = await sources.send<unknown>('userData:listSyncTypes');
    expect(data).toContainEqual({ name: 'dingtalk', title: expect.stringContaining('DingTalk') });
  });

  it('shows what a run would do, and writes nothing', async () => {
    const before = await nocobase.everything();
    const { data, ...failure } = await preview();
    expect(failure).toEqual({ status: 200 });
    expect(data?.counts.created).toBeGreaterThan(3);
    expect(data?.entries).toHaveLength(data?.total ?? 0);
    expect(await nocobase.everything()).toBe(before);
  });

  it('creates users of members, once', async () => {
    const users = await nocobase.countUsers();
    const first = await sources.run('main', source);
    expect(first).toMatchObject({ status: 'success', message: expect.stringMatching(/^\d+ created/) });
    const created = (await nocobase.countUsers()) - users;
    expect(created).toBeGreaterThan(3);
    const [run] = (await root.call<RunSummary[]>('getRuns', { source })).data ?? [];
    expect(run).toMatchObject({ trigger: 'manual', by: String(root.id), outcome: 'success', counts: { created } });
    const again = await sources.run('main', source);
    expect(await nocobase.countUsers()).toBe(users + created);
    expect(again.message).not.toContain('created');
    expect((await state())?.members.bound).toBe(created);
  });

  it('hands NocoBase’s own synchronization nothing, so that no record of it leads to a user', async () => {
    expect(await nocobase.db.getModel('userDataSyncRecords').count()).toBe(0);
  });

  it('T74: leaves no phone number in a log, a task or a report', async () => {
    const { db, logs } = nocobase;
    const tasks = JSON.stringify(await sources.tasks(source));
    const runs = JSON.stringify(await db.getModel('dingtalkRuns').findAll({ raw: true }));
    const phones = dingtalk.data.accounts.flatMap(({ mobile }) => mobile ?? []);
    const text = `${await logs.text()} ${tasks} ${runs}`;
    expect(phones.length).toBeGreaterThan(3);
    expect(phones.filter((phone) => text.includes(phone))).toEqual([]);
  });

  it('finds one member by a part of the name, or none', async () => {
    const { data } = await preview({ member: 'manager4220' });
    expect(data?.member).toMatchObject({ known: expect.arrayContaining(['nickname', 'phone']) });
    expect((await preview({ member: 'nobody at all' })).data?.member).toBeNull();
  });

  it('shows a report by pages and by actions, and as a table', async () => {
    const runs = (await root.call<RunSummary[]>('getRuns', { source })).data ?? [];
    const first = runs[runs.length - 1];
    const { data } = await root.call<Report>('getReport', { source, run: first.id, action: 'created' });
    expect(data?.entries.every(({ action }) => action === 'created')).toBe(true);
    expect(data?.total).toBe(first.counts.created);
    const { data: table } = await root.call<{ csv: string }>('exportReport', { source, run: first.id });
    expect(table?.csv.startsWith('\uFEFFkind,id,name')).toBe(true);
    expect(await root.call('getReport', { source, run: 999_999 })).toMatchObject({ status: 404 });
  });

  describe('refuses a run', () => {
    it('T82: while another one is under way: of three clicks at once, one', async () => {
      const tasks = (await sources.tasks(source)).length;
      const answers = await Promise.all([1, 2, 3].map(() => sources.pull('main')));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
      const refused = answers.find(({ status }) => status === 409);
      expect(refused).toMatchObject({ code: 'SYNC_RUNNING' });
      await sources.ended(source);
      expect(await sources.tasks(source)).toHaveLength(tasks + 1);
    });

    it('T73: where the directory is switched off', async () => {
      process.env.DINGTALK_DIRECTORY = 'off';
      expect(await sources.pull('main')).toMatchObject({ status: 409, code: 'SYNC_OFF' });
      expect(await state()).toMatchObject({ isOff: true });
      expect(await preview()).toMatchObject({ status: 409, code: 'SYNC_OFF' });
    });

    it('T67: of another organization, until a new start is confirmed', async () => {
      await writeSourceRow(nocobase.db, source, { corpId: 'dingother', clientId: 'dingold' });
      expect(await sources.pull('main')).toMatchObject({ status: 409, code: 'OTHER_DIRECTORY' });
      const { newStart } = (await state()) ?? {};
      expect(newStart).toEqual({ corpId: dingtalk.corpId, clientId: 'dingemulatorapp0001' });
      const wrong = { source, corpId: 'dingother', clientId: 'dingold' };
      expect(await root.call('confirmNewStart', wrong)).toMatchObject({ status: 409 });
      const users = await nocobase.countUsers();
      expect(await root.call('confirmNewStart', { source, ...newStart })).toMatchObject({ status: 200 });
      expect(await nocobase.db.getModel(MEMBERS).count()).toBe(0);
      expect(await sources.run('main', source)).toMatchObject({ status: 'success' });
      expect(await nocobase.countUsers()).toBe(users);
    });

    it('T67: and shows none, where the members that are known are of another organization', async () => {
      const { corpId = null, clientId = null } = await readSourceRow(nocobase.db, source);
      await writeSourceRow(nocobase.db, source, { corpId: 'dingother', clientId: 'dingold' });
      const calls = dingtalk.calls.length;
      for (const body of [{}, { member: 'manager4220' }]) {
        expect(await preview(body)).toMatchObject({ status: 409, code: 'OTHER_DIRECTORY' });
      }
      expect(dingtalk.calls).toHaveLength(calls);
      await writeSourceRow(nocobase.db, source, { corpId, clientId });
      expect(await preview()).toMatchObject({ status: 200 });
    });

    it('of an authenticator that was disabled', async () => {
      const repository = nocobase.db.getRepository('authenticators');
      await repository.update({ filter: { name: 'dingtalk' }, values: { enabled: false } });
      expect(await sources.pull('main')).toMatchObject({ status: 404, code: 'SOURCE_AUTHENTICATOR' });
      await repository.update({ filter: { name: 'dingtalk' }, values: { enabled: true } });
    });
  });

  describe('fails honestly', () => {
    const failing = async () => {
      const before = { users: await nocobase.countUsers(), members: await nocobase.db.getModel(MEMBERS).count() };
      const task = await sources.run('main', source);
      const after = { users: await nocobase.countUsers(), members: await nocobase.db.getModel(MEMBERS).count() };
      expect(after).toEqual(before);
      return task;
    };

    it('without a permission, with a sentence that says who must do what; and can be retried', async () => {
      dingtalk.data.apps[0].permissions = ['qyapi_base'];
      const task = await failing();
      expect(task).toMatchObject({
        status: 'failed',
        message: expect.stringMatching(/^\(DIRECTORY_PERMISSION\) The DingTalk app lacks a permission.* Ask /),
      });
      expect([...(task.message ?? '')].length).toBeLessThanOrEqual(255);
      dingtalk.data.apps[0].permissions.push(...DIRECTORY_PERMISSIONS);
      const retried = await sources.send(`userData:retry?id=${task.id}&sourceId=${source}`);
      expect(retried).toMatchObject({ status: 200 });
      expect(await sources.ended(source)).toMatchObject({ id: task.id, status: 'success' });
      const [run] = (await root.call<RunSummary[]>('getRuns', { source })).data ?? [];
      expect(run.trigger).toBe('retry');
    });

    it('where the app sees nobody', async () => {
      Object.assign(dingtalk.data.apps[0], { contactScope: { departments: [], users: [] } });
      expect(await failing()).toMatchObject({ status: 'failed', message: expect.stringContaining('DIRECTORY_EMPTY') });
    });
  });

  it('ends the tasks that a killed process left, so that they can be retried', async () => {
    const model = nocobase.db.getModel('userDataSyncTasks');
    const stale = await model.create({ batch: `stale-${Date.now()}`, status: 'processing', sourceId: source });
    await writeSourceRow(nocobase.db, source, { heldUntil: Date.now() - 1 });
    await sources.run('main', source).catch(() => undefined);
    await stale.reload();
    expect(stale.get()).toMatchObject({ status: 'failed', message: expect.stringContaining('SYNC_INTERRUPTED') });
  });

  it('reads the directory for one form at a time: each reading takes all of it', async () => {
    const answers = await Promise.all([preview(), preview(), root.call('checkSource', { options, source })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(answers.find(({ status }) => status === 409)).toMatchObject({ code: 'SYNC_RUNNING' });
    expect(await preview()).toMatchObject({ status: 200 });
  });

  it('lists members without users, and users without DingTalk', async () => {
    dingtalk.addMember({ active: false });
    await sources.run('main', source);
    const { data, ...failure } = await root.call<Unmatched>('getUnmatched', { source, side: 'members' });
    expect(failure).toEqual({ status: 200 });
    expect(data?.list).toContainEqual({ id: expect.any(String), name: expect.any(String), reason: 'NOT_ACTIVE' });
    const { data: users } = await root.call<Unmatched>('getUnmatched', { source, side: 'users' });
    expect(users?.list.map(({ id }) => id)).toEqual([String(root.id)]);
  });

  it('knows what is taken away before it goes: the process may be killed in the middle', async () => {
    const account = dingtalk.addMember();
    await sources.run('main', source);
    dingtalk.leave(account);
    const update = jest.spyOn(nocobase.db.getModel('dingtalkRuns'), 'update');
    await sources.run('main', source);
    const written = update.mock.calls.map(([values]) => values);
    update.mockRestore();
    expect(written).toContainEqual({ takenAway: expect.objectContaining({ members: 1 }) });
  });

  describe('the brake', () => {
    it('T67: stops before the first write, lets go what was allowed, and only that', async () => {
      for (let number = 0; number < 20; number++) {
        dingtalk.addMember();
      }
      await sources.run('main', source);
      const { accounts } = dingtalk.data;
      const added = accounts.slice(-20);
      added.slice(0, 10).forEach((account) => dingtalk.leave(account));
      const before = await nocobase.bindings();
      expect(await sources.run('main', source)).toMatchObject({
        status: 'failed',
        message: expect.stringContaining('SYNC_STOPPED'),
      });
      expect(await nocobase.bindings()).toEqual(before);
      const { stop } = (await state()) ?? {};
      expect(stop).toMatchObject({ takenAway: { members: 10 } });
      expect(stop?.entries).toHaveLength(10);
      // Neither Sync nor Retry is a consent.
      expect(await sources.run('main', source)).toMatchObject({ status: 'failed' });
      expect(await root.call('allowStop', { source, stop: 'another' })).toMatchObject({ status: 404 });
      expect(await root.call('allowStop', { source, stop: stop?.id })).toMatchObject({ status: 200 });
      dingtalk.leave(added[10]);
      expect(await sources.run('main', source)).toMatchObject({ status: 'failed' });
      const { stop: larger } = (await state()) ?? {};
      expect(larger?.takenAway.members).toBe(11);
      await root.call('allowStop', { source, stop: larger?.id });
      expect(await sources.run('main', source)).toMatchObject({
        status: 'success',
        message: expect.stringContaining('11 taken out'),
      });
      expect((await state())?.stop).toBeUndefined();
      expect(await nocobase.bindings()).toHaveLength(before.length - 11);
      // What was allowed does not count again.
      dingtalk.leave(added[11]);
      expect(await sources.run('main', source)).toMatchObject({ status: 'success' });
    });

    it('forgets a stop that is discarded, and that it was told: the next one is another', async () => {
      await writeSourceRow(nocobase.db, source, {
        told: 'stopped',
        stop: {
          id: 'a-stop',
          since: 1,
          takenAway: { members: 9, departments: 0, memberships: 0 },
          entries: [],
          takings: ['x'],
        },
      });
      expect((await state())?.stop?.id).toBe('a-stop');
      expect(await root.call('discardStop', { source, stop: 'a-stop' })).toMatchObject({ status: 200 });
      expect((await state())?.stop).toBeUndefined();
      expect((await readSourceRow(nocobase.db, source)).told).toBeUndefined();
    });
  });

  it('has rows of its own alone', async () => {
    const rows = await nocobase.db.getModel(DEPARTMENTS).findAll();
    expect(rows.every((row) => String(row.get('sourceId')) === source)).toBe(true);
    expect(await nocobase.db.getModel(SOURCES).count()).toBe(1);
  });
});
