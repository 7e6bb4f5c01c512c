/** @jest-environment jsdom */
import { fireEvent, render, screen } from '@testing-library/react';
import { act } from 'react';
import { click, settle } from '../../../testing/client/dom';
import { fakePlugin, noAnswer, proxyPage, refusal } from '../../../testing/client/fake-plugin';
import type { ChannelOptions, TestResult } from '../../shared/messages';
import { QuotaField } from './channel-fields';
import { ChannelTrial } from './ChannelTrial';

const OPTIONS: ChannelOptions = { authenticator: 'dingtalk' };
const RESULT: TestResult = { code: 'NO_ACCOUNT', outcome: 'error', message: '<b>No account</b> (NO_ACCOUNT)' };

function show(answers: object = {}) {
  const nocobase = fakePlugin({ answers: { 'dingtalk:sendTest': RESULT, ...answers } });
  const page = (options: ChannelOptions) => <ChannelTrial plugin={nocobase.plugin} options={options} />;
  const { container, rerender } = render(page(OPTIONS));
  return { ...nocobase, container, change: (options: ChannelOptions) => rerender(page(options)) };
}

const send = () => click(screen.getByRole('button', { name: /Send a test$/ }));

it('goes to oneself where nobody is chosen, and says what became of it, as a text', async () => {
  const { bodiesOf, container } = show();
  await send();
  expect(bodiesOf('dingtalk:sendTest')).toEqual([{ options: OPTIONS }]);
  expect(container.textContent).toContain('<b>No account</b> (NO_ACCOUNT)');
});

async function search(text: string) {
  const field = screen.getByRole('combobox', { name: 'To whom' });
  fireEvent.mouseDown(field);
  fireEvent.change(field, { target: { value: text } });
  await act(() => jest.advanceTimersByTimeAsync(1000));
  jest.useRealTimers();
  await settle();
}

it('says why nobody can be searched for', async () => {
  jest.useFakeTimers();
  show({ 'dingtalk:getReceivers': () => Promise.reject(refusal('AUTHENTICATOR_UNAVAILABLE')) });
  await search('x');
  expect(document.body.textContent).toContain('A sentence (AUTHENTICATOR_UNAVAILABLE)');
});

it('goes to whom one finds and chooses', async () => {
  jest.useFakeTimers();
  const users = [{ id: 7, nickname: '王芳', username: 'wang', linked: '' }];
  const { bodiesOf } = show({ 'dingtalk:getReceivers': { users, more: false } });
  await search(' 王 ');
  expect(bodiesOf('dingtalk:getReceivers')).toEqual([{ authenticator: 'dingtalk', search: '王' }]);
  await click(screen.getByTitle(/王芳/));
  await send();
  expect(bodiesOf('dingtalk:sendTest')).toEqual([{ options: OPTIONS, user: 7 }]);
});

it('takes back what became of it when the form changes', async () => {
  const page = show();
  await send();
  page.change({ ...OPTIONS, links: 'panel' });
  expect(page.container.textContent).not.toContain('NO_ACCOUNT');
});

it.each([
  ['the sentence of the server', refusal('TEST_TOO_SOON'), 'A sentence (TEST_TOO_SOON)'],
  ['that it failed, where a proxy answers', proxyPage(), undefined],
])('tells %s', async (_, error, sentence) => {
  const { container, words } = show({ 'dingtalk:sendTest': () => Promise.reject(error) });
  await send();
  expect(container.textContent).toContain(sentence ?? words('MESSAGE_FAILED'));
});

it('is sent once, and not again while its result is awaited', async () => {
  const { bodiesOf } = show({ 'dingtalk:sendTest': noAnswer });
  await send();
  await send();
  expect(bodiesOf('dingtalk:sendTest')).toHaveLength(1);
});

describe('the quota', () => {
  const STATE = { month: '2026-11', calls: 41, quota: 5000, hasAgentId: true, isOff: false };

  async function showQuota(answer: unknown) {
    const nocobase = fakePlugin({ answers: { 'dingtalk:getNotificationState': answer } });
    render(<QuotaField plugin={nocobase.plugin} authenticator="dingtalk" />);
    await settle();
    return nocobase;
  }

  it('is that of the standard edition where none is entered', async () => {
    await showQuota(STATE);
    expect(document.body.textContent).toContain('41 of 5000 calls in 2026-11');
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it.each([
    ['has no Agent ID', { ...STATE, hasAgentId: false }, 'AGENT_ID_REQUIRED'],
    ['keeps this server silent', { ...STATE, isOff: true, hasAgentId: false }, 'MESSAGES_OFF'],
  ])('is shown with a warning where what sends %s', async (_, state, code) => {
    const { words } = await showQuota(state);
    expect(screen.getByRole('alert').textContent).toBe(words(code));
  });

  it('says why it cannot be read', async () => {
    await showQuota(() => Promise.reject(refusal('NOT_CONFIGURED')));
    expect(screen.getByRole('alert').textContent).toBe('A sentence (NOT_CONFIGURED)');
  });
});
