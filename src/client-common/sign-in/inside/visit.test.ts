/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/admin"}
 */
import { fakePlugin, networkError, noAnswer, proxyPage, refusal } from '../../../../testing/client/fake-plugin';
import { type Navigation, watchNavigation } from '../../../../testing/client/navigation';
import { dingTalkClientCodes, errorCodes } from '../../../shared/codes';
import type { Authenticator } from '../../nocobase';
import { JsapiError, UNKNOWN_CLIENT } from './jsapi-error';
import { titleToShow } from './sign-in-inside';
import {
  arrive,
  authenticatorOfSession,
  readDecision,
  storeDecision,
  verdictOfFailure,
  verdictOfUser,
  Visit,
} from './visit';

const USER = 7;
const OTHER = 8;

const authenticator = (more: Partial<Authenticator> = {}): Authenticator => ({
  name: 'dingtalk',
  authType: 'dingtalk',
  options: { autoSignIn: true, clientId: 'client', corpId: 'ding1' },
  ...more,
});
const withoutAutoSignIn = authenticator({ name: 'off', options: {} });
const withoutCorpId = authenticator({ name: 'no-corp', options: { autoSignIn: true, clientId: 'client' } });

let navigation: Navigation;
let fetched: jest.Mock;

beforeEach(() => {
  navigation = watchNavigation();
  sessionStorage.clear();
  document.title = 'Harbour Tech - Users';
  fetched = jest.fn().mockResolvedValue({ ok: true });
  Object.assign(globalThis, { fetch: fetched });
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Lets all promises come to rest. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve));

type Options = NonNullable<Parameters<typeof fakePlugin>[0]>;

/** A page inside the DingTalk client, of a user who comes with a session of `dingtalk`. */
function openPage({ answers, ...more }: Options = {}) {
  const requestAuthCode = jest.fn().mockResolvedValue('code');
  const showTitle = jest.fn();
  const nocobase = fakePlugin({
    token: 'jwt',
    role: 'admin',
    authenticator: 'dingtalk',
    bundles: { 'DingTalkJsapi.js': { default: () => ({ requestAuthCode, showTitle }) } },
    ...more,
    answers: {
      'auth:check': { id: USER },
      'auth:signIn': { user: { id: USER }, token: 'new jwt' },
      'auth:signOut': {},
      'authenticators:publicList': [authenticator()],
      'dingtalk:getState': { state: 'state' },
      'systemSettings:get': { title: 'Harbour Tech' },
      ...answers,
    },
  });
  return { ...nocobase, requestAuthCode, showTitle };
}

/** How a page stands that does not go on, because it loads itself anew. */
async function outcomeOf(page: ReturnType<typeof openPage>) {
  let visit: Visit | undefined;
  arrive(page.plugin).then((arrived) => (visit = arrived));
  await settle();
  return { visit, reloads: navigation.reload.mock.calls.length, decision: readDecision(page.app) };
}

describe('pure decisions', () => {
  it('the same user goes on, another one does not', () => {
    expect(verdictOfUser(USER, USER)).toBe('same user');
    expect(verdictOfUser(USER, OTHER)).toBe('other user');
  });

  it.each(['DINGTALK_UNAVAILABLE', 'DINGTALK_BUSY'])('%s of the server says nothing about the user', (code) => {
    expect(verdictOfFailure(refusal(code))).toBe('unknown');
  });

  it.each([
    ['a lost connection', networkError()],
    ['a page of a reverse proxy', proxyPage(429)],
    ['an error of another kind', new TypeError('x is undefined')],
  ])('%s says nothing about the user', (_, error) => {
    expect(verdictOfFailure(error)).toBe('unknown');
  });

  const others = Object.keys(errorCodes).filter((code) => !['DINGTALK_UNAVAILABLE', 'DINGTALK_BUSY'].includes(code));
  it.each(others)('%s of the server is a refusal', (code) => {
    expect(verdictOfFailure(refusal(code))).toBe('refused');
  });

  it.each(dingTalkClientCodes)('%s of the DingTalk client is a refusal', (code) => {
    expect(verdictOfFailure(new JsapiError(code))).toBe('refused');
  });

  it('a code that is not one of ours is no refusal of the DingTalk client', () => {
    expect(verdictOfFailure(Object.assign(new Error(), { code: 'ERR_NETWORK' }))).toBe('unknown');
  });

  it('only the authenticator of the session can tell, and only with a Corp ID', () => {
    const active = [withoutCorpId, authenticator(), authenticator({ name: 'second' })];
    expect(authenticatorOfSession(active, 'second')?.name).toBe('second');
    expect(authenticatorOfSession(active, 'no-corp')).toBeUndefined();
    expect(authenticatorOfSession(active, 'basic')).toBeUndefined();
    expect(authenticatorOfSession(active, null)).toBeUndefined();
  });

  it.each([
    ['Harbour Tech - Users', 'Harbour Tech - Users'],
    ['Loading...', 'System'],
    ['', 'System'],
    ['Loading... more', 'Loading... more'],
  ])('a page called "%s" is shown as "%s"', (page, shown) => {
    expect(titleToShow(page, 'System')).toBe(shown);
  });
});

