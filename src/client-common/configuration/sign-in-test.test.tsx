/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/v/admin/settings/auth/authenticators"}
 */
import { render, screen } from '@testing-library/react';
import { StrictMode } from 'react';
import { click as press, settle } from '../../../testing/client/dom';
import { fakePlugin, noAnswer, refusal } from '../../../testing/client/fake-plugin';
import { visit } from '../../../testing/client/navigation';
import type { AuthenticatorOptions, Finding } from '../../shared/contract';
import linkPage from '../linking/LinkPage';
import { SignInTest } from './SignInTest';
import signInTestResult from './SignInTestResult';

const URL_OF_DINGTALK = 'https://login.dingtalk.com/oauth2/auth?state=s';
const options: AuthenticatorOptions = { dingtalk: { clientId: 'id', clientSecret: 'secret' } };

beforeEach(() => {
  // jsdom has no layout, so nothing to scroll.
  Element.prototype.scrollIntoView = jest.fn();
});

describe('the button', () => {
  /** A tab as `open` gives it; `null` where the browser blocks it. */
  function newTab() {
    return { opener: {}, location: { replace: jest.fn() }, close: jest.fn() };
  }

  function showTest(
    answer: unknown = { url: URL_OF_DINGTALK },
    { tab = newTab() as object | null, given = options } = {},
  ) {
    const open = jest.spyOn(window, 'open').mockReturnValue(tab as Window);
    const nocobase = fakePlugin({ basename: '/v', answers: { 'dingtalk:testSignIn': answer } });
    const test = (values: AuthenticatorOptions) => (
      <SignInTest app={nocobase.app} authenticator="dingtalk" options={values} t={nocobase.words} />
    );
    const view = render(test(given));
    const button = screen.getByRole<HTMLButtonElement>('button');
    const change = (values: AuthenticatorOptions) => view.rerender(test(values));
    return { ...nocobase, open, view, button, change, click: () => press(button) };
  }

  it.each([
    ['nothing', {}],
    ['no secret', { dingtalk: { clientId: 'id' } }],
    ['no Client ID', { dingtalk: { clientId: '', clientSecret: 'secret' } }],
  ])('waits for both values: %s', (_, given) => {
    expect(showTest(undefined, { given }).button.disabled).toBe(true);
  });

  it('opens DingTalk in a tab of its own, which cannot reach this one, with the values of the form', async () => {
    const tab = newTab();
    const { click, open, bodiesOf, view, words } = showTest(undefined, { tab });
    await click();
    expect(open.mock.calls).toEqual([['', '_blank']]);
    expect(bodiesOf('dingtalk:testSignIn')).toEqual([
      {
        authenticator: 'dingtalk',
        options,
        callback: 'https://nocobase.example.com/v/signin/dingtalk/link',
        redirectUri: 'https://nocobase.example.com/api/dingtalk:redirect',
      },
    ]);
    expect(tab.opener).toBeNull();
    expect(tab.location.replace.mock.calls).toEqual([[URL_OF_DINGTALK]]);
    const { textContent } = view.container;
    expect(textContent).toContain(
      words('DingTalk is open in another tab. Approve there: the result appears in that tab.'),
    );
    expect(textContent).toContain('redirect_uri');
  });

  it('opens the tab before it asks: browsers block one that comes later', () => {
    const { button, open } = showTest(noAnswer);
    button.click();
    expect(open).toHaveBeenCalledTimes(1);
  });

  it('gives a link where the browser opens no tab', async () => {
    const { click } = showTest(undefined, { tab: null });
    await click();
    const { href, target, rel } = screen.getByRole<HTMLAnchorElement>('link');
    expect([href, target, rel]).toEqual([URL_OF_DINGTALK, '_blank', 'noopener noreferrer']);
  });

  it('closes the tab, and says why, where the test cannot begin', async () => {
    const tab = newTab();
    const { click } = showTest(() => Promise.reject(refusal('NOT_CONFIGURED', 'Enter them. (NOT_CONFIGURED)')), {
      tab,
    });
    await click();
    expect(tab.close).toHaveBeenCalledTimes(1);
    expect(screen.getByRole('alert').textContent).toBe('Enter them. (NOT_CONFIGURED)');
  });

  it('says nothing any more once the form has changed', async () => {
    const { click, change } = showTest();
    await click();
    expect(screen.queryByRole('alert')).not.toBeNull();
    change({ dingtalk: { ...options.dingtalk, corpId: 'ding1' } });
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

describe('the page of the result', () => {
  const findings: Finding[] = [
    { code: 'TEST_REDIRECT_URL', outcome: 'ok', message: 'It came back.' },
    { code: 'TEST_REFUSED', outcome: 'error', message: 'It would be refused.' },
  ];
  const CALLBACK = '/v/signin/dingtalk/link?test';

  async function openPage(fragment: string, answer: unknown) {
    visit(`${CALLBACK}#${fragment}`);
    const nocobase = fakePlugin({
      basename: '/v',
      token: 'jwt',
      answers: { 'dingtalk:getTestResult': answer },
      bundles: { 'SignInTestResult.js': { default: signInTestResult } },
    });
    return { ...nocobase, Page: await linkPage(nocobase.plugin) };
  }

  it('takes the place of the one for links, and asks once however often it is rendered', async () => {
    const { Page, bodiesOf, loaded, words } = await openPage('flow=f', findings);
    expect(loaded).toEqual(['SignInTestResult.js']);
    const first = render(<Page />, { wrapper: StrictMode });
    expect(screen.getByRole('status').textContent).toContain(words('Testing the sign-in…'));
    first.unmount();
    render(<Page />);
    await settle();
    expect(bodiesOf('dingtalk:getTestResult')).toEqual([{ flow: 'f' }]);
    expect(bodiesOf('dingtalk:link')).toEqual([]);
    expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent?.trim())).toEqual([
      'It would be refused.',
      'It came back.',
    ]);
    expect(screen.getByText('To do: 1')).toBeTruthy();
    expect(document.body.textContent).toContain(
      words('Nobody was signed in, and nothing was changed. You can close this tab.'),
    );
  });

  it('says that the approval was denied, and asks for nothing', async () => {
    const { Page, requests, words } = await openPage('error=ACCESS_DENIED', findings);
    render(<Page />);
    await settle();
    expect(screen.getByRole('alert').textContent).toBe(`${words('ACCESS_DENIED_CAUSE')} (ACCESS_DENIED)`);
    expect(requests).toEqual([]);
  });

  it('says why there is no result, in the words of the server', async () => {
    const { Page } = await openPage('flow=f', () => Promise.reject(refusal('TEST_GONE', 'It is gone. (TEST_GONE)')));
    render(<Page />);
    await settle();
    expect(screen.getByRole('alert').textContent).toBe('It is gone. (TEST_GONE)');
  });
});
