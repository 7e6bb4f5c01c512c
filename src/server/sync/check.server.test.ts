import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { DIRECTORY_PERMISSIONS, Sources } from '../../../testing/nocobase/sources';
import type { Finding } from '../../shared/contract';
import type { DepartmentChoice, SourceOptions } from '../../shared/directory';

describe('the form of a source', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let root: Session;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase('sqlite', { plugins: ['user-data-sync', 'departments'] });
    const user = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
    root = await Session.of(nocobase, user);
    new Sources(nocobase, root);
    await nocobase.addAuthenticator('dingtalk', { corpId: dingtalk.corpId });
    await nocobase.addAuthenticator('confirming', { corpId: dingtalk.corpId, matchByPhone: 'confirm' });
  }, 60_000);

  beforeEach(() => {
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

  async function check(options: Partial<SourceOptions> = {}) {
    const answer = await root.call<Finding[]>('checkSource', { options: { authenticator: 'dingtalk', ...options } });
    const findings = answer.data ?? [];
    return {
      ...answer,
      codes: findings.map(({ code }) => code),
      find: (code: string) => findings.find((one) => one.code === code),
    };
  }

  const lacking = (...names: string[]) => {
    const [app] = dingtalk.data.apps;
    app.permissions = app.permissions.filter((name) => !names.includes(name));
  };

  it('says how much the app may see, and writes nothing', async () => {
    const before = await nocobase.everything();
    const { find } = await check();
    expect(find('SCOPE_WHOLE')?.message).toMatch(/whole organization: \d+ departments and \d+ people/);
    expect(find('PHONES_READABLE')).toMatchObject({ outcome: 'ok' });
    expect(await nocobase.everything()).toBe(before);
  });

  it('says “n of m” where the scope is a part', async () => {
    const sales = dingtalk.addDepartment({ name: 'Sales' });
    dingtalk.addDepartment({ name: 'Others' });
    dingtalk.addMember({ dept_id_list: [sales.dept_id] });
    Object.assign(dingtalk.data.apps[0], { contactScope: { departments: [sales.dept_id], users: [] } });
    const message = (await check()).find('SCOPE_PART')?.message ?? '';
    const [, visible, all] = /: (\d+) of (\d+) departments and 1 of \d+ people/.exec(message) ?? [];
    expect([Number(visible), Number(all)]).toEqual([1, dingtalk.data.departments.length]);
  });

  it.each([
    [
      'nobody is visible',
      () => Object.assign(dingtalk.data.apps[0], { contactScope: { departments: [], users: [] } }),
      'SCOPE_EMPTY',
    ],
    ['departments', () => lacking('qyapi_get_department_list'), 'DEPARTMENTS_NOT_READABLE'],
    ['members', () => lacking('qyapi_get_department_member'), 'DIRECTORY_NOT_READABLE'],
    ['single members', () => lacking('qyapi_get_member'), 'LEAVERS_NOT_READABLE'],
    ['phone numbers', () => lacking('fieldMobile'), 'PHONES_NOT_READABLE'],
    [
      'the server’s address',
      () => Object.assign(dingtalk.data.apps[0], { ipWhiteList: ['10.9.9.9'] }),
      'IP_NOT_ALLOWED',
    ],
  ])('finds that a permission is missing: %s', async (_, spoil, code) => {
    spoil();
    expect((await check()).codes).toContain(code);
  });

  it('T63: is red where a field is a way in', async () => {
    const email = { email: { column: 'email', follow: 'ours' } } as const;
    expect((await check({ fields: email })).codes).toContain('EMAIL_DOMAINS_MISSING');
    expect((await check()).codes).not.toContain('PHONE_IS_WAY_IN');
    const repository = nocobase.db.getRepository('authenticators');
    await repository.create({ values: { name: 'sms', authType: 'SMS', enabled: true, options: {} } });
    await repository.update({
      filter: { name: 'basic' },
      values: { options: { public: { enableResetPassword: true } } },
    });
    expect((await check()).find('PHONE_IS_WAY_IN')).toMatchObject({
      outcome: 'error',
      message: expect.stringContaining('sms'),
    });
    expect((await check({ fields: email })).find('EMAIL_IS_WAY_IN')).toMatchObject({ outcome: 'error' });
    expect((await check({ fields: email })).codes).not.toContain('PHONE_IS_WAY_IN');
    await repository.destroy({ filter: { name: 'sms' } });
  });

  it('knows when users are not matched by phone, and when nothing runs', async () => {
    process.env.DINGTALK_DIRECTORY = 'off';
    const { codes } = await check({ authenticator: 'confirming' });
    expect(codes).toEqual(expect.arrayContaining(['MATCH_BY_PHONE_OFF', 'DIRECTORY_OFF']));
    expect((await check()).codes).toContain('PROFILE_PREPARES_MATCH');
  });

  it('names departments that carry a privileged role', async () => {
    const { db } = nocobase;
    await db.getRepository('departments').create({ values: { title: 'Board', roles: [{ name: 'root' }] } });
    expect((await check()).find('DEPARTMENTS_PRIVILEGED')?.message).toContain('Board');
  });

  it('refuses what could not be saved, with the same code', async () => {
    expect(await check({ authenticator: 'nobody' })).toMatchObject({ status: 404, code: 'SOURCE_AUTHENTICATOR' });
    expect(await check({ leavers: 'x' as 'keep' })).toMatchObject({ status: 400, code: 'SOURCE_INVALID' });
  });

  it('shows the tree, level by level, without other books', async () => {
    const sales = dingtalk.addDepartment({ name: 'Sales' });
    const east = dingtalk.addDepartment({ name: 'East', parent_id: sales.dept_id });
    const below = async (parent?: number) =>
      (await root.call<DepartmentChoice[]>('getDepartments', { authenticator: 'dingtalk', ...(parent && { parent }) }))
        .data;
    expect(await below()).toContainEqual({ id: sales.dept_id, name: 'Sales', isPrivileged: false });
    expect(await below(sales.dept_id)).toEqual([{ id: east.dept_id, name: 'East', isPrivileged: false }]);
    expect(((await below()) ?? []).every(({ id }) => id > 1)).toBe(true);
    Object.assign(dingtalk.data.apps[0], { contactScope: { departments: [east.dept_id], users: [] } });
    expect(await below()).toEqual([{ id: east.dept_id, name: 'East', isPrivileged: false }]);
  });
});
