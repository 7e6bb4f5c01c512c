import { describeOnEachDatabase } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { signIn } from '../../../testing/nocobase/sign-in';

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
