import { setTimeout } from 'node:timers/promises';
import type { AuditLog } from '@nocobase/server';
import { Browser } from '../../../testing/nocobase/browser';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { CLIENT_ID, CLIENT_SECRET, type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { otherMethods, send } from '../../../testing/nocobase/other-methods';
import { type Answer, Session } from '../../../testing/nocobase/session';
import { begin, comeBack, expectPrivate, finish, signIn } from '../../../testing/nocobase/sign-in';
import type { Finding } from '../../shared/contract';

interface Form {
  clientId?: string;
  clientSecret?: string;
  corpId?: string;
  matchByPhone?: string;
  autoSignup?: boolean;
}

type Account = ReturnType<DingTalk['addAccount']>;

describe('the test of a sign-in', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let root: Session;
  let users = 0;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase();
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
    const user = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
    root = await Session.of(nocobase, user);
    const roles = {
      manager: { snippets: ['pm.auth.authenticators'] },
      reader: { snippets: ['pm.auth.authenticators'], strategy: { actions: ['view'] } },
      people: { snippets: ['pm.users', 'pm.acl.roles'] },
    };
    for (const [name, values] of Object.entries(roles)) {
      await nocobase.db.getRepository('roles').create({ values: { name, title: name, ...values } });
    }
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  beforeEach(() => {
    dingtalk.data.faults = [];
  });

  const linesOf = (expected: number) => nocobase.logs.outcomes(expected, 'DingTalk sign-in test');
  const signIns = (expected: number) => nocobase.logs.outcomes(expected, 'DingTalk sign-in');

  /** Takes the lines of what was before, of which NocoBase may write the last one only now. */
  async function forgetLines() {
    await setTimeout(100);
    await linesOf(0);
    await signIns(0);
  }

  async function sessionOf(role: string): Promise<Session> {
    const username = `user-${++users}`;
    return Session.of(nocobase, await nocobase.addUser({ username, nickname: `User ${users}`, roles: [role] }));
  }

  const optionsOf = ({ autoSignup, ...form }: Form) => ({
    dingtalk: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, ...form },
    public: { autoSignup },
  });
  const bodyOf = ({ browser: { origin } }: Session, form: Form = {}, authenticator = 'dingtalk') => ({
    authenticator,
    options: optionsOf(form),
    callback: `${origin}/signin/dingtalk/link`,
    redirectUri: `${origin}/api/dingtalk:redirect`,
  });

  /** Presses the button, and approves: what the page finds. */
  async function approve(session: Session, account: Account, form: Form = {}, authenticator?: string) {
    const { data } = await session.call<{ url: string }>('testSignIn', bodyOf(session, form, authenticator));
    const asked = new URL(data?.url ?? '').searchParams;
    const code = dingtalk.authorize({
      clientId: asked.get('client_id') ?? '',
      account: account.id,
      scope: asked.get('scope') ?? undefined,
      corpId: asked.get('corpId') ?? undefined,
    });
    const state = asked.get('state') ?? '';
    const back = await comeBack(session.browser, { code, authCode: code, state });
    return { ...back, flow: back.fragment.flow, code, state };
  }

  /** The whole way. */
  async function test(session: Session, account: Account, form: Form = {}, authenticator?: string) {
    const { flow } = await approve(session, account, form, authenticator);
    return session.call<Finding[]>('getTestResult', { flow });
  }
  const codesOf = ({ data = [] }: Answer<Finding[]>) => data.map(({ code }) => code);
  const last = ({ data = [] }: Answer<Finding[]>) => data.at(-1);

  async function unchanged<T>(attempt: () => Promise<T>): Promise<T> {
    const before = await nocobase.everything();
    const answer = await attempt();
    expect(await nocobase.everything()).toBe(before);
    return answer;
  }

  const bind = (userId: unknown, uuid: string, meta?: object) =>
    nocobase.db
      .getRepository('usersAuthenticators')
      .create({ values: { authenticator: 'dingtalk', userId, uuid, meta } });

  describe('tells what a sign-in would come to', () => {
    it('by values that are saved nowhere, to the page that belongs to it', async () => {
      const account = dingtalk.addAccount();
      const { location, flow } = await approve(root, account, { corpId: dingtalk.corpId }, 'not saved');
      expect(location.pathname + location.search).toBe('/signin/dingtalk/link?test');
      const answer = await root.call<Finding[]>('getTestResult', { flow });
      expect(answer).toMatchObject({ status: 200 });
      expect(answer.data?.map(({ code: found, outcome }) => `${found}: ${outcome}`)).toEqual([
        'TEST_REDIRECT_URL: ok',
        'TEST_ORGANIZATION: ok',
        'TEST_NAME: ok',
        'TEST_PHONE: ok',
        'TEST_EMAIL_MISSING: info',
        'TEST_REFUSED: error',
      ]);
      expect(last(answer)?.message).toContain('(USER_NOT_FOUND)');
    });

    it('what DingTalk tells of the account, but never the phone number or the e-mail address', async () => {
      const account = dingtalk.addAccount({ email: 'ada@harbour.example' });
      const answer = await test(root, account, { autoSignup: true });
      expect(codesOf(answer)).toEqual([
        'TEST_REDIRECT_URL',
        'TEST_ANY_ORGANIZATION',
        'TEST_NAME',
        'TEST_PHONE',
        'TEST_EMAIL',
        'TEST_CREATED',
      ]);
      const text = JSON.stringify(answer);
      expect(text).toContain(account.nick);
      for (const told of [account.mobile, account.email, account.unionId, account.openId]) {
        expect(text).not.toContain(told);
      }
    });

    it('that the app may not read phone numbers, and how the sign-in ends then', async () => {
      const [app] = dingtalk.data.apps;
      const { permissions } = app;
      app.permissions = permissions.filter((name) => name !== 'Contact.User.mobile');
      try {
        const answer = await test(root, dingtalk.addAccount(), { autoSignup: true });
        expect(codesOf(answer)).toContain('TEST_PHONE_MISSING');
        expect(last(answer)).toMatchObject({ code: 'TEST_REFUSED', message: expect.stringContaining('rule 4') });
        expect(last(answer)?.message).toContain('(PHONE_UNAVAILABLE)');
      } finally {
        app.permissions = permissions;
      }
    });

    it.each([
      ['a wrong secret', { clientSecret: 'wrong' }, undefined, 'CREDENTIALS_INVALID'],
      ['a permission that is missing', {}, 'permission403', 'PERMISSION_MISSING'],
      ['a server that DingTalk does not know', {}, 'ipNotAllowed403', 'IP_NOT_ALLOWED'],
    ] as const)('%s', async (_, form, fault, code) => {
      await forgetLines();
      dingtalk.data.faults = fault ? [{ endpoint: 'users/me', fault }] : [];
      const answer = await unchanged(() => test(root, dingtalk.addAccount(), form));
      expect(codesOf(answer)).toEqual(['TEST_REDIRECT_URL', 'TEST_FAILED']);
      expect(last(answer)?.message).toContain(`(${code})`);
      expect(await linesOf(1)).toMatchObject([{ outcome: code, authenticator: 'dingtalk', userId: String(root.id) }]);
    });

    it('another organization, by rule 1', async () => {
      const corpId = 'ding0000000000000000000000000000';
      const { data } = await root.call<{ url: string }>('testSignIn', bodyOf(root, { corpId }));
      const state = new URL(data?.url ?? '').searchParams.get('state') ?? '';
      const code = dingtalk.authorize({ clientId: CLIENT_ID, account: dingtalk.addAccount().id });
      const { fragment } = await comeBack(root.browser, { code, authCode: code, state });
      const answer = await root.call<Finding[]>('getTestResult', { flow: fragment.flow });
      expect(last(answer)).toMatchObject({ code: 'TEST_REFUSED', message: expect.stringContaining('rule 1)') });
      expect(last(answer)?.message).toContain('(WRONG_ORGANIZATION)');
    });

    it('that the approval was denied, as every callback does', async () => {
      await forgetLines();
      const { data } = await root.call<{ url: string }>('testSignIn', bodyOf(root));
      const state = new URL(data?.url ?? '').searchParams.get('state') ?? '';
      const { fragment, location } = await comeBack(root.browser, { error: 'access_denied', state });
      expect([location.search, fragment]).toEqual(['?test', { error: 'ACCESS_DENIED', request: expect.any(String) }]);
      expect(await linesOf(1)).toMatchObject([{ outcome: 'ACCESS_DENIED' }]);
    });

    it('fields that a new user would lack', async () => {
      const collection = nocobase.db.getCollection('users');
      const { options } = collection.getField('email');
      collection.setField('email', {
        ...options,
        validation: { type: 'string' as const, rules: [{ key: 'r', name: 'required' as const }] },
      });
      try {
        const answer = await test(root, dingtalk.addAccount(), { autoSignup: true });
        expect(codesOf(answer).slice(-2)).toEqual(['TEST_CREATED', 'NEW_USERS_INCOMPLETE']);
      } finally {
        collection.setField('email', { ...options, validation: undefined });
      }
    });

    it.each([
      ['values that are missing', { clientSecret: '' }, 'NOT_CONFIGURED'],
      ['a secret in place of the Client ID', { clientId: CLIENT_SECRET }, 'NOT_CONFIGURED'],
    ])('at once: %s', async (_, form, code) => {
      expect(await root.call('testSignIn', bodyOf(root, form))).toMatchObject({ code });
      expect(root.browser.cookies.size).toBe(0);
    });
  });

  describe('by the same rules as a sign-in, and changes nothing', () => {
    const phoneOf = ({ mobile }: Account) => ({ phone: mobile });

    it.each<[string, string, (account: Account) => Promise<unknown>, Form?]>([
      [
        'a user who returns',
        'TEST_LINKED',
        async ({ unionId }) => bind((await newUser()).get('id'), unionId, { unionId }),
      ],
      [
        'a key of the plugin before',
        'TEST_OLD_KEY',
        async ({ openId }) => bind((await newUser()).get('id'), String(openId)),
      ],
      ['a phone number', 'TEST_MATCHED', (account) => newUser(phoneOf(account))],
      ['nobody', 'TEST_CREATED', async () => undefined],
      ['a privileged user', 'LINK_FIRST', (account) => newUser({ ...phoneOf(account), roles: ['people'] })],
      [
        'a user who is linked to another account',
        'ACCOUNT_ALREADY_LINKED',
        async (account) =>
          bind((await newUser(phoneOf(account))).get('id'), `other-${account.unionId}`, { unionId: 'x' }),
      ],
      [
        'two users',
        'PHONE_AMBIGUOUS',
        async (account) => [await newUser(phoneOf(account)), await newUser({ phone: `+86 ${account.mobile}` })],
      ],
      [
        'a blocked account',
        'ACCOUNT_BLOCKED',
        async ({ unionId }) => {
          const user = await newUser();
          await bind(user.get('id'), unionId, { unionId });
          await root.call('blockUser', { authenticator: 'dingtalk', user: user.get('id') });
        },
      ],
    ])('%s: %s', async (_, expected, prepare) => {
      const account = dingtalk.addAccount();
      await prepare(account);
      await forgetLines();

      const answer = await unchanged(() => test(root, account, { autoSignup: true }));

      const [tested, ...others] = await linesOf(1);
      expect(others).toEqual([]);
      expect(await signIns(0)).toEqual([]);
      const found = last(answer);
      if (expected.startsWith('TEST_')) {
        expect(found).toMatchObject({ code: expected, outcome: 'ok' });
      } else {
        expect(found).toMatchObject({ code: 'TEST_REFUSED', outcome: 'error' });
        expect(found?.message).toContain(`(${expected})`);
      }
      // The control: a sign-in writes, and comes to the same.
      const before = await nocobase.everything();
      await signIn(nocobase, dingtalk, { account: account.id });
      const [signedIn] = await signIns(1);
      expect({ outcome: signedIn.outcome, rule: signedIn.rule ?? tested.rule }).toEqual({
        outcome: tested.outcome === 'TESTED' ? 'SIGNED_IN' : tested.outcome,
        rule: tested.rule,
      });
      if (tested.outcome === 'TESTED') {
        expect(await nocobase.everything()).not.toBe(before);
        expect(signedIn.userId).toBe(expected === 'TEST_CREATED' ? signedIn.userId : tested.userId);
      }
    });

    it('of one who has waited for the lock of first sign-ins: it takes none', async () => {
      const locks = jest.spyOn(nocobase.app.lockManager, 'runExclusive');
      await test(root, dingtalk.addAccount(), { autoSignup: true });
      expect(locks).not.toHaveBeenCalled();
      await signIn(nocobase, dingtalk, { account: dingtalk.addAccount().id });
      expect(locks).toHaveBeenCalled();
      locks.mockRestore();
    });
  });

  async function newUser(values: object = {}) {
    const username = `user-${++users}`;
    return nocobase.addUser({ username, nickname: `User ${users}`, ...values });
  }

  describe('T107: names a user', () => {
    async function linked(values: object = {}) {
      const account = dingtalk.addAccount();
      const user = await newUser(values);
      await bind(user.get('id'), account.unionId, { unionId: account.unionId });
      return { account, id: `ID ${String(user.get('id'))}`, name: String(user.get('nickname')) };
    }

    it('to who may list users', async () => {
      const { account, id, name } = await linked();
      for (const session of [root, await sessionOf('reader')]) {
        expect(last(await test(session, account))?.message).toContain(`${name} (${id})`);
      }
    });

    it('to nobody else', async () => {
      const { account, id, name } = await linked();
      const { message } = last(await test(await sessionOf('manager'), account)) ?? {};
      expect(message).toContain(id);
      expect(message).not.toContain(name);
    });

    it('unless it is a privileged one, whom only who may manage it is told', async () => {
      const { account, id, name } = await linked({ roles: ['people'] });
      expect(last(await test(root, account))?.message).toContain(name);
      const { message } = last(await test(await sessionOf('reader'), account)) ?? {};
      expect(message).toContain(id);
      expect(message).not.toContain(name);
    });

    it('oneself', async () => {
      const account = dingtalk.addAccount();
      const session = await sessionOf('manager');
      await bind(session.id, account.unionId, { unionId: account.unionId });
      expect(last(await test(session, account))?.message).toContain(`User ${users} (ID ${session.id})`);
    });
  });

  describe('T106: is begun and read', () => {
    it('by administrators alone', async () => {
      const account = dingtalk.addAccount();
      const manager = await sessionOf('manager');
      expect(await test(manager, account)).toMatchObject({ status: 200 });
      const other = await sessionOf('member');
      expect(await other.call('testSignIn', bodyOf(other))).toMatchObject({ status: 403 });
      const { flow } = await approve(manager, account);
      expect(await other.call('getTestResult', { flow })).toMatchObject({ status: 403 });
      const nobody = new Session(new Browser(nocobase.url), 0, '');
      expect(await nobody.call('testSignIn', bodyOf(nobody))).toMatchObject({ status: 401 });
    });

    it('in a session, by no API key', async () => {
      const { id, browser } = root;
      const { jwt } = nocobase.app.authManager;
      const key = new Session(browser, id, jwt.sign({ userId: id, roleName: 'root' }, { expiresIn: '1h' }));
      expect(await key.call('checkConfiguration', bodyOf(root))).toMatchObject({ status: 200 });
      expect(await key.call('testSignIn', bodyOf(root))).toMatchObject({ status: 403, code: 'SESSION_REQUIRED' });
      const { flow } = await approve(root, dingtalk.addAccount());
      expect(await key.call('getTestResult', { flow })).toMatchObject({ code: 'SESSION_REQUIRED' });
    });

    it.each(otherMethods)('not by %s', async (method) => {
      const headers = { authorization: `Bearer ${root.token}` };
      for (const action of ['testSignIn', 'getTestResult']) {
        const answer = await send(root.browser, method, `/api/dingtalk:${action}`, bodyOf(root), 'basic', headers);
        expect(answer).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
      }
    });

    it('from no page of another site, and for no address of one', async () => {
      const evil = { origin: 'https://evil.example', referer: '' };
      expect(await root.call('testSignIn', bodyOf(root), evil)).toMatchObject({ code: 'ORIGIN_NOT_TRUSTED' });
      for (const field of ['callback', 'redirectUri'] as const) {
        const body = { ...bodyOf(root), [field]: bodyOf(root)[field].replace(nocobase.url, 'https://evil.example') };
        expect(await root.call('testSignIn', body)).toMatchObject({ code: 'ORIGIN_NOT_TRUSTED' });
      }
      const { flow } = await approve(root, dingtalk.addAccount());
      expect(await root.call('getTestResult', { flow }, evil)).toMatchObject({ code: 'ORIGIN_NOT_TRUSTED' });
    });

    it('by the user and in the session that began it', async () => {
      const account = dingtalk.addAccount();
      const user = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
      const { browser } = root;
      const later = async (of: Session) => new Session(browser, of.id, of.token);
      for (const other of [await later(await sessionOf('manager')), await later(await Session.of(nocobase, user))]) {
        const { flow } = await approve(root, account);
        expect(await other.call('getTestResult', { flow })).toMatchObject({ code: 'STATE_INVALID' });
      }
      expect(await test(root, account)).toMatchObject({ status: 200 });
    });

    it('in the browser that began it, once', async () => {
      const { flow } = await approve(root, dingtalk.addAccount());
      const elsewhere = new Session(new Browser(nocobase.url), root.id, root.token);
      expect(await elsewhere.call('getTestResult', { flow })).toMatchObject({ code: 'STATE_INVALID' });
      expect(await root.call('getTestResult', { flow })).toMatchObject({ status: 200 });
      expect(await root.call('getTestResult', { flow })).toMatchObject({ code: 'STATE_INVALID' });
    });

    it('only of an authenticator of DingTalk’s', async () => {
      expect(await root.call('testSignIn', bodyOf(root, {}, 'basic'))).toMatchObject({
        code: 'AUTHENTICATOR_UNAVAILABLE',
      });
    });

    it('by answers that are not stored', async () => {
      const headers = { authorization: `Bearer ${root.token}` };
      const json = bodyOf(root);
      expectPrivate(await root.browser.fetch('/api/dingtalk:testSignIn', { json, headers }));
    });
  });

  describe('T106: a flow of a test finishes nothing else, nor the other way round', () => {
    it('a sign-in does not end what began as a test', async () => {
      const account = dingtalk.addAccount();
      const { fragment, flow } = await approve(root, account, { autoSignup: true });
      const answer = await unchanged(() => finish(root.browser, { ...fragment, authenticator: 'dingtalk' }));
      expect(answer).toMatchObject({ status: 401, code: 'STATE_INVALID' });
      expect(await root.call('getTestResult', { flow })).toMatchObject({ status: 200 });
      // The control: the same way, begun as a sign-in.
      expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({
        status: 200,
        token: expect.any(String),
      });
    });

    it('a link does not end what began as a test', async () => {
      const account = dingtalk.addAccount();
      const { flow } = await approve(root, account);
      const answer = await unchanged(() => root.call('link', { flow }));
      expect(answer).toMatchObject({ status: 401, code: 'STATE_INVALID' });
      expect(await root.pending()).toBeNull();
      expect(await root.call('getTestResult', { flow })).toMatchObject({ status: 200 });
      expect(await root.bring(dingtalk, account.id)).toMatchObject({ status: 200 });
    });

    it('a test does not end what began as a sign-in or as a link', async () => {
      const account = dingtalk.addAccount();
      const asked = new URL((await begin(root.browser)).url).searchParams;
      const state = asked.get('state') ?? '';
      const code = dingtalk.authorize({ clientId: CLIENT_ID, account: account.id });
      const { fragment } = await comeBack(root.browser, { code, authCode: code, state });
      expect(await root.call('getTestResult', { flow: fragment.flow })).toMatchObject({ code: 'STATE_INVALID' });
      const { flow } = await root.approve(dingtalk, dingtalk.addAccount().id);
      const brought = { flow };
      expect(await root.call('getTestResult', brought)).toMatchObject({ code: 'STATE_INVALID' });
      expect(await root.call('link', brought)).toMatchObject({ status: 200 });
      // Last: NocoBase sets cookies of the new session.
      expect(await finish(root.browser, fragment)).toMatchObject({ status: 200 });
      root.browser.clearCookies();
    });
  });

  describe('T108: the secret of a form that is not saved', () => {
    const SECRET = 'S3CRET-of-a-form-that-is-not-saved-4d1f';
    const entries: AuditLog[] = [];

    beforeAll(() => nocobase.app.auditManager.setLogger({ log: async (entry) => void entries.push(entry) }));
    beforeEach(() => {
      entries.length = 0;
      dingtalk.data.apps.push({ ...dingtalk.data.apps[0], clientId: 'dingtestedapp0001', clientSecret: SECRET });
    });
    afterEach(() => void dingtalk.data.apps.pop());

    const form = { clientId: 'dingtestedapp0001', clientSecret: SECRET, autoSignup: true };

    it('is in no log, audit entry, address, cookie or answer, nor readable in the cache', async () => {
      const set = jest.spyOn(nocobase.app.cache, 'set');
      const { location, flow, code, state } = await approve(root, dingtalk.addAccount(), form);
      const cookies = [...root.browser.cookies].map(([, value]) =>
        Buffer.from(value.split('.')[0], 'base64url').toString(),
      );
      const kept = set.mock.calls.filter(([key]) => key.startsWith('dingtalk-sign-in-test:'));
      set.mockRestore();
      const answer = await root.call<Finding[]>('getTestResult', { flow });
      expect(last(answer)?.code).toBe('TEST_CREATED');
      // Who may not, and whoever has no session: NocoBase itself logs what it refuses.
      await (await sessionOf('member')).call('testSignIn', bodyOf(root, form));
      await new Session(root.browser, 0, '').call('testSignIn', bodyOf(root, form));
      const told = JSON.stringify([location.href, cookies, kept, answer, entries]) + (await nocobase.logs.text());
      expect(told).toContain('TEST_CREATED');
      expect(kept).toEqual([[expect.not.stringContaining(state), expect.any(String), 10 * 60 * 1000]]);
      expect(entries.map(({ action }) => action)).toContain('testSignIn');
      for (const mark of [SECRET, code, state]) {
        expect(JSON.stringify([entries, kept])).not.toContain(mark);
      }
      expect(told).not.toContain(SECRET);
    });

    it('the control: another action leaves it in the log', async () => {
      await (
        await sessionOf('member')
      ).browser.fetch('/api/authenticators:create', {
        json: bodyOf(root, { clientSecret: 'left-in-the-log-5a' }),
      });
      expect(await nocobase.logs.text()).toContain('left-in-the-log-5a');
    });

    it('is gone once it was used, whatever comes', async () => {
      const del = jest.spyOn(nocobase.app.cache, 'del');
      dingtalk.data.faults = [{ endpoint: 'users/me', fault: 'permission403' }];
      await test(root, dingtalk.addAccount(), form);
      const [key] = del.mock.calls.map(([each]) => each).filter((each) => each.startsWith('dingtalk-sign-in-test:'));
      del.mockRestore();
      expect(key).toBeDefined();
      expect(await nocobase.app.cache.get(key)).toBeUndefined();
    });

    it('is not on a node that does not share the cache, which says so', async () => {
      const { flow } = await approve(root, dingtalk.addAccount(), form);
      const get = jest.spyOn(nocobase.app.cache, 'get').mockResolvedValue(undefined);
      const answer = await root.call('getTestResult', { flow });
      get.mockRestore();
      expect(answer).toMatchObject({ status: 404, code: 'TEST_GONE', message: expect.stringContaining('Redis') });
    });
  });
});