describe('what was decided', () => {
  it('holds for the visit, and for this application alone', () => {
    const { app } = fakePlugin();
    const { app: other } = fakePlugin({ name: 'sales' });
    expect(readDecision(app)).toBeUndefined();
    const told = { sentence: 'x', code: 'USER_NOT_FOUND', time: 'now' };
    storeDecision(app, { on: true, failure: { authenticator: 'dingtalk', told } });
    expect(readDecision(app)).toEqual({ on: true, failure: { authenticator: 'dingtalk', told } });
    expect(readDecision(other)).toBeUndefined();
  });
});

describe('a visit without a session', () => {
  it('lets the first button with automatic sign-in act, once', async () => {
    const page = openPage({ token: '', authenticator: undefined });
    const visit = await arrive(page.plugin);
    expect(readDecision(page.app)).toBeUndefined();
    expect(visit.claimAutoSignIn(withoutAutoSignIn)).toBe(false);
    expect(readDecision(page.app)).toBeUndefined();
    expect(visit.claimAutoSignIn(authenticator())).toBe(true);
    expect(visit.claimAutoSignIn(authenticator())).toBe(false);
    expect(visit.claimAutoSignIn(authenticator({ name: 'second' }))).toBe(false);
    expect(readDecision(page.app)).toEqual({ on: true });
  });

  it('does not act again after the page was loaded anew', async () => {
    const page = openPage({ token: '' });
    (await arrive(page.plugin)).claimAutoSignIn(authenticator());
    const again = await arrive(page.plugin);
    expect(again.claimAutoSignIn(authenticator())).toBe(false);
  });

  it('is also one where the session is over', async () => {
    for (const check of [
      () => Promise.reject(refusal('TOKEN_INVALID', '', 401)),
      {},
      () => Promise.reject(networkError()),
    ]) {
      const page = openPage({ answers: { 'auth:check': check } });
      const visit = await arrive(page.plugin);
      expect(visit.claimAutoSignIn(authenticator())).toBe(true);
      expect(page.requestAuthCode).not.toHaveBeenCalled();
      sessionStorage.clear();
    }
  });

  it('asks nothing and loads nothing where automatic sign-in is off', async () => {
    const page = openPage({ token: '' });
    const visit = await arrive(page.plugin);
    visit.claimAutoSignIn(withoutAutoSignIn);
    await settle();
    expect(page.requests).toEqual([]);
    expect(page.loaded).toEqual([]);
  });
});

