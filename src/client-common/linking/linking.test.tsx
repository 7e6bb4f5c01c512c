/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/v/admin/dingtalk"}
 */
import { fireEvent, render, screen, within } from '@testing-library/react';
import { StrictMode } from 'react';
import { click, comeBack, settle } from '../../../testing/client/dom';
import { fakePlugin, networkError, noAnswer, refusal } from '../../../testing/client/fake-plugin';
import { type Navigation, visit, watchNavigation } from '../../../testing/client/navigation';
import type { Link, PendingLink } from '../../shared/contract';
import accountPage from './AccountPage';
import linkPage from './LinkPage';
import { finishLink, readFailure } from './links';

const FAILURE = 'dingtalk-failed-link';
const ACCOUNT_PAGE = '/v/admin/dingtalk';

let navigation: Navigation;

beforeEach(() => {
  navigation = watchNavigation();
  sessionStorage.clear();
  visit(ACCOUNT_PAGE);
});

const notLinked: Link = { name: 'dingtalk', title: 'Harbour Tech', linked: null, canUnlink: true };
const linked: Link = {
  ...notLinked,
  linked: { nickname: '<b>小伟</b> 🌸', avatar: 'https://static.dingtalk.com/a.png' },
};
const lastWayIn: Link = { ...linked, canUnlink: false };
const pending: PendingLink = {
  confirmation: 'c'.repeat(43),
  authenticator: 'dingtalk',
  title: 'Harbour Tech',
  account: { nickname: '<b>小伟</b> {{1}}', avatar: 'https://static.dingtalk.com/b.png', corpId: 'ding7c3a' },
};

type Options = NonNullable<Parameters<typeof fakePlugin>[0]>;

