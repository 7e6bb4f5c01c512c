/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/signin"}
 */
import { render, screen } from '@testing-library/react';
import { Space } from 'antd';
import type { ReactNode } from 'react';
import { act } from 'react';
import type { DingTalkFirst } from '../../../shared/contract';
import { click, comeBack, settle } from '../../../../testing/client/dom';
import { fakePlugin, networkError, refusal } from '../../../../testing/client/fake-plugin';
import { type Navigation, visit, watchNavigation } from '../../../../testing/client/navigation';
import type { Authenticator } from '../../nocobase';
import * as failureBundle from '../CallbackFailure';
import { callbackPage } from '../CallbackPage';
import { signInButton, signInButtonForHere } from '../SignInButton';
import * as firstBundle from './DingTalkFirst';

const DINGTALK = 'https://login.dingtalk.com/oauth2/auth?state=s';
const LINK = 'Other ways to sign in';

let navigation: Navigation;

beforeEach(() => {
  navigation = watchNavigation();
  sessionStorage.clear();
  visit('/signin');
  // jsdom knows neither.
  Object.assign(navigator, { userActivation: undefined });
  Object.assign(window, { navigation: undefined });
  jest.spyOn(performance, 'now').mockReturnValue(5000);
});

type First = Exclude<DingTalkFirst, 'no'>;

const authenticatorOf = (name: string, first?: First): Authenticator => ({
  name,
  authType: 'dingtalk',
  title: name,
  options: { ...(first && { first }) },
});

const forms = (
  <form>
    <input type="hidden" />
    <input aria-label="Username" />
    <input aria-label="Password" type="password" />
  </form>
);

/** As both of NocoBase's clients draw it. */
const page = (buttons: ReactNode[]) => (
  <Space direction="vertical">
    <div data-testid="forms">{forms}</div>
    <Space direction="vertical">{buttons}</Space>
  </Space>
);

/** As a later version of NocoBase might. */
const otherPage = (buttons: ReactNode[]) => (
  <>
    <div data-testid="forms">{forms}</div>
    <ul>
      {buttons.map((button, index) => (
        <li key={index}>{button}</li>
      ))}
    </ul>
  </>
);

interface Shown {
  all?: Authenticator[];
  draw?: (buttons: ReactNode[]) => ReactNode;
  answers?: Record<string, unknown>;
  bundles?: Record<string, object>;
}

async function show(
  first: First | undefined,
  { all = [authenticatorOf('one', first)], draw = page, ...more }: Shown = {},
) {
  const nocobase = fakePlugin({
    bundles: { 'DingTalkFirst.js': firstBundle, 'CallbackFailure.js': failureBundle },
    ...more,
    answers: { 'dingtalk:getAuthUrl': { url: DINGTALK }, 'authenticators:publicList': all, ...more.answers },
  });
  const SignInButton = await signInButtonForHere(nocobase.plugin);
  const buttons = [
    ...all.map((one) => <SignInButton key={one.name} authenticator={one} />),
    <button key="sms">SMS</button>,
  ];
  const view = render(draw(buttons));
  await settle();
  await settle();
  return { ...nocobase, view };
}

const isShown = (element: HTMLElement | null) => {
  for (let one = element; one; one = one.parentElement) {
    if (one.hidden || one.style.display === 'none') {
      return false;
    }
  }
  return element !== null;
};
const formsShown = () => isShown(screen.getByTestId('forms'));
const links = () => screen.queryAllByText(LINK).filter(isShown);
const left = () => navigation.assign.mock.calls.length;