describe('a visit with a session of an authenticator that signs in automatically', () => {
  it('asks the client and the server who it is, with an address and the authenticator', async () => {
    const page = openPage();
    await arrive(page.plugin);
    expect(page.requestAuthCode.mock.calls).toEqual([[{ clientId: 'client', corpId: 'ding1' }]]);
    expect(page.bodiesOf('dingtalk:getState')).toMatchObject([{ page: 'https://nocobase.example.com/signin' }]);
    const signIn = page.requests.find(({ url }) => url === 'auth:signIn');
    expect(signIn).toMatchObject({
      data: { code: 'code', state: 'state' },
      headers: { 'X-Authenticator': 'dingtalk' },
    });
  });

  it('lets the same user go on, with the role that was chosen', async () => {
    const page = openPage();
    const { visit, reloads, decision } = await outcomeOf(page);
    expect(visit?.failureOf(authenticator())).toBeUndefined();
    expect(reloads).toBe(0);
    expect(decision).toEqual({ on: true });
    expect(page.auth).toMatchObject({ token: 'new jwt', role: 'admin', authenticator: 'dingtalk' });
    expect(visit?.claimAutoSignIn(authenticator())).toBe(false);
  });

  it('T26: begins anew for another user, with a session of their own, and ends the previous one', async () => {
    const page = openPage({ name: 'sales', answers: { 'auth:signIn': { user: { id: OTHER }, token: 'other jwt' } } });
    const { visit, reloads, decision } = await outcomeOf(page);
    expect(visit).toBeUndefined();
    expect(reloads).toBe(1);
    expect(decision).toEqual({ on: true });
    expect(page.auth).toMatchObject({ token: 'other jwt', role: null, authenticator: 'dingtalk' });
    // Without cookies, as those are of the new session by now.
    expect(fetched.mock.calls).toEqual([
      [
        'https://nocobase.example.com/api/__app/sales/auth:signOut',
        {
          method: 'POST',
          credentials: 'omit',
          headers: { Authorization: 'Bearer jwt', 'X-Authenticator': 'dingtalk' },
        },
      ],
    ]);
  });

  it('begins anew for another user also where the previous session cannot be ended', async () => {
    fetched.mockRejectedValue(new TypeError('Failed to fetch'));
    const page = openPage({ answers: { 'auth:signIn': { user: { id: OTHER }, token: 'other jwt' } } });
    expect(await outcomeOf(page)).toMatchObject({ visit: undefined, reloads: 1, decision: { on: true } });
  });

  it('T26: ends the session if the server refuses, and its button says why, on the page that follows', async () => {
    const sentence = 'No user has your phone number.';
    const page = openPage({ answers: { 'auth:signIn': () => Promise.reject(refusal('USER_NOT_FOUND', sentence)) } });
    const { visit, reloads, decision } = await outcomeOf(page);
    expect(visit).toBeUndefined();
    expect(reloads).toBe(1);
    const told = { sentence, code: 'USER_NOT_FOUND' };
    expect(decision).toMatchObject({ on: true, failure: { authenticator: 'dingtalk', told } });
    expect(page.bodiesOf('auth:signOut')).toEqual([{}]);
    expect(page.auth).toMatchObject({ token: null, role: null, authenticator: null });

    const next = await arrive(page.plugin);
    expect(next.failureOf(authenticator())).toMatchObject(told);
    expect(next.failureOf(authenticator({ name: 'second' }))).toBeUndefined();
    expect(next.claimAutoSignIn(authenticator())).toBe(false);
  });

  it.each(['en-US', 'zh-CN'])('ends the session if the client refuses, and says why in %s', async (language) => {
    const page = openPage({ language });
    page.requestAuthCode.mockRejectedValue(new JsapiError('DOMAIN_NOT_REGISTERED'));
    const { reloads, decision } = await outcomeOf(page);
    expect(reloads).toBe(1);
    const told = { sentence: page.words('DOMAIN_NOT_REGISTERED'), code: 'DOMAIN_NOT_REGISTERED' };
    expect(decision?.failure).toMatchObject({ authenticator: 'dingtalk', told });
  });

  it('ends it here also where NocoBase cannot be told', async () => {
    const page = openPage({
      answers: {
        'auth:signIn': () => Promise.reject(refusal('USER_NOT_FOUND')),
        'auth:signOut': () => Promise.reject(networkError()),
      },
    });
    expect((await outcomeOf(page)).reloads).toBe(1);
    expect(page.auth.token).toBeNull();
  });

  it.each([
    ['DingTalk is away', 'auth:signIn', refusal('DINGTALK_UNAVAILABLE', '', 424)],
    ['DingTalk is busy', 'auth:signIn', refusal('DINGTALK_BUSY', '', 429)],
    ['a proxy refuses the request', 'dingtalk:getState', proxyPage(429)],
    ['the connection is lost', 'dingtalk:getState', networkError()],
  ])('leaves users signed in while %s', async (_, url, error) => {
    const page = openPage({ answers: { [url]: () => Promise.reject(error) } });
    const { visit, reloads, decision } = await outcomeOf(page);
    expect(visit).toBeDefined();
    expect(reloads).toBe(0);
    expect(decision).toEqual({ on: true });
    expect(page.auth).toMatchObject({ token: 'jwt', role: 'admin', authenticator: 'dingtalk' });
    expect(page.bodiesOf('auth:signOut')).toEqual([]);
  });

  it('leaves users signed in in a client of which nothing is known, as in a browser', async () => {
    const page = openPage();
    page.requestAuthCode.mockRejectedValue(new JsapiError(UNKNOWN_CLIENT));
    const { visit, reloads, decision } = await outcomeOf(page);
    expect(visit?.failureOf(authenticator())).toBeUndefined();
    expect([reloads, decision]).toEqual([0, { on: true }]);
    expect(page.auth).toMatchObject({ token: 'jwt', role: 'admin', authenticator: 'dingtalk' });
  });

  it('T26: decides nothing before the answer, so that a page that is loaded anew meanwhile asks again', async () => {
    const page = openPage({ answers: { 'dingtalk:getState': noAnswer } });
    const { visit, decision } = await outcomeOf(page);
    expect(visit).toBeUndefined();
    expect(decision).toBeUndefined();
  });

  it('asks also where the role of the user before was taken away', async () => {
    let checks = 0;
    const page = openPage({
      answers: {
        'auth:check': () => (checks++ ? { id: USER } : Promise.reject(refusal('ROLE_NOT_FOUND_FOR_USER', '', 401))),
        'auth:signIn': { user: { id: OTHER }, token: 'other jwt' },
      },
    });
    expect(await outcomeOf(page)).toMatchObject({ reloads: 1 });
    const [first, second] = page.requests.filter(({ url }) => url === 'auth:check');
    expect(first.headers?.role).toBe('admin');
    expect(second.headers?.role).toBeUndefined();
    expect(page.auth.token).toBe('other jwt');
  });

  it('handles failures without NocoBase’s handler, which uses a router that is not there yet', async () => {
    const page = openPage({ answers: { 'dingtalk:getState': () => Promise.reject(refusal('DINGTALK_BUSY')) } });
    Object.defineProperty(page.app, 'router', {
      get: () => {
        throw new Error('There is no router yet');
      },
    });
    const request = jest.spyOn(page.app.apiClient, 'request');
    expect(await outcomeOf(page)).toMatchObject({ reloads: 0, decision: { on: true } });
    const early = request.mock.calls.map(([config]) => config).filter(({ url }) => url !== 'systemSettings:get');
    expect(early.length).toBeGreaterThan(0);
    expect(early.every(({ validateStatus }) => validateStatus?.(500))).toBe(true);
  });
});