describe('the account page', () => {
  async function openAccountPage(links: Link[], { answers, ...more }: Options = {}) {
    const nocobase = fakePlugin({
      basename: '/v/',
      ...more,
      answers: {
        'dingtalk:getLinks': links,
        'dingtalk:getLinkUrl': { url: 'https://login.dingtalk.com/x' },
        'dingtalk:unlink': {},
        'dingtalk:getPendingLink': { pending: null },
        ...answers,
      },
    });
    const AccountPage = accountPage(nocobase.plugin);
    const view = render(<AccountPage />, { wrapper: StrictMode });
    await settle();
    return { ...nocobase, AccountPage, view };
  }

  const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name });
  const alerts = () => screen.queryAllByRole('alert').map(({ textContent }) => textContent);

  it.each(['en-US', 'zh-CN'])('says in %s what is not linked, and leaves for DingTalk', async (language) => {
    const page = await openAccountPage([notLinked], { language });
    expect(screen.getByRole('heading').textContent).toBe(page.words('DingTalk account'));
    expect(screen.getByRole('listitem').textContent).toContain(page.words('Not linked'));
    const link = button(`${page.words('Link')}: Harbour Tech`);
    await click(link);
    expect(page.bodiesOf('dingtalk:getLinkUrl')).toEqual([
      {
        authenticator: 'dingtalk',
        callback: 'https://nocobase.example.com/v/signin/dingtalk/link',
        redirectUri: 'https://nocobase.example.com/api/dingtalk:redirect',
      },
    ]);
    expect(navigation.assign.mock.calls).toEqual([['https://login.dingtalk.com/x']]);
    expect(link.classList).toContain('ant-btn-loading');
  });

  it('can link again after the way back from DingTalk', async () => {
    await openAccountPage([notLinked]);
    const link = button('Link: Harbour Tech');
    await click(link);
    comeBack();
    expect(link.classList).not.toContain('ant-btn-loading');
  });

  it('listens for the way back no longer than it is there', async () => {
    const [added, removed] = [jest.spyOn(window, 'addEventListener'), jest.spyOn(window, 'removeEventListener')];
    const listenersIn = (spy: jest.SpyInstance) =>
      spy.mock.calls.filter(([type]) => type === 'pageshow').map(([, listener]) => listener);
    const { view } = await openAccountPage([notLinked]);
    view.unmount();
    expect(listenersIn(added).length).toBeGreaterThan(0);
    expect(listenersIn(removed)).toEqual(listenersIn(added));
  });

  it('names an authenticator without a title', async () => {
    await openAccountPage([{ ...notLinked, title: null }]);
    expect(button('Link: DingTalk')).toBeTruthy();
  });

  it('T25: shows the name of a linked account as text, and its picture without a referrer', async () => {
    const { view } = await openAccountPage([linked]);
    expect(screen.getByText('<b>小伟</b> 🌸')).toBeTruthy();
    const picture = view.container.querySelector('img');
    expect(picture?.getAttribute('src')).toBe('https://static.dingtalk.com/a.png');
    expect(picture?.getAttribute('referrerpolicy')).toBe('no-referrer');
    expect(picture?.getAttribute('alt')).toBe('');
  });

  it('shows DingTalk’s mark in place of a picture that does not load, and another picture again', async () => {
    const { view, answers, words } = await openAccountPage([linked, { ...linked, name: 'other', title: 'Other' }]);
    const rows = () => screen.getAllByRole('listitem');
    const mark = (row: Element) => row.querySelector('.anticon-dingtalk');
    expect(rows().map((row) => mark(row) === null)).toEqual([true, true]);
    fireEvent.error(rows()[0].querySelector('img') as Element);
    expect(rows()[0].querySelector('img')).toBeNull();
    expect(mark(rows()[0])).not.toBeNull();
    expect(rows()[1].querySelector('img')).not.toBeNull();
    // Linked with another account, in the same row.
    answers['dingtalk:getLinks'] = [
      { ...linked, linked: { nickname: 'B', avatar: 'https://static.dingtalk.com/c.png' } },
    ];
    await click(button(`${words('Unlink')}: Harbour Tech`));
    await click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Unlink' }));
    expect(view.container.querySelector('img')?.getAttribute('src')).toBe('https://static.dingtalk.com/c.png');
  });

  it.each(['en-US', 'zh-CN'])('says in %s since when an account is linked, and when it was used', async (language) => {
    const since = new Date(2026, 10, 6, 23, 59).getTime();
    const lastSignIn = new Date(2026, 10, 20, 0, 1).getTime();
    const times = { ...linked, linked: { nickname: '小伟', since, lastSignIn } };
    const { words } = await openAccountPage([times], { language });
    const { textContent } = screen.getByRole('listitem');
    expect(textContent).toContain(`${words('Linked since:')} 2026-11-06`);
    expect(textContent).toContain(`${words('Last sign-in:')} 2026-11-20`);
  });

  it('says nothing of times that are not known', async () => {
    const { words } = await openAccountPage([linked]);
    expect(screen.getByRole('listitem').textContent).not.toMatch(
      new RegExp(`${words('Linked since:')}|${words('Last sign-in:')}`),
    );
  });

  it('says that an account without a name is linked', async () => {
    await openAccountPage([{ ...linked, linked: { nickname: '' } }]);
    expect(screen.getByText('Linked')).toBeTruthy();
  });

  it('says where there is no DingTalk authenticator', async () => {
    const { words, view } = await openAccountPage([]);
    expect(view.container.textContent).toContain(words('There is no DingTalk to sign in with.'));
  });

  it('does not unlink the last way to sign in, and says why', async () => {
    const { words } = await openAccountPage([lastWayIn]);
    const unlink = button('Unlink: Harbour Tech');
    expect(unlink.disabled).toBe(true);
    const reason = document.getElementById(unlink.getAttribute('aria-describedby') ?? '');
    expect(reason?.textContent).toBe(words('This is your only way to sign in.'));
  });

  it('asks before it unlinks, and says so and shows it afterwards', async () => {
    const page = await openAccountPage([linked]);
    await click(button('Unlink: Harbour Tech'));
    const dialog = screen.getByRole('dialog', { name: 'Unlink this DingTalk account?' });
    expect(dialog.textContent).toContain(
      page.words('You can then no longer sign in with it, until you link it again here.'),
    );
    expect(page.bodiesOf('dingtalk:unlink')).toEqual([]);
    page.answers['dingtalk:getLinks'] = [notLinked];
    await click(within(dialog).getByRole('button', { name: 'Unlink' }));
    expect(page.bodiesOf('dingtalk:unlink')).toEqual([{ authenticator: 'dingtalk' }]);
    expect(screen.getByRole('status').textContent).toBe(page.words('The DingTalk account is no longer linked.'));
    expect(button('Link: Harbour Tech')).toBeTruthy();
  });

  it('unlinks nothing where that is cancelled', async () => {
    const page = await openAccountPage([linked]);
    await click(button('Unlink: Harbour Tech'));
    await click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Cancel' }));
    expect(page.bodiesOf('dingtalk:unlink')).toEqual([]);
    expect(button('Unlink: Harbour Tech').disabled).toBe(false);
  });

  it.each([
    ['the sentence of the server', refusal('LAST_WAY_IN', 'A sentence.'), 'A sentence.'],
    ['that it failed, where no answer comes', networkError(), undefined],
  ])('tells %s where unlinking fails', async (_, error, sentence) => {
    const page = await openAccountPage([linked], { answers: { 'dingtalk:unlink': () => Promise.reject(error) } });
    await click(button('Unlink: Harbour Tech'));
    await click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Unlink' }));
    expect(alerts()).toEqual([sentence ?? page.words('LINK_FAILED')]);
  });

  it('tells why it cannot leave for DingTalk, and can be asked again', async () => {
    const page = await openAccountPage([notLinked], {
      answers: {
        'dingtalk:getLinkUrl': () => Promise.reject(refusal('NOT_CONFIGURED', 'A sentence.')),
      },
    });
    await click(button('Link: Harbour Tech'));
    expect(alerts()).toEqual(['A sentence.']);
    expect(button('Link: Harbour Tech').classList).not.toContain('ant-btn-loading');

    page.answers['dingtalk:getLinkUrl'] = noAnswer;
    await click(button('Link: Harbour Tech'));
    expect(alerts()).toEqual([]);
  });

  it('tells where the links cannot be read', async () => {
    const { words, view } = await openAccountPage([], {
      answers: { 'dingtalk:getLinks': () => Promise.reject(networkError()) },
    });
    expect(alerts()).toEqual([words('LINK_FAILED')]);
    expect(view.container.querySelector('.ant-card')).toBeNull();
  });

  describe('about an account that waits', () => {
    const QUESTION = 'Link this DingTalk account with your user?';
    const ask = (options: Options = {}, waiting: PendingLink | null = pending) =>
      openAccountPage([notLinked], {
        ...options,
        answers: {
          'dingtalk:getPendingLink': { pending: waiting },
          'dingtalk:confirmLink': { authenticator: 'dingtalk' },
          'dingtalk:declineLink': {},
          ...options.answers,
        },
      });
    const dialog = () => screen.getByRole('dialog', { name: QUESTION });
    const answersOf = (page: Awaited<ReturnType<typeof ask>>) =>
      page.requests.filter(({ url }) => /confirm|decline/.test(url)).map(({ url, data }) => [url, data]);

    it.each(['en-US', 'zh-CN'])('asks in %s, and names it', async (language) => {
      const { words } = await ask({ language });
      const { textContent } = screen.getByRole('dialog', { name: words(QUESTION) });
      expect(textContent).toContain('<b>小伟</b> {{1}}');
      expect(textContent).toContain(`${words('Organization')}: ding7c3a`);
      expect(textContent).toContain('Harbour Tech');
      expect(textContent).toContain(
        words('Link it only if it is yours: whoever uses this DingTalk account can then sign in as you.'),
      );
    });

    it('T25: shows its name as text, apart from what stands beside it, and its picture without a referrer', async () => {
      await ask();
      const name = within(dialog()).getByText('<b>小伟</b> {{1}}');
      expect(name.tagName).toBe('BDI');
      const picture = dialog().querySelector('img');
      expect(picture?.getAttribute('src')).toBe('https://static.dingtalk.com/b.png');
      expect(picture?.getAttribute('referrerpolicy')).toBe('no-referrer');
    });

    it('asks about one of which little is known', async () => {
      const { words } = await ask({}, { ...pending, title: null, account: { nickname: '' } });
      expect(dialog().querySelector('img')).toBeNull();
      expect(dialog().textContent).toContain(words('DingTalk account'));
      expect(dialog().textContent).not.toContain(words('Organization'));
      expect(dialog().textContent).toContain(words('DingTalk'));
    });

    it('does not ask where none waits', async () => {
      await ask({}, null);
      expect(screen.queryByRole('dialog')).toBeNull();
    });

    it('T52: links nothing by itself, by Escape, or by a click beside the question', async () => {
      const page = await ask();
      expect(answersOf(page)).toEqual([]);
      await click(document.querySelector('.ant-modal-wrap') as Element);
      fireEvent.keyDown(dialog(), { key: 'Enter', keyCode: 13 });
      expect(dialog()).toBeTruthy();
      fireEvent.keyDown(dialog(), { key: 'Escape', keyCode: 27 });
      await settle();
      page.view.unmount();
      await settle();
      expect(answersOf(page)).toEqual([]);
    });

    it('links the one that was named, says so, and shows it', async () => {
      const page = await ask();
      page.answers['dingtalk:getLinks'] = [linked];
      await click(within(dialog()).getByRole('button', { name: 'Link' }));
      expect(answersOf(page)).toEqual([['dingtalk:confirmLink', { confirmation: pending.confirmation }]]);
      expect(screen.getByRole('status').textContent).toBe(page.words('Your DingTalk account is linked.'));
      expect(button('Unlink: Harbour Tech')).toBeTruthy();
      expect(screen.queryByRole('dialog', { name: QUESTION })).toBeNull();
    });

    it('forgets one that is not the user’s, and says that it was not linked', async () => {
      const page = await ask();
      await click(within(dialog()).getByRole('button', { name: 'Not my account' }));
      expect(answersOf(page)).toEqual([['dingtalk:declineLink', { confirmation: pending.confirmation }]]);
      expect(screen.getByRole('status').textContent).toBe(page.words('The DingTalk account was not linked.'));
      expect(screen.queryByRole('dialog', { name: QUESTION })).toBeNull();
    });

    it('can be answered once', async () => {
      const page = await ask({ answers: { 'dingtalk:confirmLink': noAnswer } });
      const [decline, link] = within(dialog()).getAllByRole<HTMLButtonElement>('button');
      await click(link);
      await click(link);
      await click(decline);
      expect(answersOf(page)).toHaveLength(1);
      expect(link.classList).toContain('ant-btn-loading');
      expect(decline.disabled).toBe(true);
    });

    it.each([
      ['Link', 'dingtalk:confirmLink'],
      ['Not my account', 'dingtalk:declineLink'],
    ])('tells why it failed, and closes: %s', async (name, action) => {
      const sentence = 'Taken.';
      await ask({ answers: { [action]: () => Promise.reject(refusal('DINGTALK_ACCOUNT_TAKEN', sentence)) } });
      await click(within(dialog()).getByRole('button', { name }));
      expect(alerts()).toEqual([sentence]);
      expect(screen.queryByRole('dialog', { name: QUESTION })).toBeNull();
    });

    it('tells where it cannot know whether one waits', async () => {
      const { words } = await ask({ answers: { 'dingtalk:getPendingLink': () => Promise.reject(networkError()) } });
      expect(alerts()).toEqual([words('LINK_FAILED')]);
      expect(button('Link: Harbour Tech')).toBeTruthy();
    });
  });

  describe('the failure of a link', () => {
    const leaveFailure = () =>
      sessionStorage.setItem(
        FAILURE,
        JSON.stringify({ sentence: 'Taken.', code: 'DINGTALK_ACCOUNT_TAKEN', time: 'then' }),
      );

    it('is told, also where NocoBase mounts the page again', async () => {
      leaveFailure();
      const { view, AccountPage } = await openAccountPage([notLinked]);
      expect(alerts()).toEqual(['Taken.']);
      view.unmount();
      render(<AccountPage />);
      await settle();
      expect(alerts()).toEqual(['Taken.']);
    });

    it.each([
      ['is loaded anew', () => void window.dispatchEvent(new Event('pagehide'))],
      ['was left for another page of NocoBase', () => visit('/v/admin')],
    ])('is not told again when the page %s', async (_, leave) => {
      leaveFailure();
      const { view, AccountPage } = await openAccountPage([notLinked]);
      leave();
      view.unmount();
      visit(ACCOUNT_PAGE);
      render(<AccountPage />);
      await settle();
      expect(alerts()).toEqual([]);
    });

    it('disappears when the user does something else', async () => {
      leaveFailure();
      await openAccountPage([notLinked]);
      await click(button('Link: Harbour Tech'));
      expect(alerts()).toEqual([]);
    });
  });
});

