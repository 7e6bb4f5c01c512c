/** @jest-environment jsdom */
import { fireEvent, render, screen, within } from '@testing-library/react';
import { click, settle } from '../../../testing/client/dom';
import { fakePlugin, networkError, refusal } from '../../../testing/client/fake-plugin';
import type { Exclusion } from '../../shared/contract';
import { LinkedUsers } from './LinkedUsers';

const users = [
  { id: 1, nickname: '王芳', username: 'wang-fang', linked: '芳芳' },
  { id: 2, nickname: null, username: 'zhang-wei', linked: '' },
  { id: 3, nickname: null, username: null, linked: '小伟' },
];
const NOON = Date.UTC(2026, 10, 6, 12);
const user = { id: 1, nickname: '王芳', username: 'wang-fang' };
const blocked: Exclusion[] = [
  { id: 11, reason: 'blocked', account: '芳芳', user, since: NOON },
  { id: 12, reason: 'blocked', account: '<i>小伟</i>', user: null, since: NOON },
  { id: 13, reason: 'blocked', account: '', user: null, since: NOON },
];
const notMatchedAgain: Exclusion[] = [
  { id: 21, reason: 'unlinked', account: '芳芳', user, since: NOON },
  { id: 22, reason: 'detached', account: '小伟', user: null, since: NOON },
];

const buttonNames = (name = /^Unlink:/) =>
  screen.getAllByRole('button', { name }).map((each) => each.getAttribute('aria-label'));

async function openLinkedUsers({ authenticator = 'dingtalk' as string | undefined, answers = {}, open = true } = {}) {
  const nocobase = fakePlugin({
    answers: {
      'dingtalk:getLinkedUsers': { users, more: false },
      'dingtalk:unlinkUser': {},
      'dingtalk:blockUser': { waysIn: [] },
      'dingtalk:getBlocked': ({ data }: { data?: { list?: string } }) => ({
        exclusions: data?.list === 'blocked' ? blocked : notMatchedAgain,
        more: false,
      }),
      'dingtalk:unblock': {},
      ...answers,
    },
  });
  const submitted = jest.fn((event: Event) => event.preventDefault());
  const { container } = render(
    <form>
      <LinkedUsers plugin={nocobase.plugin} authenticator={authenticator} />
    </form>,
  );
  container.querySelector('form')?.addEventListener('submit', submitted);
  const openTab = (name: string) => click(screen.getByRole('tab', { name }));
  if (open) {
    await click(screen.getByText(nocobase.words('Linked users')));
  }
  return { ...nocobase, container, submitted, openTab };
}

const find = async (text?: string) => {
  const field = screen.getByRole('searchbox');
  if (text !== undefined) {
    fireEvent.change(field, { target: { value: text } });
  }
  const goesOn = fireEvent.keyDown(field, { key: 'Enter', keyCode: 13 });
  await settle();
  return goesOn;
};

it('asks for linked users when it is opened, not before, and not for the others', async () => {
  const page = await openLinkedUsers({ open: false });
  expect(page.requests).toEqual([]);
  await click(screen.getByText('Linked users'));
  expect(page.requests).toHaveLength(1);
  expect(page.bodiesOf('dingtalk:getLinkedUsers')).toEqual([{ authenticator: 'dingtalk', search: '' }]);
});

it('has a tab for each list', async () => {
  await openLinkedUsers();
  expect(screen.getAllByRole('tab').map(({ textContent }) => textContent)).toEqual([
    'Linked',
    'Blocked',
    'Not matched again',
  ]);
});

it('names each user, and the account in DingTalk', async () => {
  await openLinkedUsers();
  expect(buttonNames()).toEqual(['Unlink: 王芳 (wang-fang)', 'Unlink: (zhang-wei)', 'Unlink: 3']);
  expect(buttonNames(/^Block:/)).toEqual(['Block: 王芳 (wang-fang)', 'Block: (zhang-wei)', 'Block: 3']);
  expect(screen.getByText('芳芳').tagName).toBe('BDI');
  expect(screen.getAllByText('Linked').length).toBe(2);
});

it('says where there are more, and where nobody is found', async () => {
  const page = await openLinkedUsers({ answers: { 'dingtalk:getLinkedUsers': { users, more: true } } });
  expect(page.container.textContent).toContain(page.words('There are more. Search for the one you mean.'));
  page.answers['dingtalk:getLinkedUsers'] = { users: [], more: false };
  await find();
  expect(page.container.textContent).toContain(page.words('No linked user found.'));
  expect(page.container.textContent).not.toContain(page.words('There are more. Search for the one you mean.'));
});

