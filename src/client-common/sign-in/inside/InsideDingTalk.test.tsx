/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/signin?redirect=%2Fadmin%2Fx"}
 */
import { cleanup, render, screen } from '@testing-library/react';
import { StrictMode } from 'react';
import { click, comeBack, settle } from '../../../../testing/client/dom';
import { fakePlugin, noAnswer, refusal } from '../../../../testing/client/fake-plugin';
import { type Navigation, watchNavigation } from '../../../../testing/client/navigation';
import { dingTalkClientCodes } from '../../../shared/codes';
import type { Authenticator } from '../../nocobase';
import insideDingTalk from './InsideDingTalk';
import { JsapiError, UNKNOWN_CLIENT } from './jsapi-error';

const DINGTALK = 'https://login.dingtalk.com/oauth2/auth?state=s';

let navigation: Navigation;

beforeEach(() => {
  navigation = watchNavigation();
  sessionStorage.clear();
});

const authenticator: Authenticator = {
  name: 'dingtalk',
  authType: 'dingtalk',
  title: 'Harbour Tech',
  options: { autoSignIn: true, clientId: 'client', corpId: 'ding1' },
};
const withoutCorpId: Authenticator = { ...authenticator, options: { autoSignIn: true, clientId: 'client' } };

type Options = NonNullable<Parameters<typeof fakePlugin>[0]>;

/** The sign-in page inside the DingTalk client, with the buttons of these authenticators. */
async function openSignInPage({ answers, ...more }: Options = {}, ...authenticators: Authenticator[]) {
  const requestAuthCode = jest.fn().mockResolvedValue('code');
  const nocobase = fakePlugin({
    bundles: { 'DingTalkJsapi.js': { default: () => ({ requestAuthCode, showTitle: jest.fn() }) } },
    ...more,
    answers: {
      'auth:check': {},
      'auth:signIn': { user: { id: 7 }, token: 'jwt', redirect: '/admin/x' },
      'dingtalk:getState': { state: 'state' },
      'dingtalk:getAuthUrl': { url: DINGTALK },
      'systemSettings:get': { title: 'Harbour Tech' },
      ...answers,
    },
  });
  const show = async () => {
    const Button = await insideDingTalk(nocobase.plugin);
    render(
      (authenticators.length ? authenticators : [authenticator]).map((each) => (
        <Button key={each.name} authenticator={each} />
      )),
      {
        wrapper: StrictMode,
      },
    );
    await settle();
  };
  return { ...nocobase, requestAuthCode, show };
}

/** Beside it, a failure has a place where it says that it was copied. */
const curtain = () => screen.queryAllByRole('status').find(({ textContent }) => textContent)?.textContent;

it('signs in without a click, behind a curtain, and opens the page that was first wanted', async () => {
  let answer: (code: string) => void = () => undefined;
  const page = await openSignInPage();
  page.requestAuthCode.mockReturnValue(new Promise((resolve) => (answer = resolve)));
  await page.show();
  expect(curtain()).toContain(page.words('Signing in with DingTalk…'));
  expect(page.bodiesOf('dingtalk:getState')).toEqual([
    {
      page: 'https://nocobase.example.com/signin?redirect=%2Fadmin%2Fx',
      callback: 'https://nocobase.example.com/signin/dingtalk',
      redirect: '/admin/x',
    },
  ]);
  answer('code');
  await settle();
  expect(page.bodiesOf('auth:signIn')).toEqual([{ code: 'code', state: 'state' }]);
  expect(page.auth).toMatchObject({ token: 'jwt', authenticator: 'dingtalk' });
  expect(navigation.replace.mock.calls).toEqual([['/admin/x']]);
  expect(curtain()).toContain('DingTalk');
});

it('asks who is signed in first, so that a second factor can take the page elsewhere', async () => {
  const page = await openSignInPage({ answers: { 'auth:check': noAnswer } });
  await page.show();
  expect(page.auth.token).toBe('jwt');
  expect(navigation.replace).not.toHaveBeenCalled();
});

it('opens the page where that fails, too', async () => {
  const page = await openSignInPage({ answers: { 'auth:check': () => Promise.reject(new Error('no network')) } });
  await page.show();
  expect(navigation.replace.mock.calls).toEqual([['/admin/x']]);
});

