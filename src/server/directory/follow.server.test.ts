import type { Model } from '@nocobase/database';
import { until } from '../../../dev/until';
import type { Account } from '../../../emulator';
import { LOOSE, Scene } from '../../../testing/directory/scene';
import { describeOnEachDatabase } from '../../../testing/nocobase/databases';
import { Session } from '../../../testing/nocobase/session';
import type { Entry, Leavers } from '../../shared/directory';
import { type Changes, followChanges, type FollowWork } from './follow';
import { loadSource } from './source';
import { listRuns, readRun } from './store/runs';
import { readSourceRow, writeSourceRow } from './store/source-row';

describeOnEachDatabase('what DingTalk said to have changed', (dialect) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.start({ dialect, company: { people: 20, departments: 6 } });
    await scene.letUsersEditProfiles(false);
    await scene.run();
  }, 120_000);

  afterEach(() => {
    delete process.env.DINGTALK_DIRECTORY;
  });

  afterAll(() => scene?.stop());

  const useridOf = ({ memberships: [{ userid }] }: Account) => userid;
  const person = (index: number) => scene.dingtalk.data.accounts[index];

  async function follow(changes: Partial<Changes> | Account, work?: Pick<FollowWork, 'meanwhile'>) {
    const { app } = scene.nocobase;
    const given = 'memberships' in changes ? { userids: [useridOf(changes)] } : changes;
    const { signal } = new AbortController();
    const all = { userids: [], departmentIds: [], ...given };
    return followChanges(app, await source(), all, { signal, ...work });
  }

  const source = () => loadSource(scene.nocobase.app, scene.source);

  /** Whether DingTalk is asked at this endpoint, from now on. */
  function asksFor(endpoint: string): () => Promise<boolean> {
    const { calls } = scene.dingtalk;
    const from = calls.length;
    return async () => calls.slice(from).some(({ path }) => path.endsWith(endpoint));
  }

  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      ({ code, message }: { code?: string; message: string }) => code ?? message,
    );

  const reports = () => listRuns(scene.nocobase.db, scene.source, { kind: 'events' });

  /** Of the latest report: what was done with whom. */
  async function lines(): Promise<string[]> {
    const [{ id }] = await reports();
    const entries = (await readRun(scene.nocobase.db, scene.source, id))?.entries ?? [];
    return entries.map(({ action, reason, id: one }: Entry) => [one, action, reason].filter(Boolean).join(' '));
  }

  /** A member whom the last run has made a user. */
  async function known(departmentIds = [1001]): Promise<Account & { mobile: string }> {
    const account = scene.dingtalk.addMember({ dept_id_list: departmentIds });
    await follow(account);
    return account;
  }

  const titleOf = (id: number) => scene.dingtalk.data.departments.find(({ dept_id }) => dept_id === id)?.name ?? '';

  it('of somebody who joins makes a user, in the right departments, and a report that is no run', async () => {
    const runs = await listRuns(scene.nocobase.db, scene.source);
    const account = scene.dingtalk.addMember({
      dept_id_list: [1001, 1003],
      leader_in_dept: [{ dept_id: 1003, leader: true }],
    });
    expect(await follow(account)).toEqual({ needsRun: false, entries: 1 });
    const user = await scene.userOf(account);
    expect(await scene.departmentsOf(user)).toEqual({ [titleOf(1001)]: false, [titleOf(1003)]: true });
    expect(await scene.boundTo(account)).toEqual([String(user?.get('id'))]);
    expect(await lines()).toEqual([`${useridOf(account)} created`]);
    expect(await listRuns(scene.nocobase.db, scene.source)).toEqual(runs);
  });

  it('of somebody who signs in before it is written is read once more: no other event comes of it', async () => {
    const { db } = scene.nocobase;
    const account = scene.dingtalk.addMember({ dept_id_list: [1001] });
    const signIn = async () => {
      db.off('dingtalkRuns.afterCreate', signIn);
      const user = await scene.nocobase.addUser({ nickname: 'Signed in' });
      const binding = { authenticator: 'dingtalk', uuid: account.unionId, meta: { unionId: account.unionId } };
      await db.getModel('usersAuthenticators').create({ ...binding, userId: user.get('id') });
    };
    // The report begins between what is planned and what is written.
    db.on('dingtalkRuns.afterCreate', signIn);
    expect(await follow(account)).toEqual({ needsRun: false, entries: 2 });
    const user = await scene.userOf(account);
    expect(user?.get('nickname')).toBe('Signed in');
    expect(await scene.departmentsOf(user)).toEqual({ [titleOf(1001)]: false });
    expect((await scene.rowOf(account))?.userId).toBe(String(user?.get('id')));
  });

  it('and is known already costs no write and no report', async () => {
    const before = (await reports()).length;
    const counts = await scene.writes(async () => {
      expect(await follow({ userids: [useridOf(person(2))], departmentIds: [1001, 1003] })).toEqual({
        needsRun: false,
        entries: 0,
      });
    });
    expect(Object.keys(counts).filter((table) => !/dingtalkSources/i.test(table))).toEqual([]);
    expect(await reports()).toHaveLength(before);
  });

  it('of somebody who has another name and place is written, and nothing of others', async () => {
    const [account, other] = [await known(), await known()];
    scene.dingtalk.changeMember(account, { name: 'Renamed' });
    scene.dingtalk.changeMember(other, { name: 'Not asked about' });
    scene.dingtalk.moveMember(account, [1002]);
    await follow(account);
    const user = await scene.userOf(account);
    expect([user?.get('nickname'), await scene.departmentsOf(user)]).toEqual(['Renamed', { [titleOf(1002)]: false }]);
    expect((await scene.userOf(other))?.get('nickname')).not.toBe('Not asked about');
  });

  describe('of somebody who left', () => {
    afterAll(() => scene.choose({ leavers: 'detach' }));

    it.each<[Leavers, number, string]>([
      ['keep', 200, 'kept'],
      ['detach', 401, 'detached'],
      ['delete', 401, 'detached'],
    ])('%s: the next request is answered with %i, and nobody is deleted', async (leavers, status, action) => {
      await scene.choose({ leavers });
      const account = await known();
      const user = (await scene.userOf(account)) as Model;
      const session = await Session.of(scene.nocobase, user);
      expect((await session.call('getLinks')).status).toBe(200);
      // Nobody has left whom DingTalk still lists, whatever was said.
      expect(await follow(account)).toEqual({ needsRun: false, entries: 0 });
      scene.dingtalk.leave(account);
      await follow(account);
      expect((await session.call('getLinks')).status).toBe(status);
      expect(await lines()).toEqual([`${useridOf(account)} ${action}`]);
      const row = await scene.rowOf(account);
      expect(row).toMatchObject({ state: 'left', leftAt: expect.any(Number) });
      expect(row?.deleteAt === undefined).toBe(leavers !== 'delete');
      // What is due is for a run.
      await scene.nocobase.db.getModel('dingtalkMembers').update({ deleteAt: 1 }, { where: { id: row?.id } });
      await follow(account);
      expect(await scene.user(user.get('id'))).not.toBeNull();
      await scene.nocobase.db.getModel('dingtalkMembers').update({ deleteAt: null }, { where: { id: row?.id } });
    });

    it('does not wait for others who are read, and does not come back by what was read of them before', async () => {
      const [leaver, other] = [await known(), await known()];
      const session = await Session.of(scene.nocobase, (await scene.userOf(leaver)) as Model);
      scene.dingtalk.changeMember(other, { name: 'Read meanwhile' });
      const isListed = asksFor('/user/list');
      let status = 0;
      const meanwhile: FollowWork['meanwhile'] = async (followNow) => {
        if (status) {
          return;
        }
        await until('the list of their department tells that both are there', isListed, { everyMs: 20 });
        scene.dingtalk.leave(leaver);
        await followNow(await source(), { userids: [useridOf(leaver)], departmentIds: [] });
        ({ status } = await session.call('getLinks'));
        expect((await scene.userOf(other))?.get('nickname')).not.toBe('Read meanwhile');
      };
      await follow({ departmentIds: [1001] }, { meanwhile });
      expect(status).toBe(401);
      expect((await scene.userOf(other))?.get('nickname')).toBe('Read meanwhile');
      expect(await scene.rowOf(leaver)).toMatchObject({ state: 'left' });
      expect(await scene.boundTo(leaver)).toEqual([]);
    });

    it('while newcomers are read, of whom there was no row yet, is written, and detached when it is asked again', async () => {
      const newcomer = scene.dingtalk.addMember({ dept_id_list: [1001] });
      const isRead = asksFor('/user/get');
      let isFollowed = false;
      const meanwhile: FollowWork['meanwhile'] = async (followNow) => {
        if (!isFollowed) {
          await until('the newcomer is read', isRead, { everyMs: 20 });
          scene.dingtalk.leave(newcomer);
          await followNow(await source(), { userids: [useridOf(newcomer)], departmentIds: [] });
          isFollowed = true;
        }
      };
      await follow(newcomer, { meanwhile });
      expect(await scene.rowOf(newcomer)).toMatchObject({ state: 'active' });
      await follow(newcomer);
      expect(await scene.rowOf(newcomer)).toMatchObject({ state: 'left' });
      expect(await scene.boundTo(newcomer)).toEqual([]);
    });

    it('a privileged one keeps the binding and the roles, and has no session', async () => {
      await scene.choose({ leavers: 'detach' });
      const account = await known();
      const user = (await scene.userOf(account)) as Model;
      await scene.nocobase.db.getModel('rolesUsers').create({ userId: user.get('id'), roleName: 'admin' });
      const session = await Session.of(scene.nocobase, user);
      scene.dingtalk.leave(account);
      await follow(account);
      expect(await lines()).toEqual([`${useridOf(account)} suspended`]);
      expect((await session.call('getLinks')).status).toBe(401);
      expect(await scene.boundTo(account)).toEqual([String(user.get('id'))]);
    });

    it('and comes back is the same user', async () => {
      const account = await known();
      const before = await scene.boundTo(account);
      scene.dingtalk.leave(account);
      await follow(account);
      expect(await scene.boundTo(account)).toEqual([]);
      scene.dingtalk.changeMember(account, { left: false });
      await follow(account);
      expect(await scene.boundTo(account)).toEqual(before);
    });
  });

  describe('of departments', () => {
    it('one below a new one, told in the wrong order, comes with both and with who is in it', async () => {
      const above = scene.dingtalk.addDepartment({ name: 'Above', parent_id: 1002 });
      const below = scene.dingtalk.addDepartment({ name: 'Below', parent_id: above.dept_id });
      const account = scene.dingtalk.addMember({ dept_id_list: [below.dept_id] });
      await follow({ departmentIds: [below.dept_id] });
      const [first, second] = [await scene.department(above.dept_id), await scene.department(below.dept_id)];
      expect(first?.get('parentId')).toBe((await scene.department(1002))?.get('id'));
      expect(second?.get('parentId')).toBe(first?.get('id'));
      expect(await scene.departmentsOf(await scene.userOf(account))).toEqual({ Below: false });
      expect(await follow({ departmentIds: [above.dept_id] })).toEqual({ needsRun: false, entries: 0 });
    });

    it('one that was renamed and moved is so in NocoBase', async () => {
      scene.dingtalk.changeDepartment(1006, { name: 'New name' });
      scene.dingtalk.moveDepartment(1006, 1001);
      expect(await follow({ departmentIds: [1006] })).toEqual({ needsRun: false, entries: 1 });
      const department = await scene.department(1006);
      expect(department?.get('title')).toBe('New name');
      expect(department?.get('parentId')).toBe((await scene.department(1001))?.get('id'));
    });

    it('one that is gone goes after its members, unless something made by hand hangs on it', async () => {
      const { db } = scene.nocobase;
      const add = async (name: string) => {
        const { dept_id } = scene.dingtalk.addDepartment({ name, parent_id: 1001 });
        await follow({ departmentIds: [dept_id] });
        return dept_id;
      };
      const [gone, kept] = [await add('Gone'), await add('Kept')];
      const account = await known([gone]);
      const inNocobase = await scene.department(gone);
      const values = { title: 'By hand', parentId: (await scene.department(kept))?.get('id') };
      await db.getRepository('departments').create({ values });
      // A mere rumor.
      expect(await follow({ departmentIds: [gone, kept] })).toEqual({ needsRun: false, entries: 0 });
      scene.dingtalk.removeDepartment(gone);
      scene.dingtalk.removeDepartment(kept);
      await follow({ departmentIds: [gone, kept] });
      expect(await db.getModel('departments').findByPk(inNocobase?.get('id'))).toBeNull();
      expect(await scene.departmentsOf(await scene.userOf(account))).toEqual({});
      expect(await db.getModel('departments').count({ where: { title: 'Kept' } })).toBe(1);
    });

    it('those outside of the chosen ones are nothing; one that went there is for a run', async () => {
      const outside = scene.dingtalk.addDepartment({ name: 'Outside', parent_id: 1 });
      const inside = scene.dingtalk.addDepartment({ name: 'Inside', parent_id: 1001 });
      await follow({ departmentIds: [inside.dept_id] });
      await scene.choose({ departments: [1001] });
      const account = scene.dingtalk.addMember({ dept_id_list: [outside.dept_id] });
      const changes = { userids: [useridOf(account)], departmentIds: [outside.dept_id] };
      expect(await follow(changes)).toEqual({ needsRun: false, entries: 0 });
      scene.dingtalk.moveDepartment(inside.dept_id, outside.dept_id);
      expect(await follow({ departmentIds: [inside.dept_id] })).toEqual({ needsRun: true, entries: 0 });
      await scene.choose({ departments: null });
    });
  });

  it('T61: gives nobody the user of who had the userid before', async () => {
    const first = await known();
    scene.dingtalk.leave(first);
    const second = scene.dingtalk.addMember({ userid: useridOf(first), dept_id_list: [1001] });
    await follow(second);
    expect((await lines()).sort()).toEqual([`${useridOf(first)} detached`, `${useridOf(first)} open USERID_REUSED`]);
    await follow(second);
    const users = [await scene.userOf(first), await scene.userOf(second)];
    expect(users[1]?.get('id')).not.toBe(users[0]?.get('id'));
    expect(await scene.boundTo(second)).toEqual([String(users[1]?.get('id'))]);
  });

  it('T65: a match by phone waits for a run, which knows whether others have the number', async () => {
    const account = scene.dingtalk.addMember({ dept_id_list: [1001] });
    const user = await scene.nocobase.addUser({ phone: account.mobile });
    await follow(account);
    expect(await lines()).toEqual([`${useridOf(account)} open WAITS_FOR_RUN`]);
    expect(await scene.boundTo(account)).toEqual([]);
    await scene.run();
    expect(await scene.boundTo(account)).toEqual([String(user.get('id'))]);
  });

  describe('T67: is counted by the brake together with runs', () => {
    const forgetTaken = () => scene.nocobase.db.getModel('dingtalkRuns').update({ takenAway: {} }, { where: {} });
    const stop = async () => (await readSourceRow(scene.nocobase.db, scene.source)).stop;
    const allow = async () => {
      const id = (await stop())?.id;
      return scene.root.call('allowStop', { source: scene.source, stop: id });
    };

    beforeAll(async () => {
      await forgetTaken();
      await scene.choose({ brake: { free: 2, percent: 5, most: 100 } });
    });

    afterAll(async () => {
      await scene.choose({ brake: LOOSE });
      await forgetTaken();
    });

    it('over several batches, whose stops are one; a run alone uses up a consent', async () => {
      const leavers = [await known(), await known(), await known(), await known(), await known()];
      const leave = async (index: number) => {
        scene.dingtalk.leave(leavers[index]);
        return codeOf(follow(leavers[index]));
      };
      const others = (await listRuns(scene.nocobase.db, scene.source)).length;
      // Two are always free.
      expect([await leave(0), await leave(1), await leave(2)]).toEqual(['done', 'done', 'SYNC_STOPPED']);
      expect(await scene.rowOf(leavers[2])).toMatchObject({ state: 'active' });
      expect(await stop()).toMatchObject({ takenAway: { members: 1 } });
      const told = (await reports()).length;
      await allow();
      const allowed = await stop();
      expect(allowed?.allowedUntil).toBeDefined();
      // Told again, it is stopped again, and neither told again nor is the consent gone, or used.
      expect(await codeOf(follow(leavers[2]))).toBe('SYNC_STOPPED');
      expect(await stop()).toEqual(allowed);
      expect(await reports()).toHaveLength(told);
      // Somebody who joins goes on, and clears nothing.
      await known();
      expect(await stop()).toEqual(allowed);
      // One more is another list, which nobody has read.
      expect(await leave(3)).toBe('SYNC_STOPPED');
      const joined = await stop();
      expect(joined).toMatchObject({ takenAway: { members: 2 } });
      expect([joined?.id === allowed?.id, joined?.allowedUntil]).toEqual([false, undefined]);
      expect(joined?.entries.map(({ id }) => id).sort()).toEqual([leavers[2], leavers[3]].map(useridOf).sort());
      await allow();
      expect(await scene.run()).toMatchObject({ status: 'success' });
      expect(await scene.rowOf(leavers[3])).toMatchObject({ state: 'left' });
      expect(await listRuns(scene.nocobase.db, scene.source)).toHaveLength(others + 1);
    });
  });

  describe('is refused', () => {
    it('while a run works on the source, or is about to', async () => {
      const { db } = scene.nocobase;
      await writeSourceRow(db, scene.source, { claimedUntil: Date.now() + 10_000 });
      expect(await codeOf(follow(person(2)))).toBe('SYNC_RUNNING');
      await writeSourceRow(db, scene.source, { claimedUntil: null });
      expect(await codeOf(follow(person(2)))).toBe('done');
    });

    it('T73: in a clone that is silent', async () => {
      process.env.DINGTALK_DIRECTORY = 'off';
      const calls = scene.dingtalk.calls.length;
      expect(await codeOf(follow(person(2)))).toBe('SYNC_OFF');
      expect(scene.dingtalk.calls).toHaveLength(calls);
    });

    it('of another organization; before the first run everything is for that', async () => {
      const { db } = scene.nocobase;
      const { corpId } = await readSourceRow(db, scene.source);
      await writeSourceRow(db, scene.source, { corpId: 'dingother' });
      expect(await codeOf(follow(person(2)))).toBe('OTHER_DIRECTORY');
      await writeSourceRow(db, scene.source, { corpId: null });
      expect(await follow(person(2))).toEqual({ needsRun: true, entries: 0 });
      await writeSourceRow(db, scene.source, { corpId });
    });
  });

  it('a run afterwards finds nothing to be done', async () => {
    await scene.run();
    const before = await scene.content();
    expect(await scene.run()).toMatchObject({ status: 'success' });
    expect(await scene.content()).toEqual(before);
  });
});

describe('what DingTalk said to have changed, without departments in NocoBase', () => {
  it('people join and leave', async () => {
    const scene = await Scene.start({ hosts: ['user-data-sync'], company: { people: 5, departments: 3 } });
    const { app } = scene.nocobase;
    await scene.run();
    const { signal } = new AbortController();
    const account = scene.dingtalk.addMember({ dept_id_list: [1002] });
    const changes = { userids: [account.memberships[0].userid], departmentIds: [1001] };
    const follow = async () => followChanges(app, await loadSource(app, scene.source), changes, { signal });
    expect(await follow()).toEqual({ needsRun: false, entries: 1 });
    expect(await scene.boundTo(account)).toHaveLength(1);
    scene.dingtalk.leave(account);
    await follow();
    expect(await scene.boundTo(account)).toEqual([]);
    await scene.stop();
  }, 120_000);
});
