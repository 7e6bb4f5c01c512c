import english from '../../locale/en-US.json';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { Sources } from '../../../testing/nocobase/sources';
import type { SourceOptions } from '../../shared/directory';
import { DEPARTMENTS, MEMBERS, RUNS, SOURCES } from '../directory/store/collections';

describe('a source is saved', () => {
  let nocobase: NocoBase;
  let sources: Sources;
  let saved = 0;

  const addColumn = (name: string, values: object) =>
    nocobase.db.getRepository('fields').create({ values: { collectionName: 'users', name, ...values }, context: {} });

  beforeAll(async () => {
    nocobase = await startNocoBase('sqlite', { plugins: ['user-data-sync', 'departments'] });
    const user = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
    sources = new Sources(nocobase, await Session.of(nocobase, user));
    const corpId = 'ding7c3a91e5d04f4b2896e1b80a5d2f6c34';
    await nocobase.addAuthenticator('dingtalk', { corpId });
    await nocobase.addAuthenticator('other', { corpId, clientId: 'dingother0001' });
    await nocobase.addAuthenticator('disabled', { corpId, clientId: 'dingother0002', enabled: false });
    await nocobase.addAuthenticator('without', { clientId: 'dingother0003' });
    await nocobase.addAuthenticator('unfinished', { corpId, clientId: '' });
    await nocobase.addAuthenticator('basic-like', { authType: 'Email/Password' });
    await addColumn('jobNumber', { type: 'string', interface: 'input' });
    await addColumn('about', { type: 'text', interface: 'textarea' });
    await addColumn('hiddenText', { type: 'string', interface: 'input', hidden: true });
    await addColumn('uniqueText', { type: 'string', interface: 'input', unique: true });
    await addColumn('amount', { type: 'integer', interface: 'integer' });
    await addColumn('rawText', { type: 'string' });
    await nocobase.db.getRepository('collections').create({
      values: {
        name: 'letters',
        fields: [
          { type: 'string', name: 'code', interface: 'input' },
          { type: 'belongsTo', name: 'writer', target: 'users', foreignKey: 'code', targetKey: 'username' },
        ],
      },
      context: {},
    });
    await addColumn('letterCode', { type: 'string', interface: 'input' });
    await addColumn('letters', { type: 'hasMany', target: 'letters', foreignKey: 'code', sourceKey: 'letterCode' });
  }, 120_000);

  afterAll(() => nocobase?.stop());

  const save = (options: SourceOptions, more?: object) => sources.save(`source-${++saved}`, options, more);

  afterEach(async () => {
    const repository = nocobase.db.getRepository('userDataSyncSources');
    await repository.destroy({ filter: { name: { $ne: 'x' } } });
  });

  it('with a schedule in the night, where it has none', async () => {
    const { status, data } = await save({ authenticator: 'dingtalk' });
    expect({ status, options: data?.options }).toEqual({
      status: 200,
      options: {
        authenticator: 'dingtalk',
        schedule: { time: expect.stringMatching(/^0[234]:\d\d$/), zone: 'Asia/Shanghai' },
      },
    });
    const row = await nocobase.db.getModel(SOURCES).findByPk(data?.id);
    expect(Number(row?.get('nextRun'))).toBeGreaterThan(Date.now());
  });

  it.each([true, false])('without what is no option of it, such as a secret (enabled: %s)', async (enabled) => {
    const options = { authenticator: 'dingtalk', schedule: null, brake: { free: 1 } };
    const secret = { clientSecret: 'of-the-app', token: 'of-the-app' };
    const given = { ...options, ...secret, brake: { ...options.brake, ...secret } };
    const { status, data } = await save(given, { enabled });
    expect({ status, options: data?.options }).toEqual({ status: 200, options });
    const update = await sources.send(`userDataSyncSources:update?filterByTk=${data?.id}`, { options: given });
    expect(update).toMatchObject({ status: 200 });
    const row = await nocobase.db.getModel('userDataSyncSources').findByPk(data?.id);
    expect(row?.get('options')).toEqual(options);
  });

  it('without one where it was taken away', async () => {
    const { data } = await save({ authenticator: 'dingtalk', schedule: null });
    expect(data?.options.schedule).toBeNull();
    const row = await nocobase.db.getModel(SOURCES).findByPk(data?.id);
    expect(row?.get('nextRun') ?? null).toBeNull();
  });

  const writing = (column: string, field = 'jobNumber') => ({
    authenticator: 'dingtalk',
    fields: { [field]: { column, follow: 'ours' } },
  });

  it.each<[string, SourceOptions]>([
    ['a text column', writing('jobNumber')],
    ['a long text', writing('about')],
    ['e-mail in its own column', writing('email', 'email')],
    ['the phone number of everybody', writing('phone', 'phone')],
  ])('with %s', async (_, options) => {
    expect(await save(options)).toMatchObject({ status: 200 });
  });

  it.each<[string, SourceOptions, string, number]>([
    ['nothing', {}, 'SOURCE_INVALID', 400],
    ['an authenticator that is unknown', { authenticator: 'nobody' }, 'SOURCE_AUTHENTICATOR', 404],
    ['one that is disabled', { authenticator: 'disabled' }, 'SOURCE_AUTHENTICATOR', 404],
    ['one of another type', { authenticator: 'basic-like' }, 'SOURCE_AUTHENTICATOR', 404],
    ['one without a Corp ID', { authenticator: 'without' }, 'CORP_ID_REQUIRED', 424],
    ['one without a Client ID', { authenticator: 'unfinished' }, 'NOT_CONFIGURED', 424],
    ...[
      ...['password', 'username', 'email', 'phone', 'nickname', 'resetToken', 'appLang', 'id', 'createdById'],
      ...['hiddenText', 'uniqueText', 'amount', 'rawText', 'letterCode', 'nothing', '__proto__'],
    ].map((column): [string, SourceOptions, string, number] => [
      `T64: the column ${column}`,
      writing(column),
      'SOURCE_COLUMN_REFUSED',
      400,
    ]),
    ['T64: e-mail in a text column', writing('jobNumber', 'email'), 'SOURCE_COLUMN_REFUSED', 400],
    ['T64: the name in the user name', writing('username', 'nickname'), 'SOURCE_COLUMN_REFUSED', 400],
    ['a field that is not known', writing('jobNumber', 'password'), 'SOURCE_INVALID', 400],
  ])('but not with %s', async (_, options, code, status) => {
    const refused = await save(options);
    expect(refused).toMatchObject({ status, code });
    expect(refused.message).toMatch(/^[A-Z].{20,} \([A-Z_]+\)$/s);
    expect(await nocobase.db.getRepository('userDataSyncSources').count()).toBe(0);
  });

  it('T64: and says which column, as data', async () => {
    const column = '<b>{{code}} $t(OPEN)';
    const { message } = await save(writing(column));
    expect(message).toBe(
      `${english.SOURCE_COLUMN_REFUSED.replace('{{column}}', () => column)} (SOURCE_COLUMN_REFUSED)`,
    );
  });

  it('T64: and does not run with a column that was refused, by whatever way it came into the row', async () => {
    const { data } = await save({ authenticator: 'dingtalk' });
    const row = await nocobase.db.getModel('userDataSyncSources').findByPk(data?.id);
    await nocobase.db
      .getModel('userDataSyncSources')
      .update({ options: writing('password') }, { where: { id: data?.id } });
    expect(await sources.pull(row?.get('name'))).toMatchObject({ status: 400, code: 'SOURCE_COLUMN_REFUSED' });
    expect(await sources.tasks(String(data?.id))).toEqual([]);
  });

  it('T73: once for an app', async () => {
    const { data } = await save({ authenticator: 'dingtalk' });
    await nocobase.addAuthenticator('twin', { corpId: 'ding7c3a91e5d04f4b2896e1b80a5d2f6c34' });
    expect(await save({ authenticator: 'twin' })).toMatchObject({ status: 409, code: 'SOURCE_APP_TAKEN' });
    expect(await save({ authenticator: 'other' })).toMatchObject({ status: 200 });
    const again = { options: { authenticator: 'dingtalk', leavers: 'keep' } };
    expect(await sources.send(`userDataSyncSources:update?filterByTk=${data?.id}`, again)).toMatchObject({
      status: 200,
    });
    const taken = { options: { authenticator: 'other' } };
    expect(await sources.send(`userDataSyncSources:update?filterByTk=${data?.id}`, taken)).toMatchObject({
      status: 409,
    });
  });

  it('by who can switch one off whose authenticator is gone', async () => {
    const authenticator = await nocobase.addAuthenticator('leaving', {
      corpId: 'ding7c3a91e5d04f4b2896e1b80a5d2f6c34',
      clientId: 'dingother0009',
    });
    const { data } = await save({ authenticator: 'leaving', schedule: null });
    await nocobase.db.getRepository('authenticators').destroy({ filterByTk: authenticator.get('id') });
    const update = (values: object) => sources.send(`userDataSyncSources:update?filterByTk=${data?.id}`, values);
    expect(await update({ ...data, enabled: true })).toMatchObject({ status: 404, code: 'SOURCE_AUTHENTICATOR' });
    expect(await update({ ...data, enabled: false })).toMatchObject({ status: 200 });
  });

  it('of another type as NocoBase does it', async () => {
    expect(await save({}, { sourceType: 'ldap' })).toMatchObject({ status: 200, data: { options: {} } });
  });

  it('T76: with another authenticator, and the first one refuses nobody any more whom no source knows to have left', async () => {
    const { db } = nocobase;
    const { data } = await save({ authenticator: 'dingtalk' });
    const exclusions = db.getModel('dingtalkExclusions');
    const left = { sourceId: data?.id, dingtalkUserid: 'u', unionId: 'left-2', unionKey: 'k2', state: 'left' };
    await db.getModel(MEMBERS).create(left);
    await db.getModel(MEMBERS).create({ ...left, unionId: 'back', unionKey: 'k3', state: 'open' });
    await exclusions.bulkCreate([
      { authenticator: 'dingtalk', unionId: 'left-2', reason: 'left', since: 1 },
      // The collations of MySQL take it for the other one.
      { authenticator: 'dingtalk', unionId: 'LEFT-2', reason: 'left', since: 1 },
      { authenticator: 'dingtalk', unionId: 'back', reason: 'left', since: 1 },
      { authenticator: 'dingtalk', unionId: 'of-no-row', reason: 'left', since: 1 },
      { authenticator: 'dingtalk', unionId: 'of-no-row', reason: 'detached', since: 1 },
    ]);
    const rows = async () =>
      (await exclusions.findAll({ where: { unionId: ['left-2', 'LEFT-2', 'back', 'of-no-row'] }, order: ['id'] })).map(
        (row) => `${row.get('unionId')} ${row.get('reason')}`,
      );
    const update = (options: SourceOptions) =>
      sources.send(`userDataSyncSources:update?filterByTk=${data?.id}`, { options });
    expect(await update({ authenticator: 'dingtalk', leavers: 'keep' })).toMatchObject({ status: 200 });
    expect(await rows()).toEqual(['left-2 left', 'of-no-row detached']);
    expect(await update({ authenticator: 'other' })).toMatchObject({ status: 200 });
    expect(await rows()).toEqual(['of-no-row detached']);
    await exclusions.destroy({ where: { unionId: 'of-no-row' } });
  });

  it('T76: and forgotten with all that it knew, but with no other one’s', async () => {
    const { data: gone } = await save({ authenticator: 'dingtalk' });
    const { data: kept } = await save({ authenticator: 'other' });
    const { db } = nocobase;
    const excluded = (authenticator: string, unionId: string, reason: string) =>
      db.getModel('dingtalkExclusions').create({ authenticator, unionId, reason, since: 1 });
    for (const { id } of [gone, kept] as { id: number }[]) {
      const member = { sourceId: id, dingtalkUserid: 'u', unionId: 'left-1', unionKey: 'k', state: 'left' };
      await db.getModel(MEMBERS).create(member);
      await db.getModel(DEPARTMENTS).create({ sourceId: id, departmentId: 2, nocobaseId: 3 });
      await db.getModel(RUNS).create({ sourceId: id, trigger: 'manual', began: 1, outcome: 'success' });
    }
    await excluded('dingtalk', 'left-1', 'left');
    await excluded('dingtalk', 'left-1', 'blocked');
    await excluded('other', 'left-1', 'left');
    expect(await sources.send(`userDataSyncSources:destroy?filterByTk=${gone?.id}`)).toMatchObject({ status: 200 });
    for (const name of [MEMBERS, DEPARTMENTS, RUNS, SOURCES]) {
      const rows = await db.getModel(name).findAll();
      expect([name, rows.map((row) => String(row.get('sourceId')))]).toEqual([name, [String(kept?.id)]]);
    }
    const left = await db.getModel('dingtalkExclusions').findAll({ order: ['id'] });
    expect(left.map((row) => `${row.get('authenticator')} ${row.get('reason')}`)).toEqual([
      'dingtalk blocked',
      'other left',
    ]);
  });
});