describe('a visit with another session', () => {
  it('leaves a user alone who signed in with a password', async () => {
    const page = openPage({ authenticator: 'basic' });
    expect(await outcomeOf(page)).toMatchObject({ reloads: 0, decision: { on: true } });
    expect(page.requestAuthCode).not.toHaveBeenCalled();
    expect(page.auth).toMatchObject({ token: 'jwt', role: 'admin', authenticator: 'basic' });
  });

  it('leaves a user alone whose authenticator has no Corp ID, as the client would ask for approval', async () => {
    const page = openPage({ authenticator: 'no-corp', answers: { 'authenticators:publicList': [withoutCorpId] } });
    expect(await outcomeOf(page)).toMatchObject({ reloads: 0, decision: { on: true } });
    expect(page.requestAuthCode).not.toHaveBeenCalled();
  });

  it('decides that nothing happens here where no authenticator signs in automatically', async () => {
    const page = openPage({ authenticator: 'off', answers: { 'authenticators:publicList': [withoutAutoSignIn] } });
    const { visit, decision } = await outcomeOf(page);
    expect(decision).toEqual({ on: false });
    expect(visit?.claimAutoSignIn(authenticator())).toBe(false);
    expect(page.loaded).toEqual([]);
  });
});

describe('the title in the client’s bar', () => {
  const rename = async (title: string) => {
    document.title = title;
    await settle();
  };

  it('follows the title of the page from the sign-in on, and is never empty', async () => {
    const page = openPage({ token: '' });
    (await arrive(page.plugin)).claimAutoSignIn(authenticator());
    await settle();
    await rename('Loading...');
    await rename('Harbour Tech - Roles');
    await rename('Harbour Tech - Roles');
    expect(page.showTitle.mock.calls).toEqual([['Harbour Tech - Users'], ['Harbour Tech'], ['Harbour Tech - Roles']]);
  });

  it('follows it on every later page of the visit', async () => {
    const page = openPage({ token: '' });
    storeDecision(page.app, { on: true });
    await arrive(page.plugin);
    await settle();
    expect(page.showTitle.mock.calls).toEqual([['Harbour Tech - Users']]);
  });

  it('is left alone where nothing signs in automatically', async () => {
    const page = openPage();
    storeDecision(page.app, { on: false });
    await arrive(page.plugin);
    await settle();
    expect(page.loaded).toEqual([]);
  });

  it('stops nobody where it cannot be shown', async () => {
    const page = openPage({ bundles: {}, token: '' });
    const visit = await arrive(page.plugin);
    expect(visit.claimAutoSignIn(authenticator())).toBe(true);
    await settle();
  });
});
