import type { Transaction } from '@nocobase/database';
import { describeOnEachDatabase } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { type Outcome, signIn } from '../../../testing/nocobase/sign-in';
import english from '../../locale/en-US.json';

// That each rule is applied, on each database. Which rule applies to what is in identify.test.ts, how phone numbers are
// read and compared in phone.test.ts.

describeOnEachDatabase('identity', (dialect) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase(dialect);
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true, emailDomains: ['example.com'] });
    await nocobase.addAuthenticator('known-only');
    await nocobase.addAuthenticator('one-organization', { autoSignup: true, corpId: dingtalk.corpId });
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  const bind = (user: { get(name: 'id'): unknown }, uuid: string, authenticator = 'dingtalk') =>
    nocobase.db
      .getRepository('usersAuthenticators')
      .create({ values: { authenticator, userId: user.get('id'), uuid } });

  const bindingsOf = async (userId: unknown) =>
    (await nocobase.bindings()).filter((binding) => String(binding.userId) === String(userId));

  /** Runs a sign-in that must be refused, and checks that it changed nothing. */
  async function refused(attempt: () => Promise<Outcome>): Promise<Outcome> {
    const before = await nocobase.everything();
    const outcome = await attempt();
    expect(await nocobase.everything()).toBe(before);
    return outcome;
  }

  it('T11: rule 1: another organization is refused as WRONG_ORGANIZATION, before anything is read', async () => {
    const account = dingtalk.addAccount();
    const { corpId } = dingtalk.data.organizations[1];
    account.memberships.push({ ...account.memberships[0], corpId });
    const before = dingtalk.calls.length;

    const outcome = await refused(() =>
      signIn(nocobase, dingtalk, { authenticator: 'one-organization', account: account.id, corpId }),
    );

    expect(outcome).toMatchObject({ status: 403, code: 'WRONG_ORGANIZATION' });
    expect(dingtalk.calls.slice(before).map((call) => call.path)).toEqual(['/v1.0/oauth2/userAccessToken']);
    const ours = await signIn(nocobase, dingtalk, { authenticator: 'one-organization', account: account.id });
    expect(ours.user).toMatchObject({ phone: account.mobile });
  });

  it('rule 2: the user who is bound to the unionId is signed in, whoever has the phone number now', async () => {
    const account = dingtalk.addAccount();
    const user = await nocobase.addUser({ nickname: 'Bound' });
    await bind(user, account.unionId);
    await nocobase.addUser({ nickname: 'Has the number', phone: account.mobile });
    expect((await signIn(nocobase, dingtalk, { account: account.id })).user?.id).toBe(user.get('id'));
  });

  it('rule 2: a unionId with other capital letters, or of another authenticator, is another one', async () => {
    const account = dingtalk.addAccount({ mobile: undefined, stateCode: undefined });
    await bind(await nocobase.addUser({ nickname: 'Other' }), account.unionId.toUpperCase());
    await bind(await nocobase.addUser({ nickname: 'Elsewhere' }), account.unionId, 'known-only');
    expect((await signIn(nocobase, dingtalk, { account: account.id })).code).toBe('PHONE_UNAVAILABLE');
  });

  it.each(['openId', 'mobile'] as const)(
    'rule 3: the user who is bound by %s is signed in, and bound to the unionId from then on',
    async (key) => {
      const account = dingtalk.addAccount();
      const user = await nocobase.addUser({ nickname: 'Bound long ago' });
      await bind(user, String(account[key]));

      const first = await signIn(nocobase, dingtalk, { account: account.id });
      const second = await signIn(nocobase, dingtalk, { account: account.id });

      expect([first.user?.id, second.user?.id]).toEqual([user.get('id'), user.get('id')]);
      expect(await bindingsOf(user.get('id'))).toEqual([expect.objectContaining({ uuid: account.unionId })]);
    },
  );

  it('rule 3: a Chinese number is not the American one with the same digits', async () => {
    const american = dingtalk.addAccount({ stateCode: '1', mobile: '4155550101' });
    const user = await nocobase.addUser({ nickname: 'Chinese' });
    await bind(user, '14155550101');
    const outcome = await signIn(nocobase, dingtalk, { account: american.id });
    expect(outcome.user?.id).not.toBe(user.get('id'));
    expect(outcome.user?.phone).toBe('+14155550101');
  });

  it.each([
    ['none', {}],
    ['a masked one', { mobile: '155****3240', stateCode: '86' }],
  ])('T10: rule 4: an account with %s as its phone number is refused as PHONE_UNAVAILABLE', async (_, phone) => {
    const account = dingtalk.addAccount({ mobile: undefined, stateCode: undefined, ...phone });
    await nocobase.addUser({ nickname: 'Has no phone either' });
    const outcome = await refused(() => signIn(nocobase, dingtalk, { account: account.id }));
    expect(outcome).toMatchObject({ status: 403, code: 'PHONE_UNAVAILABLE' });
    expect(outcome.message).toBe(english.PHONE_UNAVAILABLE);
  });

  it('rule 5: the only user with the phone number is bound, and keeps the own name', async () => {
    const account = dingtalk.addAccount();
    const user = await nocobase.addUser({ nickname: 'Colleague', phone: account.mobile });

    const outcome = await signIn(nocobase, dingtalk, { account: account.id });

    expect(outcome.user).toMatchObject({ id: user.get('id'), nickname: 'Colleague' });
    expect(await bindingsOf(user.get('id'))).toEqual([
      expect.objectContaining({
        authenticator: 'dingtalk',
        uuid: account.unionId,
        nickname: account.nick,
        meta: { unionId: account.unionId, openId: account.openId },
      }),
    ]);
  });

  it.each([
    ['86', '13900001301', '+86 139-0000-1301'],
    ['86', '13900001302', '139.0000.1302'],
    ['86', '13900001303', '(+86) 13900 001303'],
    ['886', '0912345602', '00886-912345602'],
    ['1', '4155550102', '+1 (415) 555-0102'],
  ])('rule 5: the database finds %s %s in the spelling %s', async (stateCode, mobile, stored) => {
    const account = dingtalk.addAccount({ stateCode, mobile });
    const user = await nocobase.addUser({ nickname: 'Colleague', phone: stored });
    const outcome = await signIn(nocobase, dingtalk, { authenticator: 'known-only', account: account.id });
    expect(outcome.user?.id).toBe(user.get('id'));
  });

  it('T10: rule 6: the second owner of a recycled number is refused as ACCOUNT_ALREADY_LINKED', async () => {
    const first = dingtalk.addAccount();
    await nocobase.addUser({ nickname: 'First owner', phone: first.mobile });
    await signIn(nocobase, dingtalk, { account: first.id });
    const second = dingtalk.addAccount({ mobile: first.mobile });
    const outcome = await refused(() => signIn(nocobase, dingtalk, { account: second.id }));
    expect(outcome).toMatchObject({ status: 409, code: 'ACCOUNT_ALREADY_LINKED' });
  });

  it('T10: rule 7: two users with this number are refused as PHONE_AMBIGUOUS, also in an unusual spelling', async () => {
    const account = dingtalk.addAccount();
    await nocobase.addUser({ nickname: 'Owner', phone: account.mobile?.replace(/^(...)(....)/, '$1.$2.') });
    // Users may edit their own number.
    await nocobase.addUser({ nickname: 'Impostor', phone: account.mobile });
    const outcome = await refused(() => signIn(nocobase, dingtalk, { account: account.id }));
    expect(outcome).toMatchObject({ status: 409, code: 'PHONE_AMBIGUOUS' });
  });

  it('rule 7: a hundred similar numbers are refused, as the owner may be one that was not read', async () => {
    const { id: account, mobile } = dingtalk.addAccount();
    const similar = Array.from({ length: 100 }, (_, index) => ({ phone: `${mobile}#${index}` }));
    await nocobase.db.getModel('users').bulkCreate(similar);
    // The lines of the tests before are written by then, and counted.
    await nocobase.logs.text();
    await nocobase.logs.outcomes(0);

    const outcome = await signIn(nocobase, dingtalk, { account });

    expect(outcome).toMatchObject({ status: 409, code: 'PHONE_AMBIGUOUS' });
    const [logged] = await nocobase.logs.outcomes();
    expect(logged.reason).toBe('too many users have a similar phone number');
  });

  it('rule 8: a new user gets nickname, phone number, e-mail address and the default role', async () => {
    const account = dingtalk.addAccount({ email: 'somebody.new@example.com' });

    const { user } = await signIn(nocobase, dingtalk, { account: account.id });

    const { nick: nickname, mobile: phone, email } = account;
    expect(user).toMatchObject({ nickname, phone, email });
    const roles = await nocobase.db.getRepository('users.roles', user?.id ?? '').find();
    expect(roles.map((role: { get(name: string): string }) => role.get('name'))).toEqual(['member']);
    expect(await bindingsOf(user?.id)).toEqual([expect.objectContaining({ uuid: account.unionId })]);
  });

  it('rule 8: a number of another country is stored with the country, a missing nickname is the number', async () => {
    const account = dingtalk.addAccount({ stateCode: '852', mobile: '51234599', nick: '' });
    const { user } = await signIn(nocobase, dingtalk, { account: account.id });
    expect(user).toMatchObject({ phone: '+85251234599', nickname: '+85251234599' });
  });

  it('rule 8: an e-mail address that another user has is left out', async () => {
    await nocobase.addUser({ nickname: 'Has it', email: 'taken@example.com' });
    const account = dingtalk.addAccount({ email: 'Taken@example.com' });
    const { user } = await signIn(nocobase, dingtalk, { account: account.id });
    expect(user).toMatchObject({ phone: account.mobile });
    expect(user?.email ?? null).toBeNull();
  });

  it.each([
    ['300 characters', '长'.repeat(300), '长'.repeat(255)],
    ['emoji', '👩‍🚀 Ada', '👩‍🚀 Ada'],
    ['HTML', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['right-to-left text', 'مرحبا', 'مرحبا'],
    ['a control character', 'A\u0000B', 'AB'],
  ])('rule 8: a nickname with %s can be stored', async (_, nick, stored) => {
    const account = dingtalk.addAccount({ nick });
    expect((await signIn(nocobase, dingtalk, { account: account.id })).user?.nickname).toBe(stored);
  });

  it('rule 9: no user with the number, and sign-up is off: refused as USER_NOT_FOUND', async () => {
    const account = dingtalk.addAccount();
    const attempt = () => signIn(nocobase, dingtalk, { authenticator: 'known-only', account: account.id });
    expect(await refused(attempt)).toMatchObject({ status: 403, code: 'USER_NOT_FOUND' });
  });

  describe('after the first sign-in', () => {
    async function signedInOnce() {
      const account = dingtalk.addAccount();
      const { user } = await signIn(nocobase, dingtalk, { account: account.id });
      return { account, id: user?.id ?? '' };
    }
    const users = () => nocobase.db.getRepository('users');

    it('a user or an account whose phone number changed is the same (rule 2)', async () => {
      const { account, id } = await signedInOnce();
      await users().update({ filterByTk: id, values: { phone: `+1 415555${String(id).padStart(4, '0')}` } });
      expect((await signIn(nocobase, dingtalk, { account: account.id })).user?.id).toBe(id);
      account.mobile = `177${account.mobile?.slice(3)}`;
      expect((await signIn(nocobase, dingtalk, { account: account.id })).user?.id).toBe(id);
    });

    it('a user who was deleted is created anew (rule 8)', async () => {
      const { account, id } = await signedInOnce();
      await users().destroy({ filterByTk: id });
      const outcome = await signIn(nocobase, dingtalk, { account: account.id });
      expect(outcome.status).toBe(200);
      expect(outcome.user?.id).not.toBe(id);
    });

    it('a user whose binding was deleted is found by phone number again (rule 5)', async () => {
      const { account, id } = await signedInOnce();
      await nocobase.db.getRepository('usersAuthenticators').destroy({ filter: { userId: id } });
      expect((await signIn(nocobase, dingtalk, { account: account.id })).user?.id).toBe(id);
      expect(await bindingsOf(id)).toHaveLength(1);
    });

    it('a user has a binding for each authenticator (rule 5)', async () => {
      const { account, id } = await signedInOnce();
      const elsewhere = dingtalk.addAccount({ mobile: account.mobile });
      const outcome = await signIn(nocobase, dingtalk, { authenticator: 'known-only', account: elsewhere.id });
      expect(outcome.user?.id).toBe(id);
      expect((await bindingsOf(id)).map(({ authenticator, uuid }) => [authenticator, uuid]).sort()).toEqual([
        ['dingtalk', account.unionId],
        ['known-only', elsewhere.unionId],
      ]);
    });
  });

  describe('the statements of a sign-in', () => {
    const statementsOf = async (work: () => Promise<unknown>) => {
      const statements: string[] = [];
      const { options } = nocobase.db.sequelize as unknown as { options: { logging: unknown } };
      options.logging = (sql: string) => statements.push(sql.replace(/^Executing \(.*?\): /, ''));
      await work().finally(() => (options.logging = false));
      return statements;
    };
    const ofUsers = (statements: string[]) =>
      statements.filter((sql) => /^SELECT .* FROM .users. .*WHERE .*phone/.test(sql));

    it('a unionId has an index', async () => {
      const table = nocobase.db.getCollection('usersAuthenticators').model.getTableName();
      const indexes = (await nocobase.db.sequelize.getQueryInterface().showIndex(table as string)) as {
        fields: { attribute: string }[];
      }[];
      expect(indexes.map(({ fields }) => fields.map(({ attribute }) => attribute))).toContainEqual(['uuid']);
    });

    it('the phone number of a user who returns is not searched', async () => {
      const account = dingtalk.addAccount();
      await signIn(nocobase, dingtalk, { account: account.id });
      expect(ofUsers(await statementsOf(() => signIn(nocobase, dingtalk, { account: account.id })))).toEqual([]);
    });

    it('a phone number is one query for all spellings, with a limit', async () => {
      const account = dingtalk.addAccount();
      const user = await nocobase.addUser({ nickname: 'Unusual', phone: account.mobile.split('').join('-') });
      let signedIn;
      const statements = await statementsOf(async () => {
        signedIn = await signIn(nocobase, dingtalk, { account: account.id });
      });
      expect(signedIn).toMatchObject({ user: { id: user.get('id') } });
      expect(ofUsers(statements)).toEqual([expect.stringMatching(/phone. LIKE '%1%3%8%.*LIMIT/)]);
    });

    it('a first sign-in costs fourteen statements, every other one two', async () => {
      const account = dingtalk.addAccount();
      await nocobase.addUser({ nickname: 'Known by phone', phone: account.mobile });
      // What comes before NocoBase notes the new token is ours.
      const statementsOfSignIn = async () => {
        const statements = await statementsOf(() => signIn(nocobase, dingtalk, { account: account.id }));
        const [ofGetAuthUrl, ...ours] = statements.slice(
          0,
          statements.findIndex((sql) => sql.includes('issuedTokens')),
        );
        expect(ofGetAuthUrl).toContain('options');
        return ours.length;
      };
      expect([await statementsOfSignIn(), await statementsOfSignIn()]).toEqual([14, 2]);
    });
  });

  it('rule 5: a user whom NocoBase creates during a first sign-in is bound by its second try', async () => {
    const account = dingtalk.addAccount();
    const values = { nickname: 'Created meanwhile', phone: account.mobile };
    const { db } = nocobase;
    const { lockManager } = nocobase.app;
    const createAnother = async (_: unknown, { transaction }: { transaction?: Transaction }) => {
      db.off('users.beforeCreate', createAnother);
      await db.getRepository('users').create({ values, transaction });
    };
    db.on('users.beforeCreate', createAnother);
    const runExclusive = lockManager.runExclusive.bind(lockManager);
    const failures: string[] = [];
    // The first try fails by that user, whom its transaction takes back; NocoBase's own transaction would not.
    const locks = jest.spyOn(lockManager, 'runExclusive').mockImplementation((async (...work) => {
      try {
        return await runExclusive(...work);
      } catch (error) {
        failures.push((error as Error).name);
        await nocobase.addUser(values);
        throw error;
      }
    }) as typeof runExclusive);

    const outcome = await signIn(nocobase, dingtalk, { account: account.id });

    locks.mockRestore();
    expect(failures).toEqual(['SequelizeUniqueConstraintError']);
    expect(outcome).toMatchObject({ status: 200, user: { nickname: 'Created meanwhile' } });
  });

  it('a first sign-in leaves nothing half done, whichever statement fails', async () => {
    const account = dingtalk.addAccount();
    const state = async () => [await nocobase.countUsers(), await nocobase.bindings()];
    const before = await state();
    const { sequelize } = nocobase.db;
    const query = sequelize.query.bind(sequelize) as (...all: unknown[]) => Promise<unknown>;

    let outcome;
    let failed = -1;
    do {
      failed += 1;
      let statements = 0;
      const spy = jest.spyOn(sequelize, 'query').mockImplementation(((
        sql: unknown,
        options?: { transaction?: unknown },
      ) =>
        // What ends a transaction is left alone: the database itself undoes one that it cannot commit.
        options?.transaction && !/^(COMMIT|ROLLBACK)/.test(String(sql)) && statements++ === failed
          ? Promise.reject(new Error('the database is gone'))
          : query(sql, options)) as never);
      outcome = await signIn(nocobase, dingtalk, { account: account.id });
      spy.mockRestore();
      if (outcome.code === 'SIGN_IN_FAILED') {
        expect(await state()).toEqual(before);
      }
    } while (outcome.status !== 200 && failed < 50);

    expect(failed).toBeGreaterThan(5);
    expect(outcome).toMatchObject({ status: 200, user: { nickname: account.nick } });
    expect(await nocobase.countUsers()).toBe(Number(before[0]) + 1);
  });

  it('a sign-in costs two calls to DingTalk, the first and every other one', async () => {
    const account = dingtalk.addAccount();
    const callsOfSignIn = async () => {
      const before = dingtalk.calls.length;
      await signIn(nocobase, dingtalk, { authenticator: 'one-organization', account: account.id });
      return dingtalk.calls.slice(before).map((call) => call.path);
    };
    const two = ['/v1.0/oauth2/userAccessToken', '/v1.0/contact/users/me'];
    expect(await callsOfSignIn()).toEqual(two);
    expect(await callsOfSignIn()).toEqual(two);
  });
});
