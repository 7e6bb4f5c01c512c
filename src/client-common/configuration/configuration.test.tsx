/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://nocobase.example.com/admin/settings/auth/authenticators"}
 */
import { fireEvent, render, screen } from '@testing-library/react';
import { App } from 'antd';
import { click as press } from '../../../testing/client/dom';
import { fakePlugin, networkError, noAnswer, refusal } from '../../../testing/client/fake-plugin';
import type { AuthenticatorOptions, Finding } from '../../shared/contract';
import { ConfigurationCheck } from './ConfigurationCheck';
import { RedirectUrl, SignUpWarning } from './fields';

const scrolled = jest.fn();

beforeEach(() => {
  // jsdom has no layout, so nothing to scroll.
  Element.prototype.scrollIntoView = scrolled.mockClear();
});

const CONSOLE = 'https://open-dev.dingtalk.com/';
const options: AuthenticatorOptions = { dingtalk: { clientId: 'id', clientSecret: 'secret' } };
const findings: Finding[] = [
  { code: 'CREDENTIALS_ACCEPTED', outcome: 'ok', message: 'DingTalk accepts them.' },
  { code: 'PERMISSIONS_UNSEEN', outcome: 'info', message: 'Make sure.', page: CONSOLE },
  { code: 'ANYONE_CAN_REGISTER', outcome: 'warning', message: 'Anyone can.' },
  { code: 'CREDENTIALS_REFUSED', outcome: 'error', message: 'Copy again.', page: CONSOLE },
];

describe('the configuration check', () => {
  function showCheck(answer: unknown = findings, { language = 'en-US', given = options } = {}) {
    const nocobase = fakePlugin({ language, answers: { 'dingtalk:checkConfiguration': answer } });
    const check = (values: AuthenticatorOptions) => (
      <ConfigurationCheck app={nocobase.app} options={values} authenticator="s_1" t={nocobase.plugin.t} />
    );
    const view = render(check(given));
    const button = screen.getByRole<HTMLButtonElement>('button');
    const click = () => press(button);
    const change = (values: AuthenticatorOptions) => view.rerender(check(values));
    return { ...nocobase, view, button, click, change };
  }

  it.each([
    ['nothing', {}],
    ['no secret', { dingtalk: { clientId: 'id' } }],
    ['no Client ID', { dingtalk: { clientId: '', clientSecret: 'secret' } }],
  ])('waits for both values: %s', (_, given) => {
    expect(showCheck(findings, { given }).button.disabled).toBe(true);
  });

  it('asks with the values of the form and the Redirect URL, and says that nothing is saved', async () => {
    const { click, bodiesOf, view, words } = showCheck();
    expect(view.container.textContent).toContain(words('Asks DingTalk about these values. Nothing is saved.'));
    await click();
    expect(bodiesOf('dingtalk:checkConfiguration')).toEqual([
      { options, authenticator: 's_1', redirectUri: 'https://nocobase.example.com/api/dingtalk:redirect' },
    ]);
  });

  it('leads an administrator whose session has ended to the sign-in page, as NocoBase does', async () => {
    const { app, click } = showCheck();
    const request = jest.spyOn(app.apiClient, 'request');
    await click();
    expect(request.mock.calls[0][0]).toMatchObject({ skipNotify: true });
    expect(request.mock.calls[0][0]).not.toHaveProperty('skipAuth');
  });

  it.each(['en-US', 'zh-CN'])('tells each finding in %s with a name for its sign', async (language) => {
    const { click, words } = showCheck(findings, { language });
    await click();
    const list = screen.getByRole('list');
    expect(list.getAttribute('aria-label')).toBe(words('What the check found'));
    const signs = screen.getAllByRole('img').map((sign) => sign.getAttribute('aria-label'));
    // What is to be done first stands first.
    expect(signs).toEqual(['Error', 'Warning', 'Note', 'In order'].map(words));
    expect(new Set(signs).size).toBe(4);
    expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual(
      [...findings]
        .reverse()
        .map(({ message, page }) => (page ? `${message} ${words('DingTalk developer console')}` : `${message} `)),
    );
  });

  const [ok, info, warning, error] = findings;
  it.each([
    ['what there is to do and to know', findings, 'To do: 2 · To know: 1'],
    ['that nothing is to be done', [ok, info], 'Nothing to do · To know: 1'],
    ['only what there is to do', [ok, error], 'To do: 1'],
    ['that all is in order', [ok, { ...ok, message: 'So is this.' }], 'Nothing to do'],
  ])('says above the list %s', async (_, found, summary) => {
    const { click, view } = showCheck(found);
    await click();
    expect(view.container.querySelector('[aria-live=polite] > div')?.textContent).toBe(summary);
  });

  it('keeps the order of what is equally urgent, and needs no summary of a single line', async () => {
    const second = { ...warning, message: 'Second.' };
    const { click, view, answers } = showCheck([info, warning, second]);
    await click();
    const texts = () => screen.getAllByRole('listitem').map(({ textContent }) => textContent?.trim());
    expect(texts().slice(0, 2)).toEqual(['Anyone can.', 'Second.']);
    answers['dingtalk:checkConfiguration'] = [error];
    await click();
    expect(texts()).toHaveLength(1);
    expect(view.container.querySelector('[aria-live=polite] > div')).toBeNull();
  });

  it('opens DingTalk’s console in a tab of its own, which cannot reach this one', async () => {
    const { click } = showCheck();
    await click();
    const [link] = screen.getAllByRole('link');
    expect(link.getAttribute('href')).toBe(CONSOLE);
    expect(link.getAttribute('target')).toBe('_blank');
    expect(link.getAttribute('rel')).toBe('noopener noreferrer');
  });

  it('is busy while it asks, and tells screen readers', async () => {
    const { click, button, view } = showCheck(noAnswer);
    await click();
    expect(button.classList).toContain('ant-btn-loading');
    const region = view.container.querySelector('[aria-live=polite]');
    expect(region?.getAttribute('aria-busy')).toBe('true');
  });

  it('scrolls to what it found', async () => {
    const { click } = showCheck();
    expect(scrolled).not.toHaveBeenCalled();
    await click();
    expect(scrolled).toHaveBeenCalledWith({ block: 'nearest' });
  });

  it('forgets what it found when a value changes, and knows it again when it is changed back', async () => {
    const { click, change } = showCheck();
    await click();
    change({ dingtalk: { clientId: 'id', clientSecret: 'other' } });
    expect(screen.queryByRole('list')).toBeNull();
    change({ dingtalk: { clientId: 'id', clientSecret: 'secret' } });
    expect(screen.queryByRole('list')).not.toBeNull();
  });

  it.each([
    [
      'the sentence of the server',
      refusal('REQUEST_INVALID', 'A sentence. (REQUEST_INVALID)'),
      'A sentence. (REQUEST_INVALID)',
    ],
    ['that it failed, where no answer comes', networkError(), undefined],
  ])('tells %s where it fails, and can be asked again', async (_, error, sentence) => {
    const { click, view, words, answers, button } = showCheck(() => Promise.reject(error));
    await click();
    expect(view.container.querySelector('.ant-alert-error')?.textContent).toBe(sentence ?? words('CHECK_FAILED'));
    expect(screen.queryByRole('list')).toBeNull();
    expect(button.classList).not.toContain('ant-btn-loading');
    answers['dingtalk:checkConfiguration'] = findings;
    await click();
    expect(view.container.querySelector('.ant-alert-error')).toBeNull();
    expect(screen.getAllByRole('listitem')).toHaveLength(4);
  });
});

