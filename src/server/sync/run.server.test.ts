import type { Model } from '@nocobase/database';
import type { Account } from '../../../emulator';
import { PACKAGE_NAME } from '../../shared/constants';
import german from '../../locale/de-DE.json';
import { Scene } from '../../../testing/directory/scene';
import { describeOnSqliteAnd } from '../../../testing/nocobase/databases';
import { signIn } from '../../../testing/nocobase/sign-in';

describeOnSqliteAnd('postgres')('a company in DingTalk and in NocoBase', (dialect) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.start({ dialect, company: { people: 20, departments: 6 } });
  }, 120_000);

  afterAll(() => scene?.stop());

  const everybody = () => scene.dingtalk.data.accounts;
  const person = (index: number) => everybody()[index];
  const [INACTIVE, LEAVER, MOVING] = [13, 5, 8];

  /** As DingTalk has it: by the names of departments, whether the member leads them. The root is none. */
  function departmentsInDingTalk({ memberships: [{ dept_id_list = [], leader_in_dept = [] }] }: Account) {
    const { departments } = scene.dingtalk.data;
    return Object.fromEntries(
      departments
        .filter(({ dept_id }) => dept_id_list.includes(dept_id))
        .map(({ dept_id, name }) => [name, leader_in_dept.some((one) => one.dept_id === dept_id && one.leader)]),
    );
  }

  /** Tables in which an unchanged company may cost no statement: that of runs and tasks alone it does. */
  const written = (counts: Record<string, number>) =>
    Object.keys(counts).filter((table) => !/dingtalkRuns|dingtalkSources|userDataSyncTasks/i.test(table));

  async function told<T>(work: () => Promise<T>) {
    const ids: string[] = [];
    const listen = (model: { get(name: 'id'): unknown }) => void ids.push(String(model.get('id')));
    scene.nocobase.db.on('users.afterUpdate', listen);
    await work().finally(() => scene.nocobase.db.off('users.afterUpdate', listen));
    return [...new Set(ids)];
  }

  it('first become departments as they are, and users with their places in them', async () => {
    const users = await scene.nocobase.countUsers();
    expect(await scene.run()).toMatchObject({
      status: 'success',
      message: '19 created, 6 departments created, 1 skipped',
    });
    expect(await scene.nocobase.countUsers()).toBe(users + 19);
    for (const { dept_id, name, parent_id } of scene.dingtalk.data.departments) {
      const department = await scene.department(dept_id);
      const parent = await scene.department(parent_id);
      expect([department?.get('title'), department?.get('parentId')]).toEqual([name, parent?.get('id') ?? null]);
    }
    for (const account of everybody().filter((_, index) => index !== INACTIVE)) {
      const user = await scene.userOf(account);
      expect(user?.get()).toMatchObject({ nickname: account.nick, username: null, email: null });
      expect(await scene.departmentsOf(user)).toEqual(departmentsInDingTalk(account));
      expect(await scene.boundTo(account)).toEqual([String(user?.get('id'))]);
    }
    expect(await scene.rowOf(person(INACTIVE))).toMatchObject({ state: 'open', reason: 'NOT_ACTIVE' });
  });

  it('keep the phone number of two members from both', async () => {
    const [first, last] = [person(0), person(19)];
    expect(first.mobile).toBe(last.mobile);
    for (const account of [first, last]) {
      expect((await scene.userOf(account))?.get('phone')).toBeNull();
      expect((await scene.entryOf(account))?.notes).toContain('PHONE_TAKEN');
    }
    expect((await scene.userOf(person(1)))?.get('phone')).toBe(person(1).mobile);
  });

  it('sign in by rule 2, as the users whom the run created', async () => {
    const user = await scene.userOf(person(1));
    const outcome = await signIn(scene.nocobase, scene.dingtalk, { authenticator: 'dingtalk', account: person(1).id });
    expect(outcome).toMatchObject({ status: 200, user: { id: user?.get('id') } });
    expect(await scene.nocobase.logs.outcomes()).toMatchObject([{ rule: 2, userId: String(user?.get('id')) }]);
  });

  it('cost no write while nothing has changed, and no workflow begins', async () => {
    const before = await scene.content();
    const counts: Record<string, number>[] = [];
    const updated = await told(async () => counts.push(await scene.writes(() => scene.run())));
    expect([written(counts[0]), updated]).toEqual([[], []]);
    expect(await scene.content()).toEqual(before);
    const [task] = await scene.sources.tasks(scene.source);
    expect(task).toMatchObject({ status: 'success' });
    expect(task.message).not.toMatch(/created|updated/);
  });

  it('change where DingTalk has changed, and nowhere else', async () => {
    const { dingtalk } = scene;
    const [renamed, moving] = [person(3), person(MOVING)];
    dingtalk.changeMember(renamed, { name: '新名 New' });
    dingtalk.moveMember(moving, [1004, 1001]);
    dingtalk.changeMember(moving, { leader_in_dept: [{ dept_id: 1004, leader: true }] });
    dingtalk.changeDepartment(1002, { name: 'Renamed' });
    dingtalk.moveDepartment(1005, 1001);
    const joined = dingtalk.addMember({ name: 'Joined', dept_id_list: [1005] });

    const updated = await told(() => scene.run());

    expect(updated).toContain(String((await scene.userOf(renamed))?.get('id')));
    expect(updated.length).toBeLessThanOrEqual(2);
    expect((await scene.userOf(renamed))?.get('nickname')).toBe('新名 New');
    for (const account of [moving, joined]) {
      expect(await scene.departmentsOf(await scene.userOf(account))).toEqual(departmentsInDingTalk(account));
    }
    const [below, above] = [await scene.department(1005), await scene.department(1001)];
    expect(below?.get('parentId')).toBe(above?.get('id'));
    expect((await scene.department(1002))?.get('title')).toBe('Renamed');
    expect(written(await scene.writes(() => scene.run()))).toEqual([]);
  });

  it('lose a leaver, who signs in no more, and come back as the same user under another userid', async () => {
    const { dingtalk, nocobase } = scene;
    const leaver = person(LEAVER);
    const user = await scene.userOf(leaver);
    dingtalk.leave(leaver);
    expect(await scene.run()).toMatchObject({ status: 'success', message: expect.stringContaining('1 taken out') });
    expect([await scene.boundTo(leaver), await scene.departmentsOf(user)]).toEqual([[], {}]);
    const attempt = { authenticator: 'dingtalk', account: leaver.id };
    // An internal app is for members alone: DingTalk's page would already refuse. The plugin relies on no such page.
    dingtalk.data.settings.membersOnly = false;
    expect(await signIn(nocobase, dingtalk, attempt)).toMatchObject({ code: 'NOT_A_MEMBER' });
    dingtalk.data.settings.membersOnly = true;
    expect(written(await scene.writes(() => scene.run()))).toEqual([]);

    dingtalk.changeMember(leaver, { left: false, userid: 'another-userid' });
    expect(await scene.run()).toMatchObject({ status: 'success', message: expect.stringContaining('1 came back') });
    expect(await scene.boundTo(leaver)).toEqual([String(user?.get('id'))]);
    expect(await scene.departmentsOf(user)).toEqual(departmentsInDingTalk(leaver));
    expect(await signIn(nocobase, dingtalk, attempt)).toMatchObject({ status: 200, user: { id: user?.get('id') } });
    expect(await scene.rowOf(leaver)).toMatchObject({ state: 'active', userid: 'another-userid' });
    expect(written(await scene.writes(() => scene.run()))).toEqual([]);
  });

  it('lose a department that is gone, and keep one in which something was made by hand', async () => {
    const { dingtalk, nocobase } = scene;
    const empty = dingtalk.addDepartment({ name: 'Empty' });
    const used = dingtalk.addDepartment({ name: 'Used' });
    await scene.run();
    const department = await scene.department(used.dept_id);
    await nocobase.db
      .getRepository('departments')
      .create({ values: { title: 'By hand', parent: department?.get('id') } });
    dingtalk.removeDepartment(empty.dept_id);
    dingtalk.removeDepartment(used.dept_id);
    await scene.run();
    const titles = (await nocobase.db.getModel('departments').findAll()).map((one) => one.get('title'));
    expect(titles).toEqual(expect.arrayContaining(['Used', 'By hand']));
    expect(titles).not.toContain('Empty');
  });

  it('have five departments one below the other, and move a branch of them with who is in it', async () => {
    const { dingtalk } = scene;
    const ids: number[] = [];
    for (const name of ['One', 'Two', 'Three', 'Four', 'Five']) {
      ids.push(dingtalk.addDepartment({ name, parent_id: ids.at(-1) ?? 1 }).dept_id);
    }
    const deepest = dingtalk.addMember({ dept_id_list: [ids[4]] });
    expect(await scene.run()).toMatchObject({
      message: expect.stringMatching(/^1 created, 5 departments created, \d skipped$/),
    });
    /** Up to the root, by their titles. */
    const above = async (department: Model | null): Promise<string[]> => {
      const parentId: unknown = department?.get('parentId');
      const parent = parentId ? await scene.nocobase.db.getModel('departments').findByPk(String(parentId)) : null;
      return department ? [department.get('title'), ...(await above(parent))] : [];
    };
    expect(await above(await scene.department(ids[4]))).toEqual(['Five', 'Four', 'Three', 'Two', 'One']);
    expect(await scene.departmentsOf(await scene.userOf(deepest))).toEqual({ Five: false });

    dingtalk.moveDepartment(ids[2], ids[0]);
    expect(await scene.run()).toMatchObject({
      message: expect.stringMatching(/^1 departments updated, \d skipped$/),
    });
    expect(await above(await scene.department(ids[4]))).toEqual(['Five', 'Four', 'Three', 'One']);
    expect(written(await scene.writes(() => scene.run()))).toEqual([]);
  });

  it('have a member who cannot be written, alone, and whom the next run plans again', async () => {
    const { dingtalk, nocobase } = scene;
    const [unlucky, other] = [dingtalk.addMember({ name: 'Unlucky' }), dingtalk.addMember({ name: 'Other' })];
    const refuse = async (user: Model) => {
      if (user.get('nickname') === 'Unlucky') {
        throw new Error('a workflow has failed');
      }
    };
    nocobase.db.on('users.afterCreate', refuse);
    expect(await scene.run()).toMatchObject({ status: 'failed', message: expect.stringContaining('SYNC_FAILED') });
    nocobase.db.off('users.afterCreate', refuse);
    expect(await scene.entryOf(unlucky)).toMatchObject({ action: 'failed', reason: 'WRITE_FAILED' });
    expect([await scene.rowOf(unlucky), await scene.userOf(other)]).toEqual([undefined, expect.anything()]);
    await nocobase.logs.outcomes(2, 'DingTalk directory');

    expect(await scene.run()).toMatchObject({
      status: 'success',
      message: expect.stringMatching(/^1 created, \d skipped$/),
    });
    expect((await scene.userOf(unlucky))?.get('nickname')).toBe('Unlucky');
  });

  it('say why a run failed in the language of whoever began it, cut to what the list of tasks holds', async () => {
    const { dingtalk, nocobase, root, sources, source } = scene;
    const whole = `(DIRECTORY_PERMISSION) ${german.DIRECTORY_PERMISSION}`;
    expect([...whole].length).toBeGreaterThan(255);
    // A table of PostgreSQL or MariaDB refuses all of it.
    if (dialect !== 'sqlite') {
      const tasks = nocobase.db.getModel('userDataSyncTasks');
      await expect(tasks.update({ message: whole }, { where: {} })).rejects.toThrow();
    }
    nocobase.app.i18n.addResources('de-DE', PACKAGE_NAME, german);
    dingtalk.data.faults.push({ endpoint: 'v2/user/list', fault: 'permission88' });
    const headers = { authorization: `Bearer ${root.token}`, 'x-locale': 'de-DE' };
    expect(await root.browser.fetch('/api/userData:pull?name=main', { json: {}, headers })).toMatchObject({
      status: 200,
    });
    const { status, message } = await sources.ended(source);
    dingtalk.data.faults.length = 0;
    expect([status, message]).toEqual(['failed', `${[...whole].slice(0, 254).join('')}…`]);
  });
});
