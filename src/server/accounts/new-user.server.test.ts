import { DataTypes } from '@nocobase/database';
import { describeOnSqliteAnd } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { signIn } from '../../../testing/nocobase/sign-in';

describeOnSqliteAnd('mysql')('a new user', (dialect) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase(dialect);
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
    await nocobase.addAuthenticator('with-email', { autoSignup: true, emailDomains: ['Corp.Example'] });
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  const stored = async (account: { id: string; unionId: string }, authenticator?: string) => {
    const { status, user } = await signIn(nocobase, dingtalk, { authenticator, account: account.id });
    expect(status).toBe(200);
    const binding = (await nocobase.bindings()).find(({ uuid }) => uuid === account.unionId);
    return { ...(await nocobase.db.getModel('users').findByPk(user?.id))?.get(), linked: binding?.nickname };
  };

  it('T55: has the name that one sees, and so has the binding', async () => {
    const account = dingtalk.addAccount({ nick: '\u202Eiew gnahZ\u202C \u200Bx\u{E0041}' });
    // The emulator and NocoBase pass such a name on.
    expect((await nocobase.addUser({ nickname: account.nick })).get('nickname')).toBe(account.nick);
    expect(await stored(account)).toMatchObject({ nickname: 'iew gnahZ x', linked: 'iew gnahZ x' });
  });

  it('T56: is not called like a system account, nor like root, but by the phone number', async () => {
    const root = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
    await root.update({ nickname: 'The Boss' });
    // NocoBase itself lets everybody be called so.
    expect((await nocobase.addUser({ nickname: 'Super Admin' })).get('nickname')).toBe('Super Admin');
    for (const nick of ['超级管理员', 'Admin\u200B', 'the boss']) {
      const account = dingtalk.addAccount({ nick });
      const user = await stored(account);
      expect(user).toMatchObject({ nickname: account.mobile });
      // The account is still named as it is called in DingTalk.
      expect(user.linked).toBe(nick.replace('\u200B', ''));
    }
  });

  it('T56: may be called like any other user', async () => {
    await nocobase.addUser({ nickname: '张伟' });
    expect(await stored(dingtalk.addAccount({ nick: '张伟' }))).toMatchObject({ nickname: '张伟' });
  });

  it('T57: has no e-mail address that DingTalk merely names', async () => {
    expect(await stored(dingtalk.addAccount({ email: 'ceo@corp.example' }))).toMatchObject({ email: null });
    expect(await stored(dingtalk.addAccount({ email: 'ceo@other.example' }), 'with-email')).toMatchObject({
      email: null,
    });
    // Of a domain that the administrator named, and that nobody else has.
    const account = dingtalk.addAccount({ email: 'CTO@CORP.example' });
    expect(await stored(account, 'with-email')).toMatchObject({ email: 'CTO@corp.example' });
    for (const [taken, email] of [
      ['cfo@corp.example', 'CFO@corp.example'],
      ['Ceo@Corp.example', 'ceo@corp.example'],
    ]) {
      await nocobase.addUser({ nickname: 'Has it', email: taken });
      expect(await stored(dingtalk.addAccount({ email }), 'with-email')).toMatchObject({ email: null });
    }
  });

  it.each([[[]], [['openId', 'mobile']]] as const)(
    'is nobody while the default role is privileged, also where the older keys %j disagree',
    async (keys) => {
      const account = dingtalk.addAccount();
      for (const key of keys) {
        const user = await nocobase.addUser({ nickname: key });
        await nocobase.db.getRepository('usersAuthenticators').create({
          values: { authenticator: 'dingtalk', userId: user.get('id'), uuid: account[key] },
        });
      }
      const roles = nocobase.db.getModel('roles');
      const setDefault = async (name: string) => {
        await roles.update({ default: false }, { where: {} });
        await roles.update({ default: true }, { where: { name } });
      };
      await setDefault('admin');
      const users = await nocobase.countUsers();
      expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({ code: 'USER_NOT_FOUND' });
      expect(await nocobase.countUsers()).toBe(users);
      await setDefault('member');
      expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({ status: 200 });
      expect(await nocobase.countUsers()).toBe(users + 1);
    },
  );

  describe('who lacks what users must have is refused, and nothing of it is left:', () => {
    beforeEach(() => nocobase.logs.outcomes(0));

    const refused = async (nick: string, fields: string) => {
      const account = dingtalk.addAccount({ nick });
      const before = await nocobase.everything();
      expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({
        status: 424,
        code: 'USER_FIELDS_REQUIRED',
        message: expect.not.stringContaining(fields),
      });
      expect(await nocobase.everything()).toBe(before);
      const outcomes = await nocobase.logs.outcomes();
      expect(outcomes).toMatchObject([{ outcome: 'USER_FIELDS_REQUIRED', reason: `fields of users: ${fields}` }]);
      expect(JSON.stringify(outcomes)).not.toMatch(new RegExp(`${account.mobile}|${nick}`));
      return account;
    };

    it.each([
      ['an e-mail address', 'email', { type: 'string', rules: [{ name: 'required' }] }],
      [
        'a nickname by a pattern',
        'nickname',
        {
          type: 'string',
          rules: [{ name: 'pattern', args: { regex: '^[a-z]+$' } }],
        },
      ],
    ])('%s', async (_, name, validation) => {
      const { options } = nocobase.db.getCollection('users').getField(name);
      options.validation = validation;
      try {
        const account = await refused('Ümit 9', name);
        delete options.validation;
        expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({ status: 200 });
      } finally {
        delete options.validation;
      }
    });

    it('a field of theirs that must not be null, as NocoBase knows', async () => {
      const users = nocobase.db.getCollection('users');
      await nocobase.db.sequelize.getQueryInterface().addColumn('users', 'employeeNo', { type: DataTypes.STRING });
      users.addField('employeeNo', { type: 'string', allowNull: false });
      try {
        await refused('Wei', 'employeeNo');
      } finally {
        users.removeField('employeeNo');
      }
    });

    // The last one, because it changes the table.
    it('a column that must not be null, as the database alone knows', async () => {
      const query = nocobase.db.sequelize.getQueryInterface();
      await query.addColumn('users', 'badgeNo', { type: DataTypes.STRING });
      await query.bulkUpdate('users', { badgeNo: '1' }, {});
      await query.changeColumn('users', 'badgeNo', { type: DataTypes.STRING, allowNull: false });
      await refused('Wei', 'badgeNo');
    });
  });
});
