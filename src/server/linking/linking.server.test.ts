import { describeOnEachDatabase } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { signIn } from '../../../testing/nocobase/sign-in';
import { Exclusions } from '../accounts/exclusions';
import { UsedOnce } from '../authorization/signed-cookie';

// What a database decides, on each database. The rules are in decide.test.ts, everything else in actions.server.test.ts.

describeOnEachDatabase('linking', (dialect) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let root: Session;
  let users = 0;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase(dialect);
    await nocobase.addAuthenticator('dingtalk');
    await nocobase.addAuthenticator('second');
    const user = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
    root = await Session.of(nocobase, user);
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  /** A user with a password, unless the values say otherwise, who is signed in. */
  async function newSession(values: Record<string, unknown> = {}): Promise<Session> {
    const username = `user-${++users}`;
    const named = { username, nickname: `User ${users}`, password: 'a good password' };
    return Session.of(nocobase, await nocobase.addUser({ ...named, ...values }));
  }
  const bind = ({ id }: Session, uuid: string, authenticator = 'dingtalk') =>
    nocobase.db.getRepository('usersAuthenticators').create({ values: { authenticator, userId: id, uuid } });
  const bindingsOf = async ({ id }: Session) =>
    (await nocobase.bindings()).filter(({ userId }) => String(userId) === String(id));
  const codesOf = (answers: { code?: string }[]) => answers.map(({ code }) => code).sort();

  it('a linked account signs in its user', async () => {
    const account = dingtalk.addAccount();
    const user = await newSession();
    expect((await signIn(nocobase, dingtalk, { account: account.id })).code).toBe('USER_NOT_FOUND');

    const linked = await user.link(dingtalk, account.id);

    expect(linked).toMatchObject({ status: 200, data: { authenticator: 'dingtalk' } });
    expect(await bindingsOf(user)).toEqual([
      expect.objectContaining({ authenticator: 'dingtalk', uuid: account.unionId, nickname: account.nick }),
    ]);
    expect((await signIn(nocobase, dingtalk, { account: account.id })).user?.id).toBe(user.id);
  });

  it.each(['openId', 'mobile'] as const)('an account that is bound by its %s belongs to that user', async (key) => {
    const account = dingtalk.addAccount();
    const [owner, other] = [await newSession(), await newSession()];
    await bind(owner, String(account[key]));

    expect(await other.link(dingtalk, account.id)).toMatchObject({ status: 409, code: 'DINGTALK_ACCOUNT_TAKEN' });
    expect(await bindingsOf(other)).toEqual([]);
    expect(await owner.link(dingtalk, account.id)).toMatchObject({ status: 200 });
    expect(await bindingsOf(owner)).toEqual([expect.objectContaining({ uuid: account.unionId })]);
  });

  it('a user must unlink one account before another', async () => {
    const [one, two] = [dingtalk.addAccount(), dingtalk.addAccount()];
    const user = await newSession();
    await user.link(dingtalk, one.id);
    expect(await user.link(dingtalk, two.id)).toMatchObject({ status: 409, code: 'UNLINK_FIRST' });

    expect(await user.call('unlink', { authenticator: 'dingtalk' })).toMatchObject({ status: 200 });
    expect((await signIn(nocobase, dingtalk, { account: one.id })).token).toBeUndefined();
    expect(await user.link(dingtalk, two.id)).toMatchObject({ status: 200 });
  });

  it('an authenticator is not found by a name in capital letters', async () => {
    const { status, code } = await (await newSession()).beginLink('DINGTALK');
    expect([status, code]).toEqual([404, 'AUTHENTICATOR_UNAVAILABLE']);
  });

  it('of two users who link one account at once, one gets it', async () => {
    const account = dingtalk.addAccount();
    const both = [await newSession(), await newSession()];
    const answers = await Promise.all(both.map((user) => user.link(dingtalk, account.id)));
    expect(codesOf(answers)).toEqual(['DINGTALK_ACCOUNT_TAKEN', undefined]);
  });

  it('of two accounts that a user links at once, one is linked', async () => {
    const user = await newSession();
    const accounts = [dingtalk.addAccount(), dingtalk.addAccount()];
    const answers = await Promise.all(accounts.map(({ id }) => user.link(dingtalk, id)));
    expect(codesOf(answers)).toEqual(['UNLINK_FIRST', undefined]);
  });

  it('T09: of two links that are the only ways in and are unlinked at once, one stays', async () => {
    const user = await newSession({ password: null });
    await user.link(dingtalk, dingtalk.addAccount().id);
    await user.link(dingtalk, dingtalk.addAccount().id, 'second');
    const answers = await Promise.all(
      ['dingtalk', 'second'].map((authenticator) => user.call('unlink', { authenticator })),
    );
    expect(codesOf(answers)).toEqual(['LAST_WAY_IN', undefined]);
    expect(await bindingsOf(user)).toHaveLength(1);
  });

  // SQLite has one writer, and no second node.
  if (dialect !== 'sqlite') {
    it('T09: two nodes, which share no lock but that of the database, keep to the same', async () => {
      const { lockManager } = nocobase.app;
      const otherNode = jest.spyOn(lockManager, 'runExclusive').mockImplementation((_, work) => work());
      for (let round = 0; round < 5; round++) {
        const account = dingtalk.addAccount();
        const both = [await newSession({ password: null }), await newSession({ password: null })];
        const links = await Promise.all(both.map((user) => user.link(dingtalk, account.id)));
        expect(codesOf(links)).toEqual(['DINGTALK_ACCOUNT_TAKEN', undefined]);

        const linked = both[links.findIndex(({ status }) => status === 200)];
        await linked.link(dingtalk, dingtalk.addAccount().id, 'second');
        const unlinks = await Promise.all(
          ['dingtalk', 'second'].map((authenticator) => linked.call('unlink', { authenticator })),
        );
        expect(codesOf(unlinks)).toEqual(['LAST_WAY_IN', undefined]);
      }
      expect(otherNode).toHaveBeenCalledWith('auth-dingtalk:main', expect.anything(), expect.anything());
      otherNode.mockRestore();
    });
  }

  it.each([
    { authenticator: 'dingtalk\0', user: 1, search: '' },
    { authenticator: 'dingtalk', user: '9'.repeat(19), search: 'a\0' },
  ])('what a database fails at is refused: %j', async (body) => {
    expect(await root.call('unlinkUser', body)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    expect(await root.call('getLinkedUsers', body)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });

  it('linked users are found by a part of a name in small letters, with nothing else of them', async () => {
    const mark = `Mark-${dialect}`;
    const named = await newSession({ nickname: `${mark} 1`, email: 'x@example.com' });
    const others = [await newSession(), await newSession({ nickname: `${mark} not linked` })];
    await bind(named, 'of the first');
    await bind(others[0], 'of the second');
    const { data } = await root.linkedUsers('dingtalk', mark.toLowerCase());
    expect(data).toEqual({
      users: [{ id: named.id, nickname: `${mark} 1`, username: expect.any(String), linked: '' }],
      more: false,
    });
  });

  describe('T42: the search of linked users', () => {
    const idsFound = async (search: string) =>
      ((await root.linkedUsers('search', search)).data?.users ?? []).map(({ id }) => String(id));
    const idOf = ({ id }: Session) => String(id);
    const newLinked = async (values: Record<string, unknown>) => {
      const user = await newSession(values);
      await bind(user, `search-${user.id}`, 'search');
      return user;
    };

    beforeAll(() => nocobase.addAuthenticator('search'));

    it('reads a pattern where it is handed to LIKE', async () => {
      const user = await newLinked({ nickname: 'Ada Lovelace' });
      const { Op } = await import('@nocobase/database');
      const found = await nocobase.db.getModel('users').findAll({ where: { nickname: { [Op.like]: '%A_a%L%e%' } } });
      expect(found.map((row) => String(row.get('id')))).toContain(idOf(user));
    });

    it.each(['%', '_', '\\', 'A_a', 'Ada%', '100%_\\'])('takes %j for characters', async (search) => {
      const plain = await newLinked({ nickname: `Ada of ${users}` });
      const named = await newLinked({ nickname: `x 100%_\\ A_a Ada% ${users}` });
      const found = await idsFound(search);
      expect(found).toContain(idOf(named));
      expect(found).not.toContain(idOf(plain));
    });

    it.each(["'", '"', "' OR 1=1 --", '${x}', ':x', '?', '$1'])(
      'finds nobody by %j, who is not called so',
      async (search) => {
        expect(await idsFound(search)).toEqual([]);
      },
    );

    it('finds a name with signs that the table may not know', async () => {
      const user = await newLinked({ nickname: '张伟🐱' });
      expect(await idsFound('伟')).toEqual([idOf(user)]);
      expect(await idsFound('🐱')).toEqual([idOf(user)]);
      expect(await idsFound('🐶')).toEqual([]);
    });

    it('finds a name in whatever case', async () => {
      const user = await newLinked({ nickname: 'Grace HOPPER', username: `Admiral.${dialect}` });
      expect(await idsFound('grace hop')).toEqual([idOf(user)]);
      expect(await idsFound(`ADMIRAL.${dialect}`)).toEqual([idOf(user)]);
    });

    it('finds a phone number in any spelling, and by no part of it', async () => {
      const user = await newLinked({ phone: '+86 138-0013-8123' });
      const foreign = await newLinked({ phone: '+852 5123 4567' });
      for (const search of ['13800138123', '138 0013 8123', '+86-13800138123', '008613800138123']) {
        expect(await idsFound(search)).toEqual([idOf(user)]);
      }
      expect(await idsFound('+85251234567')).toEqual([idOf(foreign)]);
      for (const part of ['1380013812', '3800138123', '0013', '+86', '51234567', '+86 138-0013-812']) {
        expect(await idsFound(part)).toEqual([]);
      }
    });

    it('finds an e-mail address in whatever case, and by no part of it', async () => {
      const user = await newLinked({ email: 'Joan.Clarke@example.com' });
      expect(await idsFound('joan.clarke@EXAMPLE.com')).toEqual([idOf(user)]);
      for (const part of ['joan', 'example.com', 'joan.clarke@example.co', 'joan_clarke@example.com', '@']) {
        expect(await idsFound(part)).toEqual([]);
      }
    });

    it('answers no phone number and no e-mail address', async () => {
      const user = await newLinked({ phone: '13800138124', email: 'hidden@example.com' });
      const { data } = await root.linkedUsers('search', '13800138124');
      expect(data?.users).toEqual([
        { id: user.id, nickname: expect.any(String), username: expect.any(String), linked: '' },
      ]);
    });

    it('is the same in the lists of who is left out', async () => {
      const user = await newLinked({
        nickname: 'Mary 100% Ward',
        phone: '+86 138-0013-8125',
        email: 'mary@example.com',
      });
      await root.call('unlinkUser', { authenticator: 'search', user: user.id });
      const found = async (search: string) =>
        (await root.exclusions('notMatchedAgain', search, 'search')).exclusions.map((row) => String(row.user?.id));
      for (const search of ['mary 100%', '13800138125', 'MARY@example.com', '']) {
        expect(await found(search)).toEqual([idOf(user)]);
      }
      for (const search of ['mary_100', '1380013', 'mary@', '%']) {
        expect(await found(search)).toEqual(search === '%' ? [idOf(user)] : []);
      }
    });
  });

  describe('T43: who is left out', () => {
    const named = ({ id }: Session) => ({ userIds: [String(id)] });

    it('is written with the unlinking or not at all, and ends with the link', async () => {
      const account = dingtalk.addAccount();
      const user = await newSession();
      const exclusions = new Exclusions(nocobase.db, 'dingtalk');
      await user.link(dingtalk, account.id);
      expect(await user.call('unlink', { authenticator: 'second' })).toMatchObject({ code: 'NOT_LINKED' });
      expect(await exclusions.of(named(user))).toEqual([]);

      expect(await user.call('unlink', { authenticator: 'dingtalk' })).toMatchObject({ status: 200 });
      const excluded = { reason: 'unlinked', unionId: account.unionId, userId: String(user.id), account: account.nick };
      expect(await exclusions.of(named(user))).toEqual([expect.objectContaining(excluded)]);

      expect(await user.link(dingtalk, account.id)).toMatchObject({ status: 200 });
      expect(await exclusions.of(named(user))).toEqual([]);
    });

    it('is not confused with an account whose unionId differs in its case alone', async () => {
      const exclusions = new Exclusions(nocobase.db, 'dingtalk');
      const other = await newSession();
      const [lower, upper] = ['case-of-unionid', 'CASE-of-unionId'];
      await exclusions.add('unlinked', { unionId: upper, userId: String(other.id) });
      await exclusions.add('unlinked', { unionId: lower, userId: String(other.id) });
      await exclusions.matchAgain({ unionId: lower, userId: '404404' });
      expect((await exclusions.of(named(other))).map(({ unionId }) => unionId)).toEqual([undefined, upper]);
    });

    it('has no place for an account that waited before it was unlinked, on a node that does not know', async () => {
      const user = await newSession();
      const account = dingtalk.addAccount();
      const confirmation = (await user.bring(dingtalk, account.id)).data?.confirmation ?? '';
      const { cookies } = user.browser;
      await user.confirm(confirmation);
      await user.call('unlink', { authenticator: 'dingtalk' });

      const otherNode = jest.spyOn(UsedOnce.prototype, 'has').mockReturnValue(false);
      user.browser.setCookies(cookies);
      expect(await user.confirm(confirmation)).toMatchObject({ code: 'STATE_INVALID' });
      otherNode.mockRestore();
      expect(await bindingsOf(user)).toEqual([]);
      expect(await user.link(dingtalk, account.id)).toMatchObject({ status: 200 });
    });

    it('is listed, the latest first, and whether there are more than twenty', async () => {
      await nocobase.addAuthenticator('full');
      const exclusions = new Exclusions(nocobase.db, 'full');
      for (let i = 0; i < 20; i++) {
        await exclusions.add(i % 2 ? 'unlinked' : 'detached', { unionId: `full-${i}`, account: `Account ${i}` });
      }
      await exclusions.add('blocked', { unionId: 'full-blocked', account: 'Account blocked' });
      const list = () => root.exclusions('notMatchedAgain', '', 'full');
      const { exclusions: rows, more } = await list();
      expect([rows.length, rows[0].account, rows[19].account, more]).toEqual([20, 'Account 19', 'Account 0', false]);
      await exclusions.add('unlinked', { unionId: 'full-20', account: 'Account 20' });
      expect(await list()).toMatchObject({
        exclusions: [{ account: 'Account 20' }, ...Array(19).fill({})],
        more: true,
      });
      const blocked = await root.exclusions('blocked', 'BLOCK', 'full');
      expect(blocked).toMatchObject({ exclusions: [{ account: 'Account blocked', user: null }], more: false });
    });

    it('is blocked for good: the user’s session ends with it, and unblocking takes it back', async () => {
      const account = dingtalk.addAccount();
      const user = await newSession();
      await user.link(dingtalk, account.id);
      expect(await root.call('blockUser', { authenticator: 'dingtalk', user: String(user.id) })).toMatchObject({
        status: 200,
        data: { waysIn: ['Password'] },
      });
      expect((await user.call('getPendingLink')).status).toBe(401);
      const [{ id }] = (await root.exclusions('blocked', account.nick)).exclusions;
      const other = await newSession();
      expect(await other.link(dingtalk, account.id)).toMatchObject({ code: 'ACCOUNT_BLOCKED' });
      expect(await root.call('unblock', { authenticator: 'dingtalk', id })).toMatchObject({ status: 200 });
      expect(await other.link(dingtalk, account.id)).toMatchObject({ code: 'DINGTALK_ACCOUNT_TAKEN' });
    });

    it('two who link and unlink at once leave no exclusion of a linked user', async () => {
      const account = dingtalk.addAccount();
      const user = await newSession();
      const confirmation = (await user.bring(dingtalk, account.id)).data?.confirmation ?? '';
      await Promise.all([
        user.confirm(confirmation),
        root.call('unlinkUser', { authenticator: 'dingtalk', user: user.id }),
      ]);
      const isLinked = (await bindingsOf(user)).length > 0;
      const isExcluded = (await new Exclusions(nocobase.db, 'dingtalk').of(named(user))).length > 0;
      expect(isExcluded).toBe(!isLinked);
    });
  });

  // SQLite hands larger IDs to JavaScript as numbers, which are not exact.
  if (dialect !== 'sqlite') {
    it('a user with an ID of 18 digits is unlinked and blocked by its text', async () => {
      const id = '123456789012345678';
      const user = await newSession({ id });
      await bind({ id } as Session, 'long-id');
      expect(await root.call('unlinkUser', { authenticator: 'dingtalk', user: id })).toMatchObject({ status: 200 });
      expect((await nocobase.bindings()).some(({ uuid }) => uuid === 'long-id')).toBe(false);
      expect(await root.call('blockUser', { authenticator: 'dingtalk', user: id })).toMatchObject({ status: 200 });
      const { exclusions } = await root.exclusions('blocked', `User ${users}`);
      expect(exclusions.map((row) => String(row.user?.id))).toEqual([id]);
      expect(String(user.id)).toBe(id);
    });
  }

  it('of linked users the first twenty are answered, and whether there are more; also such without any name', async () => {
    await bind(await newSession({ nickname: null, username: null, email: null, phone: null }), 'nameless', 'second');
    const before = (await root.linkedUsers('second')).data;
    expect(before).toMatchObject({
      more: false,
      users: expect.arrayContaining([expect.objectContaining({ nickname: null })]),
    });
    for (let i = 0; i < 20; i++) {
      await bind(await newSession(), `many-${i}`, 'second');
    }
    const { data } = await root.linkedUsers('second');
    expect([data?.users.length, data?.more]).toEqual([20, true]);
  });
});