it.each(dingTalkClientCodes)('tells %s of the client in words, and leaves the button', async (code) => {
  const page = await openSignInPage({ language: 'zh-CN' });
  page.requestAuthCode.mockRejectedValue(new JsapiError(code));
  await page.show();
  expect(screen.getByRole('alert').textContent).toBe(page.words(code));
  expect(document.querySelector('details')?.textContent).toContain(page.words(`${code}_CAUSE`));
  expect(curtain()).toBeUndefined();
  await click(screen.getByRole('button', { name: 'Harbour Tech' }));
  expect(navigation.assign.mock.calls).toEqual([[DINGTALK]]);
});

it('leaves the button without a sentence in a client of which nothing is known', async () => {
  const page = await openSignInPage();
  page.requestAuthCode.mockRejectedValue(new JsapiError(UNKNOWN_CLIENT));
  await page.show();
  expect(page.requestAuthCode).toHaveBeenCalledTimes(1);
  expect(screen.queryByRole('alert')).toBeNull();
  expect(curtain()).toBeUndefined();
  await click(screen.getByRole('button'));
  expect(navigation.assign.mock.calls).toEqual([[DINGTALK]]);
});

it('tells what the server says, and does not try again on the next page', async () => {
  const sentence = 'Not in the organization.';
  const page = await openSignInPage({
    answers: { 'auth:signIn': () => Promise.reject(refusal('NOT_A_MEMBER', sentence)) },
  });
  await page.show();
  expect(screen.getByRole('alert').textContent).toBe(sentence);
  cleanup();
  await page.show();
  expect(page.requestAuthCode).toHaveBeenCalledTimes(1);
  expect(screen.queryByRole('alert')).toBeNull();
  expect(curtain()).toBeUndefined();
});

it.each([
  ['LINK_FIRST', ['Sign in another way']],
  ['NOT_A_MEMBER', []],
])('leads an account that belongs to no user yet to another way to sign in, and no other: %s', async (code, links) => {
  const page = await openSignInPage({
    answers: { 'auth:signIn': () => Promise.reject(refusal(code, 'A sentence.')) },
  });
  await page.show();
  const shown = screen.queryAllByRole<HTMLAnchorElement>('link');
  expect(shown.map(({ textContent }) => textContent)).toEqual(links);
  expect(shown.every(({ href }) => href.endsWith('/signin?method=password&redirect=%2Fadmin%2Fdingtalk'))).toBe(true);
});

it('acts with the first of several authenticators alone', async () => {
  const off = { ...authenticator, name: 'off', options: {} };
  const page = await openSignInPage({}, off, authenticator, { ...authenticator, name: 'second' });
  await page.show();
  expect(page.requestAuthCode).toHaveBeenCalledTimes(1);
  expect(page.auth.authenticator).toBe('dingtalk');
});

it('does nothing by itself where automatic sign-in is off', async () => {
  const page = await openSignInPage({}, { ...authenticator, options: {} });
  await page.show();
  expect(page.requests).toEqual([]);
  expect(page.loaded).toEqual([]);
  expect(screen.getByRole('button').textContent).toBe('Harbour Tech');
});

it('goes to DingTalk’s approval once without a Corp ID, as the client would ask for approval, too', async () => {
  const page = await openSignInPage({}, withoutCorpId);
  await page.show();
  expect(navigation.assign.mock.calls).toEqual([[DINGTALK]]);
  expect(page.requestAuthCode).not.toHaveBeenCalled();
  expect(curtain()).toContain('DingTalk');

  comeBack();
  expect(curtain()).toBeUndefined();
  cleanup();
  await page.show();
  expect(navigation.assign).toHaveBeenCalledTimes(1);
});

it('listens for the way back no longer than it is there', async () => {
  const added = jest.spyOn(window, 'addEventListener');
  const removed = jest.spyOn(window, 'removeEventListener');
  const listeners = (spy: jest.SpyInstance) =>
    spy.mock.calls.filter(([type]) => type === 'pageshow').map(([, listener]) => listener);
  const page = await openSignInPage({ answers: { 'dingtalk:getState': noAnswer } });
  await page.show();
  cleanup();
  expect(listeners(added).length).toBeGreaterThan(0);
  expect(new Set(listeners(removed))).toEqual(new Set(listeners(added)));
});
