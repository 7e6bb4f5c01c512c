/** @jest-environment jsdom */
import { fireEvent, render, screen } from '@testing-library/react';
import { click, settle } from '../../../testing/client/dom';
import { fakePlugin, noAnswer, proxyPage, refusal } from '../../../testing/client/fake-plugin';
import type { Counts, Entry, Preview, SourceOptions } from '../../shared/directory';
import { SourceTrial } from './SourceTrial';

const OPTIONS: SourceOptions = { authenticator: 'dingtalk', newUsers: 'link' };
const COUNTS = { created: 1, added: 2, detached: 1, unchanged: 1180 } as Counts;
const entries: Entry[] = [
  { kind: 'member', id: 'u1', name: '<img src=x onerror=alert(1)>', action: 'created', joined: ['Sales'] },
  { kind: 'member', id: 'u2', name: '', action: 'detached', userId: '7', waysIn: ['Password', 'API_KEYS'] },
];
const preview: Preview = {
  counts: COUNTS,
  takenAway: { members: 1, departments: 0, memberships: 4 },
  wouldStop: true,
  entries,
  total: 500,
};

function show(answers: object = {}, props: { options?: SourceOptions; source?: number } = {}) {
  const nocobase = fakePlugin({ answers: { ...answers } });
  const submitted = jest.fn((event: Event) => event.preventDefault());
  const page = (options: SourceOptions) => (
    <form>
      <SourceTrial plugin={nocobase.plugin} options={options} source={props.source} />
    </form>
  );
  const { container, rerender } = render(page(props.options ?? OPTIONS));
  container.querySelector('form')?.addEventListener('submit', submitted);
  return { ...nocobase, container, submitted, change: (options: SourceOptions) => rerender(page(options)) };
}

const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name });

describe('Check', () => {
  it('asks with the values of the form, and the source where it is saved', async () => {
    const { bodiesOf } = show({ 'dingtalk:checkSource': [] }, { source: 3 });
    await click(button('Check'));
    expect(bodiesOf('dingtalk:checkSource')).toEqual([{ options: OPTIONS, source: 3 }]);
  });

  it('asks without a source where it is not saved yet, and lists what was found', async () => {
    const { bodiesOf, container } = show({
      'dingtalk:checkSource': [{ code: 'PHONE_IS_WAY_IN', outcome: 'error', message: 'A way in.' }],
    });
    await click(button('Check'));
    expect(bodiesOf('dingtalk:checkSource')).toEqual([{ options: OPTIONS }]);
    expect(container.textContent).toContain('A way in.');
  });

  it('takes back what it found when the form changes', async () => {
    const page = show({ 'dingtalk:checkSource': [{ code: 'X', outcome: 'ok', message: 'Fine.' }] });
    await click(button('Check'));
    page.change({ ...OPTIONS, leavers: 'keep' });
    expect(page.container.textContent).not.toContain('Fine.');
  });

  it.each([
    ['the sentence of the server', refusal('CORP_ID_REQUIRED'), 'A sentence (CORP_ID_REQUIRED)'],
    ['that it failed, where a proxy answers', proxyPage(), undefined],
  ])('tells %s', async (_, error, sentence) => {
    const { container, words } = show({ 'dingtalk:checkSource': () => Promise.reject(error) });
    await click(button('Check'));
    expect(container.textContent).toContain(sentence ?? words('CHECK_FAILED'));
  });
});

it('asks nothing without an authenticator, nor two things at once', async () => {
  const page = show({ 'dingtalk:previewRun': noAnswer }, { options: {} });
  expect(['Check', 'Preview'].map((name) => button(name).disabled)).toEqual([true, true]);
  page.change(OPTIONS);
  await click(button('Preview'));
  expect(button('Check').disabled).toBe(true);
  expect(screen.getByRole<HTMLInputElement>('searchbox').disabled).toBe(true);
});

describe('Preview', () => {
  it('of all has counts, what goes, the brake, and lines whose names are text', async () => {
    const { bodiesOf, container } = show({ 'dingtalk:previewRun': preview });
    await click(button('Preview'));
    expect(bodiesOf('dingtalk:previewRun')).toEqual([{ options: OPTIONS }]);
    expect(container.querySelector('img[src=x]')).toBeNull();
    for (const text of [
      'Department created: 2',
      'Created: 1',
      'Unchanged: 1180',
      'Taken away – people: 1 · memberships: 4',
      'The brake would stop this run before its first write.',
      '<img src=x onerror=alert(1)>',
      'User 7',
      'Password · API keys',
      'The first 2 of 500 lines.',
    ]) {
      expect(container.textContent).toContain(text);
    }
  });

  it('shows only lines of one action where that is chosen', async () => {
    const { container } = show({ 'dingtalk:previewRun': preview });
    await click(button('Preview'));
    fireEvent.mouseDown(screen.getByRole('combobox', { name: 'Show only' }));
    await settle();
    await click(screen.getByTitle('Created (1)'));
    expect(container.textContent).toContain('Sales');
    expect(container.textContent).not.toContain('User 7');
  });

  const search = async (text: string) => {
    const field = screen.getByRole('searchbox');
    fireEvent.change(field, { target: { value: text } });
    const goesOn = fireEvent.keyDown(field, { key: 'Enter', keyCode: 13 });
    // antd takes no second Enter before the key is up again.
    fireEvent.keyUp(field, { key: 'Enter', keyCode: 13 });
    await settle();
    return goesOn;
  };

  it('of one person asks by name or userid, and does not submit the form around it', async () => {
    const member = { entry: entries[0], known: ['nickname', 'phone'], departments: ['Sales', 'Harbour'] };
    const page = show({ 'dingtalk:previewRun': { ...preview, entries: [], total: 0, member } });
    expect(await search(' u1 ')).toBe(false);
    expect(page.submitted).not.toHaveBeenCalled();
    expect(page.bodiesOf('dingtalk:previewRun')).toEqual([{ options: OPTIONS, member: 'u1' }]);
    expect(page.container.textContent).toContain('DingTalk tells: Name · Phone number');
    expect(page.container.textContent).toContain('Sales · Harbour');
  });

  it('of one person says where there is nobody, and where nothing would change', async () => {
    const page = show({ 'dingtalk:previewRun': { ...preview, member: null } });
    await search('nobody');
    expect(page.container.textContent).toContain('Nobody in DingTalk');
    page.answers['dingtalk:previewRun'] = { ...preview, member: { known: [], departments: [] } };
    await search('u1');
    expect(page.container.textContent).toContain('Nothing would change.');
    await search('  ');
    expect(page.bodiesOf('dingtalk:previewRun')).toHaveLength(2);
  });
});
