import type { Context, Next } from '@nocobase/actions';
import { LINK_PATH } from '../../shared/constants';
import type { PendingLink } from '../../shared/contract';
import { Exclusions } from '../accounts/exclusions';
import { requireAuthenticator } from '../configuration/authenticators';
import { Browser } from '../../../testing/nocobase/browser';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { begin, comeBack, finish, signIn } from '../../../testing/nocobase/sign-in';
import { fetchApprovedAccount } from '../authorization/browser';
import type { PendingRecord } from '../authorization/pending-link';
import type { DingTalkAccount } from '../dingtalk/api';
import { confirm } from './links';

const SESSION_ACTIONS = ['getLinkUrl', 'link', 'getPendingLink', 'confirmLink', 'declineLink', 'unlink'];
const ACTIONS = [...SESSION_ACTIONS, 'unlinkUser', 'blockUser', 'unblock', 'getBlocked', 'getLinkedUsers'];

describe('the actions of linking', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let root: Session;
  let users = 0;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase();
    await nocobase.addAuthenticator('dingtalk');
    await nocobase.addAuthenticator('second');
    await nocobase.addAuthenticator('one-organization', { corpId: dingtalk.corpId });
    await nocobase.addAuthenticator('disabled', { enabled: false });
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
  async function newLinkedSession(values?: Record<string, unknown>) {
    const account = dingtalk.addAccount();
    const user = await newSession(values);
    await user.link(dingtalk, account.id);
    return { account, user };
  }
  const bind = ({ id }: Session, uuid: string, authenticator = 'dingtalk') =>
    nocobase.db.getRepository('usersAuthenticators').create({ values: { authenticator, userId: id, uuid } });
  /** An account that waits, as if its owner had been asked. */
  const unasked = (account: DingTalkAccount): PendingRecord => ({
    confirmation: '',
    authenticator: 'dingtalk',
    account,
    origin: 'signIn',
    since: Date.now(),
    expires: Infinity,
  });
  const bindingsOf = async ({ id }: Session) =>
    (await nocobase.bindings()).filter(({ userId }) => String(userId) === String(id));

  /** Runs something that must be refused, and checks that it changed nothing. */
  async function refused<T>(attempt: () => Promise<T>): Promise<T> {
    const before = await nocobase.bindings();
    const answer = await attempt();
    expect(await nocobase.bindings()).toEqual(before);
    return answer;
  }

  describe('link', () => {
    it('links the same account again without harm', async () => {
      const { account, user } = await newLinkedSession();
      expect(await user.link(dingtalk, account.id)).toMatchObject({ status: 200 });
      expect(await bindingsOf(user)).toHaveLength(1);
    });

    it('links one account for each authenticator', async () => {
      const user = await newSession();
      const [one, two] = [dingtalk.addAccount(), dingtalk.addAccount()];
      expect(await user.link(dingtalk, one.id, 'dingtalk')).toMatchObject({ status: 200 });
      expect(await user.link(dingtalk, two.id, 'second')).toMatchObject({ status: 200 });
      expect((await bindingsOf(user)).map(({ uuid }) => uuid).sort()).toEqual([one.unionId, two.unionId].sort());
    });

    it('refuses an account of another user', async () => {
      const { account, user: owner } = await newLinkedSession();
      const other = await newSession();
      const answer = await refused(() => other.link(dingtalk, account.id));
      expect(answer).toMatchObject({ status: 409, code: 'DINGTALK_ACCOUNT_TAKEN' });
      expect((await signIn(nocobase, dingtalk, { account: account.id })).user?.id).toBe(owner.id);
    });

    it('T11: refuses an account of another organization', async () => {
      const account = dingtalk.addAccount();
      const other = dingtalk.data.organizations[1].corpId;
      account.memberships.push({ ...account.memberships[0], corpId: other });
      const user = await newSession();
      const asked = new URL((await user.beginLink('one-organization')).data?.url ?? '').searchParams;
      const code = dingtalk.authorize({
        clientId: asked.get('client_id') ?? '',
        account: account.id,
        scope: asked.get('scope') ?? '',
        corpId: other,
      });

      const { flow } = (await comeBack(user.browser, { code, state: asked.get('state') ?? '' })).fragment;
      const answer = await refused(() => user.call('link', { flow }));

      expect(answer).toMatchObject({ status: 403, code: 'WRONG_ORGANIZATION' });
      expect(await user.link(dingtalk, account.id, 'one-organization')).toMatchObject({ status: 200 });
    });

    it('needs no phone number', async () => {
      const account = dingtalk.addAccount({ mobile: undefined, stateCode: undefined });
      expect(await (await newSession()).link(dingtalk, account.id)).toMatchObject({ status: 200 });
    });

    it.each(['dingtalk', 'second', 'basic', 'nobody'])(
      'T06: links with the authenticator of the flow, whatever the header names: %s',
      async (name) => {
        const user = await newSession();
        const { flow } = await user.approve(dingtalk, dingtalk.addAccount().id, 'second');
        const headers = { 'x-authenticator': name };
        const { data } = await user.call<PendingLink>('link', { flow }, headers);
        expect(data).toMatchObject({ authenticator: 'second' });
        const { confirmation } = data ?? {};
        expect(await user.call('confirmLink', { confirmation }, headers)).toMatchObject({ status: 200 });
        expect(await bindingsOf(user)).toEqual([expect.objectContaining({ authenticator: 'second' })]);
      },
    );

    it.each(['nobody', 'disabled', 'basic', ''])('does not begin with the authenticator %j', async (name) => {
      const { status, code } = await (await newSession()).beginLink(name);
      expect([status, code]).toEqual(name ? [404, 'AUTHENTICATOR_UNAVAILABLE'] : [400, 'REQUEST_INVALID']);
    });

    it('leads back to the page that links after the user declined in DingTalk', async () => {
      const user = await newSession();
      const state = new URL((await user.beginLink('dingtalk')).data?.url ?? '').searchParams.get('state') ?? '';
      const { fragment, location, response } = await comeBack(user.browser, { error: 'access_denied', state });
      expect(location.pathname).toBe(LINK_PATH);
      expect(fragment).toEqual({ error: 'ACCESS_DENIED', request: response.headers.get('x-request-id') });
    });
  });

  describe('getLinks', () => {
    it('answers each enabled DingTalk authenticator, the account there, and nothing else', async () => {
      const account = dingtalk.addAccount({ avatarUrl: 'https://static.example/a.png' });
      const user = await newSession();
      await user.link(dingtalk, account.id, 'second');
      const linked = { nickname: account.nick, avatar: 'https://static.example/a.png' };
      expect(await user.links()).toEqual([
        { name: 'dingtalk', title: null, linked: null, canUnlink: false },
        { name: 'second', title: null, linked: { ...linked, since: expect.any(Number) }, canUnlink: true },
        { name: 'one-organization', title: null, linked: null, canUnlink: false },
      ]);
    });

    it('answers no picture that is not https', async () => {
      const user = await newSession();
      await bind(user, 'anything');
      const where = { userId: user.id };
      await nocobase.db.getModel('usersAuthenticators').update({ avatar: 'javascript:alert(1)' }, { where });
      expect((await user.links())[0].linked).toEqual({ nickname: '', since: expect.any(Number) });
    });

    it('answers since when an account is linked', async () => {
      const before = Date.now();
      const { user } = await newLinkedSession();
      const since = (await user.links())[0].linked?.since;
      expect(since).toBeGreaterThanOrEqual(before);
      expect(since).toBeLessThanOrEqual(Date.now());
    });

    it('answers when the user last signed in with an account, and only with that one', async () => {
      const { account, user } = await newLinkedSession();
      const lastSignIns = async () => (await user.links()).map(({ linked }) => linked?.lastSignIn);
      // Signed in with a password, and linked: that is no sign-in with DingTalk.
      expect(await lastSignIns()).toEqual([undefined, undefined, undefined]);
      await signIn(nocobase, dingtalk, { account: account.id });
      const before = Date.now();
      await signIn(nocobase, dingtalk, { account: account.id });
      const [last, ...others] = await lastSignIns();
      expect(last).toBeGreaterThanOrEqual(before);
      expect(last).toBeLessThanOrEqual(Date.now());
      expect(others).toEqual([undefined, undefined]);
    });

    it('answers no sign-in of an account that was linked before this one, nor of another user', async () => {
      const { account, user } = await newLinkedSession();
      const { account: colleague } = await newLinkedSession();
      await signIn(nocobase, dingtalk, { account: account.id });
      await signIn(nocobase, dingtalk, { account: colleague.id });
      const where = { userId: user.id, authenticator: 'dingtalk' };
      const issued = nocobase.db.getModel('issuedTokens');
      await issued.update({ signInTime: Date.now() - 5000 }, { where });
      expect((await user.links())[0].linked?.lastSignIn).toBeUndefined();
      await issued.update({ signInTime: Date.now() + 5000 }, { where });
      expect((await user.links())[0].linked?.lastSignIn).toBeGreaterThan(Date.now());
    });

    it('answers no sign-in that NocoBase does not know any more', async () => {
      const { account, user } = await newLinkedSession();
      await signIn(nocobase, dingtalk, { account: account.id });
      await nocobase.db.getModel('issuedTokens').destroy({ where: { userId: user.id, authenticator: 'dingtalk' } });
      const { linked } = (await user.links())[0];
      expect(linked).not.toHaveProperty('lastSignIn');
      expect(linked).toHaveProperty('since');
    });

    it('is not stored', async () => {
      const { browser, token } = await newSession();
      const headers = { authorization: `Bearer ${token}` };
      const response = await browser.fetch('/api/dingtalk:getLinks', { headers });
      expect(response.headers.get('cache-control')).toBe('no-store');
    });
  });

  describe('T09: unlink', () => {
    const unlink = (user: Session, authenticator = 'dingtalk') => user.call('unlink', { authenticator });
    const setPasswordAuthenticator = (enabled: boolean) =>
      nocobase.db.getModel('authenticators').update({ enabled }, { where: { name: 'basic' } });

    it('takes one link away; the session goes on', async () => {
      const { account, user } = await newLinkedSession();
      await user.link(dingtalk, dingtalk.addAccount().id, 'second');

      expect(await unlink(user)).toMatchObject({ status: 200 });

      expect(await bindingsOf(user)).toEqual([expect.objectContaining({ authenticator: 'second' })]);
      expect((await signIn(nocobase, dingtalk, { account: account.id })).token).toBeUndefined();
      expect((await user.links())[0]).toMatchObject({ linked: null });
    });

    it('is refused without a link', async () => {
      expect(await unlink(await newSession())).toMatchObject({ status: 404, code: 'NOT_LINKED' });
    });

    it('is refused to a user whom a sign-in has created, until there is a password', async () => {
      await nocobase.addAuthenticator('sign-up', { autoSignup: true, emailDomains: ['example.com'] });
      const account = dingtalk.addAccount({ email: 'no.password@example.com' });
      const created = await signIn(nocobase, dingtalk, { authenticator: 'sign-up', account: account.id });
      const user = new Session(new Browser(nocobase.url), created.user?.id ?? 0, created.token ?? '');
      expect((await user.links()).find(({ linked }) => linked)).toMatchObject({ canUnlink: false });
      expect(await refused(() => unlink(user, 'sign-up'))).toMatchObject({ status: 409, code: 'LAST_WAY_IN' });

      await nocobase.db.getModel('users').update({ password: 'one at last' }, { where: { id: user.id } });
      expect(await unlink(user, 'sign-up')).toMatchObject({ status: 200 });
    });

    it('is refused to a user with a password, but no name to enter it with', async () => {
      const { user } = await newLinkedSession({ username: null });
      expect((await user.links())[0].canUnlink).toBe(false);
      expect(await refused(() => unlink(user))).toMatchObject({ status: 409, code: 'LAST_WAY_IN' });
    });

    it('is refused while the authenticator for passwords is disabled', async () => {
      const { user } = await newLinkedSession();
      await setPasswordAuthenticator(false);
      expect((await user.links())[0].canUnlink).toBe(false);
      expect(await refused(() => unlink(user))).toMatchObject({ status: 409, code: 'LAST_WAY_IN' });

      await setPasswordAuthenticator(true);
      expect(await unlink(user)).toMatchObject({ status: 200 });
    });

    it.each([
      ['a disabled one', 'disabled', 'LAST_WAY_IN'],
      ['one whose plugin is off', 'of-no-plugin', 'LAST_WAY_IN'],
      ['an enabled one', 'second', undefined],
    ])('without a password needs a binding to another authenticator: %s', async (_, name, code) => {
      const { user } = await newLinkedSession({ password: null });
      await nocobase.addAuthenticator('of-no-plugin', { authType: 'gone' });
      await bind(user, 'elsewhere', name);
      expect((await user.links())[0].canUnlink).toBe(!code);
      expect((await unlink(user)).code).toBe(code);
      await nocobase.db.getModel('authenticators').destroy({ where: { name: 'of-no-plugin' } });
    });

    it('T69: counts no DingTalk account that has left, as a directory says, but a password', async () => {
      const { user } = await newLinkedSession({ password: null });
      const leaver = `left-${user.id}`;
      await bind(user, leaver, 'second');
      expect((await user.links())[0].canUnlink).toBe(true);
      await new Exclusions(nocobase.db, 'second').add('left', { unionId: leaver });
      expect((await user.links())[0].canUnlink).toBe(false);
      expect(await refused(() => unlink(user))).toMatchObject({ status: 409, code: 'LAST_WAY_IN' });

      await nocobase.db.getModel('users').update({ password: 'one at last' }, { where: { id: user.id } });
      expect(await unlink(user)).toMatchObject({ status: 200 });
    });
  });

  describe('unlinkUser', () => {
    it('lets a user in again who was refused with ACCOUNT_ALREADY_LINKED', async () => {
      const [old, present] = [dingtalk.addAccount(), dingtalk.addAccount()];
      const user = await newSession({ phone: present.mobile, password: null });
      await user.link(dingtalk, old.id);
      const attempt = () => signIn(nocobase, dingtalk, { account: present.id });
      expect(await attempt()).toMatchObject({ code: 'ACCOUNT_ALREADY_LINKED' });

      const found = await root.linkedUsers('dingtalk', present.mobile);
      expect(found.data).toMatchObject({ users: [{ id: user.id, linked: old.nick }], more: false });
      const body = { authenticator: 'dingtalk', user: found.data?.users[0].id, matchAgain: true };
      expect(await root.call('unlinkUser', body)).toMatchObject({ status: 200 });

      expect((await attempt()).user?.id).toBe(user.id);
    });

    it('works while the authenticator is disabled', async () => {
      const user = await newSession();
      await bind(user, 'anything', 'disabled');
      const body = { authenticator: 'disabled', user: user.id };
      expect(await root.call('unlinkUser', body)).toMatchObject({ status: 200 });
      expect(await bindingsOf(user)).toEqual([]);
    });

    it('refuses what does not exist, and what has another type', async () => {
      const { id: user } = await newSession();
      const unlinkUser = (body: object) => root.call('unlinkUser', body);
      expect(await unlinkUser({ authenticator: 'dingtalk', user })).toMatchObject({ code: 'NOT_LINKED' });
      expect(await unlinkUser({ authenticator: 'dingtalk', user: 404404 })).toMatchObject({ code: 'NOT_LINKED' });
      expect(await unlinkUser({ authenticator: 'basic', user })).toMatchObject({ code: 'AUTHENTICATOR_UNAVAILABLE' });
      expect(await unlinkUser({ authenticator: 'dingtalk', user: { $ne: 0 } })).toMatchObject({ status: 400 });
      expect(await unlinkUser({ authenticator: ['dingtalk'], user })).toMatchObject({ status: 400 });
    });

    it.each(['unlinkUser', 'getLinkedUsers'])('is for users who may manage authenticators: %s', async (action) => {
      const user = await newSession();
      await bind(user, action);
      const name = `manager-${action}`;
      const snippets = ['pm.auth.authenticators'];
      await nocobase.db.getRepository('roles').create({ values: { name, title: name, snippets } });
      const manager = await newSession({ roles: [{ name }] });
      const call = async (caller: Session) =>
        (await caller.call(action, { authenticator: 'dingtalk', user: user.id }, { 'x-role': name })).status;

      expect(await refused(() => call(user))).toBeGreaterThanOrEqual(401);
      expect(await refused(async () => (await user.call(action, { authenticator: 'dingtalk' })).status)).toBe(403);
      expect(await call(manager)).toBe(200);
    });

    it('getLinkedUsers answers nothing of an authenticator that is not saved, and refuses one of another type', async () => {
      expect(await root.linkedUsers('not-saved')).toMatchObject({ status: 200, data: { users: [], more: false } });
      expect(await root.linkedUsers('basic')).toMatchObject({ status: 404, code: 'AUTHENTICATOR_UNAVAILABLE' });
    });
  });

  describe('T07: an attacker who wants the own account to sign in the victim', () => {
    let attacker: Session;
    let victim: Session;
    let account: string;

    beforeEach(async () => {
      [attacker, victim] = [await newSession(), await newSession()];
      account = dingtalk.addAccount().id;
    });

    const userOfAccount = async () => (await signIn(nocobase, dingtalk, { account })).user?.id;

    it('gets in where the action asks only who is signed in', async () => {
      nocobase.app.resourceManager.define({
        name: 'careless',
        actions: {
          async link(ctx: Context, next: Next) {
            const authenticator = await requireAuthenticator(ctx, 'dingtalk');
            const account = await fetchApprovedAccount(authenticator.settings, ctx.action.params.values.code);
            await confirm(ctx, authenticator, String(ctx.state.currentUser.id), unasked(account));
            await next();
          },
        },
      });
      nocobase.app.acl.allow('careless', 'link', 'loggedIn');
      // A link to the callback page, with the attacker's code, is all that the victim opens.
      const { code } = await attacker.approve(dingtalk, account);
      await victim.browser.fetch('/api/careless:link', {
        json: { code },
        headers: { authorization: `Bearer ${victim.token}` },
      });
      expect(await userOfAccount()).toBe(victim.id);
    });

    it('does not get in with the own flow', async () => {
      const { flow } = await attacker.approve(dingtalk, account);
      const calls = dingtalk.calls.length;
      const answer = await refused(() => victim.call('link', { flow }));
      expect(answer).toMatchObject({ status: 401, code: 'STATE_INVALID' });
      expect(dingtalk.calls).toHaveLength(calls);
      expect(await userOfAccount()).toBeUndefined();

      // The control: nothing else was wrong with them.
      expect(await attacker.call('link', { flow })).toMatchObject({ status: 200 });
    });

    it('does not get in with a cookie of the flow that was planted', async () => {
      const { flow } = await attacker.approve(dingtalk, account);
      victim.browser.setCookies(attacker.browser.cookies);
      expect(await refused(() => victim.call('link', { flow }))).toMatchObject({ code: 'STATE_INVALID' });
      expect(await userOfAccount()).toBeUndefined();
      expect(await attacker.call('link', { flow })).toMatchObject({ status: 200 });
    });

    it('does not get in by a browser in which another user signed in meanwhile', async () => {
      const { flow } = await attacker.approve(dingtalk, account);
      const next = new Session(attacker.browser, victim.id, victim.token);
      expect(await refused(() => next.call('link', { flow }))).toMatchObject({ code: 'STATE_INVALID' });
      expect(await attacker.call('link', { flow })).toMatchObject({ status: 200 });
    });

    it('gets nothing from the victim’s cookies, which are no session for NocoBase', async () => {
      const response = await victim.browser.fetch('/api/auth:signIn', {
        json: { account: `user-${users}`, password: 'a good password' },
        headers: { 'x-authenticator': 'basic' },
      });
      const { token } = (await response.json()).data;
      expect([...victim.browser.cookies.keys()]).toEqual(
        expect.arrayContaining(['nb_auth_token_main', 'nb_csrf_token_main']),
      );
      const cookiesAlone = new Session(victim.browser, victim.id, '');
      for (const action of ['getLinks', ...ACTIONS]) {
        expect(await cookiesAlone.call(action, {}, { authorization: '' })).toMatchObject({ status: 401 });
      }
      const signedIn = new Session(victim.browser, victim.id, token);
      expect(await signedIn.link(dingtalk, account)).toMatchObject({ status: 200 });
    });

    it.each(ACTIONS)('cannot have a page of another site call %s, even with the token', async (action) => {
      await bind(root, `root-${action}`);
      const { flow } = await root.approve(dingtalk, account, 'second');
      const { origin } = root.browser;
      const body = {
        authenticator: 'dingtalk',
        user: root.id,
        callback: `${origin}/signin/dingtalk/link`,
        redirectUri: `${origin}/api/dingtalk:redirect`,
        flow,
        confirmation: 'x'.repeat(43),
        id: 1,
      };
      const evil = 'https://evil.example';
      for (const headers of [
        { origin: evil, referer: '' },
        { origin: 'null', referer: '' },
        { origin: '', referer: `${evil}/x` },
      ]) {
        const answer = await refused(() => root.call(action, body, headers));
        expect(answer).toMatchObject({ status: 403, code: 'ORIGIN_NOT_TRUSTED' });
      }
      await nocobase.db.getModel('usersAuthenticators').destroy({ where: { userId: root.id } });
    });
  });

  describe('T08: a flow of one purpose finishes no other', () => {
    it('a sign-in is not finished with what began as a link', async () => {
      const account = dingtalk.addAccount();
      const user = await newSession({ phone: account.mobile });
      const { flow } = await user.approve(dingtalk, account.id);

      const answer = await refused(() => finish(user.browser, { authenticator: 'dingtalk', flow }));

      expect(answer).toMatchObject({ status: 401, code: 'STATE_INVALID' });
      expect(await user.call('link', { flow })).toMatchObject({ status: 200 });
    });

    it('a link is not finished with what began as a sign-in', async () => {
      const account = dingtalk.addAccount();
      const user = await newSession({ phone: account.mobile });
      const asked = new URL((await begin(user.browser)).url).searchParams;
      const code = dingtalk.authorize({ clientId: asked.get('client_id') ?? '', account: account.id });
      const { fragment } = await comeBack(user.browser, { code, state: asked.get('state') ?? '' });

      const { flow } = fragment;
      expect(await refused(() => user.call('link', { flow }))).toMatchObject({ code: 'STATE_INVALID' });
      expect((await finish(user.browser, fragment)).user?.id).toBe(user.id);
    });

    it('a link is finished once', async () => {
      const user = await newSession();
      const { flow } = await user.approve(dingtalk, dingtalk.addAccount().id);
      const attempt = () => user.call('link', { flow });
      expect([(await attempt()).status, (await attempt()).code]).toEqual([200, 'STATE_INVALID']);
    });
  });
});