describe('the Redirect URL', () => {
  const URL_SHOWN = 'https://nocobase.example.com/api/dingtalk:redirect';

  async function copyRedirectUrl({ clipboard, execCommand }: { clipboard?: object; execCommand?: () => boolean } = {}) {
    Object.defineProperty(navigator, 'clipboard', { value: clipboard, configurable: true });
    Object.defineProperty(document, 'execCommand', { value: execCommand, configurable: true });
    const nocobase = fakePlugin();
    render(
      <App>
        <RedirectUrl app={nocobase.app} t={nocobase.words} id="redirect-url" />
      </App>,
    );
    const button = screen.getByRole('button', { name: nocobase.words('Copy') });
    button.focus();
    await press(button);
    return nocobase;
  }

  it('is shown whole, with a name, and cannot be changed', async () => {
    const { words } = await copyRedirectUrl({ clipboard: { writeText: async () => undefined } });
    const field = screen.getByRole<HTMLInputElement>('textbox', { name: words('Redirect URL') });
    expect(field.value).toBe(URL_SHOWN);
    expect(field.readOnly).toBe(true);
    expect(field.id).toBe('redirect-url');
    fireEvent.focus(field);
    expect(field.value.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0)).toBe(URL_SHOWN);
  });

  it('is copied by the clipboard of the browser', async () => {
    const writeText = jest.fn().mockResolvedValue(undefined);
    const { words } = await copyRedirectUrl({ clipboard: { writeText } });
    expect(writeText).toHaveBeenCalledWith(URL_SHOWN);
    expect(screen.getByText(words('Copied'))).toBeTruthy();
  });

  it('is copied on plain http too, where browsers have no clipboard, from a place where a drawer allows focus', async () => {
    let copied = '';
    let besideButton = false;
    const execCommand = () => {
      const area = document.activeElement as HTMLTextAreaElement;
      copied = area.value.slice(area.selectionStart, area.selectionEnd);
      besideButton = area.matches('button ~ textarea');
      return true;
    };
    Object.assign(HTMLTextAreaElement.prototype, {
      select(this: HTMLTextAreaElement) {
        this.focus();
        this.setSelectionRange(0, this.value.length);
      },
    });
    const { words } = await copyRedirectUrl({ execCommand });
    expect(copied).toBe(URL_SHOWN);
    expect(besideButton).toBe(true);
    expect(screen.getByText(words('Copied'))).toBeTruthy();
    expect(document.querySelector('textarea')).toBeNull();
  });

  it.each([
    ['the clipboard refuses', { clipboard: { writeText: () => Promise.reject(new Error()) } }],
    ['the browser does not copy', { execCommand: () => false }],
  ])('says that the user has to copy it where %s', async (_, browser) => {
    const { words } = await copyRedirectUrl(browser);
    expect(screen.getByText(words('Could not copy. Please select the text and copy it yourself.'))).toBeTruthy();
  });
});

it('the warning says who could register', () => {
  const { words } = fakePlugin({ language: 'zh-CN' });
  render(<SignUpWarning t={words} />);
  expect(screen.getByRole('alert').textContent).toBe(
    words('Without a Corp ID, anyone with a DingTalk account can register.'),
  );
});
