import { describeOnEachDatabase } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { signIn } from '../../../testing/nocobase/sign-in';

describeOnEachDatabase('who is signed in', (dialect) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let corpId: string;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    corpId = dingtalk.corpId;
    nocobase = await startNocoBase(dialect);
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
    await nocobase.addAuthenticator('known-only');
    await nocobase.addAuthenticator('one-organization', { autoSignup: true, corpId });
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

  describe('1: corpId missing or other than the configured one', () => {
    it('refuses a person who chose another organization', async () => {
      const person = dingtalk.addPerson();
      const other = dingtalk.company.corps[1].corpId;
      person.memberships.push({ ...person.memberships[0], corpId: other });
      const users = await nocobase.countUsers();

      const outcome = await signIn(nocobase, dingtalk, {
        authenticator: 'one-organization',
        account: person.id,
        corpId: other,
      });

      expect(outcome).toMatchObject({ status: 403, code: 'WRONG_ORGANIZATION' });
      expect(await nocobase.countUsers()).toBe(users);
    });

    it('refuses before it reads anything of the person', async () => {
      const person = dingtalk.addPerson();
      const other = dingtalk.company.corps[1].corpId;
      person.memberships.push({ ...person.memberships[0], corpId: other });
      const before = dingtalk.calls.length;

      await signIn(nocobase, dingtalk, { authenticator: 'one-organization', account: person.id, corpId: other });

      expect(dingtalk.calls.slice(before).map((call) => call.path)).toEqual(['/v1.0/oauth2/userAccessToken']);
    });

    it('signs in a person who chose the configured one', async () => {
      const person = dingtalk.addPerson();
      const outcome = await signIn(nocobase, dingtalk, { authenticator: 'one-organization', account: person.id });
      expect(outcome.user).toMatchObject({ phone: person.mobile });
    });
  });

  describe('2: a user is bound to the unionId', () => {
    it('signs in that user', async () => {
      const person = dingtalk.addPerson();
      const user = await nocobase.addUser({ nickname: 'Bound' });
      await bind(user, person.unionId);

      const outcome = await signIn(nocobase, dingtalk, { account: person.id });

      expect(outcome.user?.id).toBe(user.get('id'));
    });

    it('signs in that user also when the phone number is somebody else’s by now', async () => {
      const person = dingtalk.addPerson();
      const user = await nocobase.addUser({ nickname: 'Bound' });
      await bind(user, person.unionId);
      await nocobase.addUser({ nickname: 'Has the number', phone: person.mobile });

      const outcome = await signIn(nocobase, dingtalk, { account: person.id });

      expect(outcome.user?.id).toBe(user.get('id'));
    });

    it('signs in that user also when DingTalk tells no phone number', async () => {
      const person = dingtalk.addPerson({ mobile: undefined, stateCode: undefined });
      const user = await nocobase.addUser({ nickname: 'Bound' });
      await bind(user, person.unionId);

      const outcome = await signIn(nocobase, dingtalk, { account: person.id });

      expect(outcome.user?.id).toBe(user.get('id'));
    });

    it('takes a unionId with other capital letters for another one', async () => {
      const person = dingtalk.addPerson({ mobile: undefined, stateCode: undefined });
      await bind(await nocobase.addUser({ nickname: 'Other' }), person.unionId.toUpperCase());

      const outcome = await signIn(nocobase, dingtalk, { account: person.id });

      expect(outcome.code).toBe('PHONE_UNAVAILABLE');
    });

    it('leaves the binding of another authenticator alone', async () => {
      const person = dingtalk.addPerson({ mobile: undefined, stateCode: undefined });
      await bind(await nocobase.addUser({ nickname: 'Other' }), person.unionId, 'known-only');

      const outcome = await signIn(nocobase, dingtalk, { account: person.id });

      expect(outcome.code).toBe('PHONE_UNAVAILABLE');
    });
  });

  describe('3: a user is bound to a key that the documented plugin wrote', () => {
    it.each(['openId', 'mobile'] as const)('signs in that user by %s, and the key becomes the unionId', async (key) => {
      const person = dingtalk.addPerson();
      const user = await nocobase.addUser({ nickname: 'Bound long ago' });
      await bind(user, String(person[key]));

      const first = await signIn(nocobase, dingtalk, { account: person.id });
      const second = await signIn(nocobase, dingtalk, { account: person.id });

      expect([first.user?.id, second.user?.id]).toEqual([user.get('id'), user.get('id')]);
      expect(await bindingsOf(user.get('id'))).toEqual([expect.objectContaining({ uuid: person.unionId })]);
    });

    it('does not take a Chinese number for the American one with the same digits', async () => {
      const american = dingtalk.addPerson({ stateCode: '1', mobile: '4155550101' });
      const user = await nocobase.addUser({ nickname: 'Chinese' });
      await bind(user, '14155550101');

      const outcome = await signIn(nocobase, dingtalk, { authenticator: 'dingtalk', account: american.id });

      expect(outcome.user?.id).not.toBe(user.get('id'));
      expect(outcome.user?.phone).toBe('+14155550101');
    });
  });

  describe('4: no usable phone number', () => {
    it.each([
      ['none', {}],
      ['an empty one', { mobile: '' }],
      ['a masked one', { mobile: '155****3240', stateCode: '86' }],
      ['no number', { mobile: 'none', stateCode: '86' }],
      ['one that is too short', { mobile: '12', stateCode: '86' }],
      ['one of no country', { mobile: '13800138000', stateCode: '999' }],
    ])('refuses a person with %s', async (_, phone) => {
      const person = dingtalk.addPerson({ mobile: undefined, stateCode: undefined, ...phone });
      await nocobase.addUser({ nickname: 'Has no phone either' });
      const users = await nocobase.countUsers();

      const outcome = await signIn(nocobase, dingtalk, { account: person.id });

      expect(outcome).toMatchObject({ status: 403, code: 'PHONE_UNAVAILABLE' });
      expect(outcome.message).toContain('个人手机号信息');
      expect(await nocobase.countUsers()).toBe(users);
    });
  });

  describe('5: the phone number is exactly one user’s, who is not bound', () => {
    it('binds that user to the unionId and signs them in', async () => {
      const person = dingtalk.addPerson();
      const user = await nocobase.addUser({ nickname: 'Colleague', phone: person.mobile });

      const outcome = await signIn(nocobase, dingtalk, { account: person.id });

      expect(outcome.user).toMatchObject({ id: user.get('id'), nickname: 'Colleague' });
      expect(await bindingsOf(user.get('id'))).toEqual([
        expect.objectContaining({
          authenticator: 'dingtalk',
          uuid: person.unionId,
          nickname: person.nick,
          meta: { unionId: person.unionId, openId: person.openId },
        }),
      ]);
    });

    it.each([
      ['86', '13', (mobile: string) => mobile],
      ['86', '14', (mobile: string) => `+86 ${mobile.slice(0, 3)}-${mobile.slice(3, 7)}-${mobile.slice(7)}`],
      ['86', '15', (mobile: string) => `86-${mobile}`],
      ['86', '16', (mobile: string) => `0086${mobile}`],
      ['86', '17', (mobile: string) => `+86${mobile}`],
      ['+86', '18', (mobile: string) => `${mobile.slice(0, 3)} ${mobile.slice(3, 7)} ${mobile.slice(7)}`],
      ['86', '19', (mobile: string) => `${mobile.slice(0, 3)}.${mobile.slice(3, 7)}.${mobile.slice(7)}`],
      ['86', '20', (mobile: string) => `(+86) ${mobile.slice(0, 5)} ${mobile.slice(5)}`],
    ])('finds a Chinese number of state code %s in any spelling (%s)', async (stateCode, digits, spell) => {
      const mobile = `139${digits}${String(Date.now()).slice(-6)}`;
      const person = dingtalk.addPerson({ stateCode, mobile });
      const user = await nocobase.addUser({ nickname: 'Colleague', phone: spell(mobile) });

      const outcome = await signIn(nocobase, dingtalk, { authenticator: 'known-only', account: person.id });

      expect(outcome.user?.id).toBe(user.get('id'));
    });

    it.each([
      ['Hong Kong', '852', '51234567', '+852 5123 4567'],
      ['Macao', '853', '66123401', '+85366123401'],
      ['Taiwan', '886', '912345601', '+886 912 345 601'],
      ['Taiwan, with the leading zero', '886', '0912345602', '00886-912345602'],
      ['Singapore', '65', '81234501', '+65-8123-4501'],
      ['the United States', '1', '4155550102', '+1 (415) 555-0102'],
      ['Germany', '49', '15228817301', '+49 1522 8817301'],
    ])('finds a number of %s', async (_, stateCode, mobile, stored) => {
      const person = dingtalk.addPerson({ stateCode, mobile });
      const user = await nocobase.addUser({ nickname: 'Colleague', phone: stored });

      const outcome = await signIn(nocobase, dingtalk, { authenticator: 'known-only', account: person.id });

      expect(outcome.user?.id).toBe(user.get('id'));
    });

    it('takes a number without a country for Chinese: the American look-alike does not match', async () => {
      const american = dingtalk.addPerson({ stateCode: '1', mobile: '4155550103' });
      await nocobase.addUser({ nickname: 'Chinese', phone: '14155550103' });

      const outcome = await signIn(nocobase, dingtalk, { authenticator: 'known-only', account: american.id });

      expect(outcome.code).toBe('USER_NOT_FOUND');
    });

    it('takes a missing state code for the Chinese one', async () => {
      const person = dingtalk.addPerson({ stateCode: undefined });
      const user = await nocobase.addUser({ nickname: 'Colleague', phone: person.mobile });

      const outcome = await signIn(nocobase, dingtalk, { account: person.id });

      expect(outcome.user?.id).toBe(user.get('id'));
    });
  });

  describe('6: the phone number is a user’s who is bound to another DingTalk account', () => {
    it('refuses the second owner of a recycled number and leaves the binding as it is', async () => {
      const first = dingtalk.addPerson();
      const user = await nocobase.addUser({ nickname: 'First owner', phone: first.mobile });
      await signIn(nocobase, dingtalk, { account: first.id });
      const before = await bindingsOf(user.get('id'));

      const second = dingtalk.addPerson({ mobile: first.mobile });
      const outcome = await signIn(nocobase, dingtalk, { account: second.id });

      expect(outcome).toMatchObject({ status: 409, code: 'ACCOUNT_ALREADY_LINKED' });
      expect(before).toHaveLength(1);
      expect(await bindingsOf(user.get('id'))).toEqual(before);
    });
  });

  describe('7: the phone number is that of two or more users', () => {
    it('refuses to choose', async () => {
      const person = dingtalk.addPerson();
      await nocobase.addUser({ nickname: 'One', phone: person.mobile });
      await nocobase.addUser({ nickname: 'Two', phone: `+86${person.mobile}` });
      const before = await nocobase.bindings();

      const outcome = await signIn(nocobase, dingtalk, { account: person.id });

      expect(outcome).toMatchObject({ status: 409, code: 'PHONE_AMBIGUOUS' });
      expect(await nocobase.bindings()).toEqual(before);
    });

    it('refuses to choose where a hundred look similar, as the owner may be one of those that were not read', async () => {
      const { id: account, mobile } = dingtalk.addPerson();
      const similar = Array.from({ length: 100 }, (_, index) => ({ phone: `${mobile}#${index}` }));
      await nocobase.db.getModel('users').bulkCreate(similar);
      // The lines of the tests before are written by then, and told.
      await nocobase.logs.text();
      await nocobase.logs.outcomes(0);

      const outcome = await signIn(nocobase, dingtalk, { account });

      expect(outcome).toMatchObject({ status: 409, code: 'PHONE_AMBIGUOUS' });
      const [logged] = await nocobase.logs.outcomes();
      expect(logged.reason).toBe('too many users have a similar phone number');
    });

    it('refuses to choose also where one of them is written unusually: people may edit their own number', async () => {
      const person = dingtalk.addPerson();
      const { mobile = '' } = person;
      await nocobase.addUser({ nickname: 'Owner', phone: mobile.replace(/^(...)(....)/, '$1.$2.') });
      await nocobase.addUser({ nickname: 'Impostor', phone: mobile });

      const outcome = await signIn(nocobase, dingtalk, { account: person.id });

      expect(outcome).toMatchObject({ status: 409, code: 'PHONE_AMBIGUOUS' });
    });
  });

  describe('8: nobody has the phone number, and sign-up is on', () => {
    it('makes a new user with nickname, phone number and the default role', async () => {
      const person = dingtalk.addPerson({ email: 'somebody.new@example.com' });

      const outcome = await signIn(nocobase, dingtalk, { account: person.id });

      expect(outcome.user).toMatchObject({
        nickname: person.nick,
        phone: person.mobile,
        email: 'somebody.new@example.com',
      });
      const roles = await nocobase.db.getRepository('users.roles', outcome.user?.id ?? '').find();
      expect(roles.map((role: { get(name: string): string }) => role.get('name'))).toEqual(['member']);
      expect(await bindingsOf(outcome.user?.id)).toEqual([expect.objectContaining({ uuid: person.unionId })]);
    });

    it('stores a number of another country with that country', async () => {
      const person = dingtalk.addPerson({ stateCode: '852', mobile: '51234599' });
      const outcome = await signIn(nocobase, dingtalk, { account: person.id });
      expect(outcome.user?.phone).toBe('+85251234599');
    });

    it('leaves an e-mail address out that somebody has', async () => {
      await nocobase.addUser({ nickname: 'Has it', email: 'taken@example.com' });
      const person = dingtalk.addPerson({ email: 'Taken@example.com' });
      const outcome = await signIn(nocobase, dingtalk, { account: person.id });
      expect(outcome.user).toMatchObject({ phone: person.mobile });
      expect(outcome.user?.email ?? null).toBeNull();
    });

    it.each([
      ['300 characters', '长'.repeat(300), '长'.repeat(255)],
      ['emoji', '👩‍🚀 Ada', '👩‍🚀 Ada'],
      ['HTML', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
      ['right-to-left text', 'مرحبا', 'مرحبا'],
      ['a control character', 'A\u0000B', 'AB'],
    ])('takes a nickname with %s', async (_, nick, stored) => {
      const person = dingtalk.addPerson({ nick });
      const outcome = await signIn(nocobase, dingtalk, { account: person.id });
      expect(outcome.user?.nickname).toBe(stored);
    });

    it('names a person without a nickname by the phone number', async () => {
      const person = dingtalk.addPerson({ nick: '' });
      const outcome = await signIn(nocobase, dingtalk, { account: person.id });
      expect(outcome.user?.nickname).toBe(person.mobile);
    });
  });

  describe('9: nobody has the phone number, and sign-up is off', () => {
    it('refuses and makes nobody', async () => {
      const person = dingtalk.addPerson();
      const users = await nocobase.countUsers();

      const outcome = await signIn(nocobase, dingtalk, { authenticator: 'known-only', account: person.id });

      expect(outcome).toMatchObject({ status: 403, code: 'USER_NOT_FOUND' });
      expect(await nocobase.countUsers()).toBe(users);
    });
  });

  describe('what changes afterwards', () => {
    const signedInOnce = async () => {
      const person = dingtalk.addPerson();
      const { user } = await signIn(nocobase, dingtalk, { account: person.id });
      return { person, id: user?.id ?? '' };
    };
    const users = () => nocobase.db.getRepository('users');

    it('a user whose phone number changed is the same one (2)', async () => {
      const { person, id } = await signedInOnce();
      await users().update({ filterByTk: id, values: { phone: `+1 415555${String(id).padStart(4, '0')}` } });
      expect((await signIn(nocobase, dingtalk, { account: person.id })).user?.id).toBe(id);
    });

    it('a DingTalk account whose phone number changed is the same one (2)', async () => {
      const { person, id } = await signedInOnce();
      person.mobile = `177${person.mobile?.slice(3)}`;
      expect((await signIn(nocobase, dingtalk, { account: person.id })).user?.id).toBe(id);
    });

    it('a user who was deleted is made anew (8)', async () => {
      const { person, id } = await signedInOnce();
      await users().destroy({ filterByTk: id });
      const outcome = await signIn(nocobase, dingtalk, { account: person.id });
      expect(outcome.status).toBe(200);
      expect(outcome.user?.id).not.toBe(id);
    });

    it('a user whose binding was deleted is found by phone number again (5)', async () => {
      const { person, id } = await signedInOnce();
      await nocobase.db.getRepository('usersAuthenticators').destroy({ filter: { userId: id } });
      expect((await signIn(nocobase, dingtalk, { account: person.id })).user?.id).toBe(id);
      expect(await bindingsOf(id)).toHaveLength(1);
    });

    it('one user has bindings of two authenticators, each of its own (5)', async () => {
      const { person, id } = await signedInOnce();
      const elsewhere = dingtalk.addPerson({ mobile: person.mobile });
      const outcome = await signIn(nocobase, dingtalk, { authenticator: 'known-only', account: elsewhere.id });
      expect(outcome.user?.id).toBe(id);
      expect((await bindingsOf(id)).map(({ authenticator, uuid }) => [authenticator, uuid]).sort()).toEqual([
        ['dingtalk', person.unionId],
        ['known-only', elsewhere.unionId],
      ]);
    });
  });

  describe('what is asked of the database', () => {
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

    it('a returning person’s phone number is not looked for at all', async () => {
      const person = dingtalk.addPerson();
      await signIn(nocobase, dingtalk, { account: person.id });
      expect(ofUsers(await statementsOf(() => signIn(nocobase, dingtalk, { account: person.id })))).toEqual([]);
    });

    it('a phone number is one question in all spellings, whose answer is short', async () => {
      const person = dingtalk.addPerson();
      const user = await nocobase.addUser({ nickname: 'Unusual', phone: person.mobile.split('').join('-') });
      let signedIn;
      const statements = await statementsOf(async () => {
        signedIn = await signIn(nocobase, dingtalk, { account: person.id });
      });
      expect(signedIn).toMatchObject({ user: { id: user.get('id') } });
      expect(ofUsers(statements)).toEqual([expect.stringMatching(/phone. LIKE '%1%3%8%.*LIMIT/)]);
    });

    it('it is little', async () => {
      const person = dingtalk.addPerson();
      await nocobase.addUser({ nickname: 'Known by phone', phone: person.mobile });
      // What comes before NocoBase notes the new token is ours.
      const askedOnceMore = async () => {
        const statements = await statementsOf(() => signIn(nocobase, dingtalk, { account: person.id }));
        const [ofTheButton, ...ours] = statements.slice(
          0,
          statements.findIndex((sql) => sql.includes('issuedTokens')),
        );
        expect(ofTheButton).toContain('options');
        return ours.length;
      };
      expect([await askedOnceMore(), await askedOnceMore()]).toEqual([8, 2]);
    });
  });

  it('leaves nothing half done, whichever statement fails', async () => {
    const person = dingtalk.addPerson();
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
      outcome = await signIn(nocobase, dingtalk, { account: person.id });
      spy.mockRestore();
      if (outcome.code === 'SIGN_IN_FAILED') {
        expect(await state()).toEqual(before);
      }
    } while (outcome.status !== 200 && failed < 50);

    expect(failed).toBeGreaterThan(5);
    expect(outcome).toMatchObject({ status: 200, user: { nickname: person.nick } });
    expect(await nocobase.countUsers()).toBe(Number(before[0]) + 1);
  });

  it('asks DingTalk twice for a sign-in, the first and every other one', async () => {
    const person = dingtalk.addPerson();
    const callsOfSignIn = async () => {
      const before = dingtalk.calls.length;
      await signIn(nocobase, dingtalk, { account: person.id });
      return dingtalk.calls.slice(before).map((call) => call.path);
    };
    const two = ['/v1.0/oauth2/userAccessToken', '/v1.0/contact/users/me'];
    expect(await callsOfSignIn()).toEqual(two);
    expect(await callsOfSignIn()).toEqual(two);
  });
});
