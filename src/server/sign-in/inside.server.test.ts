import type { Account, FaultRule } from '../../../emulator';
import { Browser } from '../../../testing/nocobase/browser';
import { type DingTalk, startDingTalk, withShortDeadlines } from '../../../testing/nocobase/dingtalk';
import { CLIENT_ID, CLIENT_SECRET, type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { otherMethods, send } from '../../../testing/nocobase/other-methods';
import {
  begin,
  beginInside,
  comeBack,
  expectPrivate,
  finish,
  type Outcome,
  signIn,
  signInInside,
} from '../../../testing/nocobase/sign-in';
import english from '../../locale/en-US.json';
import type { ErrorCode } from '../../shared/codes';

const TOKEN = '/v1.0/oauth2/accessToken';
const WHO = '/topapi/v2/user/getuserinfo';
const DETAILS = '/topapi/v2/user/get';

describe('inside DingTalk', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let corpId: string;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    corpId = dingtalk.corpId;
    nocobase = await startNocoBase();
    await nocobase.addAuthenticator('inside', { autoSignup: true, autoSignIn: true, corpId });
    await nocobase.addAuthenticator('inside-known-only', { autoSignIn: true, corpId });
    await nocobase.addAuthenticator('second', { autoSignup: true, autoSignIn: true, corpId });
    await nocobase.addAuthenticator('without-corp', { autoSignup: true, autoSignIn: true });
    await nocobase.addAuthenticator('off', { autoSignup: true, corpId });
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  beforeEach(async () => {
    dingtalk.data.faults = [];
    await nocobase.app.cache.reset();
  });

  const signInAs = (account: Pick<Account, 'id'>, attempt = {}) =>
    signInInside(nocobase, dingtalk, { account: account.id, ...attempt });

  /** The calls to DingTalk that something makes. */
  async function callsOf(work: () => Promise<unknown>): Promise<string[]> {
    const before = dingtalk.calls.length;
    await work();
    return dingtalk.calls.slice(before).map(({ path }) => path);
  }

  const fault = (rule: FaultRule) => dingtalk.data.faults.push(rule);

  const jsapiCode = ({ id }: Pick<Account, 'id'>, organization = corpId) =>
    dingtalk.jsapiCode({ clientId: CLIENT_ID, account: id, corpId: organization });

  describe('signs in', () => {
    it('costs two calls to DingTalk for a new account and one for a known one, with a cached token', async () => {
      await signInAs(dingtalk.addAccount());
      const account = dingtalk.addAccount();
      expect(await callsOf(() => signInAs(account))).toEqual([WHO, DETAILS]);
      expect(await callsOf(() => signInAs(account))).toEqual([WHO]);
    });

    it('is a new user with name and phone number, and the page that was wanted', async () => {
      const account = dingtalk.addAccount();
      const outcome = await signInAs(account, { redirect: '/admin/orders?id=7#notes' });
      expect(outcome).toMatchObject({
        status: 200,
        token: expect.any(String),
        redirect: '/admin/orders?id=7#notes',
        user: { nickname: account.memberships[0].name, phone: account.mobile },
      });
    });

    it('is the same user as in the browser', async () => {
      const account = dingtalk.addAccount();
      const first = await signIn(nocobase, dingtalk, { authenticator: 'inside', account: account.id });
      const then = await signInAs(account);
      expect(then.user?.id).toBe(first.user?.id);
    });

    const bindings = async () =>
      (await nocobase.bindings()).map(({ authenticator, userId, uuid }) => ({ authenticator, userId, uuid }));

    /** Each prepares what NocoBase has before the account signs in. */
    const rows: [string, string, (account: Account) => Promise<unknown>, Partial<Account>][] = [
      ['3: a binding of the documented plugin', '', (account) => bindOwner(account, `86-${account.mobile}`), {}],
      ['4: no phone number', 'PHONE_UNAVAILABLE', async () => undefined, { mobile: undefined }],
      ['5: one user, not bound', '', (account) => owner(account), {}],
      [
        '6: one user, bound to another account',
        'ACCOUNT_ALREADY_LINKED',
        (account) => bindOwner(account, 'AnotherUnionId'),
        {},
      ],
      ['7: two users', 'PHONE_AMBIGUOUS', async (account) => [await owner(account), await owner(account, '+86 ')], {}],
      ['8: nobody', '', async () => undefined, {}],
      ['9: no user, and no sign-up', 'USER_NOT_FOUND', async () => undefined, {}],
    ];

    const owner = ({ mobile }: Account, prefix = '') =>
      nocobase.addUser({ nickname: 'Owner', phone: `${prefix}${mobile}` });

    async function bindOwner(account: Account, uuid: string) {
      const userId = (await owner(account)).get('id');
      for (const authenticator of ['inside', 'inside-known-only']) {
        await nocobase.db.getRepository('usersAuthenticators').create({ values: { authenticator, userId, uuid } });
      }
    }

    it.each(rows)('follows the same rule as in the browser. %s', async (rule, code, prepare, values) => {
      const authenticator = rule.startsWith('9') ? 'inside-known-only' : 'inside';
      const ends: { code?: string; phone?: unknown; users: number; bound: number }[] = [];
      for (const way of [signIn, signInInside]) {
        const account = dingtalk.addAccount(values);
        await prepare(account);
        const before = { users: await nocobase.countUsers(), bound: (await bindings()).length };
        const outcome = await way(nocobase, dingtalk, { authenticator, account: account.id });
        expect(outcome.code ?? '').toBe(code);
        if (outcome.user) {
          const row = { authenticator, userId: outcome.user.id, uuid: account.unionId };
          expect(await bindings()).toContainEqual(row);
          expect(outcome.user.phone).toBe(account.mobile);
        }
        ends.push({
          code: outcome.code,
          users: (await nocobase.countUsers()) - before.users,
          bound: (await bindings()).length - before.bound,
        });
      }
      expect(ends[1]).toEqual(ends[0]);
    });
  });

  describe('refuses', () => {
    async function refused(attempt: () => Promise<Outcome>, code: string) {
      const before = await nocobase.everything();
      expect(await attempt()).toMatchObject({ code });
      expect(await nocobase.everything()).toBe(before);
    }

    const memberOf = (values: Partial<Account['memberships'][number]>) => {
      const account = dingtalk.addAccount();
      Object.assign(account.memberships[0], values);
      return account;
    };

    it('T11: an external contact of the organization', () =>
      refused(() => signInAs(memberOf({ contact_type: 1 })), 'NOT_A_MEMBER'));

    it('T11: a member who has left the organization, also when bound', async () => {
      const account = dingtalk.addAccount();
      await signInAs(account);
      account.memberships[0].left = true;
      await refused(() => signInAs(account), 'NOT_A_MEMBER');
    });

    it('T11: a member of another organization', async () => {
      const other = dingtalk.data.organizations[1].corpId;
      const account = memberOf({ corpId: other });
      await refused(() => signInAs(account, { corpId: other }), 'NOT_A_MEMBER');
    });

    it('T11: a member to whom the app is not visible', async () => {
      const [app] = dingtalk.data.apps;
      const account = dingtalk.addAccount();
      app.contactScope = [];
      try {
        await refused(() => signInAs(account), 'NOT_A_MEMBER');
      } finally {
        app.contactScope = 'all';
      }
    });

    it('T27: the code of a browser, which DingTalk does not accept here', async () => {
      const browser = new Browser(nocobase.url);
      const { state } = await beginInside(browser);
      const code = dingtalk.authorize({ clientId: CLIENT_ID, account: dingtalk.addAccount().id, corpId });
      await refused(() => finish(browser, { authenticator: 'inside', state, code }), 'CODE_INVALID');
    });

    it('T27: the code of the DingTalk client in a browser’s flow', async () => {
      const browser = new Browser(nocobase.url);
      const state = new URL((await begin(browser, 'inside')).url).searchParams.get('state') ?? '';
      const code = jsapiCode(dingtalk.addAccount());
      const { fragment } = await comeBack(browser, { state, code });
      await refused(() => finish(browser, fragment), 'CODE_INVALID');
    });

    it('T27: code and state of a browser’s flow', async () => {
      const browser = new Browser(nocobase.url);
      const state = new URL((await begin(browser, 'inside')).url).searchParams.get('state') ?? '';
      const code = jsapiCode(dingtalk.addAccount());
      await refused(() => finish(browser, { authenticator: 'inside', state, code }), 'STATE_INVALID');
    });

    it('T02: a code that was used', async () => {
      const code = jsapiCode(dingtalk.addAccount());
      for (const expected of [undefined, 'CODE_INVALID']) {
        const browser = new Browser(nocobase.url);
        const { state } = await beginInside(browser);
        expect((await finish(browser, { authenticator: 'inside', state, code })).code).toBe(expected);
      }
    });

    describe('without a call to DingTalk', () => {
      const attempts: [string, (browser: Browser) => Promise<Outcome | undefined>, string][] = [
        [
          'without a state',
          (browser) => finish(browser, { authenticator: 'inside', code: jsapiCode(dingtalk.addAccount()) }),
          'REQUEST_INVALID',
        ],
        [
          'with the state of another browser',
          async (browser) => {
            const { state } = await beginInside(new Browser(nocobase.url));
            return finish(browser, { authenticator: 'inside', state, code: jsapiCode(dingtalk.addAccount()) });
          },
          'STATE_INVALID',
        ],
        [
          'with the state of another authenticator',
          async (browser) => {
            const { state } = await beginInside(browser, 'second');
            return finish(browser, { authenticator: 'inside', state, code: jsapiCode(dingtalk.addAccount()) });
          },
          'STATE_INVALID',
        ],
        [
          'with an authenticator for which it is off',
          async (browser) => (await beginInside(browser, 'off')).error,
          'AUTHENTICATOR_UNAVAILABLE',
        ],
        [
          'with an authenticator that has no Corp ID',
          async (browser) => (await beginInside(browser, 'without-corp')).error,
          'AUTHENTICATOR_UNAVAILABLE',
        ],
        [
          'after it was switched off',
          async (browser) => {
            const { state } = await beginInside(browser, 'second');
            const second = { filter: { name: 'second' } };
            const repository = nocobase.db.getRepository('authenticators');
            const { options } = (await repository.findOne(second)).toJSON();
            await repository.update({ ...second, values: { options: { ...options, public: { autoSignIn: false } } } });
            const outcome = await finish(browser, {
              authenticator: 'second',
              state,
              code: jsapiCode(dingtalk.addAccount()),
            });
            await repository.update({ ...second, values: { options } });
            return outcome;
          },
          'AUTHENTICATOR_UNAVAILABLE',
        ],
      ];

      it.each(attempts)('%s', async (_, attempt, code) => {
        const calls = await callsOf(async () => {
          expect(await attempt(new Browser(nocobase.url))).toMatchObject({ code });
        });
        expect(calls).toEqual([]);
      });
    });

    it.each(otherMethods)('a beginning by %s in place of POST', async (method) => {
      const browser = new Browser(nocobase.url);
      const body = { page: `${nocobase.url}/signin` };
      const outcome = await send(browser, method, '/api/dingtalk:getState', body, 'inside');
      expect(outcome).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
      expect(outcome).not.toHaveProperty('state');
      // The control: the same body is accepted by POST.
      expect((await beginInside(browser)).state).toMatch(/^[\w-]{43}$/);
    });

    it.each([
      ['a page of another origin', 'https://evil.example/signin', 'ORIGIN_NOT_TRUSTED'],
      ['another page of ours', '/admin', 'REQUEST_INVALID'],
    ])('a beginning on %s', async (_, page, code) => {
      const calls = dingtalk.calls.length;
      const response = await new Browser(nocobase.url).fetch('/api/dingtalk:getState', {
        json: { page: new URL(page, nocobase.url).href },
        headers: { 'x-authenticator': 'inside' },
      });
      expect((await response.json()).errors[0].code).toBe(code);
      expect(dingtalk.calls.length).toBe(calls);
    });

    it('T26: a role that the user does not have, by the code of NocoBase that the page looks for', async () => {
      const { token } = await signInAs(dingtalk.addAccount());
      const headers = { authorization: `Bearer ${token}`, 'x-authenticator': 'inside', 'x-role': 'admin' };
      const response = await new Browser(nocobase.url).fetch('/api/auth:check', { headers });
      expect((await response.json()).errors[0].code).toBe('ROLE_NOT_FOUND_FOR_USER');
    });

    it('an address that leads back to the Redirect URL with a state from inside', async () => {
      const browser = new Browser(nocobase.url);
      const { state } = await beginInside(browser);
      const { fragment } = await comeBack(browser, { state, code: jsapiCode(dingtalk.addAccount()) });
      expect(fragment).toEqual({ error: 'STATE_INVALID', request: expect.any(String) });
    });
  });

  it('begins with an answer that is not to be stored and names no referrer', async () => {
    const { response, state } = await beginInside(new Browser(nocobase.url));
    expect(state).toEqual(expect.any(String));
    expectPrivate(response);
  });

  it('T04: does not lead to another site', async () => {
    const outcome = await signInAs(dingtalk.addAccount(), { redirect: '//evil.example/' });
    expect(outcome).toMatchObject({ status: 200, token: expect.any(String) });
    expect(outcome.redirect).toBe('/admin');
  });

  describe('T28: the app’s token', () => {
    it('is fetched once for many at the same time', async () => {
      const accounts = Array.from({ length: 20 }, () => dingtalk.addAccount());
      const calls = await callsOf(() => Promise.all(accounts.map((account) => signInAs(account))));
      expect(calls.filter((path) => path === TOKEN)).toHaveLength(1);
      expect(calls.filter((path) => path === DETAILS)).toHaveLength(20);
    });

    it('is another one for another secret', async () => {
      await signInAs(dingtalk.addAccount());
      const wrong = { autoSignIn: true, corpId, clientSecret: 'wrong' };
      await nocobase.addAuthenticator('wrong-secret', wrong);
      const outcome = await signInAs(dingtalk.addAccount(), { authenticator: 'wrong-secret' });
      expect(outcome.code).toBe('CREDENTIALS_INVALID');
    });

    it('is kept until five minutes before its end', async () => {
      const set = jest.spyOn(nocobase.app.cache, 'set');
      await signInAs(dingtalk.addAccount());
      expect(set).toHaveBeenCalledWith(
        expect.stringMatching(/^dingtalk-app-token:[0-9a-f]{64}$/),
        expect.any(String),
        (7200 - 300) * 1000,
      );
      set.mockRestore();
    });

    it.each(['revokedToken', 'token88'] as const)('is renewed once: %s', async (kind) => {
      await signInAs(dingtalk.addAccount());
      const account = dingtalk.addAccount();
      fault({ endpoint: 'v2/user/getuserinfo', fault: kind, times: 1 });
      const calls = await callsOf(async () => expect((await signInAs(account)).status).toBe(200));
      expect(calls).toEqual([WHO, TOKEN, WHO, DETAILS]);
    });

    it('is not renewed again and again', async () => {
      fault({ endpoint: 'v2/user/getuserinfo', fault: 'token88' });
      const calls = await callsOf(async () =>
        expect((await signInAs(dingtalk.addAccount())).code).toBe('DINGTALK_UNAVAILABLE'),
      );
      expect(calls).toEqual([TOKEN, WHO, TOKEN, WHO]);
    });

    it('is not deleted by a late request that has the old one', async () => {
      await signInAs(dingtalk.addAccount());
      fault({ endpoint: 'v2/user/getuserinfo', fault: 'token88', times: 5 });
      const accounts = Array.from({ length: 5 }, () => dingtalk.addAccount());
      const calls = await callsOf(() => Promise.all(accounts.map((account) => signInAs(account))));
      expect(calls.filter((path) => path === TOKEN).length).toBeLessThan(5);
    });

    it('is asked for anew after a failure', async () => {
      fault({ endpoint: 'accessToken', fault: 'throttle403', times: 1 });
      const account = dingtalk.addAccount();
      expect((await signInAs(account)).code).toBe('DINGTALK_BUSY');
      expect((await signInAs(account)).status).toBe(200);
    });
  });

  /** One fault for each way in which a failed call ends a sign-in; all of them are in `dingtalk/faults.test.ts`. */
  describe('while DingTalk misbehaves', () => {
    it.each<[FaultRule['endpoint'], FaultRule['fault'], ErrorCode]>([
      ['accessToken', 'error500', 'DINGTALK_UNAVAILABLE'],
      ['v2/user/getuserinfo', 'htmlBan', 'DINGTALK_UNAVAILABLE'],
      ['v2/user/get', 'hang', 'DINGTALK_UNAVAILABLE'],
      ['v2/user/getuserinfo', 'throttle88', 'DINGTALK_BUSY'],
      ['v2/user/get', 'permission88', 'PERMISSION_MISSING'],
      ['v2/user/getuserinfo', 'ipNotAllowed88', 'IP_NOT_ALLOWED'],
    ])('T20: %s: %s is refused as %s, and changes nothing', async (endpoint, kind, code) => {
      fault({ endpoint, fault: kind });
      const account = dingtalk.addAccount();
      const before = await nocobase.everything();
      const attempt = () => signInAs(account);
      const outcome = await (kind === 'hang' ? withShortDeadlines(attempt) : attempt());
      expect(outcome).toMatchObject({ code, message: english[code] });
      expect(outcome.status).toBeLessThan(500);
      expect(await nocobase.everything()).toBe(before);
    });
  });

  describe('T14: the options that every client can read', () => {
    const publicOptions = async () => {
      const response = await fetch(`${nocobase.url}/api/authenticators:publicList`);
      const { data } = (await response.json()) as { data: { name: string; options: unknown }[] };
      return Object.fromEntries(data.map(({ name, options }) => [name, options]));
    };

    it('is the Client ID and the Corp ID, where the feature is on, and nothing where it is off', async () => {
      expect(await publicOptions()).toMatchObject({
        inside: { autoSignIn: true, clientId: CLIENT_ID, corpId },
        'without-corp': { autoSignIn: true, clientId: CLIENT_ID },
        off: {},
      });
      expect((await publicOptions()).off).toEqual({});
    });

    it('is nothing where the settings are broken', async () => {
      await nocobase.db.getRepository('authenticators').create({
        values: { name: 'broken', authType: 'dingtalk', enabled: true, options: { public: { autoSignIn: true } } },
      });
      expect((await publicOptions()).broken).toEqual({});
    });

    it('is never a secret', async () => {
      expect(JSON.stringify(await publicOptions())).not.toContain(CLIENT_SECRET);
    });
  });

  it('T14: leaves no code, token or phone number in the log', async () => {
    const account = dingtalk.addAccount();
    const browser = new Browser(nocobase.url);
    const { state } = await beginInside(browser);
    const code = jsapiCode(account);
    await finish(browser, { authenticator: 'inside', state, code });
    fault({ endpoint: 'v2/user/get', fault: 'permission88' });
    await signInAs(dingtalk.addAccount());
    const [token] = await Promise.all(
      (await nocobase.app.cache.keys())
        .filter((key) => key.includes('app-token'))
        .map((key) => nocobase.app.cache.get(key)),
    );
    expect(token).toEqual(expect.any(String));
    const logs = await nocobase.logs.text();
    expect(logs).toContain('PERMISSION_MISSING');
    for (const secret of [code, state, token, account.mobile, CLIENT_SECRET]) {
      expect(logs).not.toContain(secret);
    }
  });
});
