// First: NocoBase reads its environment when it is first required.
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { LINK_PATH } from '../../shared/constants';
import type { Context, Next } from '@nocobase/actions';
import { requireAuthenticator } from '../configuration/authenticators';
import { link } from './links';
import { Browser } from '../../../testing/nocobase/browser';
import { describeOnEachDatabase } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { Member } from '../../../testing/nocobase/linking';
import { begin, comeBack, finish, signIn } from '../../../testing/nocobase/sign-in';

describeOnEachDatabase('linking', (dialect) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let users = 0;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase(dialect);
    await nocobase.addAuthenticator('dingtalk');
    await nocobase.addAuthenticator('second');
    await nocobase.addAuthenticator('one-organization', { corpId: dingtalk.corpId });
    await nocobase.addAuthenticator('disabled', { enabled: false });
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  /** A user with a password, unless the values say otherwise. */
  const addUser = (values: Record<string, unknown> = {}) => {
    const username = `user-${++users}`;
    return nocobase.addUser({ username, nickname: `User ${users}`, password: 'a good password', ...values });
  };
  const addMember = async (values?: Record<string, unknown>) => Member.of(nocobase, await addUser(values));
  const bindingsOf = async ({ id }: Member) =>
    (await nocobase.bindings()).filter(({ userId }) => String(userId) === String(id));
  const bind = ({ id }: Member, uuid: string, authenticator = 'dingtalk') =>
    nocobase.db.getRepository('usersAuthenticators').create({ values: { authenticator, userId: id, uuid } });

  /** Runs something that must be refused, and checks that it changed nothing. */
  async function refused<T>(attempt: () => Promise<T>): Promise<T> {
    const before = await nocobase.bindings();
    const outcome = await attempt();
    expect(await nocobase.bindings()).toEqual(before);
    return outcome;
  }

  describe('a user', () => {
    it('links a DingTalk account, and is from then on whom it signs in', async () => {
      const person = dingtalk.addPerson();
      const member = await addMember();
      expect((await signIn(nocobase, dingtalk, { account: person.id })).code).toBe('USER_NOT_FOUND');

      expect(await member.link(dingtalk, person.id)).toMatchObject({
        status: 200,
        data: { authenticator: 'dingtalk' },
      });

      expect(await bindingsOf(member)).toEqual([
        expect.objectContaining({ authenticator: 'dingtalk', uuid: person.unionId, nickname: person.nick }),
      ]);
      expect((await signIn(nocobase, dingtalk, { account: person.id })).user?.id).toBe(member.id);
    });

    it('links the same account again without harm', async () => {
      const person = dingtalk.addPerson();
      const member = await addMember();
      await member.link(dingtalk, person.id);
      expect(await member.link(dingtalk, person.id)).toMatchObject({ status: 200 });
      expect(await bindingsOf(member)).toHaveLength(1);
    });

    it('links one account for each authenticator', async () => {
      const member = await addMember();
      const [one, two] = [dingtalk.addPerson(), dingtalk.addPerson()];
      expect(await member.link(dingtalk, one.id, 'dingtalk')).toMatchObject({ status: 200 });
      expect(await member.link(dingtalk, two.id, 'second')).toMatchObject({ status: 200 });
      expect((await bindingsOf(member)).map(({ uuid }) => uuid).sort()).toEqual([one.unionId, two.unionId].sort());
    });

    it('is not given an account that is somebody else’s', async () => {
      const person = dingtalk.addPerson();
      const [owner, other] = [await addMember(), await addMember()];
      await owner.link(dingtalk, person.id);

      const outcome = await refused(() => other.link(dingtalk, person.id));

      expect(outcome).toMatchObject({ status: 409, code: 'DINGTALK_ACCOUNT_TAKEN' });
      expect((await signIn(nocobase, dingtalk, { account: person.id })).user?.id).toBe(owner.id);
    });

    it.each(['openId', 'mobile'] as const)('is not given an account that somebody else had by %s', async (key) => {
      const person = dingtalk.addPerson();
      const [owner, other] = [await addMember(), await addMember()];
      await bind(owner, String(person[key]));
      const outcome = await refused(() => other.link(dingtalk, person.id));
      expect(outcome).toMatchObject({ status: 409, code: 'DINGTALK_ACCOUNT_TAKEN' });
    });

    it('gets the unionId for an old key of the same account', async () => {
      const person = dingtalk.addPerson();
      const member = await addMember();
      await bind(member, person.openId);
      expect(await member.link(dingtalk, person.id)).toMatchObject({ status: 200 });
      expect(await bindingsOf(member)).toEqual([expect.objectContaining({ uuid: person.unionId })]);
    });

    it('must unlink one account before another', async () => {
      const [one, two] = [dingtalk.addPerson(), dingtalk.addPerson()];
      const member = await addMember();
      await member.link(dingtalk, one.id);
      expect(await refused(() => member.link(dingtalk, two.id))).toMatchObject({ status: 409, code: 'UNLINK_FIRST' });

      expect(await member.call('unlink', { authenticator: 'dingtalk' })).toMatchObject({ status: 200 });
      expect(await member.link(dingtalk, two.id)).toMatchObject({ status: 200 });
    });

    it('is refused with an account of another organization', async () => {
      const person = dingtalk.addPerson();
      const other = dingtalk.company.corps[1].corpId;
      person.memberships.push({ ...person.memberships[0], corpId: other });
      const member = await addMember();
      const url = (await member.beginLink('one-organization')).data?.url ?? '';
      const asked = new URL(url).searchParams;
      const code = dingtalk.authorize({
        clientId: asked.get('client_id') ?? '',
        account: person.id,
        scope: asked.get('scope') ?? '',
        corpId: other,
      });

      const outcome = await refused(() => member.call('link', { code, state: asked.get('state') }));

      expect(outcome).toMatchObject({ status: 403, code: 'WRONG_ORGANIZATION' });
      expect(await member.link(dingtalk, person.id, 'one-organization')).toMatchObject({ status: 200 });
    });

    it('needs no phone number for it', async () => {
      const person = dingtalk.addPerson({ mobile: undefined, stateCode: undefined });
      expect(await (await addMember()).link(dingtalk, person.id)).toMatchObject({ status: 200 });
    });

    it('may be signed in with an API key', async () => {
      const person = dingtalk.addPerson();
      const { browser, id } = await addMember();
      const key = nocobase.app.authManager.jwt.sign({ userId: id, roleName: 'member' }, { expiresIn: '1h' });
      expect(await new Member(browser, id, key).link(dingtalk, person.id)).toMatchObject({ status: 200 });
    });

    it.each(['dingtalk', 'second', 'basic', 'nobody'])(
      'may be signed in through any authenticator (%s): the flow says which is meant',
      async (name) => {
        const person = dingtalk.addPerson();
        const member = await addMember();
        const { code, state } = await member.approves(dingtalk, person.id, 'second');
        expect(await member.call('link', { code, state }, { 'x-authenticator': name })).toMatchObject({ status: 200 });
        expect(await bindingsOf(member)).toEqual([expect.objectContaining({ authenticator: 'second' })]);
      },
    );

    it.each(['nobody', 'disabled', 'basic', 'DINGTALK', ''])('cannot choose the authenticator %j', async (name) => {
      const { status, code } = await (await addMember()).beginLink(name);
      expect([status, code]).toEqual(name ? [404, 'AUTHENTICATOR_UNAVAILABLE'] : [400, 'REQUEST_INVALID']);
    });

    it('one of two gets an account that both link at once, and both of one user’s two links are never made', async () => {
      const person = dingtalk.addPerson();
      const two = [await addMember(), await addMember()];
      const outcomes = await Promise.all(two.map((member) => member.link(dingtalk, person.id)));
      expect(outcomes.map(({ code }) => code).sort()).toEqual(['DINGTALK_ACCOUNT_TAKEN', undefined]);

      const member = await addMember();
      const persons = [dingtalk.addPerson(), dingtalk.addPerson()];
      const again = await Promise.all(persons.map(({ id }) => member.link(dingtalk, id)));
      expect(again.map(({ code }) => code).sort()).toEqual(['UNLINK_FIRST', undefined]);
    });
  });

  describe('what a user sees', () => {
    it('is each enabled DingTalk authenticator, the account there, and nothing else', async () => {
      const person = dingtalk.addPerson({ avatarUrl: 'https://static.example/a.png' });
      const member = await addMember();
      await member.link(dingtalk, person.id, 'second');
      expect(await member.links()).toEqual([
        { name: 'dingtalk', title: null, linked: null, canUnlink: false },
        {
          name: 'second',
          title: null,
          linked: { nickname: person.nick, avatar: 'https://static.example/a.png' },
          canUnlink: true,
        },
        { name: 'one-organization', title: null, linked: null, canUnlink: false },
      ]);
    });

    it('has no picture that is not https', async () => {
      const member = await addMember();
      await bind(member, 'somebody');
      await nocobase.db
        .getModel('usersAuthenticators')
        .update({ avatar: 'javascript:alert(1)' }, { where: { userId: member.id } });
      expect((await member.links())[0].linked).toEqual({ nickname: '' });
    });

    it('is kept by no cache', async () => {
      const { browser, token } = await addMember();
      const headers = { authorization: `Bearer ${token}` };
      const response = await browser.fetch('/api/dingtalk:getLinks', { headers });
      expect(response.headers.get('cache-control')).toBe('no-store');
    });
  });

  describe('unlinking', () => {
    const linkedMember = async (values?: Record<string, unknown>) => {
      const person = dingtalk.addPerson();
      const member = await addMember(values);
      await member.link(dingtalk, person.id);
      return { person, member };
    };
    const setPasswordAuthenticator = (enabled: boolean) =>
      nocobase.db.getModel('authenticators').update({ enabled }, { where: { name: 'basic' } });

    it('takes the link away, and nothing else: the session goes on, the other link stays', async () => {
      const { person, member } = await linkedMember();
      const other = dingtalk.addPerson();
      await member.link(dingtalk, other.id, 'second');

      expect(await member.call('unlink', { authenticator: 'dingtalk' })).toMatchObject({ status: 200 });

      expect(await bindingsOf(member)).toEqual([expect.objectContaining({ authenticator: 'second' })]);
      expect((await signIn(nocobase, dingtalk, { account: person.id })).code).toBe('USER_NOT_FOUND');
      expect((await member.links())[0]).toMatchObject({ linked: null });
    });

    it('is refused where there is no link', async () => {
      const outcome = await (await addMember()).call('unlink', { authenticator: 'dingtalk' });
      expect(outcome).toMatchObject({ status: 404, code: 'NOT_LINKED' });
    });

    it('is refused where it is the only way in: a user whom we registered', async () => {
      await nocobase.addAuthenticator(`sign-up-${dialect}`, { autoSignup: true });
      const person = dingtalk.addPerson({ email: 'no.password@example.com' });
      const registered = await signIn(nocobase, dingtalk, { authenticator: `sign-up-${dialect}`, account: person.id });
      const member = new Member(new Browser(nocobase.url), registered.user?.id ?? 0, registered.token ?? '');
      expect((await member.links()).find(({ linked }) => linked)).toMatchObject({ canUnlink: false });

      const unlink = () => member.call('unlink', { authenticator: `sign-up-${dialect}` });
      expect(await refused(unlink)).toMatchObject({ status: 409, code: 'LAST_WAY_IN' });

      await nocobase.db.getModel('users').update({ password: 'one at last' }, { where: { id: member.id } });
      expect(await unlink()).toMatchObject({ status: 200 });
    });

    it('is refused where it is the only way in: a password, but no name to go with it', async () => {
      const { member } = await linkedMember({ username: null });
      expect((await member.links())[0].canUnlink).toBe(false);
      const outcome = await refused(() => member.call('unlink', { authenticator: 'dingtalk' }));
      expect(outcome).toMatchObject({ status: 409, code: 'LAST_WAY_IN' });
    });

    it('is refused where it is the only way in: nobody signs in with passwords', async () => {
      const { member } = await linkedMember();
      await setPasswordAuthenticator(false);
      expect((await member.links())[0].canUnlink).toBe(false);
      const outcome = await refused(() => member.call('unlink', { authenticator: 'dingtalk' }));
      expect(outcome).toMatchObject({ status: 409, code: 'LAST_WAY_IN' });

      await setPasswordAuthenticator(true);
      expect(await member.call('unlink', { authenticator: 'dingtalk' })).toMatchObject({ status: 200 });
    });

    it.each([
      ['a disabled one', 'disabled', 'LAST_WAY_IN'],
      ['one of a plugin that is off', 'of-no-plugin', 'LAST_WAY_IN'],
      ['an enabled one', 'second', undefined],
    ])('with no password, another authenticator must know the user: %s', async (_, name, code) => {
      const { member } = await linkedMember({ password: null });
      await nocobase.addAuthenticator('of-no-plugin', { authType: 'gone' });
      await bind(member, 'elsewhere', name);
      expect((await member.links())[0].canUnlink).toBe(!code);
      expect((await member.call('unlink', { authenticator: 'dingtalk' })).code).toBe(code);
      await nocobase.db.getModel('authenticators').destroy({ where: { name: 'of-no-plugin' } });
    });

    it('leaves one of two links that are the only ways in and are unlinked at once', async () => {
      const { member } = await linkedMember({ password: null });
      await member.link(dingtalk, dingtalk.addPerson().id, 'second');
      const outcomes = await Promise.all(
        ['dingtalk', 'second'].map((authenticator) => member.call('unlink', { authenticator })),
      );
      expect(outcomes.map(({ code }) => code).sort()).toEqual(['LAST_WAY_IN', undefined]);
      expect(await bindingsOf(member)).toHaveLength(1);
    });
  });

  describe('an administrator', () => {
    let root: Member;

    beforeAll(async () => {
      const user = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
      root = await Member.of(nocobase, user);
    });

    it('unlinks a user, who is refused with ACCOUNT_ALREADY_LINKED, and then is not', async () => {
      const [old, present] = [dingtalk.addPerson(), dingtalk.addPerson()];
      const member = await addMember({ phone: present.mobile, password: null });
      await member.link(dingtalk, old.id);
      const attempt = () => signIn(nocobase, dingtalk, { account: present.id });
      expect(await attempt()).toMatchObject({ code: 'ACCOUNT_ALREADY_LINKED' });

      const found = await root.linkedUsers('dingtalk', present.mobile);
      expect(found.data).toMatchObject({ users: [{ id: member.id, linked: old.nick }], more: false });
      const [{ id: user }] = found.data?.users ?? [];
      expect(await root.call('unlinkUser', { authenticator: 'dingtalk', user })).toMatchObject({ status: 200 });

      expect((await attempt()).user?.id).toBe(member.id);
    });

    it('does so also while the authenticator is disabled', async () => {
      const member = await addMember();
      await bind(member, 'somebody', 'disabled');
      const body = { authenticator: 'disabled', user: member.id };
      expect(await root.call('unlinkUser', body)).toMatchObject({ status: 200 });
      expect(await bindingsOf(member)).toEqual([]);
    });

    it('is told of what is not there', async () => {
      const { id: user } = await addMember();
      const unlinkUser = (body: object) => root.call('unlinkUser', body);
      expect(await unlinkUser({ authenticator: 'dingtalk', user })).toMatchObject({ code: 'NOT_LINKED' });
      expect(await unlinkUser({ authenticator: 'dingtalk', user: 404404 })).toMatchObject({ code: 'NOT_LINKED' });
      expect(await unlinkUser({ authenticator: 'basic', user })).toMatchObject({ code: 'AUTHENTICATOR_UNAVAILABLE' });
      expect(await unlinkUser({ authenticator: 'dingtalk', user: { $ne: 0 } })).toMatchObject({ status: 400 });
      expect(await unlinkUser({ authenticator: ['dingtalk'], user })).toMatchObject({ status: 400 });
    });

    it.each([
      { authenticator: 'dingtalk\0', user: 1, search: '' },
      { authenticator: 'dingtalk', user: '9'.repeat(19), search: 'a\0' },
    ])('cannot send what a database fails at: %j', async (body) => {
      expect(await root.call('unlinkUser', body)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
      expect(await root.call('getLinkedUsers', body)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    });

    it('finds linked users by parts of their names, and sees no more of them than is needed', async () => {
      const mark = `Ärger-${dialect}`;
      const members = [await addMember({ nickname: `${mark} 1`, email: 'x@example.com' }), await addMember()];
      await addMember({ nickname: `${mark} not linked` });
      for (const member of members) {
        await bind(member, `of ${member.id}`);
      }
      const { data } = await root.linkedUsers('dingtalk', mark);
      expect(data).toEqual({
        users: [{ id: members[0].id, nickname: `${mark} 1`, username: expect.any(String), linked: '' }],
        more: false,
      });
    });

    it('finds a linked user who has no name, address or number at all, too', async () => {
      const { data: before } = await root.linkedUsers('second');
      const nobody = await addMember({ nickname: null, username: null, email: null, phone: null });
      await bind(nobody, `nobody-${dialect}`, 'second');
      const { data } = await root.linkedUsers('second');
      expect(data?.users.length).toBe((before?.users.length ?? 0) + 1);
      expect(data?.users.map(({ id }) => id)).toContain(nobody.id);
    });

    it('is shown twenty, and told that there are more', async () => {
      for (let i = 0; i < 21; i++) {
        await bind(await addMember(), `many-${i}`, 'second');
      }
      const { data } = await root.linkedUsers('second');
      expect([data?.users.length, data?.more]).toEqual([20, true]);
    });

    it.each(['unlinkUser', 'getLinkedUsers'])('alone may call %s, or who may manage authenticators', async (action) => {
      const member = await addMember();
      await bind(member, `${action}-${dialect}`);
      const name = `manager-${action}`;
      await nocobase.db
        .getRepository('roles')
        .create({ values: { name, title: name, snippets: ['pm.auth.authenticators'] } });
      const manager = await addMember({ roles: [{ name }] });
      const call = async (caller: Member) =>
        (await caller.call(action, { authenticator: 'dingtalk', user: member.id }, { 'x-role': name })).status;

      expect(await refused(() => call(member))).toBeGreaterThanOrEqual(401);
      expect(await refused(async () => (await member.call(action, { authenticator: 'dingtalk' })).status)).toBe(403);
      expect(await call(manager)).toBe(200);
    });
  });

  /** Somebody who wants their own DingTalk account to be a way into another person's user. */
  describe('an attacker', () => {
    let attacker: Member;
    let victim: Member;
    let account: string;

    beforeEach(async () => {
      [attacker, victim] = [await addMember(), await addMember()];
      account = dingtalk.addPerson().id;
    });

    const whomTheAccountSignsIn = async () => (await signIn(nocobase, dingtalk, { account })).user?.id;

    it('gets in where the page that links asks only who is signed in', async () => {
      nocobase.app.resourceManager.define({
        name: 'careless',
        actions: {
          async link(ctx: Context, next: Next) {
            const authenticator = await requireAuthenticator(ctx, 'dingtalk');
            await link(ctx, authenticator, String(ctx.state.currentUser.id), ctx.action.params.values.code);
            await next();
          },
        },
      });
      nocobase.app.acl.allow('careless', 'link', 'loggedIn');
      // A link to the callback page, with the attacker's code, is all that the victim opens.
      const { code, state } = await attacker.approves(dingtalk, account);
      await victim.browser.fetch('/api/careless:link', {
        json: { code, state },
        headers: { authorization: `Bearer ${victim.token}` },
      });
      expect(await whomTheAccountSignsIn()).toBe(victim.id);
    });

    it('does not get in with the own code and state', async () => {
      const { code, state } = await attacker.approves(dingtalk, account);
      const calls = dingtalk.calls.length;
      const outcome = await refused(() => victim.call('link', { code, state }));
      expect(outcome).toMatchObject({ status: 401, code: 'STATE_INVALID' });
      expect(dingtalk.calls).toHaveLength(calls);
      expect(await whomTheAccountSignsIn()).toBeUndefined();

      // The control: nothing else was wrong with them.
      expect(await attacker.call('link', { code, state })).toMatchObject({ status: 200 });
    });

    it('does not get in with a flow cookie that they planted, either', async () => {
      const { code, state } = await attacker.approves(dingtalk, account);
      victim.browser.setCookies(attacker.browser.cookies);
      expect(await refused(() => victim.call('link', { code, state }))).toMatchObject({ code: 'STATE_INVALID' });
      expect(await whomTheAccountSignsIn()).toBeUndefined();
      expect(await attacker.call('link', { code, state })).toMatchObject({ status: 200 });
    });

    it('does not get in by the browser in which somebody else signed in meanwhile', async () => {
      const { code, state } = await attacker.approves(dingtalk, account);
      const next = new Member(attacker.browser, victim.id, victim.token);
      expect(await refused(() => next.call('link', { code, state }))).toMatchObject({ code: 'STATE_INVALID' });
      expect(await attacker.call('link', { code, state })).toMatchObject({ status: 200 });
    });

    it('gets nothing from the victim’s cookies, which NocoBase takes for no sign-in', async () => {
      const response = await victim.browser.fetch('/api/auth:signIn', {
        json: { account: `user-${users}`, password: 'a good password' },
        headers: { 'x-authenticator': 'basic' },
      });
      const { token } = (await response.json()).data;
      expect([...victim.browser.cookies.keys()]).toEqual(
        expect.arrayContaining(['nb_auth_token_main', 'nb_csrf_token_main']),
      );
      const cookiesAlone = new Member(victim.browser, victim.id, '');
      for (const action of ['getLinks', 'getLinkUrl', 'link', 'unlink', 'unlinkUser', 'getLinkedUsers']) {
        expect(await cookiesAlone.call(action, {}, { authorization: '' })).toMatchObject({ status: 401 });
      }
      const signedIn = new Member(victim.browser, victim.id, token);
      expect(await signedIn.link(dingtalk, account)).toMatchObject({ status: 200 });
    });

    it.each(['getLinkUrl', 'link', 'unlink', 'unlinkUser', 'getLinkedUsers'])(
      'cannot have a page of theirs call %s, even with the token',
      async (action) => {
        const root = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
        const member = await Member.of(nocobase, root);
        await bind(member, `root-${action}`);
        const { code, state } = await member.approves(dingtalk, account, 'second');
        const { browser } = member;
        const body = {
          authenticator: 'dingtalk',
          user: member.id,
          callback: `${browser.origin}/signin/dingtalk/link`,
          redirectUri: `${browser.origin}/api/dingtalk:redirect`,
          code,
          state,
        };
        const evil = 'https://evil.example';
        for (const [origin, referer] of [
          [evil, ''],
          ['null', ''],
          ['', `${evil}/x`],
        ]) {
          const headers = { origin, referer };
          const outcome = await refused(() => member.call(action, body, headers));
          expect(outcome).toMatchObject({ status: 403, code: 'ORIGIN_NOT_TRUSTED' });
        }
        await nocobase.db.getModel('usersAuthenticators').destroy({ where: { userId: member.id } });
      },
    );
  });

  // SQLite has one writer, and no nodes beside it.
  if (dialect !== 'sqlite') {
    it('two nodes, which share no lock but the database’s, keep to the same', async () => {
      const { lockManager } = nocobase.app;
      const otherNode = jest.spyOn(lockManager, 'runExclusive').mockImplementation((_, work) => work());
      for (let round = 0; round < 5; round++) {
        const person = dingtalk.addPerson();
        const members = [await addMember({ password: null }), await addMember({ password: null })];
        const links = await Promise.all(members.map((member) => member.link(dingtalk, person.id)));
        expect(links.map(({ code }) => code).sort()).toEqual(['DINGTALK_ACCOUNT_TAKEN', undefined]);

        const linked = members[links.findIndex(({ status }) => status === 200)];
        await linked.link(dingtalk, dingtalk.addPerson().id, 'second');
        const unlinks = await Promise.all(
          ['dingtalk', 'second'].map((authenticator) => linked.call('unlink', { authenticator })),
        );
        expect(unlinks.map(({ code }) => code).sort()).toEqual(['LAST_WAY_IN', undefined]);
      }
      expect(otherNode).toHaveBeenCalledWith('auth-dingtalk:main', expect.anything(), expect.anything());
      otherNode.mockRestore();
    });
  }

  describe('a flow of one purpose ends no other', () => {
    it('a sign-in is not finished with what was begun as a link', async () => {
      const person = dingtalk.addPerson();
      const member = await addMember({ phone: person.mobile });
      const fragment = await member.approves(dingtalk, person.id);

      const outcome = await refused(() => finish(member.browser, fragment));

      expect(outcome).toMatchObject({ status: 401, code: 'STATE_INVALID' });
      const { code, state } = fragment;
      expect(await member.call('link', { code, state })).toMatchObject({ status: 200 });
    });

    it('a link is not finished with what was begun as a sign-in', async () => {
      const person = dingtalk.addPerson();
      const member = await addMember({ phone: person.mobile });
      const asked = new URL((await begin(member.browser)).url).searchParams;
      const clientId = asked.get('client_id') ?? '';
      const code = dingtalk.authorize({ clientId, account: person.id });
      const { fragment } = await comeBack(member.browser, { code, state: asked.get('state') ?? '' });

      const { state } = fragment;
      expect(await refused(() => member.call('link', { code, state }))).toMatchObject({ code: 'STATE_INVALID' });
      expect((await finish(member.browser, fragment)).user?.id).toBe(member.id);
    });

    it('a link is finished once', async () => {
      const member = await addMember();
      const { code, state } = await member.approves(dingtalk, dingtalk.addPerson().id);
      const attempt = () => member.call('link', { code, state });
      expect([(await attempt()).status, (await attempt()).code]).toEqual([200, 'STATE_INVALID']);
    });

    it('who refuses in DingTalk is told so on the page that links', async () => {
      const member = await addMember();
      const state = new URL((await member.beginLink('dingtalk')).data?.url ?? '').searchParams.get('state') ?? '';
      const { fragment, location } = await comeBack(member.browser, { error: 'access_denied', state });
      expect(location.pathname).toBe(LINK_PATH);
      expect(fragment).toEqual({ error: 'ACCESS_DENIED' });
    });
  });
});