it.each(['Linked', 'Blocked', 'Not matched again'])(
  'searches by Enter, which does not submit the form around it: %s',
  async (tab) => {
    const page = await openLinkedUsers();
    await page.openTab(tab);
    screen.getByRole('searchbox', { name: page.words('Search by name, e-mail address or phone number') });
    // A browser submits the form unless this is prevented.
    expect(await find('wang')).toBe(false);
    expect(page.submitted).not.toHaveBeenCalled();
    expect(page.requests.at(-1)?.data).toMatchObject({ authenticator: 'dingtalk', search: 'wang' });
  },
);

it.each([
  ['what to do about it, not what persons are told', refusal('NOT_LINKED', 'For the person.'), 'NOT_LINKED'],
  ['the sentence of a code of NocoBase’s own', refusal('NO_PERMISSION', 'No permissions'), 'NO_PERMISSION'],
  ['that it failed, where no answer comes', networkError(), 'LINK_FAILED'],
])('tells %s where it fails, and no longer when it works', async (_, error, code) => {
  const page = await openLinkedUsers({ answers: { 'dingtalk:getLinkedUsers': () => Promise.reject(error) } });
  const told = code === 'NO_PERMISSION' ? 'No permissions' : page.words(`${code}_CAUSE`);
  expect(screen.getByRole('alert').textContent).toBe(`${told} (${code})`);
  page.answers['dingtalk:getLinkedUsers'] = { users, more: false };
  await find();
  expect(screen.queryByRole('alert')).toBeNull();
});

describe('unlinking', () => {
  const END = 'End the user’s sessions';
  const MATCH = 'The phone number may match again';

  async function askToUnlink() {
    const page = await openLinkedUsers();
    await click(screen.getByRole('button', { name: 'Unlink: 王芳 (wang-fang)' }));
    const dialog = within(screen.getByRole('dialog', { name: 'Unlink this user?' }));
    const box = (name: string) => dialog.getByRole<HTMLInputElement>('checkbox', { name });
    return { ...page, dialog, box };
  }

  it('is asked about first, by the name of the user, with both boxes ticked', async () => {
    const { dialog, box, bodiesOf } = await askToUnlink();
    expect(dialog.getByText('王芳 (wang-fang)')).toBeTruthy();
    expect(dialog.getByText('芳芳')).toBeTruthy();
    expect([box(END).checked, box(MATCH).checked]).toEqual([true, true]);
    expect(bodiesOf('dingtalk:unlinkUser')).toEqual([]);
  });

  it.each([
    [[], { endSessions: true, matchAgain: true }],
    [[END], { endSessions: false, matchAgain: true }],
    [[MATCH], { endSessions: true, matchAgain: false }],
    [[END, MATCH], { endSessions: false, matchAgain: false }],
  ])('asks for what is ticked, and looks again afterwards: without %j', async (cleared, expected) => {
    const { dialog, box, bodiesOf, answers } = await askToUnlink();
    for (const name of cleared) {
      await click(box(name));
    }
    answers['dingtalk:getLinkedUsers'] = { users: users.slice(1), more: false };
    await click(dialog.getByRole('button', { name: 'Unlink' }));
    expect(bodiesOf('dingtalk:unlinkUser')).toEqual([{ authenticator: 'dingtalk', user: 1, ...expected }]);
    expect(buttonNames()).toEqual(['Unlink: (zhang-wei)', 'Unlink: 3']);
  });

  it('has both boxes ticked again for the next user', async () => {
    const { box } = await askToUnlink();
    await click(box(END));
    await click(screen.getByRole('button', { name: 'Cancel' }));
    await click(screen.getByRole('button', { name: 'Unlink: 3' }));
    const boxes = within(screen.getByRole('dialog')).getAllByRole<HTMLInputElement>('checkbox');
    expect(boxes.map(({ checked }) => checked)).toEqual([true, true]);
  });
});