describe('the button alone', () => {
  it('is not asked for: nothing is loaded, and the page is NocoBase’s', async () => {
    const { loaded } = await show(undefined);
    expect(loaded).toEqual([]);
    expect(formsShown()).toBe(true);
    expect(links()).toEqual([]);
  });

  it('folds the forms and other buttons away, and leaves for nowhere', async () => {
    await show('button');
    expect(formsShown()).toBe(false);
    expect(isShown(screen.getByText('SMS'))).toBe(false);
    expect(isShown(screen.getByLabelText('one'))).toBe(true);
    expect(links()).toHaveLength(1);
    expect(left()).toBe(0);
  });

  it('unfolds them by the link, in NocoBase’s order, and the keyboard goes on in the form', async () => {
    await show('button');
    await click(links()[0]);
    expect(formsShown()).toBe(true);
    expect(isShown(screen.getByText('SMS'))).toBe(true);
    expect(links()).toEqual([]);
    expect(document.activeElement).toBe(screen.getByLabelText('Username'));
    const order = screen.getByLabelText('Username').compareDocumentPosition(screen.getByLabelText('one'));
    expect(order & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  });

  it('shares the page with others that come first, under one link; one that does not is folded away', async () => {
    const all = [authenticatorOf('one', 'button'), authenticatorOf('two'), authenticatorOf('three', 'button')];
    await show('button', { all });
    expect(['one', 'two', 'three'].map((name) => isShown(screen.getByLabelText(name)))).toEqual([true, false, true]);
    expect(links()).toHaveLength(1);
    await click(links()[0]);
    expect(isShown(screen.getByLabelText('two'))).toBe(true);
    expect(formsShown()).toBe(true);
  });

  it('leaves a page alone that is drawn in another way', async () => {
    await show('button', { draw: otherPage });
    expect(formsShown()).toBe(true);
    expect(links()).toEqual([]);
  });

  it('leaves a page alone on which somebody types already', async () => {
    const { plugin } = fakePlugin({ bundles: { 'DingTalkFirst.js': firstBundle } });
    const SignInButton = signInButton(plugin);
    render(page([<SignInButton key="one" authenticator={authenticatorOf('one', 'atOnce')} />]));
    screen.getByLabelText('Password').focus();
    await settle();
    expect(formsShown()).toBe(true);
    expect(left()).toBe(0);
  });

  it('leaves the page alone where its bundle does not come', async () => {
    await show('button', { bundles: {} });
    expect(formsShown()).toBe(true);
  });

  it('has no link where there is nothing behind it', async () => {
    const all = [authenticatorOf('one', 'button')];
    const { plugin } = fakePlugin({ bundles: { 'DingTalkFirst.js': firstBundle } });
    const SignInButton = signInButton(plugin);
    render(
      <Space>
        <Space>
          <SignInButton authenticator={all[0]} />
        </Space>
      </Space>,
    );
    await settle();
    expect(links()).toEqual([]);
  });

  it('gives the page back when it goes', async () => {
    const { view } = await show('button');
    const parts = [...view.container.querySelectorAll<HTMLElement>('[style*="none"]')];
    expect(parts).not.toEqual([]);
    view.unmount();
    expect(parts.filter(({ style }) => style.display === 'none')).toEqual([]);
  });
});

describe.each(['button', 'atOnce'] as const)('?method=password, where the setting is "%s"', (first) => {
  it('shows NocoBase’s page as it is, and no page of this tab leaves by itself from now on', async () => {
    visit('/signin?method=password&redirect=%2Fadmin');
    const { view } = await show(first);
    expect(formsShown()).toBe(true);
    expect(links()).toEqual([]);
    view.unmount();
    visit('/signin');
    await show('atOnce');
    expect(left()).toBe(0);
  });
});

describe('at once', () => {
  it('leaves, with the form folded away, as by a click', async () => {
    const { bodiesOf } = await show('atOnce');
    expect(navigation.assign.mock.calls).toEqual([[DINGTALK]]);
    expect(bodiesOf('dingtalk:getAuthUrl')).toHaveLength(1);
    expect(formsShown()).toBe(false);
  });

  it('T110: leaves once in a tab, so that a refusal ends on a page with a choice, and not in a loop', async () => {
    const { view } = await show('atOnce');
    view.unmount();
    await show('atOnce');
    expect(left()).toBe(1);
    expect(formsShown()).toBe(false);
    expect(links()).toHaveLength(1);
  });

  it('T110: stays after the way back from DingTalk, where the page is shown as it was left', async () => {
    await show('atOnce');
    comeBack();
    await settle();
    expect(left()).toBe(1);
  });

  it('T110: stays after a refusal that came back in another tab', async () => {
    const { plugin } = fakePlugin({ bundles: { 'CallbackFailure.js': failureBundle } });
    const { Page: CallbackPage } = callbackPage(plugin);
    visit('/signin/dingtalk#error=ACCESS_DENIED');
    render(<CallbackPage />).unmount();
    await settle();
    visit('/signin');
    await show('atOnce');
    expect(left()).toBe(0);
  });

  it.each<[string, () => void]>([
    ['a page that was used', () => Object.assign(navigator, { userActivation: { hasBeenActive: true } })],
    ['a page that was open for a while', () => jest.spyOn(performance, 'now').mockReturnValue(60_001)],
    [
      'another page of NocoBase',
      () => jest.spyOn(document, 'referrer', 'get').mockReturnValue('https://nocobase.example.com/v/admin'),
    ],
    [
      'another page of NocoBase that names none',
      () => Object.assign(window, { navigation: { activation: { from: { url: null } } } }),
    ],
    ['v1, which ends a session', () => visit('/signin?redirect=')],
  ])('T109: stays after %s: after a sign-out, or the end of a session', async (_, come) => {
    come();
    await show('atOnce');
    expect(left()).toBe(0);
    expect(formsShown()).toBe(false);
    expect(links()).toHaveLength(1);
  });

  it.each<[string, () => void]>([
    [
      'a page of another site',
      () => jest.spyOn(document, 'referrer', 'get').mockReturnValue('https://portal.example/'),
    ],
    ['a link of an e-mail', () => Object.assign(window, { navigation: { activation: { from: null } } })],
    ['nobody', () => Object.assign(navigator, { userActivation: { hasBeenActive: false } })],
  ])('leaves for somebody who comes by %s', async (_, come) => {
    come();
    await show('atOnce');
    expect(left()).toBe(1);
  });

  it('stays where two authenticators want it', async () => {
    await show('atOnce', { all: [authenticatorOf('one', 'atOnce'), authenticatorOf('two', 'atOnce')] });
    expect(left()).toBe(0);
    expect(formsShown()).toBe(false);
    expect(links()).toHaveLength(1);
  });

  it('leaves where another authenticator does not want it', async () => {
    await show('atOnce', { all: [authenticatorOf('one', 'atOnce'), authenticatorOf('two', 'button')] });
    expect(left()).toBe(1);
  });

  it('stays where NocoBase does not say how many want it', async () => {
    await show('atOnce', { answers: { 'authenticators:publicList': () => Promise.reject(networkError()) } });
    expect(left()).toBe(0);
    expect(links()).toHaveLength(1);
  });

  it('tells why it could not leave', async () => {
    await show('atOnce', { answers: { 'dingtalk:getAuthUrl': () => Promise.reject(refusal('NOT_CONFIGURED')) } });
    expect(screen.getByText('A sentence (NOT_CONFIGURED)')).toBeTruthy();
    expect(links()).toHaveLength(1);
  });

  it('stays inside DingTalk', async () => {
    jest.spyOn(navigator, 'userAgent', 'get').mockReturnValue('AliApp(DingTalk/7.6.0)');
    await show('atOnce');
    expect(left()).toBe(0);
  });

  it('T109: stays in a frame', async () => {
    jest.spyOn(window, 'parent', 'get').mockReturnValue({} as typeof window);
    await show('atOnce');
    expect(left()).toBe(0);
  });

  it('stays where another way to sign in has failed', async () => {
    visit('/signin?authenticator=saml&error=denied');
    await show('atOnce');
    expect(left()).toBe(0);
  });

  it('waits until somebody sees the page', async () => {
    const state = jest.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    await show('atOnce');
    expect(left()).toBe(0);
    state.mockReturnValue('visible');
    act(() => void document.dispatchEvent(new Event('visibilitychange')));
    await settle();
    expect(left()).toBe(1);
  });

  it.each(['another way is chosen', 'the page is gone'])('does not leave any more when %s meanwhile', async (what) => {
    const state = jest.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    const { view } = await show('atOnce');
    if (what === 'the page is gone') {
      view.unmount();
    } else {
      await click(links()[0]);
    }
    state.mockReturnValue('visible');
    act(() => void document.dispatchEvent(new Event('visibilitychange')));
    await settle();
    expect(left()).toBe(0);
  });
});
