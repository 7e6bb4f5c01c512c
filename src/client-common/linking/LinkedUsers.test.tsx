/** @jest-environment jsdom */
import { fireEvent, render, screen, within } from '@testing-library/react';
import { click, settle } from '../../../testing/client/dom';
import { fakePlugin, networkError, refusal } from '../../../testing/client/fake-plugin';
import { LinkedUsers } from './LinkedUsers';

const users = [
  { id: 1, nickname: '王芳', username: 'wang-fang', linked: '芳芳' },
  { id: 2, nickname: null, username: 'zhang-wei', linked: '' },
  { id: 3, nickname: null, username: null, linked: '小伟' },
];

const buttonNames = () =>
  screen.getAllByRole('button', { name: /^Unlink/ }).map((each) => each.getAttribute('aria-label'));

async function openLinkedUsers({ authenticator = 'dingtalk' as string | undefined, answers = {}, open = true } = {}) {
  const nocobase = fakePlugin({
    answers: { 'dingtalk:getLinkedUsers': { users, more: false }, 'dingtalk:unlinkUser': {}, ...answers },
  });
  const submitted = jest.fn((event: Event) => event.preventDefault());
  const { container } = render(
    <form>
      <LinkedUsers plugin={nocobase.plugin} authenticator={authenticator} />
    </form>,
  );
  container.querySelector('form')?.addEventListener('submit', submitted);
  if (open) {
    await click(screen.getByText(nocobase.words('Linked users')));
  }
  return { ...nocobase, container, submitted };
}

it('asks for linked users when it is opened, not before', async () => {
  const page = await openLinkedUsers({ open: false });
  expect(page.requests).toEqual([]);
  await click(screen.getByText('Linked users'));
  expect(page.bodiesOf('dingtalk:getLinkedUsers')).toEqual([{ authenticator: 'dingtalk', search: '' }]);
});

it('names each user, and the account in DingTalk', async () => {
  await openLinkedUsers();
  expect(buttonNames()).toEqual(['Unlink: 王芳 (wang-fang)', 'Unlink: (zhang-wei)', 'Unlink: 3']);
  expect(screen.getByText('芳芳')).toBeTruthy();
  expect(screen.getByText('Linked')).toBeTruthy();
});

it('says where there are more, and where nobody is found', async () => {
  const page = await openLinkedUsers({ answers: { 'dingtalk:getLinkedUsers': { users, more: true } } });
  expect(page.container.textContent).toContain(page.words('There are more. Search for the one you mean.'));
  page.answers['dingtalk:getLinkedUsers'] = { users: [], more: false };
  fireEvent.keyDown(screen.getByRole('searchbox'), { key: 'Enter', keyCode: 13 });
  await settle();
  expect(page.container.textContent).toContain(page.words('No linked user found.'));
  expect(page.container.textContent).not.toContain(page.words('There are more. Search for the one you mean.'));
});

it('searches by Enter, which does not submit the form around it', async () => {
  const page = await openLinkedUsers();
  const field = screen.getByRole('searchbox', { name: page.words('Search by name, e-mail address or phone number') });
  fireEvent.change(field, { target: { value: 'wang' } });
  const goesOn = fireEvent.keyDown(field, { key: 'Enter', keyCode: 13 });
  await settle();
  // A browser submits the form unless this is prevented.
  expect(goesOn).toBe(false);
  expect(page.submitted).not.toHaveBeenCalled();
  expect(page.bodiesOf('dingtalk:getLinkedUsers').at(-1)).toEqual({ authenticator: 'dingtalk', search: 'wang' });
});

it('asks before it unlinks a user, and looks again afterwards', async () => {
  const page = await openLinkedUsers();
  await click(screen.getByRole('button', { name: 'Unlink: 王芳 (wang-fang)' }));
  const dialog = screen.getByRole('dialog', { name: 'Unlink this user?' });
  expect(dialog.textContent).toContain(
    page.words('The next sign-in with DingTalk then looks for the phone number again.'),
  );
  expect(page.bodiesOf('dingtalk:unlinkUser')).toEqual([]);
  page.answers['dingtalk:getLinkedUsers'] = { users: users.slice(1), more: false };
  await click(within(dialog).getByRole('button', { name: 'Unlink' }));
  expect(page.bodiesOf('dingtalk:unlinkUser')).toEqual([{ authenticator: 'dingtalk', user: 1 }]);
  expect(buttonNames()).toEqual(['Unlink: (zhang-wei)', 'Unlink: 3']);
});

it.each([
  ['the sentence of the server', refusal('NOT_LINKED', 'A sentence. (NOT_LINKED)'), 'A sentence. (NOT_LINKED)'],
  ['that it failed, where no answer comes', networkError(), undefined],
])('tells %s where it fails, and no longer when it works', async (_, error, sentence) => {
  const page = await openLinkedUsers({ answers: { 'dingtalk:getLinkedUsers': () => Promise.reject(error) } });
  expect(screen.getByRole('alert').textContent).toBe(sentence ?? page.words('LINK_FAILED'));
  page.answers['dingtalk:getLinkedUsers'] = { users, more: false };
  fireEvent.keyDown(screen.getByRole('searchbox'), { key: 'Enter', keyCode: 13 });
  await settle();
  expect(screen.queryByRole('alert')).toBeNull();
});
