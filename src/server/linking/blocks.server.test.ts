import type { Model } from '@nocobase/database';
import type { Account } from '../../../emulator';
import { describeOnSqliteAnd } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { signIn, signInInside } from '../../../testing/nocobase/sign-in';
import { EXCLUSIONS } from '../accounts/collections';

// What a block keeps of a user who is deleted afterwards, and whom it must not lock out.

describeOnSqliteAnd('mysql')('a block, after its user was deleted', (dialect) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let root: Session;

  /** Each test has an authenticator of its own: bindings and exclusions of the others are none of it. */
  let authenticator: string;
  let count = 0;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase(dialect);
    root = await Session.of(nocobase, { get: () => 1 });
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  beforeEach(async () => {
    authenticator = `dingtalk${++count}`;
    await nocobase.addAuthenticator(authenticator, { autoSignup: true, autoSignIn: true, corpId: dingtalk.corpId });
    await nocobase.app.cache.reset();
  });

  /** An account, and a user whom nothing but its phone number joins to it. */
  async function neverLinked(values: Record<string, unknown> = {}) {
    const account = dingtalk.addAccount();
    const user = await nocobase.addUser({ nickname: `User of ${account.id}`, phone: account.mobile, ...values });
    return { account, user };
  }

  const idOf = (user: Model) => user.get('id') as number;
  const bind = (user: Model, uuid: string) =>
    nocobase.db.getRepository('usersAuthenticators').create({ values: { authenticator, userId: idOf(user), uuid } });
  const rows = (): Promise<Record<string, unknown>[]> =>
    nocobase.db.getModel(EXCLUSIONS).findAll({ where: { authenticator }, order: ['id'], raw: true });
  const listed = async (search = '') => (await root.exclusions('blocked', search, authenticator)).exclusions;
  const block = async (user: Model) =>
    expect(await root.call('blockUser', { authenticator, user: idOf(user) })).toMatchObject({ status: 200 });
  const remove = (user: Model) => nocobase.db.getRepository('users').destroy({ filterByTk: idOf(user) });

  const ways = {
    'in a browser': ({ id }: Account) => signIn(nocobase, dingtalk, { authenticator, account: id }),
    'inside DingTalk': ({ id }: Account) => signInInside(nocobase, dingtalk, { authenticator, account: id }),
  };
  const both = Object.entries(ways);
  const { 'in a browser': inBrowser, 'inside DingTalk': inside } = ways;

  async function refused(attempt: typeof inBrowser, account: Account) {
    const before = await nocobase.everything();
    expect(await attempt(account)).toMatchObject({ status: 403, code: 'ACCOUNT_BLOCKED' });
    expect(await nocobase.everything()).toBe(before);
  }

  describe.each(both)('%s', (_, attempt) => {
    it('T34: refuses who was never linked, whose account is not known', async () => {
      // The control: a block that kept the user alone, as those of a version before did.
      const unprotected = await neverLinked();
      await nocobase.db
        .getModel(EXCLUSIONS)
        .create({ authenticator, reason: 'blocked', userId: idOf(unprotected.user) });
      await remove(unprotected.user);
      expect(await attempt(unprotected.account)).toMatchObject({ status: 200, user: expect.anything() });

      const { account, user } = await neverLinked();
      await block(user);
      await refused(attempt, account);
      await remove(user);
      await refused(attempt, account);
    });

    it.each(['', '+86 ', '0086-'])('T34: refuses who was bound by the phone number alone, as %j…', async (prefix) => {
      const { account, user } = await neverLinked({ phone: null });
      await bind(user, `${prefix}${account.mobile}`);
      await block(user);
      await remove(user);
      await refused(attempt, account);
    });

    it('T34: refuses the same number with another account, which DingTalk has after the first was canceled', async () => {
      const { account, user } = await neverLinked();
      expect((await attempt(account)).user?.id).toBe(idOf(user));
      await block(user);
      await remove(user);
      await refused(attempt, account);
      await refused(attempt, dingtalk.addAccount({ mobile: account.mobile }));
    });

    it('T60: signs in everybody else with this number: who is bound, and whom it is the number of', async () => {
      const { account, user } = await neverLinked();
      await block(user);
      await remove(user);
      const bound = dingtalk.addAccount({ mobile: account.mobile });
      const { user: other } = await neverLinked({ phone: null });
      await bind(other, bound.unionId);
      expect((await attempt(bound)).user?.id).toBe(idOf(other));

      const successor = await nocobase.addUser({ nickname: 'Has the number now', phone: account.mobile });
      expect((await attempt(account)).user?.id).toBe(idOf(successor));
    });

    it('T60: is of the user while the user is there, whatever the number is by then', async () => {
      const { account, user } = await neverLinked();
      await block(user);
      await user.update({ phone: null });
      expect((await attempt(account)).status).toBe(200);
    });

    it('T60: is of this authenticator alone', async () => {
      const { account, user } = await neverLinked();
      await block(user);
      await remove(user);
      authenticator += '-second';
      await nocobase.addAuthenticator(authenticator, { autoSignup: true, autoSignIn: true, corpId: dingtalk.corpId });
      expect((await attempt(account)).status).toBe(200);
    });
  });

  it.each(['16463212345678901', '13900139000'])('T34: refuses who was bound by the userid %s', async (userid) => {
    const { account, user } = await neverLinked({ phone: null });
    account.memberships[0].userid = userid;
    await bind(user, userid);
    await block(user);
    await remove(user);
    await refused(inside, account);
  });

  it('T60: signs in, in a browser too, who was bound by a userid and has this number now', async () => {
    const { account, user } = await neverLinked();
    await block(user);
    await remove(user);
    const { user: other } = await neverLinked({ phone: null });
    await bind(other, account.memberships[0].userid);
    expect((await inBrowser(account)).user?.id).toBe(idOf(other));
  });

  it('T60: lets who has the number now link the account to a user of theirs', async () => {
    const { account, user } = await neverLinked();
    await block(user);
    await remove(user);
    const { user: other } = await neverLinked({ phone: null });
    const session = await Session.of(nocobase, other);
    expect(await session.link(dingtalk, account.id, authenticator)).toMatchObject({ status: 200 });
    expect((await inBrowser(account)).user?.id).toBe(idOf(other));
  });

  it('T60: is listed, found by the whole number, and ends with Unblock', async () => {
    const { account, user } = await neverLinked();
    await block(user);
    await remove(user);
    const mobile = String(account.mobile);
    const row = { id: expect.anything(), reason: 'blocked', account: '', user: null, since: expect.any(Number) };
    expect([await listed(), await listed(`+86 ${mobile}`)]).toEqual([[row], [row]]);
    expect([await listed(mobile.slice(0, -1)), await listed('13700137000')]).toEqual([[], []]);

    const [{ id }] = await listed();
    expect(await root.call('unblock', { authenticator, id })).toMatchObject({ status: 200 });
    expect((await inBrowser(account)).status).toBe(200);
  });

  it('keeps no phone number, which is in no column and in no line of the log', async () => {
    const { account, user } = await neverLinked();
    await bind(user, `+86-${account.mobile}`);
    await block(user);
    await remove(user);
    await nocobase.logs.outcomes(0);
    await refused(inBrowser, account);
    const [line] = await nocobase.logs.outcomes();
    expect(line).toMatchObject({ outcome: 'ACCOUNT_BLOCKED', authenticator, reason: expect.stringMatching(/deleted/) });
    expect(await rows()).toEqual([
      expect.objectContaining({ unionId: null, phoneFingerprint: expect.stringMatching(/^[\da-f]{64}$/) }),
    ]);
    expect(JSON.stringify([line, await rows()])).not.toContain(String(account.mobile).slice(-8));
  });

  it('is one entry however often the user is blocked, and one more for a second number', async () => {
    const { account, user } = await neverLinked();
    const second = dingtalk.addAccount();
    // As a version before wrote it.
    await nocobase.db.getModel(EXCLUSIONS).create({ authenticator, reason: 'blocked', userId: idOf(user) });
    await block(user);
    await block(user);
    expect(await rows()).toHaveLength(1);
    await bind(user, String(second.mobile));
    await block(user);
    await block(user);
    expect(await rows()).toHaveLength(2);
    await remove(user);
    await refused(inBrowser, account);
    await refused(inBrowser, second);
  });
});
