import type { Account } from '../../../emulator';
import { Browser } from '../../../testing/nocobase/browser';
import { describeOnEachDatabase, describeOnSqliteAnd } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { type Outcome, signIn, signInInside } from '../../../testing/nocobase/sign-in';
import { EXCLUSIONS } from './collections';

// That nobody becomes somebody else, on each database, in a browser and inside DingTalk. Which rule applies to what is in
// identify.test.ts, who is privileged in privileges.test.ts, the same attacks on an unprotected sign-in in
// attacks.server.test.ts.

const BY_UNION_ID = '/topapi/user/getbyunionid';

describeOnSqliteAnd('mysql')('who may be matched', (dialect) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;

  /** Each test has an authenticator of its own: bindings and exclusions of the others are none of it. */
  let authenticator: string;
  let count = 0;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase(dialect);
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  beforeEach(() => {
    authenticator = `dingtalk${++count}`;
    dingtalk.data.faults = [];
    return nocobase.app.cache.reset();
  });

  type Options = Parameters<NocoBase['addAuthenticator']>[1];

  const addAuthenticator = (options: Options = {}) =>
    nocobase.addAuthenticator(authenticator, {
      autoSignup: true,
      autoSignIn: true,
      corpId: dingtalk.corpId,
      ...options,
    });

  /** An account, and a user who has its phone number. */
  async function withSameNumber(values: Record<string, unknown> = {}) {
    const account = dingtalk.addAccount();
    const user = await nocobase.addUser({ nickname: 'Found by number', phone: account.mobile, ...values });
    return { account, user, id: user.get('id') as number };
  }

  const bind = (userId: unknown, uuid: string, meta?: object) =>
    nocobase.db.getRepository('usersAuthenticators').create({ values: { authenticator, userId, uuid, meta } });

  const exclude = (reason: string, excluded: { unionId?: string; userId?: unknown }) =>
    nocobase.db.getModel(EXCLUSIONS).create({ authenticator, reason, ...excluded });

  const ways = {
    'in a browser': (account: Account, browser?: Browser) =>
      signIn(nocobase, dingtalk, { authenticator, account: account.id, browser }),
    'inside DingTalk': (account: Account, browser?: Browser) =>
      signInInside(nocobase, dingtalk, { authenticator, account: account.id, browser }),
  };
  type Way = keyof typeof ways;
  const both = Object.keys(ways) as Way[];

  /** Runs a sign-in that must be refused, and checks that it changed nothing. */
  async function refused(attempt: () => Promise<Outcome>): Promise<Outcome> {
    const before = await nocobase.everything();
    const outcome = await attempt();
    expect(await nocobase.everything()).toBe(before);
    expect(outcome).not.toHaveProperty('token');
    return outcome;
  }

  async function logged() {
    await nocobase.logs.outcomes(0);
    return async () => (await nocobase.logs.outcomes())[0];
  }

  /** What every `LINK_FIRST` answers, whoever was found. */
  const linkFirst = {
    status: 403,
    code: 'LINK_FIRST',
    message: expect.stringMatching(/^Your DingTalk account is not linked to a user yet\./),
  };

  describe.each(both)('%s', (way) => {
    const attempt = ways[way];

    it('T30: root is never found by a phone number', async () => {
      await addAuthenticator();
      const account = dingtalk.addAccount();
      const root = await nocobase.db.getModel('users').findByPk(1);
      await root?.update({ phone: account.mobile });
      const line = await logged();

      expect(await refused(() => attempt(account))).toEqual(linkFirst);

      expect(await line()).toMatchObject({
        outcome: 'LINK_FIRST',
        authenticator,
        userId: '1',
        reason: 'the user is privileged',
      });
      await root?.update({ phone: null });
    });

    it('T30: a user with a protected role is not, and one without it is', async () => {
      await addAuthenticator({ protectedRoles: ['accounting'] });
      await nocobase.db.getRepository('roles').firstOrCreate({ values: { name: 'accounting' }, filterKeys: ['name'] });
      const accountant = await withSameNumber({ roles: ['member', 'accounting'] });
      const colleague = await withSameNumber();

      expect(await refused(() => attempt(accountant.account))).toEqual(linkFirst);
      expect((await attempt(colleague.account)).user?.id).toBe(colleague.id);
    });

    it.each(['confirm', 'never'])(
      'T31: nobody is, under %s; a number that no user has is a new user',
      async (policy) => {
        await addAuthenticator({ matchByPhone: policy });
        const { account } = await withSameNumber();
        expect(await refused(() => attempt(account))).toEqual(linkFirst);
        expect((await attempt(dingtalk.addAccount())).status).toBe(200);
      },
    );

    it('T32: two users bound to one account are refused, whoever has the phone number', async () => {
      await addAuthenticator();
      const { account, id } = await withSameNumber();
      await bind(id, account.unionId);
      expect((await attempt(account)).user?.id).toBe(id);
      await bind((await nocobase.addUser({ nickname: 'Second' })).get('id'), account.unionId);
      expect(await refused(() => attempt(account))).toMatchObject({ status: 409, code: 'ACCOUNT_AMBIGUOUS' });
    });

    it('T33: a user, or an account, that was unlinked is not matched again and is no new user', async () => {
      await addAuthenticator();
      const user = await withSameNumber();
      await exclude('unlinked', { userId: user.id });
      const account = dingtalk.addAccount();
      await exclude('unlinked', { unionId: account.unionId });
      const detached = dingtalk.addAccount();
      await exclude('detached', { unionId: detached.unionId });
      for (const each of [user.account, account, detached]) {
        expect(await refused(() => attempt(each))).toEqual(linkFirst);
      }
    });

    it('T33: whom it was linked with again is signed in', async () => {
      await addAuthenticator();
      const { account, id } = await withSameNumber();
      await exclude('unlinked', { unionId: account.unionId, userId: id });
      await bind(id, account.unionId, { unionId: account.unionId });
      expect((await attempt(account)).user?.id).toBe(id);
    });

    it('T79, rule 13: an account that a directory says has left is refused, whoever is bound to it, and is no new user', async () => {
      await addAuthenticator();
      const { account, id } = await withSameNumber();
      const { unionId } = account;
      const left = await exclude('left', { unionId });
      const departed = { status: 403, code: 'NOT_A_MEMBER' };
      expect(await refused(() => attempt(account))).toMatchObject(departed);
      await bind(id, unionId, { unionId });
      expect(await refused(() => attempt(account))).toMatchObject(departed);
      await left.destroy();
      expect((await attempt(account)).user?.id).toBe(id);
    });

    it.each<[string, (of: { unionId: string; id: number }) => object, boolean]>([
      ['an account that nobody is bound to', ({ unionId }) => ({ unionId }), false],
      ['an account that a user is bound to', ({ unionId }) => ({ unionId }), true],
      ['a user who is bound', ({ id }) => ({ userId: id }), true],
      ['a user who has the number', ({ id }) => ({ userId: id }), false],
    ])('T34: %s is refused while it is blocked', async (_, excludedOf, isBound) => {
      await addAuthenticator();
      const { account, id } = await withSameNumber();
      const { unionId } = account;
      await (isBound && bind(id, unionId, { unionId }));
      const block = await exclude('blocked', excludedOf({ unionId, id }));
      expect(await refused(() => attempt(account))).toMatchObject({ status: 403, code: 'ACCOUNT_BLOCKED' });
      await block.destroy();
      expect((await attempt(account)).user?.id).toBe(id);
    });

    it('T34: a block is one of this authenticator, this account and this user', async () => {
      await addAuthenticator();
      const { account, id } = await withSameNumber();
      await bind(id, account.unionId);
      const blocks = [
        await exclude('blocked', { unionId: account.unionId.toUpperCase() }),
        await exclude('blocked', { unionId: account.unionId.toLowerCase() }),
        await exclude('blocked', { userId: id + 1000 }),
        await nocobase.db.getModel(EXCLUSIONS).create({ authenticator: 'x', reason: 'blocked', userId: id }),
      ];
      expect((await attempt(account)).user?.id).toBe(id);
      await Promise.all(blocks.map((block) => block.destroy()));
    });

    it('T34: whoever was blocked stays so when the user is deleted', async () => {
      await addAuthenticator();
      const { account, id } = await withSameNumber();
      await bind(id, account.unionId);
      await exclude('blocked', { unionId: account.unionId, userId: id });
      await nocobase.db.getRepository('users').destroy({ filterByTk: id });
      expect((await refused(() => attempt(account))).code).toBe('ACCOUNT_BLOCKED');
    });

    it('T35: nobody is signed up while the default role is privileged', async () => {
      await addAuthenticator();
      const roles = nocobase.db.getRepository('roles');
      await roles.update({ filterByTk: 'admin', values: { default: true } });
      const line = await logged();
      const account = dingtalk.addAccount();
      try {
        expect(await refused(() => attempt(account))).toMatchObject({ status: 403, code: 'USER_NOT_FOUND' });
        expect((await line()).reason).toBe('the default role is privileged: nobody is signed up');
        const known = await withSameNumber({ roles: ['member'] });
        expect((await attempt(known.account)).user?.id).toBe(known.id);
      } finally {
        await roles.update({ filterByTk: 'member', values: { default: true } });
      }
      expect((await attempt(account)).status).toBe(200);
    });

    it('a new user without a phone number, only where that is allowed, and never for a masked one', async () => {
      const withoutNumber = () => {
        const account = dingtalk.addAccount({ mobile: undefined, stateCode: undefined });
        Object.assign(account.memberships[0], { mobile: undefined, state_code: undefined });
        return account;
      };
      await addAuthenticator();
      expect((await refused(() => attempt(withoutNumber()))).code).toBe('PHONE_UNAVAILABLE');
      authenticator += '-without';
      await addAuthenticator({ signUpWithoutPhone: true });
      const masked = withoutNumber();
      masked.mobile = masked.memberships[0].mobile = '155****3240';
      expect((await refused(() => attempt(masked))).code).toBe('PHONE_UNAVAILABLE');
      const account = withoutNumber();
      const { user } = await attempt(account);
      expect(user).toMatchObject({ id: expect.anything() });
      expect((await attempt(account)).user?.id).toBe(user?.id);
    });

    describe('a key of the plugin before', () => {
      const keysOf = (account: Account) => ({
        userid: account.memberships[0].userid,
        phone: account.mobile,
        openId: way === 'in a browser' ? account.openId : undefined,
      });
      const kinds = way === 'in a browser' ? (['userid', 'phone', 'openId'] as const) : (['userid', 'phone'] as const);

      it.each(kinds)('%s is recognised, and becomes the unionId, once', async (kind) => {
        await addAuthenticator();
        const account = dingtalk.addAccount();
        const user = await nocobase.addUser({ nickname: 'Bound long ago' });
        await bind(user.get('id'), String(keysOf(account)[kind]));

        const line = await logged();
        expect((await attempt(account)).user?.id).toBe(user.get('id'));
        expect(await line()).toMatchObject({ outcome: 'SIGNED_IN', userId: String(user.get('id')), rule: 3 });

        const rows = (await nocobase.bindings()).filter((row) => row.authenticator === authenticator);
        expect(rows).toEqual([expect.objectContaining({ uuid: account.unionId })]);
        const before = dingtalk.calls.length;
        expect((await attempt(account)).user?.id).toBe(user.get('id'));
        expect(dingtalk.calls.slice(before).map(({ path }) => path)).not.toContain(BY_UNION_ID);
      });

      it.each(['userid', 'phone'] as const)('T36: %s never leads to a privileged user', async (kind) => {
        await addAuthenticator();
        const account = dingtalk.addAccount();
        await bind(1, String(keysOf(account)[kind]));
        expect(await refused(() => attempt(account))).toEqual(linkFirst);
      });

      if (way === 'in a browser') {
        it('openId leads to a privileged user as well: only DingTalk gives it', async () => {
          await addAuthenticator();
          const account = dingtalk.addAccount();
          await bind(1, account.openId);
          expect((await attempt(account)).user?.id).toBe(1);
        });
      }

      it.each(['confirm', 'never'])('T31: phone leads to nobody under %s, userid still does', async (matchByPhone) => {
        await addAuthenticator({ matchByPhone });
        const [byPhone, byUserid] = [dingtalk.addAccount(), dingtalk.addAccount()];
        const user = await nocobase.addUser({ nickname: 'Bound by userid' });
        await bind((await nocobase.addUser({ nickname: 'Bound by phone' })).get('id'), String(byPhone.mobile));
        await bind(user.get('id'), byUserid.memberships[0].userid);
        expect(await refused(() => attempt(byPhone))).toEqual(linkFirst);
        expect((await attempt(byUserid)).user?.id).toBe(user.get('id'));
      });

      it('T36: a userid that is the phone number of somebody else obeys the setting for phone numbers', async () => {
        await addAuthenticator({ matchByPhone: 'confirm' });
        const account = dingtalk.addAccount();
        const number = String(dingtalk.addAccount().mobile);
        account.memberships[0].userid = number;
        await bind((await nocobase.addUser({ nickname: 'Victim' })).get('id'), number);
        expect(await refused(() => attempt(account))).toEqual(linkFirst);
      });

      it('T36: a userid that is the unionId, or the openId, of somebody else leads to nobody', async () => {
        await addAuthenticator({ autoSignup: false });
        const victim = dingtalk.addAccount();
        const user = await nocobase.addUser({ nickname: 'Victim' });
        await bind(user.get('id'), victim.unionId, { unionId: victim.unionId, openId: victim.openId });
        // Something that was bound before, or nobody would be asked for a userid in a browser.
        await bind((await nocobase.addUser({ nickname: 'Other' })).get('id'), 'an old key');
        for (const userid of [victim.unionId, victim.openId]) {
          const account = dingtalk.addAccount();
          account.memberships[0].userid = userid;
          expect((await refused(() => attempt(account))).code).toBe('USER_NOT_FOUND');
        }
      });

      it.each(kinds.filter((kind) => kind !== 'phone'))(
        'T34: whoever was blocked, or unlinked, with %s stays so when the user is deleted',
        async (kind) => {
          await addAuthenticator();
          // Something that was bound before, or nobody would be asked for a userid in a browser.
          await bind((await nocobase.addUser({ nickname: 'Other' })).get('id'), 'an old key');
          for (const [reason, code] of [
            ['blocked', 'ACCOUNT_BLOCKED'],
            ['unlinked', 'LINK_FIRST'],
          ]) {
            const account = dingtalk.addAccount();
            await exclude(reason, { unionId: String(keysOf(account)[kind]), userId: 404404 });
            expect((await refused(() => attempt(account))).code).toBe(code);
          }
        },
      );

      it('several that disagree decide nothing', async () => {
        await addAuthenticator();
        const { account, id } = await withSameNumber();
        const { phone, openId, userid } = keysOf(account);
        for (const key of [phone, openId ?? userid]) {
          await bind((await nocobase.addUser({ nickname: 'Bound long ago' })).get('id'), String(key));
        }
        expect((await attempt(account)).user?.id).toBe(id);
      });
    });
  });

  describe('the one more call of a browser, for the userid', () => {
    const callsOf = async (account: Account) => {
      const before = dingtalk.calls.length;
      const outcome = await ways['in a browser'](account);
      return { outcome, paths: dingtalk.calls.slice(before).map(({ path }) => path) };
    };
    const two = ['/v1.0/oauth2/userAccessToken', '/v1.0/contact/users/me'];
    const addOldKey = async (key: string) =>
      bind((await nocobase.addUser({ nickname: 'Bound by an old key' })).get('id'), key);

    it('is not made where the plugin before left nothing, nor where a rule finds the user', async () => {
      await addAuthenticator();
      expect((await callsOf(dingtalk.addAccount())).paths).toEqual(two);
      await addOldKey('an old key');
      const { account, id } = await withSameNumber();
      const { outcome, paths } = await callsOf(account);
      expect([outcome.user?.id, paths]).toEqual([id, two]);
      expect((await callsOf(account)).paths).toEqual(two);
    });

    it('is made once where a user would be created, or refused, and an old key is left', async () => {
      await addAuthenticator();
      await addOldKey('an old key');
      const account = dingtalk.addAccount();
      expect((await callsOf(account)).paths).toEqual([...two, '/v1.0/oauth2/accessToken', BY_UNION_ID]);
      expect((await callsOf(account)).paths).toEqual(two);
      const { account: second } = await withSameNumber({ roles: ['admin'] });
      const { outcome, paths } = await callsOf(second);
      expect([outcome.code, paths]).toEqual(['LINK_FIRST', [...two, BY_UNION_ID]]);
    });

    it.each(['permission88', 'ipNotAllowed88'] as const)(
      'is forbidden (%s): the rule’s result stands',
      async (fault) => {
        await addAuthenticator();
        await addOldKey('an old key');
        dingtalk.data.faults = [{ endpoint: 'user/getbyunionid', fault }];
        expect((await callsOf(dingtalk.addAccount())).outcome.status).toBe(200);
      },
    );

    it('fails for now: nobody is created who may be known', async () => {
      await addAuthenticator();
      await addOldKey('an old key');
      dingtalk.data.faults = [{ endpoint: 'user/getbyunionid', fault: 'throttle88' }];
      const account = dingtalk.addAccount();
      expect((await refused(async () => (await callsOf(account)).outcome)).code).toBe('DINGTALK_BUSY');
    });

    it('T36: names no member: an external contact with the userid of an old key is not that user', async () => {
      await addAuthenticator({ corpId: undefined, autoSignIn: false });
      const contact = dingtalk.addAccount();
      contact.memberships[0].contact_type = 1;
      await addOldKey(contact.memberships[0].userid);
      const { outcome, paths } = await callsOf(contact);
      expect(paths).toContain(BY_UNION_ID);
      expect(outcome.user).toMatchObject({ phone: contact.mobile, nickname: contact.nick });
    });
  });

  describe('an account that must be linked first', () => {
    const pendingCookie = ({ cookies }: Browser) => [...cookies.keys()].filter((name) => name.includes('pending'));

    it.each([
      ['automatic', true],
      ['confirm', true],
      ['never', false],
    ])('under %s waits in a cookie: %s', async (matchByPhone, waits) => {
      await addAuthenticator({ matchByPhone });
      for (const way of both) {
        const browser = new Browser(nocobase.url);
        const { account } = await withSameNumber({ roles: ['admin'] });
        expect(await refused(() => ways[way](account, browser))).toEqual(linkFirst);
        expect(pendingCookie(browser)).toHaveLength(waits ? 1 : 0);
      }
    });

    it('answers the same whoever was found: a privileged user, any user, one who was unlinked', async () => {
      await addAuthenticator({ matchByPhone: 'confirm' });
      const found = [await withSameNumber({ roles: ['admin'] }), await withSameNumber(), await withSameNumber()];
      await exclude('unlinked', { userId: found[2].id });
      const unlinked = dingtalk.addAccount();
      await exclude('unlinked', { unionId: unlinked.unionId });
      const answers = [];
      for (const account of [...found.map((each) => each.account), unlinked]) {
        answers.push(JSON.stringify(await ways['in a browser'](account)));
      }
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).not.toMatch(/Found by number|privileged/);
    });
  });

  it('T30: a role that is given while a first sign-in runs counts', async () => {
    await addAuthenticator();
    const { account, id } = await withSameNumber();
    const { lockManager } = nocobase.app;
    const runExclusive = lockManager.runExclusive.bind(lockManager);
    const spy = jest.spyOn(lockManager, 'runExclusive').mockImplementation((async (...work) => {
      await nocobase.db.getModel('rolesUsers').create({ userId: id, roleName: 'admin' });
      return runExclusive(...work);
    }) as typeof runExclusive);
    const outcome = await ways['in a browser'](account);
    spy.mockRestore();
    expect(outcome).toEqual(linkFirst);
  });
});

describeOnEachDatabase('who may be matched, under other names of tables and columns', (dialect) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    const names = { tablePrefix: 'p_', underscored: true, ...(dialect === 'postgres' && { schema: 'elsewhere' }) };
    nocobase = await startNocoBase(dialect, { database: names });
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  it('T34: a block is found in the one statement that finds the user', async () => {
    const account = dingtalk.addAccount();
    const attempt = () => signIn(nocobase, dingtalk, { account: account.id });
    expect([(await attempt()).status, (await attempt()).status]).toEqual([200, 200]);
    const values = { authenticator: 'dingtalk', reason: 'blocked', unionId: account.unionId };
    await nocobase.db.getModel(EXCLUSIONS).create(values);
    expect((await attempt()).code).toBe('ACCOUNT_BLOCKED');
  });

  it('an old key is found', async () => {
    const account = dingtalk.addAccount();
    const user = await nocobase.addUser({ nickname: 'Bound long ago' });
    const values = { authenticator: 'dingtalk', userId: user.get('id'), uuid: account.memberships[0].userid };
    await nocobase.db.getRepository('usersAuthenticators').create({ values });
    expect((await signIn(nocobase, dingtalk, { account: account.id })).user?.id).toBe(user.get('id'));
  });
});