describe('finishLink', () => {
  const ID = '0b0e0a1c-5f1d-4a52-9d2e-0e4a6a3c7f10';
  const answering = (answer: unknown, more: Options = {}) =>
    fakePlugin({ basename: '/v/', token: 'jwt', answers: { 'dingtalk:link': answer }, ...more });

  it('hands over the flow, and opens the account page, which asks', async () => {
    const { plugin, bodiesOf } = answering(pending);
    await finishLink(plugin, { authenticator: 'dingtalk', flow: 'f' });
    expect(bodiesOf('dingtalk:link')).toEqual([{ flow: 'f' }]);
    expect(readFailure()).toBeNull();
    expect(navigation.replace.mock.calls).toEqual([[ACCOUNT_PAGE]]);
  });

  it('hands over the sentence of a refusal', async () => {
    const { plugin } = answering(() => Promise.reject(refusal('UNLINK_FIRST', 'First.', 409, ID)));
    await finishLink(plugin, { flow: 'f' });
    expect(readFailure()).toMatchObject({ sentence: 'First.', code: 'UNLINK_FIRST', requestId: ID });
    expect(navigation.replace.mock.calls).toEqual([[ACCOUNT_PAGE]]);
  });

  it('hands over that it failed, where no answer comes', async () => {
    const { plugin, words } = answering(() => Promise.reject(networkError()));
    await finishLink(plugin, { flow: 'f' });
    expect(readFailure()).toMatchObject({ sentence: words('LINK_FAILED'), code: 'LINK_FAILED' });
  });

  it('asks nobody without a flow, and hands over why there is none', async () => {
    const { plugin, words, requests } = answering({}, { language: 'zh-CN' });
    await finishLink(plugin, { error: 'ACCESS_DENIED' });
    expect(requests).toEqual([]);
    expect(readFailure()).toMatchObject({ sentence: words('ACCESS_DENIED'), code: 'ACCESS_DENIED' });
  });

  it('T26: leaves nothing for the next user of this tab if the session ended meanwhile', async () => {
    const { plugin, auth } = answering(() => {
      // NocoBase drops the token when the server says that it is not valid.
      auth.setToken(null);
      return Promise.reject(refusal('TOKEN_INVALID', '', 401));
    });
    await finishLink(plugin, { flow: 'f' });
    expect(readFailure()).toBeNull();
    expect(navigation.replace.mock.calls).toEqual([[ACCOUNT_PAGE]]);
  });
});

it('the page of a link says what it does, links once however often it is rendered', async () => {
  visit('/v/signin/dingtalk/link#flow=f');
  const { plugin, bodiesOf, words } = fakePlugin({
    language: 'zh-CN',
    basename: '/v',
    token: 'jwt',
    answers: { 'dingtalk:link': {} },
  });
  const LinkPage = await linkPage(plugin);
  const first = render(<LinkPage />, { wrapper: StrictMode });
  expect(screen.getByRole('status').textContent).toContain(words('Linking your DingTalk account…'));
  first.unmount();
  render(<LinkPage />);
  await settle();
  expect(bodiesOf('dingtalk:link')).toEqual([{ flow: 'f' }]);
  expect(navigation.replace.mock.calls).toEqual([[ACCOUNT_PAGE]]);
});
