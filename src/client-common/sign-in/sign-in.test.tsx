/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/signin"}
 */
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { act, StrictMode, Suspense } from 'react';
import { click as press, comeBack, settle } from '../../../testing/client/dom';
import { fakePlugin, networkError, noAnswer, proxyPage, refusal } from '../../../testing/client/fake-plugin';
import { type Navigation, visit, watchNavigation } from '../../../testing/client/navigation';
import type { Authenticator } from '../nocobase';
import * as failureBundle from './CallbackFailure';
import { callbackPage } from './CallbackPage';
import { signIn, signInPage } from './sign-in';
import { signInButton, signInButtonForHere } from './SignInButton';

const DINGTALK = 'https://login.dingtalk.com/oauth2/auth?state=s';

let navigation: Navigation;

beforeEach(() => {
  navigation = watchNavigation();
  sessionStorage.clear();
  visit('/signin');
});

const authenticator = (more: Partial<Authenticator> = {}): Authenticator => ({
  name: 'dingtalk',
  authType: 'dingtalk',
  options: {},
  ...more,
});

type Options = Parameters<typeof fakePlugin>[0];

/** Something that comes when the test says so. */
function deferred() {
  const state = { done: false, finish() {} };
  const promise = new Promise<void>((resolve) => {
    state.finish = () => {
      state.done = true;
      resolve();
    };
  });
  return Object.assign(state, { promise });
}

