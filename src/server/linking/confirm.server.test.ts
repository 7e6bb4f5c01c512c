import type { Context, Next } from '@nocobase/actions';
import { Browser } from '../../../testing/nocobase/browser';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { signIn } from '../../../testing/nocobase/sign-in';
import { Exclusions } from '../accounts/exclusions';
import { keepPendingLink, readPendingLink } from '../authorization/pending-link';
import { UsedOnce } from '../authorization/signed-cookie';
import { requireAuthenticator } from '../configuration/authenticators';
import type { DingTalkAccount } from '../dingtalk/api';
import { confirm } from './links';

const SESSION_ACTIONS = ['getLinkUrl', 'link', 'getPendingLink', 'confirmLink', 'declineLink', 'unlink'];

describe('an account that waits for a link', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let root: Session;
  let users = 0;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase();
    await nocobase.addAuthenticator('dingtalk');
    await nocobase.addAuthenticator('second');
    await nocobase.addAuthenticator('disabled', { enabled: false });
    const user = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
    root = await Session.of(nocobase, user);
    nocobase.app.resourceManager.define({ name: 'careless', actions: { leave, confirm: confirmUnasked } });
    nocobase.app.acl.allow('careless', 'leave', 'public');
    nocobase.app.acl.allow('careless', 'confirm', 'loggedIn');
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  /** What a sign-in leaves that ends with LINK_FIRST. */
  async function leave(ctx: Context, next: Next) {
    const { account, authenticator } = ctx.action.params.values;
    keepPendingLink(ctx, { authenticator, account, origin: 'signIn', expires: Date.now() + 60_000 });
    await next();
  }

  /** Links what waits with whoever is signed in, without a question, and whatever the token is. */
  async function confirmUnasked(ctx: Context, next: Next) {
    const pending = readPendingLink(ctx);
    if (pending) {
      const authenticator = await requireAuthenticator(ctx, pending.authenticator);
      await confirm(ctx, authenticator, String(ctx.state.currentUser.id), pending);
    }
    await next();
  }

  async function newSession(values: Record<string, unknown> = {}, browser?: Browser): Promise<Session> {
    const username = `user-${++users}`;
    const named = { username, nickname: `User ${users}`, password: 'a good password' };
    const session = await Session.of(nocobase, await nocobase.addUser({ ...named, ...values }));
    return browser ? new Session(browser, session.id, session.token) : session;
  }

  /** Somebody's account, as a sign-in in this browser has left it. */
  async function left(
    browser: Browser,
    account = dingtalk.addAccount() as DingTalkAccount,
    authenticator = 'dingtalk',
  ) {
    await browser.fetch('/api/careless:leave', { json: { account, authenticator } });
    return account;
  }

  const confirmationOf = async (user: Session) => (await user.pending())?.confirmation ?? '';
  const userOf = async ({ unionId }: DingTalkAccount) =>
    (await nocobase.bindings()).find(({ uuid }) => uuid === unionId)?.userId;
  const exclusions = (authenticator = 'dingtalk') => new Exclusions(nocobase.db, authenticator);
  const block = (excluded: { unionId?: string; userId?: string }) => exclusions().add('blocked', excluded);

  async function refused<T>(attempt: () => Promise<T>): Promise<T> {
    const before = await nocobase.everything();
    const answer = await attempt();
    expect(await nocobase.everything()).toBe(before);
    return answer;
  }

  it('is named, by link and by getPendingLink, and nothing is linked yet', async () => {
    const account = dingtalk.addAccount({ avatarUrl: 'https://static.example/a.png' });
    const user = await newSession();

    const brought = await refused(() => user.bring(dingtalk, account.id));

    const named = {
      confirmation: expect.stringMatching(/^[\w-]{43}$/),
      authenticator: 'dingtalk',
      title: null,
      account: { nickname: account.nick, avatar: 'https://static.example/a.png' },
    };
    expect(brought).toEqual({ status: 200, data: named });
    expect(await user.pending()).toEqual(brought.data);
    expect(await user.confirm(brought.data?.confirmation ?? '')).toEqual({
      status: 200,
      data: { authenticator: 'dingtalk' },
    });
    expect(await userOf(account)).toBe(user.id);
    expect(await user.pending()).toBeNull();
  });

  it('names its organization where it is known', async () => {
    const user = await newSession();
    await left(user.browser, { ...(dingtalk.addAccount() as DingTalkAccount), corpId: 'ding-corp' });
    expect(await user.pending()).toMatchObject({ account: { corpId: 'ding-corp' } });
  });

  it('waits in a cookie that scripts cannot read, without phone number', async () => {
    const browser = new Browser(nocobase.url);
    const account = dingtalk.addAccount();
    const response = await browser.fetch('/api/careless:leave', { json: { account, authenticator: 'dingtalk' } });
    const [cookie] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^nb_dingtalk_main_pending=.*; httponly/i);
    const [, record] = /=([\w-]+)\./.exec(cookie) ?? [];
    expect(Buffer.from(record, 'base64url').toString()).not.toContain(account.mobile);
  });

  it.each(['an ordinary user', 'a privileged one'])(
    'after a sign-in is confirmed by %s, who is not the one found',
    async (who) => {
      const account = dingtalk.addAccount();
      const found = await newSession({ phone: account.mobile });
      const user = who === 'a privileged one' ? root : await newSession();
      await left(user.browser, account as DingTalkAccount);
      await nocobase.logs.outcomes(0);

      expect(JSON.stringify(await user.pending())).not.toContain(account.mobile);
      expect(await user.confirm(await confirmationOf(user))).toMatchObject({ status: 200 });

      expect(await userOf(account as DingTalkAccount)).toBe(user.id);
      const line = { outcome: 'LINKED', authenticator: 'dingtalk', userId: String(user.id), rule: 'confirmed' };
      expect(await nocobase.logs.outcomes()).toEqual([line]);
      expect((await signIn(nocobase, dingtalk, { account: account.id })).user?.id).toBe(user.id);
      expect(found.id).not.toBe(user.id);
      await nocobase.db.getModel('usersAuthenticators').destroy({ where: { userId: root.id } });
    },
  );

  it('is not asked about where the user is linked with another one, or the authenticator is disabled', async () => {
    const user = await newSession();
    await user.link(dingtalk, dingtalk.addAccount().id);
    await left(user.browser);
    expect(await user.pending()).toBeNull();
    await left(user.browser, undefined, 'second');
    expect(await user.pending()).toMatchObject({ authenticator: 'second' });
    await left(user.browser, undefined, 'disabled');
    expect(await user.pending()).toBeNull();
  });

  describe('T43: what was unlinked', () => {
    it('is left out no more once both have agreed: neither the user nor the account', async () => {
      const account = dingtalk.addAccount();
      const user = await newSession();
      await user.link(dingtalk, account.id);
      await user.call('unlink', { authenticator: 'dingtalk' });
      const named = { unionId: account.unionId, userIds: [String(user.id)] };
      expect(await exclusions().of(named)).toMatchObject([{ reason: 'unlinked', userId: String(user.id) }]);

      expect(await user.link(dingtalk, account.id)).toMatchObject({ status: 200 });

      expect(await exclusions().of(named)).toEqual([]);
    });

    it('stays left out for another user, and for another account, whom nobody asked', async () => {
      const account = dingtalk.addAccount();
      const [user, other] = [await newSession(), await newSession()];
      const [userId, otherId] = [String(user.id), String(other.id)];
      await exclusions().add('unlinked', { unionId: account.unionId, userId: otherId });
      await exclusions().add('detached', { unionId: 'another account', userId });
      await user.link(dingtalk, account.id);
      expect(await exclusions().of({ unionId: account.unionId, userIds: [userId] })).toEqual([]);
      expect(await exclusions().of({ userIds: [otherId] })).toMatchObject([{ reason: 'unlinked', unionId: undefined }]);
      expect(await exclusions().of({ unionId: 'another account', userIds: [] })).toMatchObject([
        { reason: 'detached' },
      ]);
    });
  });

  describe('is refused', () => {
    const bind = ({ id }: Session, uuid: string) =>
      nocobase.db
        .getRepository('usersAuthenticators')
        .create({ values: { authenticator: 'dingtalk', userId: id, uuid } });
    const cases: [string, string, (user: Session, account: DingTalkAccount) => Promise<unknown>][] = [
      ['where the account is blocked', 'ACCOUNT_BLOCKED', (_, { unionId }) => block({ unionId })],
      ['where the user is blocked', 'ACCOUNT_BLOCKED', ({ id }) => block({ userId: String(id) })],
      [
        'where two users are bound to it',
        'ACCOUNT_AMBIGUOUS',
        async (_, { unionId }) => [await bind(await newSession(), unionId), await bind(await newSession(), unionId)],
      ],
      ['where another user is', 'DINGTALK_ACCOUNT_TAKEN', async (_, { unionId }) => bind(await newSession(), unionId)],
      ['where the user is bound to another one', 'UNLINK_FIRST', (user) => bind(user, 'another account')],
    ];

    it.each(cases)('early, %s', async (_, code, prepare) => {
      const account = dingtalk.addAccount();
      const user = await newSession();
      await prepare(user, account as DingTalkAccount);
      expect(await refused(() => user.bring(dingtalk, account.id))).toMatchObject({ code });
      expect([...user.browser.cookies.keys()]).not.toContain('nb_dingtalk_main_pending');
    });

    it.each(cases)('when it is confirmed, %s', async (_, code, prepare) => {
      const account = dingtalk.addAccount();
      const user = await newSession();
      const { data } = await user.bring(dingtalk, account.id);
      await prepare(user, account as DingTalkAccount);
      expect(await refused(() => user.confirm(data?.confirmation ?? ''))).toMatchObject({ code });
    });

    it('T11: when it is confirmed, where the settings name another organization meanwhile', async () => {
      await nocobase.addAuthenticator('moved');
      const user = await newSession();
      await left(user.browser, undefined, 'moved');
      const moved = { filter: { name: 'moved' } };
      const { options } = (await nocobase.db.getRepository('authenticators').findOne(moved)).toJSON();
      const values = { options: { ...options, dingtalk: { ...options.dingtalk, corpId: dingtalk.corpId } } };
      await nocobase.db.getRepository('authenticators').update({ ...moved, values });
      const confirmation = await confirmationOf(user);
      expect(confirmation).not.toBe('');
      expect(await refused(() => user.confirm(confirmation))).toMatchObject({ code: 'WRONG_ORGANIZATION' });
    });

    it('where the user is gone', async () => {
      const user = await newSession();
      const confirmation = (await user.bring(dingtalk, dingtalk.addAccount().id)).data?.confirmation ?? '';
      const cached = await nocobase.db.getModel('users').findByPk(user.id, { raw: true });
      await nocobase.db.getModel('users').destroy({ where: { id: user.id } });
      // NocoBase goes on accepting the session of a user whom another node deleted.
      await nocobase.app.cache.set(`auth:${user.id}`, cached);
      const answer = await user.confirm(confirmation);
      expect(answer.status).toBeGreaterThanOrEqual(401);
      expect((await nocobase.bindings()).some(({ userId }) => userId === user.id)).toBe(false);
    });
  });

  describe('T38: an account that somebody left on a shared computer', () => {
    it('signs its owner in as whoever comes next where it is linked unasked', async () => {
      const victim = await newSession();
      const account = await left(victim.browser);
      await victim.browser.fetch('/api/careless:confirm', {
        json: {},
        headers: { authorization: `Bearer ${victim.token}` },
      });
      expect(await userOf(account)).toBe(victim.id);
    });

    it('is named to the next user, and is linked with nobody who does not agree', async () => {
      const victim = await newSession();
      const account = await left(victim.browser);
      const pending = await refused(() => victim.pending());
      expect(pending?.account.nickname).toBe(account.nick);
      expect(await victim.call('declineLink', { confirmation: pending?.confirmation })).toMatchObject({ status: 200 });
      expect(await victim.pending()).toBeNull();
      expect(await victim.confirm(pending?.confirmation ?? '')).toMatchObject({ code: 'STATE_INVALID' });
      expect(await userOf(account)).toBeUndefined();
    });

    it('of a link is neither shown to another user nor confirmed by one', async () => {
      const attacker = await newSession();
      const account = dingtalk.addAccount();
      const { data } = await attacker.bring(dingtalk, account.id);
      const confirmation = data?.confirmation ?? '';
      const victim = await newSession({}, attacker.browser);

      expect(await victim.pending()).toBeNull();
      expect(await refused(() => victim.confirm(confirmation))).toMatchObject({ status: 401, code: 'STATE_INVALID' });

      // The control: it still waits for the one who began.
      expect(await attacker.confirm(confirmation)).toMatchObject({ status: 200 });
    });

    it('is not linked by the confirmation of another account, which another tab brought', async () => {
      const user = await newSession();
      const [one, two] = [dingtalk.addAccount(), dingtalk.addAccount()];
      const first = (await user.bring(dingtalk, one.id)).data?.confirmation ?? '';
      const second = (await user.bring(dingtalk, two.id)).data?.confirmation ?? '';
      expect(await refused(() => user.confirm(first))).toMatchObject({ code: 'STATE_INVALID' });
      expect(await user.call('declineLink', { confirmation: first })).toMatchObject({ status: 200 });
      expect(await user.confirm(second)).toMatchObject({ status: 200 });
      expect(await userOf(two as DingTalkAccount)).toBe(user.id);
    });
  });

  describe('T39: the cookie of an account that waits', () => {
    it.each(['', 'x', 'x'.repeat(43), '../../../etc', 7, null, ['a'], { $ne: '' }])(
      'is confirmed by its own confirmation alone, not by %j',
      async (confirmation) => {
        const user = await newSession();
        await left(user.browser);
        for (const action of ['confirmLink', 'declineLink']) {
          const answer = await refused(() => user.call(action, { confirmation }));
          const expected = confirmation === 'x'.repeat(43) ? (action === 'confirmLink' ? 401 : 200) : 400;
          expect(answer.status).toBe(expected);
        }
        expect(await user.confirm(await confirmationOf(user))).toMatchObject({ status: 200 });
      },
    );

    it('is confirmed once, also at once in two tabs', async () => {
      const user = await newSession();
      await left(user.browser);
      const confirmation = await confirmationOf(user);
      const answers = await Promise.all([user.confirm(confirmation), user.confirm(confirmation)]);
      expect(answers.map(({ code }) => code).sort()).toEqual(['STATE_INVALID', undefined]);
    });

    it('is used up by a refusal as well', async () => {
      const user = await newSession();
      const account = await left(user.browser);
      const confirmation = await confirmationOf(user);
      const cookies = user.browser.cookies;
      await block({ unionId: account.unionId });
      expect(await user.confirm(confirmation)).toMatchObject({ code: 'ACCOUNT_BLOCKED' });
      const [{ id }] = await exclusions().of({ unionId: account.unionId, userIds: [] });
      await exclusions().removeById(id);
      user.browser.setCookies(cookies);
      expect(await user.confirm(confirmation)).toMatchObject({ code: 'STATE_INVALID' });
    });

    it('links nobody on another node after it was used and the user has unlinked', async () => {
      const user = await newSession();
      const account = await left(user.browser);
      const { cookies } = user.browser;
      const confirmation = await confirmationOf(user);
      expect(await user.confirm(confirmation)).toMatchObject({ status: 200 });
      expect(await user.call('unlink', { authenticator: 'dingtalk' })).toMatchObject({ status: 200 });

      // Another node does not know what was used here.
      const otherNode = jest.spyOn(UsedOnce.prototype, 'has').mockReturnValue(false);
      const thief = await newSession();
      thief.browser.setCookies(cookies);
      expect(await confirmationOf(thief)).toBe(confirmation);
      expect(await refused(() => thief.confirm(confirmation))).toMatchObject({ code: 'STATE_INVALID' });
      otherNode.mockRestore();
      expect(await userOf(account)).toBeUndefined();

      // The control: what began to wait afterwards is linked.
      await left(user.browser, account);
      expect(await user.confirm(await confirmationOf(user))).toMatchObject({ status: 200 });
    });
  });

  describe('T40: an API key, or another token that is no session', () => {
    const sign = (payload: object) => nocobase.app.authManager.jwt.sign(payload, { expiresIn: '1h' });
    const keyOf = ({ browser, id }: Session, roleName = 'member') =>
      new Session(browser, id, sign({ userId: id, roleName }));

    it('links the account of whoever holds it where an action asks only who is signed in', async () => {
      const victim = await newSession();
      const key = keyOf(victim);
      const account = await left(key.browser);
      await key.browser.fetch('/api/careless:confirm', { json: {}, headers: { authorization: `Bearer ${key.token}` } });
      expect(await userOf(account)).toBe(victim.id);
    });

    it.each([...SESSION_ACTIONS, 'getLinks'])('cannot use %s', async (action) => {
      const victim = await newSession();
      await victim.link(dingtalk, dingtalk.addAccount().id, 'second');
      const account = await left(victim.browser);
      const confirmation = await confirmationOf(victim);
      const { flow } = await victim.approve(dingtalk, dingtalk.addAccount().id);
      const { origin } = victim.browser;
      const body = {
        authenticator: action === 'unlink' ? 'second' : 'dingtalk',
        callback: `${origin}/signin/dingtalk/link`,
        redirectUri: `${origin}/api/dingtalk:redirect`,
        flow,
        confirmation,
      };
      const { id, browser } = victim;
      const tokens = [{ roleName: 'member' }, {}, { temp: false }, { temp: 'true' }, { signInTime: Date.now() }];
      const calls = dingtalk.calls.length;
      for (const token of tokens.map((payload) => sign({ userId: id, ...payload }))) {
        const answer = await refused(() => new Session(browser, id, token).call(action, body));
        expect(answer).toMatchObject({ status: 403, code: 'SESSION_REQUIRED' });
      }
      expect(dingtalk.calls).toHaveLength(calls);

      // The control: nothing else was wrong with it.
      expect(await victim.call(action, body)).toMatchObject({ status: 200 });
      expect(account).toBeDefined();
    });

    it('has its line in the log with the user, and leaves nothing of the body there', async () => {
      const victim = await newSession();
      const confirmation = 'marked'.padEnd(43, 'x');
      await nocobase.logs.outcomes(0, 'DingTalk link');
      await keyOf(victim).confirm(confirmation);
      const line = { outcome: 'SESSION_REQUIRED', userId: String(victim.id) };
      expect(await nocobase.logs.outcomes(1, 'DingTalk link')).toEqual([expect.objectContaining(line)]);
      expect(await nocobase.logs.text()).not.toContain(confirmation);
    });

    it('manages the links of others as its user may, who can be a program', async () => {
      const user = await newSession();
      await user.link(dingtalk, dingtalk.addAccount().id);
      const program = keyOf(root, 'root');
      expect(await program.linkedUsers('dingtalk', `User ${users}`)).toMatchObject({
        data: { users: [{ id: user.id }] },
      });
      const body = { authenticator: 'dingtalk', user: user.id };
      expect(await program.call('blockUser', body)).toMatchObject({ status: 200 });
      const [{ id }] = (await program.exclusions('blocked', `User ${users}`)).exclusions;
      expect(await program.call('unblock', { authenticator: 'dingtalk', id })).toMatchObject({ status: 200 });
      expect(await program.call('unlinkUser', body)).toMatchObject({ status: 200 });
    });
  });
});
