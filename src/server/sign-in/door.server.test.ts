import { Browser } from '../../../testing/nocobase/browser';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { otherMethods, send } from '../../../testing/nocobase/other-methods';
import { begin, comeBack, expectPrivate, finish, signIn } from '../../../testing/nocobase/sign-in';
import english from '../../locale/en-US.json';

/** Requests that must be refused: none of them may reach DingTalk, change the database or show a stack. */
describe('T03: the actions of a sign-in', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let account: string;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase();
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
    await nocobase.addAuthenticator('second', { autoSignup: true });
    await nocobase.addAuthenticator('disabled', { enabled: false });
    account = dingtalk.addAccount().id;
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  /** Of each request that ended with a line of ours in the log. */
  const loggedIds = async (): Promise<string[]> =>
    (await nocobase.logs.text())
      .split('\n')
      .filter((line) => line.includes('"message":"DingTalk sign-in"'))
      .map((line) => JSON.parse(line).reqId);

  beforeEach(() => dingtalk.addAccount());

  const newCode = () => dingtalk.authorize({ clientId: dingtalk.data.apps[0].clientId, account });

  const stateOf = (url: string) => new URL(url).searchParams.get('state') ?? '';

  /** Runs something that must be refused, and checks that it left nothing behind. */
  async function refused(attempt: () => Promise<{ status: number; code?: string; message?: string }>) {
    const before = {
      calls: dingtalk.calls.length,
      users: await nocobase.countUsers(),
      rows: await nocobase.bindings(),
    };
    const outcome = await attempt();
    expect({
      calls: dingtalk.calls.length,
      users: await nocobase.countUsers(),
      rows: await nocobase.bindings(),
    }).toEqual(before);
    expect(JSON.stringify(outcome)).not.toMatch(/node_modules|\bat .*\.[jt]s:\d/);
    return outcome;
  }

  /** A browser that has come back from DingTalk, and what its callback page found. */
  async function cameBack(authenticator = 'dingtalk') {
    const browser = new Browser(nocobase.url);
    const state = stateOf((await begin(browser, authenticator)).url);
    const code = newCode();
    const { fragment } = await comeBack(browser, { code, authCode: code, state });
    return { browser, state, code, fragment };
  }

  function cookieNamesOf({ cookies }: Browser) {
    const [flow, code] = [...cookies.keys()];
    expect(code).toBe(`${flow}_code`);
    return { flow, code };
  }

  it('a complete sign-in succeeds', async () => {
    const { browser, fragment } = await cameBack();
    expect(await finish(browser, fragment)).toMatchObject({ status: 200, token: expect.any(String) });
  });

  it('T14: the answer has nothing of the binding, also for a user who returns', async () => {
    for (const visit of ['first', 'second']) {
      const { browser, fragment } = await cameBack();
      const { user } = await finish(browser, fragment);
      expect([visit, Object.keys(user ?? {})]).toEqual([visit, expect.not.arrayContaining(['usersAuthenticators'])]);
      expect(user).toMatchObject({ id: expect.anything() });
    }
  });

  describe('dingtalk:getAuthUrl', () => {
    it.each(['nobody', 'disabled', 'basic', '', 'dingtalk, second', '../dingtalk'])(
      'refuses the authenticator %j',
      async (name) => {
        const browser = new Browser(nocobase.url);
        const { response, error } = await begin(browser, name);
        expect([response.status, error?.code]).toEqual([404, 'AUTHENTICATOR_UNAVAILABLE']);
        expect(browser.cookies.size).toBe(0);
      },
    );

    it('refuses the authenticator of a cookie: only a page of ours sets the header', async () => {
      const browser = new Browser(nocobase.url);
      browser.setCookie('nb_authenticator_main', 'dingtalk');
      const { response } = await begin(browser, '');
      expect(response.status).toBe(404);
    });

    const good = () => ({
      page: `${nocobase.url}/signin`,
      redirectUri: `${nocobase.url}/api/dingtalk:redirect`,
    });
    const ask = async (json: unknown, headers = {}) => {
      const response = await new Browser(nocobase.url).fetch('/api/dingtalk:getAuthUrl', {
        json,
        headers: { 'x-authenticator': 'dingtalk', ...headers },
      });
      return { status: response.status, code: (await response.json()).errors?.[0].code };
    };

    it('takes what our page sends', async () => {
      expect(await ask(good())).toEqual({ status: 200, code: undefined });
    });

    it.each(otherMethods)('refuses the same by %s', async (method) => {
      const answer = await send(new Browser(nocobase.url), method, '/api/dingtalk:getAuthUrl', good(), 'dingtalk');
      expect(answer).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    });

    it('answers what is not to be stored and names no referrer', async () => {
      const { response } = await begin(new Browser(nocobase.url));
      expect(response.status).toBe(200);
      expectPrivate(response);
    });

    it.each([
      ['nothing', () => ({})],
      ['a list', () => []],
      ['no page', () => ({ ...good(), page: undefined })],
      ['a list as page', () => ({ ...good(), page: [good().page] })],
      ['a relative page', () => ({ ...good(), page: '/signin' })],
      ['a script as page', () => ({ ...good(), page: 'javascript:alert(1)//signin' })],
      ['another page', () => ({ ...good(), page: `${nocobase.url}/admin` })],
      ['a page below it', () => ({ ...good(), page: `${nocobase.url}/signin/dingtalk` })],
      ['a page whose name only ends so', () => ({ ...good(), page: `${nocobase.url}/nosignin` })],
      ['a page that is one by its query', () => ({ ...good(), page: `${nocobase.url}/admin?x=/signin` })],
      ['a page that is one by its fragment', () => ({ ...good(), page: `${nocobase.url}/admin#/signin` })],
      ['a page with credentials', () => ({ ...good(), page: good().page.replace('//', '//a:b@') })],
      ['a page with a path of 10 kB', () => ({ ...good(), page: `${nocobase.url}/${'x'.repeat(10_000)}/signin` })],
      [
        'what a page sends that was open during an update',
        () => ({ redirectUri: good().redirectUri, callback: `${nocobase.url}/signin/dingtalk`, redirect: '/admin' }),
      ],
      ['another action as Redirect URL', () => ({ ...good(), redirectUri: `${nocobase.url}/api/files:redirect` })],
      [
        'a Redirect URL with credentials',
        () => ({ ...good(), redirectUri: good().redirectUri.replace('//', '//a:b@') }),
      ],
    ])('refuses %s', async (_, json) => {
      expect(await ask(json())).toEqual({ status: 400, code: 'REQUEST_INVALID' });
    });

    it.each(['page', 'redirectUri'])('refuses a foreign %s', async (key) => {
      const foreign = {
        page: 'https://evil.example/signin',
        redirectUri: 'https://evil.example/api/dingtalk:redirect',
      };
      expect(await ask({ ...good(), [key]: foreign[key as keyof typeof foreign] })).toEqual({
        status: 403,
        code: 'ORIGIN_NOT_TRUSTED',
      });
    });
  });

  describe('dingtalk:redirect', () => {
    const errorOf = async (browser: Browser, query: Record<string, string> | string) => {
      const { response, location, fragment } = await comeBack(browser, query);
      expect(response.status).toBe(302);
      expect([location.origin, location.pathname]).toEqual([nocobase.url, '/signin/dingtalk']);
      expect(await response.text()).toBe('');
      return fragment.error;
    };

    it('T01: refuses a browser without the cookie of the flow', async () => {
      const { state, code } = await cameBack();
      const outcome = await errorOf(new Browser(nocobase.url), { code, state });
      expect(outcome).toBe('STATE_INVALID');
    });

    it.each([
      ['no state', (code: string) => `code=${code}`],
      ['an empty state', (code: string) => `code=${code}&state=`],
      ['an unknown state', (code: string) => `code=${code}&state=${'A'.repeat(43)}`],
      ['two states', (code: string, state: string) => `code=${code}&state=${state}&state=${state}`],
      ['a state as object', (code: string, state: string) => `code=${code}&state[a]=${state}`],
      ['a state of 10 kB', (code: string) => `code=${code}&state=${'x'.repeat(10_000)}`],
      ['two codes', (code: string, state: string) => `code=${code}&code=${code}&state=${state}`],
      ['a code of 10 kB', (code: string, state: string) => `code=${code.repeat(400)}&state=${state}`],
    ])('refuses %s', async (_, query) => {
      const browser = new Browser(nocobase.url);
      const state = stateOf((await begin(browser)).url);
      expect(await errorOf(browser, query(newCode(), state))).toBe('STATE_INVALID');
    });

    it.each([
      ['no code', (state: string) => `state=${state}`],
      ['an empty code', (state: string) => `code=&authCode=&state=${state}`],
      ['two codes that differ', (state: string) => `code=a&authCode=b&state=${state}`],
    ])('refuses %s, and ends the flow', async (_, query) => {
      const browser = new Browser(nocobase.url);
      const state = stateOf((await begin(browser)).url);
      expect(await errorOf(browser, query(state))).toBe('CODE_INVALID');
      expect(await errorOf(browser, { code: newCode(), state })).toBe('STATE_INVALID');
    });

    it.each(['code', 'authCode'])('takes the code under the name %s alone', async (name) => {
      const browser = new Browser(nocobase.url);
      const state = stateOf((await begin(browser)).url);
      const code = newCode();
      const { fragment } = await comeBack(browser, { [name]: code, state });
      expect(fragment).toEqual({ authenticator: 'dingtalk', flow: state.slice(0, 16) });
      expect(await finish(browser, fragment)).toMatchObject({ status: 200 });
    });

    it('tells that the user declined in DingTalk', async () => {
      const browser = new Browser(nocobase.url);
      const state = stateOf((await begin(browser)).url);
      expect(await errorOf(browser, { error: 'access_denied', state })).toBe('ACCESS_DENIED');
      expect(browser.cookies.size).toBe(0);
    });

    it('tells by which ID the log has each of many requests at the same time', async () => {
      const attempts = Array.from({ length: 10 }, () => comeBack(new Browser(nocobase.url), { state: 'x' }));
      const answers = await Promise.all(attempts);
      const ids = answers.map(({ fragment }) => fragment.request);
      expect(new Set(ids).size).toBe(10);
      expect(ids).toEqual(answers.map(({ response }) => response.headers.get('x-request-id')));
      expect(await loggedIds()).toEqual(expect.arrayContaining(ids));
    });

    it('leads to a callback page whose path is not ASCII', async () => {
      const browser = new Browser(nocobase.url);
      const answer = await browser.fetch('/api/dingtalk:getAuthUrl', {
        json: {
          page: `${nocobase.url}/页面/signin`,
          redirectUri: `${nocobase.url}/api/dingtalk:redirect`,
        },
        headers: { 'x-authenticator': 'dingtalk' },
      });
      const state = stateOf((await answer.json()).data.url);
      const { response, location } = await comeBack(browser, { code: 'x', state });
      expect([response.status, location.pathname]).toEqual([302, '/%E9%A1%B5%E9%9D%A2/signin/dingtalk']);
    });

    it('is not to be stored and names no referrer', async () => {
      const { response } = await comeBack(new Browser(nocobase.url), {});
      expectPrivate(response);
    });
  });

  describe('auth:signIn', () => {
    type Values = { flow: string; code: string; state: string };
    const withValues = async (change: (values: Values) => object, headers = {}) =>
      refused(async () => {
        const { browser, state, code, fragment } = await cameBack();
        return finish(browser, { authenticator: 'dingtalk', ...change({ flow: fragment.flow, code, state }) }, headers);
      });

    const incomplete: [string, (values: Values) => object][] = [
      ['no state', ({ code }) => ({ code })],
      ['no code', ({ state }) => ({ state })],
      ['nothing', () => ({})],
      ['lists', ({ code, state }) => ({ code: [code], state: [state] })],
      ['an object as code', ({ state }) => ({ code: { $ne: '' }, state })],
      ['an object as state', ({ code }) => ({ code, state: { $ne: '' } })],
      ['a code of 10 kB', ({ state }) => ({ code: 'x'.repeat(10_000), state })],
      ['a list as flow', ({ flow }) => ({ flow: [flow] })],
      ['an object as flow', () => ({ flow: { $ne: '' } })],
      ['a part of a flow', ({ flow }) => ({ flow: flow.slice(1) })],
      ['a state as flow', ({ state }) => ({ flow: state })],
    ];
    it.each(incomplete)('refuses %s', async (_, change) => {
      expect(await withValues(change)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    });

    const unknown: [string, (values: Values) => object][] = [
      ['another flow', () => ({ flow: 'A'.repeat(16) })],
      ['code and state of a browser’s flow, which no page of ours knows', ({ code, state }) => ({ code, state })],
      ['another state', ({ code }) => ({ code, state: 'A'.repeat(43) })],
      [
        'a state that begins like the real one',
        ({ code, state }) => ({ code, state: state.slice(0, 16) + 'A'.repeat(27) }),
      ],
    ];
    it.each(unknown)('refuses %s', async (_, change) => {
      expect(await withValues(change)).toMatchObject({ status: 401, code: 'STATE_INVALID' });
    });

    it('T01: refuses a browser without the cookie of the flow', async () => {
      const { fragment } = await cameBack();
      const outcome = await refused(() => finish(new Browser(nocobase.url), fragment));
      expect(outcome).toMatchObject({ status: 401, code: 'STATE_INVALID' });
    });

    it('T01: refuses a forged cookie', async () => {
      const { browser, fragment } = await cameBack();
      const [[name, value]] = browser.cookies;
      const [record, signature] = value.split('.');
      const flow = JSON.parse(Buffer.from(record, 'base64url').toString());
      expect(flow.authenticator).toBe('dingtalk');
      const forged = Buffer.from(JSON.stringify({ ...flow, authenticator: 'second' })).toString('base64url');
      browser.setCookie(name, `${forged}.${signature}`);
      const outcome = await refused(() => finish(browser, { ...fragment, authenticator: 'second' }));
      expect(outcome).toMatchObject({ status: 401, code: 'STATE_INVALID' });
    });

    const kinds = ['flow', 'code'] as const;

    it.each(kinds.flatMap((kind) => ['', '.', 'a.b', 'a.b.c', '%', 'x'.repeat(3000)].map((value) => [kind, value])))(
      'refuses as cookie of the %s %j',
      async (kind, value) => {
        const { browser, fragment } = await cameBack();
        browser.setCookie(cookieNamesOf(browser)[kind as 'flow' | 'code'], value);
        expect(await refused(() => finish(browser, fragment))).toMatchObject({ status: 401, code: 'STATE_INVALID' });
      },
    );

    it.each(kinds)('T01: refuses a browser that lacks the cookie of the %s', async (kind) => {
      const { browser, fragment } = await cameBack();
      const { cookies } = browser;
      const name = cookieNamesOf(browser)[kind];
      browser.clearCookies();
      browser.setCookies(new Map([...cookies].filter(([each]) => each !== name)));
      expect(await refused(() => finish(browser, fragment))).toMatchObject({ status: 401, code: 'STATE_INVALID' });

      // The control: nothing else was wrong with it.
      browser.setCookies(cookies);
      expect(await finish(browser, fragment)).toMatchObject({ status: 200 });
    });

    it('T03: refuses the code of another flow, as each is signed for its own', async () => {
      const victim = await cameBack();
      const attacker = await cameBack();
      const stolen = attacker.browser.cookies.get(cookieNamesOf(attacker.browser).code) ?? '';
      victim.browser.setCookie(cookieNamesOf(victim.browser).code, stolen);
      const outcome = await refused(() => finish(victim.browser, victim.fragment));
      expect(outcome).toMatchObject({ status: 401, code: 'STATE_INVALID' });
      expect(await finish(attacker.browser, attacker.fragment)).toMatchObject({ status: 200 });
    });

    it('T01: a stranger’s link to the callback page finishes nothing, with a flow of the browser’s own beside it', async () => {
      const [victim, attacker] = [await cameBack(), await cameBack()];
      expect(await refused(() => finish(victim.browser, attacker.fragment))).toMatchObject({ code: 'STATE_INVALID' });
      expect(await finish(victim.browser, victim.fragment)).toMatchObject({ status: 200 });
    });

    it('T05: no code and no state is in an address or a body, and no script reads the cookie', async () => {
      const browser = new Browser(nocobase.url);
      const state = stateOf((await begin(browser)).url);
      const code = newCode();
      const { response, location } = await comeBack(browser, { code, state });
      expect(`${location.href} ${await response.text()}`).not.toMatch(new RegExp(`${code}|${state}`));
      const [cookie, ...more] = response.headers.getSetCookie();
      expect(more).toEqual([]);
      expect(cookie).toMatch(/^nb_dingtalk_main_[\w-]{16}_code=[^;]*; path=\/; expires=[^;]*; samesite=lax; httponly$/);
    });

    it('T06: refuses a flow that was begun with another authenticator', async () => {
      const { browser, fragment } = await cameBack('dingtalk');
      const outcome = await refused(() => finish(browser, { ...fragment, authenticator: 'second' }));
      expect(outcome).toMatchObject({ status: 401, code: 'STATE_INVALID' });
    });

    it('T02: refuses the second use of a callback, also with the cookie of the first', async () => {
      const { browser, fragment } = await cameBack();
      const { cookies } = browser;
      await finish(browser, fragment);
      browser.setCookies(cookies);
      const outcome = await refused(() => finish(browser, fragment));
      expect(outcome).toMatchObject({ status: 401, code: 'STATE_INVALID' });
    });

    it('T02: accepts one of twenty uses of a callback at once', async () => {
      const { browser, fragment } = await cameBack();
      const before = dingtalk.calls.length;
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => finish(browser, fragment)));
      expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(dingtalk.calls.length - before).toBe(2);
    });

    it('refuses a flow that took more than ten minutes', async () => {
      const { browser, fragment } = await cameBack();
      const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 10 * 60 * 1000 + 1);
      const outcome = await finish(browser, fragment);
      now.mockRestore();
      expect(outcome).toMatchObject({ status: 401, code: 'STATE_INVALID' });
    });

    it.each(otherMethods)('refuses what it takes by POST, by %s', async (method) => {
      const { browser, fragment } = await cameBack();
      const { authenticator, ...values } = fragment;
      const outcome = await refused(() => send(browser, method, '/api/auth:signIn', values, authenticator));
      expect(outcome).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
      expect(await finish(browser, fragment)).toMatchObject({ status: 200 });
    });

    it('answers what is not to be stored and names no referrer', async () => {
      const { browser, fragment } = await cameBack();
      const { authenticator, ...json } = fragment;
      for (const status of [200, 401]) {
        const headers = { 'x-authenticator': authenticator };
        const response = await browser.fetch('/api/auth:signIn', { json, headers });
        expect(response.status).toBe(status);
        expectPrivate(response);
      }
    });

    it('refuses the authenticator of a cookie', async () => {
      const { browser, fragment } = await cameBack();
      browser.setCookie('nb_authenticator_main', 'dingtalk');
      const outcome = await refused(() => finish(browser, { ...fragment, authenticator: '' }));
      expect(outcome).toMatchObject({ status: 404, code: 'AUTHENTICATOR_UNAVAILABLE' });
    });

    it('refuses a page of another origin', async () => {
      expect(await withValues((values) => values, { origin: 'https://evil.example' })).toMatchObject({ status: 403 });
    });

    it('ends the flow also where DingTalk refuses', async () => {
      const browser = new Browser(nocobase.url);
      const state = stateOf((await begin(browser)).url);
      const { fragment } = await comeBack(browser, { code: 'no-code-of-dingtalk', state });
      const first = await finish(browser, fragment);
      expect(first).toMatchObject({ status: 401, code: 'CODE_INVALID' });
      expect(await refused(() => finish(browser, fragment))).toMatchObject({ status: 401, code: 'STATE_INVALID' });
      expect(browser.cookies.size).toBe(0);
    });
  });

  it('T22: of many long flows in one browser the oldest cookies are deleted', async () => {
    const browser = new Browser(nocobase.url);
    const long = `/admin?${'x'.repeat(1900)}`;
    let last = '';
    for (let i = 0; i < 10; i++) {
      last = stateOf((await begin(browser, 'dingtalk', long)).url);
      expect([...browser.cookies].join('; ').length).toBeLessThan(8000);
    }
    const { fragment } = await comeBack(browser, { code: newCode(), state: last });
    expect(await finish(browser, fragment)).toMatchObject({ status: 200, redirect: long });
  });

  it('T22: the flow that comes back is not deleted for those that began after it', async () => {
    const browser = new Browser(nocobase.url);
    const long = `/admin?${'x'.repeat(1900)}`;
    const [first] = [
      stateOf((await begin(browser, 'dingtalk', long)).url),
      stateOf((await begin(browser, 'dingtalk', long)).url),
    ];
    const { fragment } = await comeBack(browser, { code: newCode(), state: first });
    expect([...browser.cookies].join('; ').length).toBeLessThan(8000);
    expect(await finish(browser, fragment)).toMatchObject({ status: 200, redirect: long });
  });

  it('T01: over https the cookie has a name that only this host can set', async () => {
    const https = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'nb.example' };
    const browser = new Browser(nocobase.url);
    const response = await browser.fetch('/api/dingtalk:getAuthUrl', {
      json: {
        page: 'https://nb.example/signin',
        redirectUri: 'https://nb.example/api/dingtalk:redirect',
      },
      headers: { 'x-authenticator': 'dingtalk', origin: 'https://nb.example', ...https },
    });
    const [cookie] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-nb_dingtalk_main_.*; path=\/;.*; samesite=lax; secure; httponly$/);
    const state = stateOf((await response.json()).data.url);
    const query = new URLSearchParams({ code: 'x', state });
    const back = (name: string) =>
      browser.fetch(`/api/dingtalk:redirect?${query}`, {
        headers: { cookie: cookie.split(';')[0].replace('__Host-', name), ...https },
      });
    expect((await back('__Host-')).headers.get('location')).toContain('flow=');
    // As a sibling domain can plant it.
    expect((await back('')).headers.get('location')).toContain('error=STATE_INVALID');
  });

  it('two tabs of one browser can sign in', async () => {
    const browser = new Browser(nocobase.url);
    const [one, two] = [stateOf((await begin(browser)).url), stateOf((await begin(browser)).url)];
    for (const state of [one, two]) {
      const { fragment } = await comeBack(browser, { code: newCode(), state });
      expect(await finish(browser, fragment)).toMatchObject({ status: 200 });
    }
  });

  it('answers a refusal with the ID that its line in the log has', async () => {
    const response = await new Browser(nocobase.url).fetch('/api/auth:signIn', {
      json: { code: 'x', state: 'A'.repeat(43) },
      headers: { 'x-authenticator': 'dingtalk' },
    });
    expect((await response.json()).errors).toEqual([{ code: 'STATE_INVALID', message: english.STATE_INVALID }]);
    expect(await loggedIds()).toContain(response.headers.get('x-request-id'));
  });

  it('answers in the language of the request', async () => {
    const browser = new Browser(nocobase.url, 'zh-CN');
    const outcome = await finish(browser, { authenticator: 'dingtalk', code: 'x', state: 'A'.repeat(43) });
    expect(outcome.message).toContain('已失效');
  });

  it('T04: answers the return path, and never another site', async () => {
    expect(await signIn(nocobase, dingtalk, { account, redirect: '/admin/x?a=1#b' })).toMatchObject({
      redirect: '/admin/x?a=1#b',
    });
    expect(await signIn(nocobase, dingtalk, { account, redirect: '//evil.example' })).toMatchObject({
      redirect: '/admin',
    });
  });

  it('T14: does not answer the options of an authenticator to clients that are not signed in', async () => {
    const response = await new Browser(nocobase.url).fetch('/api/authenticators:publicList');
    const { data } = await response.json();
    expect(data.find((authenticator: { name: string }) => authenticator.name === 'dingtalk').options).toEqual({});
  });
});