describe('the button', () => {
  function showButton(options: Options = {}, more: Partial<Authenticator> = {}) {
    const nocobase = fakePlugin({
      bundles: { 'CallbackFailure.js': failureBundle },
      answers: { 'dingtalk:getAuthUrl': { url: DINGTALK } },
      ...options,
    });
    const SignInButton = signInButton(nocobase.plugin);
    const view = render(<SignInButton authenticator={authenticator(more)} />);
    const button = screen.getByRole('button');
    const click = () => press(button);
    return { ...nocobase, view, button, click };
  }

  it.each([
    ['en-US', 'Sign in via DingTalk'],
    ['zh-CN', '钉钉登录'],
  ])('is named in %s if the authenticator has no title', (language, name) => {
    const { button } = showButton({ language });
    expect(button.getAttribute('aria-label')).toBe(name);
    expect(button.textContent).toBe(name);
  });

  it('is named by the title of the authenticator, also while it is busy', async () => {
    const { button } = showButton({ answers: { 'dingtalk:getAuthUrl': noAnswer } }, { title: 'Harbour Tech 员工' });
    expect(button.getAttribute('aria-label')).toBe('Harbour Tech 员工');
    fireEvent.click(button);
    await settle();
    expect(button.getAttribute('aria-label')).toBe('Harbour Tech 员工');
    expect(button.textContent).toBe('Harbour Tech 员工');
  });

  it('tells the server what only the browser knows, and leaves for DingTalk', async () => {
    visit('/signin?redirect=%2Fadmin%2Fx%3Ffrom%3Dmail');
    const { click, requests } = showButton();
    await click();
    expect(requests).toEqual([
      {
        url: 'dingtalk:getAuthUrl',
        data: {
          page: 'https://nocobase.example.com/signin?redirect=%2Fadmin%2Fx%3Ffrom%3Dmail',
          redirectUri: 'https://nocobase.example.com/api/dingtalk:redirect',
        },
        headers: { 'X-Authenticator': 'dingtalk' },
      },
    ]);
    expect(navigation.assign.mock.calls).toEqual([[DINGTALK]]);
  });

  it('leaves it to the server to name the client and the sub-application that it is part of', async () => {
    visit('/v/apps/sales/signin');
    const { click, bodiesOf } = showButton({
      basename: '/v/apps/sales',
      name: 'sales',
      answers: { 'dingtalk:getAuthUrl': { url: DINGTALK } },
    });
    await click();
    expect(bodiesOf('dingtalk:getAuthUrl')).toEqual([
      {
        page: 'https://nocobase.example.com/v/apps/sales/signin',
        redirectUri: 'https://nocobase.example.com/api/dingtalk:redirect',
      },
    ]);
  });

  it('goes on with the previous version, which has to be told the callback page, until NocoBase restarts', async () => {
    visit('/v/signin?redirect=%2Fadmin%2Fx');
    const ofPrevious = ({ data }: { data?: { callback?: string } }) =>
      data?.callback ? { url: DINGTALK } : Promise.reject(refusal('REQUEST_INVALID'));
    const { click, bodiesOf } = showButton({ basename: '/v', answers: { 'dingtalk:getAuthUrl': ofPrevious } });
    await click();
    await settle();
    expect(bodiesOf('dingtalk:getAuthUrl')[1]).toEqual({
      page: 'https://nocobase.example.com/v/signin?redirect=%2Fadmin%2Fx',
      callback: 'https://nocobase.example.com/v/signin/dingtalk',
      redirect: '/admin/x',
      redirectUri: 'https://nocobase.example.com/api/dingtalk:redirect',
    });
    expect(navigation.assign.mock.calls).toEqual([[DINGTALK]]);
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('asks once more and no oftener where the request is refused by this version', async () => {
    const { click, bodiesOf } = showButton({
      answers: { 'dingtalk:getAuthUrl': () => Promise.reject(refusal('REQUEST_INVALID', 'Reload.')) },
    });
    await click();
    await settle();
    expect(bodiesOf('dingtalk:getAuthUrl')).toHaveLength(2);
    expect(screen.getByRole('alert').textContent).toBe('Reload.');
  });

  it('leaves once, however often it is pressed', async () => {
    const { button, click, requests } = showButton({ answers: { 'dingtalk:getAuthUrl': noAnswer } });
    await click();
    await click();
    expect(button.classList).toContain('ant-btn-loading');
    expect(requests).toHaveLength(1);
  });

  it('is still busy while the browser leaves', async () => {
    const { button, click } = showButton();
    await click();
    expect(button.classList).toContain('ant-btn-loading');
  });

  it('can be pressed again after the way back from DingTalk', async () => {
    const { button, click, requests } = showButton();
    await click();
    comeBack();
    expect(button.classList).not.toContain('ant-btn-loading');
    await click();
    expect(requests).toHaveLength(2);
  });

  it('listens for the way back once, and no longer when it is gone', async () => {
    const added = jest.spyOn(window, 'addEventListener');
    const removed = jest.spyOn(window, 'removeEventListener');
    const listenersIn = (spy: jest.SpyInstance) =>
      spy.mock.calls.filter(([type]) => type === 'pageshow').map(([, listener]) => listener);
    const { click, view } = showButton({ answers: { 'dingtalk:getAuthUrl': () => Promise.reject(networkError()) } });
    await click();
    await click();
    await click();
    expect(listenersIn(added)).toHaveLength(1);
    view.unmount();
    expect(listenersIn(removed)).toEqual(listenersIn(added));
  });

  it('tells why it cannot leave, and can be pressed again', async () => {
    const { button, click, answers } = showButton({
      answers: { 'dingtalk:getAuthUrl': () => Promise.reject(refusal('NOT_CONFIGURED', 'Not yet.')) },
    });
    await click();
    expect(screen.getByRole('alert').textContent).toBe('Not yet.');
    expect(button.classList).not.toContain('ant-btn-loading');
    expect((button as HTMLButtonElement).disabled).toBe(false);

    answers['dingtalk:getAuthUrl'] = noAnswer;
    await click();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it.each([
    ['nothing', networkError()],
    ['a page of a proxy', proxyPage()],
  ])('tells that it failed where the server answers with %s', async (_, error) => {
    const { click, words } = showButton({ answers: { 'dingtalk:getAuthUrl': () => Promise.reject(error) } });
    await click();
    expect(screen.getByRole('alert').textContent).toBe(words('SIGN_IN_FAILED'));
  });

  it('tells that it failed also where the bundle with the words cannot be loaded', async () => {
    const answers = { 'dingtalk:getAuthUrl': () => Promise.reject(networkError()) };
    const { click, words } = showButton({ bundles: {}, answers });
    await click();
    expect(screen.getByRole('alert').textContent).toBe(words('SIGN_IN_FAILED'));
  });

  it('shows no way back below the failure: it is one itself', async () => {
    const { click } = showButton({ answers: { 'dingtalk:getAuthUrl': () => Promise.reject(networkError()) } });
    await click();
    expect(screen.getByText('For your administrator')).toBeTruthy();
    expect(screen.queryAllByRole('link')).toEqual([]);
  });
});

describe('the button for this browser', () => {
  const inApp = (userAgent: string) => jest.spyOn(navigator, 'userAgent', 'get').mockReturnValue(userAgent);

  it('loads nothing outside of DingTalk', async () => {
    const { plugin, loaded } = fakePlugin();
    await expect(signInButtonForHere(plugin)).resolves.toBeInstanceOf(Function);
    expect(loaded).toEqual([]);
  });

  it.each(['Mozilla/5.0 (Windows) dingtalk-win/1.0.0', 'Mozilla/5.0 (iPhone) AliApp(DingTalk/7.6.0)'])(
    'is the one that signs in without a click in %s',
    async (userAgent) => {
      inApp(userAgent);
      const inside = () => null;
      const { plugin } = fakePlugin({ bundles: { 'InsideDingTalk.js': { default: async () => inside } } });
      await expect(signInButtonForHere(plugin)).resolves.toBe(inside);
    },
  );

  it('is the plain one inside DingTalk too where the other cannot be loaded or fails', async () => {
    inApp('AliApp(DingTalk/7.6.0)');
    const failing = { default: () => Promise.reject(new Error()) };
    for (const bundles of [{}, { 'InsideDingTalk.js': failing }] as Record<string, object>[]) {
      const { plugin } = fakePlugin({ bundles });
      const SignInButton = await signInButtonForHere(plugin);
      render(<SignInButton authenticator={authenticator()} />);
      expect(screen.getByRole('button').textContent).toBe('Sign in via DingTalk');
      cleanup();
    }
  });
});

describe('the callback page', () => {
  const FLOW = '#authenticator=dingtalk-2&flow=f';
  const signedIn = { user: { id: 7 }, token: 'jwt', redirect: '/v/admin/x', route: '/admin/x' };

  function showPage(fragment: string, options: Options = {}) {
    visit(`/v/signin/dingtalk${fragment}`);
    const nocobase = fakePlugin({
      basename: '/v',
      bundles: { 'CallbackFailure.js': failureBundle },
      ...options,
      answers: { 'auth:signIn': signedIn, 'auth:check': { id: 7 }, ...options.answers },
    });
    const { ready, Page: CallbackPage } = callbackPage(nocobase.plugin);
    return { ...nocobase, ready, view: render(<CallbackPage />), CallbackPage };
  }

  it.each(['en-US', 'zh-CN'])('says in %s what it does', async (language) => {
    const { words } = showPage(FLOW, { language, answers: { 'auth:signIn': noAnswer } });
    await settle();
    expect(screen.getByRole('status').textContent).toContain(words('Signing in with DingTalk…'));
  });

  it('signs in with the flow before anything is shown, so that NocoBase begins with the page that the server names', async () => {
    const { requests, auth, loaded, ready } = showPage(FLOW);
    const length = history.length;
    await ready;
    expect(requests).toEqual([
      { url: 'auth:signIn', data: { flow: 'f' }, headers: { 'X-Authenticator': 'dingtalk-2' } },
    ]);
    expect(auth).toMatchObject({ token: 'jwt', authenticator: 'dingtalk-2' });
    expect(location.href).toBe('https://nocobase.example.com/v/admin/x');
    expect(history.length).toBe(length);
    expect(navigation.replace).not.toHaveBeenCalled();
    expect(loaded).toEqual([]);
  });

  it.each(['/v/signin', '/v/signin/dingtalk/link', '/v/admin/dingtalk'])(
    'is not waited for on another page, and leaves what came there alone: %s',
    async (path) => {
      visit(path + FLOW);
      const { plugin, requests } = fakePlugin({ answers: { 'auth:signIn': signedIn } });
      expect(callbackPage(plugin).ready).toBe(false);
      await settle();
      expect(requests).toEqual([]);
      expect(location.pathname).toBe(path);
    },
  );

  it('signs in, and loads the next page, where NocoBase opens it without loading a page', async () => {
    visit('/v/signin');
    const { plugin, auth } = fakePlugin({ answers: { 'auth:signIn': signedIn } });
    const { Page: CallbackPage } = callbackPage(plugin);
    visit(`/v/signin/dingtalk${FLOW}`);
    render(<CallbackPage />);
    await settle();
    expect(auth.token).toBe('jwt');
    expect(navigation.replace.mock.calls).toEqual([['/v/admin/x']]);
  });

  describe('a code, as the previous version hands it over until NocoBase restarts,', () => {
    const CODE = '#authenticator=dingtalk-2&code=c&state=s';
    const publicList = (authType: string) => ({
      'authenticators:publicList': [authenticator({ name: 'dingtalk-2', authType })],
    });

    it('signs in, and opens the page that the server names', async () => {
      const answers = { ...publicList('dingtalk'), 'auth:signIn': { ...signedIn, route: undefined } };
      const { bodiesOf, auth } = showPage(CODE, { answers });
      await settle();
      expect(bodiesOf('auth:signIn')).toEqual([{ code: 'c', state: 's' }]);
      expect(auth).toMatchObject({ token: 'jwt', authenticator: 'dingtalk-2' });
      expect(navigation.replace.mock.calls).toEqual([['/v/admin/x']]);
      expect(screen.queryByRole('alert')).toBeNull();
    });

    it.each([
      ['is of another plugin, which may sign in whoever made the link', publicList('oidc')],
      ['is of no authenticator that users see', { 'authenticators:publicList': [] }],
    ])('goes nowhere where it %s', async (_, answers) => {
      const { bodiesOf, auth, words } = showPage(CODE, { answers });
      await settle();
      expect(bodiesOf('auth:signIn')).toEqual([]);
      expect(auth.token).toBeFalsy();
      expect(screen.getByRole('alert').textContent).toContain(words('STATE_INVALID'));
    });

    it('that the server refuses has the server’s sentence', async () => {
      const refused = () => Promise.reject(refusal('USER_NOT_FOUND', 'Nobody.'));
      showPage(CODE, { answers: { ...publicList('dingtalk'), 'auth:signIn': refused } });
      await settle();
      expect(screen.getByRole('alert').textContent).toBe('Nobody.');
      expect(navigation.replace).not.toHaveBeenCalled();
    });
  });

  it.each([
    ['another client opens', {}, { ...signedIn, redirect: '/m', route: '' }, '/m'],
    ['another user was signed in, whose data is on the page', { token: 'jwt-of-bob' }, signedIn, '/v/admin/x'],
  ])('T17: loads the page where %s', async (_, session, answer, page) => {
    const { ready, auth } = showPage(FLOW, { ...session, answers: { 'auth:signIn': answer } });
    await ready;
    expect(auth.token).toBe('jwt');
    expect(location.pathname).toBe('/v/signin/dingtalk');
    expect(navigation.replace.mock.calls).toEqual([[page]]);
  });

  it('asks with an empty name of an authenticator where the link names none, not with NocoBase’s own', async () => {
    const { requests } = showPage('#flow=f');
    await settle();
    expect(requests[0].headers).toEqual({ 'X-Authenticator': '' });
  });

  it.each([
    ['in strict mode', true],
    ['twice', false],
  ])('signs in once where React renders it %s', async (_, strict) => {
    visit(`/v/signin/dingtalk${FLOW}`);
    const { plugin, bodiesOf } = fakePlugin({ answers: { 'auth:signIn': signedIn } });
    const { Page: CallbackPage } = callbackPage(plugin);
    if (strict) {
      render(
        <StrictMode>
          <CallbackPage />
        </StrictMode>,
      );
    } else {
      render(<CallbackPage />).unmount();
      render(<CallbackPage />);
    }
    await settle();
    expect(bodiesOf('auth:signIn')).toEqual([{ flow: 'f' }]);
    expect(location.pathname).toBe('/v/admin/x');
  });

  it('signs in once where something beside it suspends when it is rendered and again later', async () => {
    visit(`/v/signin/dingtalk${FLOW}`);
    const { plugin, bodiesOf } = fakePlugin({ answers: { 'auth:signIn': signedIn } });
    const { Page: CallbackPage } = callbackPage(plugin);
    const load = [deferred(), deferred()];
    const Beside = ({ round }: { round: number }) => {
      if (!load[round].done) {
        throw load[round].promise;
      }
      return <p>beside</p>;
    };
    const page = (round: number) => (
      <StrictMode>
        <Suspense fallback="loading">
          <CallbackPage />
          <Beside round={round} />
        </Suspense>
      </StrictMode>
    );
    const view = render(page(0));
    await settle();
    expect(view.container.textContent).toBe('loading');
    await act(async () => load[0].finish());
    expect(view.container.textContent).toContain('beside');
    view.rerender(page(1));
    await settle();
    await act(async () => load[1].finish());
    await settle();
    expect(bodiesOf('auth:signIn')).toEqual([{ flow: 'f' }]);
    expect(location.pathname).toBe('/v/admin/x');
  });

  it('signs in once, and tells the failure, where it is taken away while it waits, and comes back', async () => {
    const answer = deferred();
    const { view, CallbackPage, bodiesOf } = showPage(FLOW, {
      answers: {
        'auth:signIn': async () => {
          await answer.promise;
          throw refusal('USER_NOT_FOUND', 'Nobody.');
        },
      },
    });
    await settle();
    view.unmount();
    render(<CallbackPage />);
    await settle();
    expect(screen.getByRole('status')).toBeTruthy();
    await act(async () => answer.finish());
    await settle();
    expect(bodiesOf('auth:signIn')).toHaveLength(1);
    expect(screen.getByRole('alert').textContent).toBe('Nobody.');
  });

  it('tells in strict mode too why a sign-in failed', async () => {
    visit('/v/signin/dingtalk#error=ACCESS_DENIED');
    const { plugin, words } = fakePlugin({ bundles: { 'CallbackFailure.js': failureBundle } });
    const { Page: CallbackPage } = callbackPage(plugin);
    render(<CallbackPage />, { wrapper: StrictMode });
    await settle();
    expect(screen.getByRole('alert').textContent).toBe(words('ACCESS_DENIED'));
  });

  it('tells the sentence of the server', async () => {
    const sentence = '没有用户使用您的手机号。';
    const { auth } = showPage(FLOW, {
      answers: { 'auth:signIn': () => Promise.reject(refusal('USER_NOT_FOUND', sentence)) },
    });
    await settle();
    expect(screen.getByRole('alert').textContent).toBe(sentence);
    expect(screen.getByRole('status').textContent).toBe('');
    expect(navigation.replace).not.toHaveBeenCalled();
    expect(auth.token).toBeNull();
  });

  it.each(['en-US', 'zh-CN', 'de-DE'])('tells in %s the code that came back instead of one', async (language) => {
    const { words, requests } = showPage('#error=ACCESS_DENIED', { language });
    await settle();
    expect(screen.getByRole('alert').textContent).toBe(words('ACCESS_DENIED'));
    expect(screen.getByRole('link').textContent).toBe(words('Back to sign-in'));
    expect(requests).toEqual([]);
  });

  describe('of a browser that has a session', () => {
    const session: Options = { token: 'jwt-of-bob', role: 'admin', authenticator: 'basic' };
    const refused = (code: string) => () => Promise.reject(refusal(code, `${code} it is.`, 401));
    const links = () =>
      screen.getAllByRole<HTMLAnchorElement>('link').map(({ textContent, href }) => [textContent, href]);

    it.each([
      ['with a made-up code', FLOW],
      ['that says that the user declined', '#error=ACCESS_DENIED'],
      ['of nothing', ''],
    ])('T51: a stranger’s link %s leaves role, token, authenticator and page alone', async (_, fragment) => {
      const { auth } = showPage(fragment, { ...session, answers: { 'auth:signIn': refused('STATE_INVALID') } });
      expect(auth).toMatchObject(session);
      await settle();
      expect(auth).toMatchObject(session);
      expect(navigation.replace).not.toHaveBeenCalled();
      expect(navigation.assign).not.toHaveBeenCalled();
    });

    it.each([
      ['en-US', FLOW],
      ['de-DE', '#error=ACCESS_DENIED'],
    ])('offers in %s to go on to the page that was wanted, and still tells the refusal', async (language, fragment) => {
      sessionStorage.setItem('dingtalk', 'https://nocobase.example.com/v/signin?redirect=%2Fv%2Fadmin%2Fx%3Fa%3D1');
      const { words } = showPage(fragment, {
        ...session,
        language,
        answers: { 'auth:signIn': refused('STATE_INVALID') },
      });
      await settle();
      expect(screen.getByRole('alert').textContent).toBe(
        fragment === FLOW ? 'STATE_INVALID it is.' : words('ACCESS_DENIED'),
      );
      expect(links()).toEqual([
        [words('Continue'), 'https://nocobase.example.com/v/admin/x?a=1'],
        [words('Back to sign-in'), 'https://nocobase.example.com/v/signin?redirect=%2Fv%2Fadmin%2Fx%3Fa%3D1'],
      ]);
    });

    it.each([
      ['has ended', () => Promise.reject(refusal('TOKEN_INVALID', '', 401))],
      ['is of nobody', {}],
      ['cannot be asked for', () => Promise.reject(networkError())],
    ])('does not where the session %s', async (_, check) => {
      const { words } = showPage('#error=ACCESS_DENIED', { ...session, answers: { 'auth:check': check } });
      await settle();
      expect(screen.getByRole('link').textContent).toBe(words('Back to sign-in'));
    });
  });

  describe('of an account that belongs to no user yet', () => {
    const first = () => ({ 'auth:signIn': () => Promise.reject(refusal('LINK_FIRST', 'First.')) });

    it.each([
      ['en-US', '', '/signin?method=password&redirect=%2Fadmin%2Fdingtalk'],
      ['zh-CN', '/v/', '/v/signin?method=password&redirect=%2Fadmin%2Fdingtalk'],
      ['de-DE', '/nocobase/v/', '/nocobase/v/signin?method=password&redirect=%2Fadmin%2Fdingtalk'],
    ])(
      'leads in %s to NocoBase’s sign-in page, and then to the account page (%s)',
      async (language, basename, href) => {
        const { words } = showPage(FLOW, { language, basename, answers: first() });
        await settle();
        expect(screen.getByRole('alert').textContent).toBe('First.');
        const link = screen.getByRole('link');
        expect(link.textContent).toBe(words('Sign in another way'));
        expect(link.getAttribute('href')).toBe(href);
      },
    );

    it('T54: is the same page whoever has the phone number, with a session or without one, and asks nothing more', async () => {
      const pages = [];
      for (const options of [{}, { token: 'jwt' }] as Options[]) {
        const { view, requests } = showPage(FLOW, { ...options, answers: first() });
        await settle();
        pages.push(view.container.innerHTML.replace(/\d\d:\d\d:\d\d/, 'now'));
        expect(requests.map(({ url }) => url)).toEqual(['auth:signIn']);
        cleanup();
      }
      expect(pages[1]).toBe(pages[0]);
    });

    it('T25: is told by the server alone: a link that says so leads back to the sign-in page', async () => {
      const { words } = showPage('#error=LINK_FIRST');
      await settle();
      expect(screen.getByRole('link').textContent).toBe(words('Back to sign-in'));
    });
  });

  it('tells that nothing came, where it is opened by itself', async () => {
    const { words } = showPage('');
    await settle();
    expect(screen.getByRole('alert').textContent).toBe(words('STATE_INVALID'));
  });

  it('T25: puts no words of a link on the page', async () => {
    const evil = encodeURIComponent('Call +1 555 0100 <img src=x onerror=alert(1)>');
    const { view, words } = showPage(`#error=${evil}&request=${evil}&time=${evil}`);
    await settle();
    expect(screen.getByRole('alert').textContent).toBe(words('SIGN_IN_FAILED'));
    expect(view.container.innerHTML).not.toMatch(/call|555|onerror/i);
  });

  it.each([
    ['nothing', networkError()],
    ['a page of a proxy', proxyPage()],
  ])('tells that it failed where the server answers with %s', async (_, error) => {
    const { words } = showPage(FLOW, { answers: { 'auth:signIn': () => Promise.reject(error) } });
    await settle();
    expect(screen.getByRole('alert').textContent).toBe(words('SIGN_IN_FAILED'));
  });

  it('tells that it failed also where the bundle with the words cannot be loaded', async () => {
    const { words, view } = showPage('#error=ACCESS_DENIED', { bundles: {} });
    await settle();
    expect(view.container.textContent).toBe(words('SIGN_IN_FAILED'));
    expect(screen.getByRole('alert')).toBeTruthy();
  });

  it('leads back to the sign-in page as it was left', async () => {
    visit('/v/signin?redirect=%2Fadmin%2Fx');
    const { plugin } = fakePlugin({ basename: '/v', answers: { 'dingtalk:getAuthUrl': { url: DINGTALK } } });
    const SignInButton = signInButton(plugin);
    const { unmount } = render(<SignInButton authenticator={authenticator()} />);
    fireEvent.click(screen.getByRole('button'));
    await settle();
    unmount();

    showPage('#error=ACCESS_DENIED');
    await settle();
    expect(screen.getByRole('link').getAttribute('href')).toBe(
      'https://nocobase.example.com/v/signin?redirect=%2Fadmin%2Fx',
    );
  });
});

describe('signInPage', () => {
  it.each([
    ['', '/signin'],
    ['/v/', '/v/signin'],
  ])('is the one of this client (%s) where none was left', (basename, expected) => {
    expect(signInPage(fakePlugin({ basename }).plugin)).toBe(expected);
  });
});

describe('signIn', () => {
  const previous = { role: 'root', token: 'old', authenticator: 'basic' };

  it('T17: forgets the role of the previous user, as NocoBase would refuse later requests of the new user for it', async () => {
    const { plugin, auth } = fakePlugin({
      ...previous,
      answers: { 'auth:signIn': { user: { id: 7 }, token: 'jwt' } },
    });
    await signIn(plugin, 'dingtalk', { flow: 'f' });
    expect(auth).toMatchObject({ token: 'jwt', role: null, authenticator: 'dingtalk' });
  });

  it('T51: leaves the session as it is until the server agrees, and where it refuses', async () => {
    let meanwhile = {};
    const { plugin, auth } = fakePlugin({
      ...previous,
      answers: {
        'auth:signIn': () => {
          // Other tabs read the same storage.
          meanwhile = { ...auth };
          return Promise.reject(refusal('STATE_INVALID'));
        },
      },
    });
    await expect(signIn(plugin, 'dingtalk', { flow: 'f' })).rejects.toThrow();
    expect(meanwhile).toMatchObject(previous);
    expect(auth).toMatchObject(previous);
  });
});
