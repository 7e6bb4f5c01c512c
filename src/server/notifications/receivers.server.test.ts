import type { Model } from '@nocobase/database';
import type { Account } from '../../../emulator';
import { freshRow } from '../../../testing/directory/company';
import { Channels, useridOf } from '../../../testing/nocobase/channels';
import { describeOnEachDatabase } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { CLIENT_ID, type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { requireAuthenticator } from '../configuration/authenticators';
import { addMembers, type MemberValues } from '../directory/store/members';
import { backgroundContext } from '../http/background';
import { chosenUsers, findReceivers, keepUserid } from './receivers';

const HOUR = 3_600_000;

describeOnEachDatabase('the receivers of a message', (dialect) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let channels: Channels;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase(dialect, { plugins: ['notification-manager', 'user-data-sync'] });
    channels = new Channels(nocobase);
    await nocobase.addAuthenticator('dingtalk', { corpId: dingtalk.corpId, agentId: '836390886' });
    await nocobase.addAuthenticator('other', { corpId: dingtalk.corpId });
  }, 120_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  afterEach(async () => {
    for (const table of ['dingtalkMembers', 'dingtalkSources', 'dingtalkRuns', 'dingtalkExclusions']) {
      await nocobase.db.getModel(table).destroy({ where: {} });
    }
  });

  const idOf = (user: Model) => String(user.get('id'));

  async function find(users: (Model | string)[], now?: number) {
    const authenticator = await requireAuthenticator(backgroundContext(nocobase.app), 'dingtalk');
    const ids = users.map((user) => (typeof user === 'string' ? user : idOf(user)));
    return findReceivers(nocobase.db, authenticator, authenticator.settings, ids, now);
  }

  /** A source that read the directory a while ago. */
  async function addSource(sourceId: number, { corpId = dingtalk.corpId, clientId = CLIENT_ID, ...run } = {}) {
    const { db } = nocobase;
    await db.getModel('dingtalkSources').create({ sourceId, corpId, clientId });
    const values = { sourceId, trigger: 'schedule', outcome: 'success', began: Date.now() - HOUR, ...run };
    await db.getModel('dingtalkRuns').create(values);
  }

  async function addMember(sourceId: number, account: Account, more: Partial<MemberValues> = {}) {
    const values = { userid: useridOf(account), unionId: account.unionId, name: '', ...freshRow(), ...more };
    await addMembers(nocobase.db, String(sourceId), [values]);
  }

  const exclude = (values: object) =>
    nocobase.db.getModel('dingtalkExclusions').create({ authenticator: 'dingtalk', since: 1, account: '', ...values });

  it('are those that are named, and those that a query finds, each once', async () => {
    const [ada, ben] = [await nocobase.addUser({ nickname: 'Ada' }), await nocobase.addUser({ nickname: 'Ben' })];
    const choose = (receivers: unknown) => chosenUsers(nocobase.db, { message: { receivers } });
    const query = { filter: { nickname: 'Ben' } };
    expect(await choose([ada.get('id'), query, [idOf(ada), [ben.get('id')]], null, ''])).toEqual([
      idOf(ada),
      idOf(ben),
    ]);
    for (const nobody of [undefined, null, [], 'x', {}, [{}], [{ filter: {} }], [[[]]], 0]) {
      expect(await choose(nobody).then((ids) => ids.filter((id) => id !== 'x'))).toEqual([]);
    }
    const userId = { type: 'userId', value: [ada.get('id')] };
    expect(await chosenUsers(nocobase.db, { message: { receivers: [ben.get('id')] }, receivers: userId })).toEqual([
      idOf(ada),
    ]);
    await expect(choose([{ filter: { noSuchField: 1 } }])).rejects.toMatchObject({ code: 'RECEIVERS_INVALID' });
  });

  it('have a name, and a binding under this authenticator, or not', async () => {
    const account = dingtalk.addAccount();
    const linked = await channels.linkedUser(account, { nickname: 'Linked' });
    const free = await nocobase.addUser({ username: 'free' });
    const elsewhere = await nocobase.addUser({ nickname: 'Elsewhere' });
    const values = { userId: elsewhere.get('id'), uuid: account.unionId, meta: { unionId: account.unionId } };
    await nocobase.db.getModel('usersAuthenticators').create({ authenticator: 'other', ...values });
    expect(await find([linked, free, elsewhere, '999999', 'x', '1e3', '-1', '0'.repeat(30)])).toMatchObject([
      { name: 'Linked', unionId: account.unionId },
      { name: 'free', loss: 'NO_ACCOUNT' },
      { name: 'Elsewhere', loss: 'NO_ACCOUNT' },
      ...Array.from({ length: 5 }, () => ({ loss: 'USER_UNKNOWN' })),
    ]);
  });

  it('are not those who are bound by a key of the plugin before', async () => {
    const account = dingtalk.addAccount();
    const user = await nocobase.addUser({ nickname: 'Old' });
    const binding = { authenticator: 'dingtalk', userId: user.get('id') };
    const bindings = nocobase.db.getModel('usersAuthenticators');
    await bindings.create({ ...binding, uuid: useridOf(account), meta: null });
    expect(await find([user])).toMatchObject([{ loss: 'NO_ACCOUNT' }]);
    await bindings.update({ meta: { unionId: 'another' } }, { where: binding });
    expect(await find([user])).toMatchObject([{ loss: 'NO_ACCOUNT' }]);
  });

  it('have the userid that a source read', async () => {
    const account = dingtalk.addAccount();
    const user = await channels.linkedUser(account);
    await addSource(1);
    await addMember(1, account);
    expect(await find([user])).toMatchObject([{ userid: useridOf(account), loss: undefined }]);
  });

  it.each<[string, object, object | 'case']>([
    ['another organization', { corpId: 'dingother' }, {}],
    ['another app', { clientId: 'dingotherapp' }, {}],
    ['a source that failed since', { outcome: 'failed' }, {}],
    ['a source that has not run for three days', { began: Date.now() - 72 * HOUR }, {}],
    ['a source of which events alone were read', { trigger: 'event' }, {}],
    ['a member who was not read', {}, { state: 'outside' }],
    ['an account whose ID differs in one capital letter', {}, 'case'],
  ])('T101: a userid of %s counts for nobody', async (_, source, member) => {
    const account = dingtalk.addAccount();
    const user = await channels.linkedUser(account);
    await addSource(1, source);
    await addMember(1, account, member === 'case' ? { unionId: account.unionId.toLowerCase() } : member);
    expect(await find([user])).toMatchObject([{ userid: undefined, loss: undefined }]);
  });

  it('T101: a userid that DingTalk named counts for the same app, for a day', async () => {
    const account = dingtalk.addAccount();
    const user = await channels.linkedUser(account);
    const now = Date.now();
    const [receiver] = await find([user]);
    await keepUserid(nocobase.db, 'dingtalk', receiver, { userid: 'kept', useridOf: CLIENT_ID, useridAt: now });
    expect(await channels.metaOf(user)).toEqual({
      unionId: account.unionId,
      userid: 'kept',
      useridOf: CLIENT_ID,
      useridAt: now,
    });
    expect(await find([user], now + 23 * HOUR)).toMatchObject([{ userid: 'kept' }]);
    expect(await find([user], now + 24 * HOUR)).toMatchObject([{ userid: undefined }]);
    expect(await find([user], now - HOUR)).toMatchObject([{ userid: undefined }]);
    await channels.setMeta(user, { unionId: account.unionId, userid: 'kept', useridOf: 'dingother', useridAt: now });
    expect(await find([user], now)).toMatchObject([{ userid: undefined }]);
    await channels.setMeta(user, { unionId: account.unionId, userid: 'kept' });
    expect(await find([user], now)).toMatchObject([{ userid: undefined }]);
  });

  it('T101: the userid of an account to which the user is not bound any more is not kept', async () => {
    const [before, after] = [dingtalk.addAccount(), dingtalk.addAccount()];
    const user = await channels.linkedUser(before);
    const [receiver] = await find([user]);
    const meta = { unionId: after.unionId };
    const where = { authenticator: 'dingtalk', userId: user.get('id') };
    await nocobase.db.getModel('usersAuthenticators').update({ uuid: after.unionId, meta }, { where });
    await keepUserid(nocobase.db, 'dingtalk', receiver, { userid: 'of-before', useridOf: CLIENT_ID, useridAt: 1 });
    expect(await channels.metaOf(user)).toEqual(meta);
  });

  it.each<[string, string, (user: Model, account: Account) => object]>([
    ['who is blocked', 'USER_BLOCKED', (user) => ({ reason: 'blocked', userId: user.get('id') })],
    ['whose account is blocked', 'USER_BLOCKED', (_, { unionId }) => ({ reason: 'blocked', unionId })],
    ['whose account has left', 'HAS_LEFT', (_, { unionId }) => ({ reason: 'left', unionId })],
  ])('T102: nothing is for somebody %s', async (_, loss, excluded) => {
    const account = dingtalk.addAccount();
    const user = await channels.linkedUser(account);
    await addSource(1);
    await addMember(1, account);
    await exclude(excluded(user, account));
    expect(await find([user])).toMatchObject([{ loss }]);
  });

  it('T102: nothing is for somebody of whom the source says that they left', async () => {
    const account = dingtalk.addAccount();
    const user = await channels.linkedUser(account);
    await addSource(1);
    await addMember(1, account, { state: 'left' });
    expect(await find([user])).toMatchObject([{ loss: 'HAS_LEFT' }]);
  });

  it('are those who were unlinked before and linked again, and whose namesake in another case is blocked', async () => {
    const account = dingtalk.addAccount();
    const user = await channels.linkedUser(account);
    await exclude({ reason: 'unlinked', unionId: account.unionId });
    await exclude({ reason: 'blocked', unionId: account.unionId.toLowerCase() });
    expect(await find([user])).toMatchObject([{ loss: undefined }]);
  });

  it('are looked up in three statements, a thousand of them', async () => {
    const { options } = nocobase.db.sequelize as unknown as { options: { logging: unknown } };
    const users = await nocobase.db
      .getModel('users')
      .bulkCreate(
        Array.from({ length: 1000 }, (_, index) => ({ nickname: `Many ${index}`, username: `many${index}` })),
      );
    const found = await nocobase.db
      .getModel('users')
      .findAll({ where: { username: users.map((u) => u.get('username')) } });
    await nocobase.db.getModel('usersAuthenticators').bulkCreate(
      found.map((user) => ({
        authenticator: 'dingtalk',
        userId: user.get('id'),
        uuid: `Many${user.get('username')}`,
        nickname: '',
        meta: { unionId: `Many${user.get('username')}` },
      })),
    );
    const authenticator = await requireAuthenticator(backgroundContext(nocobase.app), 'dingtalk');
    const statements: string[] = [];
    options.logging = (statement: string) => statements.push(statement);
    const ids = found.map(idOf);
    const receivers = await findReceivers(nocobase.db, authenticator, authenticator.settings, ids);
    options.logging = false;
    expect(receivers.map(({ userId }) => userId)).toEqual(ids);
    expect(receivers.every(({ unionId }) => unionId)).toBe(true);
    // Every 30 seconds, the listeners of events have statements of their own.
    const own = statements.filter((statement) => /\b(users|dingtalkExclusions|dingtalkMembers)\b/.test(statement));
    expect(own.length).toBeLessThanOrEqual(3);
    expect(own.length).toBeGreaterThan(0);
  });
});