describe('blocking', () => {
  async function block(waysIn: string[]) {
    const page = await openLinkedUsers({ answers: { 'dingtalk:blockUser': { waysIn } } });
    await click(screen.getByRole('button', { name: 'Block: 王芳 (wang-fang)' }));
    const dialog = screen.getByRole('dialog', { name: 'Block this user?' });
    expect(dialog.textContent).toContain('王芳 (wang-fang)');
    expect(dialog.textContent).toContain('API keys end now');
    expect(page.bodiesOf('dingtalk:blockUser')).toEqual([]);
    page.answers['dingtalk:getLinkedUsers'] = { users: users.slice(1), more: false };
    await click(within(dialog).getByRole('button', { name: 'Block' }));
    return page;
  }

  it('names the ways in that remain, and what closes them: NocoBase cannot disable a user', async () => {
    const page = await block(['Password', '<b>SMS</b>']);
    expect(page.bodiesOf('dingtalk:blockUser')).toEqual([{ authenticator: 'dingtalk', user: 1 }]);
    const told = screen.getByRole('status').textContent;
    expect(told).toContain('王芳 (wang-fang): Blocked.');
    expect(told).toContain(`${page.words('Ways to sign in that remain:')} Password · <b>SMS</b>`);
    expect(told).toContain('NocoBase cannot disable a user.');
    expect(buttonNames(/^Block:/)).toEqual(['Block: (zhang-wei)', 'Block: 3']);
  });

  it('says where none remains', async () => {
    const { words } = await block([]);
    const told = screen.getByRole('status').textContent;
    expect(told).toContain(words('No other way to sign in remains.'));
    expect(told).not.toContain('NocoBase');
  });

  it('tells why it failed, and nothing of a user who was blocked before', async () => {
    const page = await block([]);
    page.answers['dingtalk:blockUser'] = () => Promise.reject(refusal('NOT_LINKED', 'Not.'));
    await click(screen.getByRole('button', { name: 'Block: 3' }));
    await click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Block' }));
    expect(screen.getByRole('alert').textContent).toBe(`${page.words('NOT_LINKED_CAUSE')} (NOT_LINKED)`);
    expect(screen.queryByRole('status')).toBeNull();
  });
});

describe('who is left out', () => {
  it.each([
    [
      'Blocked',
      'blocked',
      [
        '王芳 (wang-fang)芳芳Blocked · 2026-11-06Unblock',
        '<i>小伟</i>No user, or a deleted oneBlocked · 2026-11-06Unblock',
        'DingTalk accountNo user, or a deleted oneBlocked · 2026-11-06Unblock',
      ],
    ],
    [
      'Not matched again',
      'notMatchedAgain',
      [
        '王芳 (wang-fang)芳芳Unlinked · 2026-11-06Allow again',
        '小伟No user, or a deleted oneLeft the organization in DingTalk · 2026-11-06Allow again',
      ],
    ],
  ])('is listed with user, account, reason and day: %s', async (tab, list, rows) => {
    const page = await openLinkedUsers();
    await page.openTab(tab);
    expect(page.bodiesOf('dingtalk:getBlocked')).toEqual([{ authenticator: 'dingtalk', list, search: '' }]);
    expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual(rows);
    expect(document.querySelector('time')?.dateTime).toBe('2026-11-06T12:00:00.000Z');
  });

  it('is said to be nobody where it is nobody', async () => {
    const page = await openLinkedUsers({ answers: { 'dingtalk:getBlocked': { exclusions: [], more: false } } });
    await page.openTab('Blocked');
    expect(page.container.textContent).toContain(page.words('No user or account found.'));
  });

  it.each([
    ['Blocked', 'Unblock: 王芳 (wang-fang)', 'Unblock this user?', 'Unblock', 11],
    ['Not matched again', 'Allow again: 小伟', 'Allow this match again?', 'Allow again', 22],
  ])('can be taken back after a question: %s', async (tab, name, question, action, id) => {
    const page = await openLinkedUsers();
    await page.openTab(tab);
    await click(screen.getByRole('button', { name }));
    const dialog = screen.getByRole('dialog', { name: question });
    expect(dialog.textContent).toContain(name.replace(/^.*: /, ''));
    expect(page.bodiesOf('dingtalk:unblock')).toEqual([]);
    page.answers['dingtalk:getBlocked'] = { exclusions: [], more: false };
    await click(within(dialog).getByRole('button', { name: action }));
    expect(page.bodiesOf('dingtalk:unblock')).toEqual([{ authenticator: 'dingtalk', id }]);
    expect(page.container.textContent).toContain(page.words('No user or account found.'));
  });

  it('is read anew each time a list is opened, as each list changes the others', async () => {
    const page = await openLinkedUsers();
    await page.openTab('Blocked');
    await page.openTab('Linked');
    await page.openTab('Blocked');
    expect(page.bodiesOf('dingtalk:getBlocked')).toHaveLength(2);
    expect(page.bodiesOf('dingtalk:getLinkedUsers')).toHaveLength(2);
  });
});
