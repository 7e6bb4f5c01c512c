/** @jest-environment jsdom */
import { fireEvent, render, screen, within } from '@testing-library/react';
import { act } from 'react';
import { click, settle } from '../../../testing/client/dom';
import { fakePlugin, networkError, refusal } from '../../../testing/client/fake-plugin';
import type { Counts, Entry, Report, RunSummary, SourceState } from '../../shared/directory';
import { SavedSource } from './SavedSource';

const COUNTS = { created: 3, detached: 1, open: 2, unchanged: 40 } as Counts;
const run: RunSummary = {
  id: '12',
  trigger: 'schedule',
  began: Date.UTC(2026, 10, 26, 2, 31),
  outcome: 'success',
  counts: COUNTS,
  takenAway: { members: 1, departments: 0, memberships: 0 },
};
const state: SourceState = {
  isOff: false,
  isRunning: false,
  lastRun: run,
  nextRun: Date.UTC(2026, 10, 27, 2, 31),
  members: { bound: 41, open: 2, left: 1 },
};
const open: Entry[] = [
  { kind: 'member', id: 'u1', name: '王芳', action: 'open', reason: 'PHONE_SHARED' },
  { kind: 'member', id: 'u2', name: '<i>小伟</i>', action: 'open', reason: 'UNLINKED_BEFORE' },
  { kind: 'member', id: 'u3', name: '', action: 'open', reason: 'DEPARTMENT_PRIVILEGED', userId: '5', department: 7 },
  { kind: 'member', id: 'u4', name: '李娜', action: 'skipped', reason: 'LEFT_OUT' },
  { kind: 'member', id: 'u5', name: '张伟', action: 'detached', userId: '9', waysIn: ['Password'] },
];
const report: Report = { ...run, entries: open, total: 120 };
const stop = {
  id: 'stop-1',
  since: run.began,
  takenAway: { members: 200, departments: 0, memberships: 0 },
  entries: [open[4]],
};

async function show(current: Partial<SourceState> = {}, answers: object = {}) {
  const nocobase = fakePlugin({
    answers: {
      'dingtalk:getSourceState': { ...state, ...current },
      'dingtalk:getRuns': [run, { ...run, id: '11', trigger: 'manual', outcome: 'failed' }],
      'dingtalk:getReport': report,
      'users:list': [
        { id: 21, nickname: 'Fang', username: 'fang' },
        { id: 22, nickname: null, username: null },
      ],
      ...Object.fromEntries(
        ['allowStop', 'discardStop', 'confirmNewStart', 'linkMember', 'leaveOut', 'allowMember'].map((name) => [
          `dingtalk:${name}`,
          {},
        ]),
      ),
      'dingtalk:confirmMembership': {},
      'dingtalk:endWaysIn': {},
      ...answers,
    },
  });
  const page = render(<SavedSource plugin={nocobase.plugin} source={3} />);
  await settle();
  return { ...nocobase, ...page, text: () => page.container.textContent ?? '' };
}

const press = (name: string) => click(screen.getByRole('button', { name }));
const agree = (name: string) => click(within(screen.getByRole('dialog')).getByRole('button', { name }));

describe('what is known of a source', () => {
  it('is its last and next run, and how many are linked, open and gone', async () => {
    const { text, bodiesOf } = await show();
    expect(bodiesOf('dingtalk:getSourceState')).toEqual([{ source: 3 }]);
    expect(text()).toContain('Success · Taken out: 1 · Open: 2 · Created: 3');
    expect(text()).toContain('Linked: 41 · Open: 2 · Left: 1');
    expect(text()).toMatch(/Next run: 2026-11-2\d \d\d:\d\d/);
  });

  it('says so where the last one is of an event', async () => {
    const { text } = await show({ lastRun: { ...run, trigger: 'event' } });
    expect(text()).toContain(' · Event · Success · Taken out: 1');
  });

  it('says where there was no run, and none will be', async () => {
    const { text } = await show({ lastRun: undefined, nextRun: undefined });
    expect(text()).toContain('Last run: none yet');
    expect(text()).toContain('Next run: none');
  });

  it('says that everything is off, and why it cannot be told', async () => {
    const { text, words } = await show({ isOff: true });
    expect(text()).toContain(words('DIRECTORY_OFF'));
    const other = await show({}, { 'dingtalk:getSourceState': () => Promise.reject(networkError()) });
    expect(other.text()).toContain('The state cannot be read at the moment.');
  });

  it('is read again while it runs, and no longer when it has ended or the form is closed', async () => {
    jest.useFakeTimers();
    try {
      const page = fakePlugin({ answers: { 'dingtalk:getSourceState': { ...state, isRunning: true } } });
      const asked = () => page.bodiesOf('dingtalk:getSourceState').length;
      const wait = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms));
      const { unmount } = render(<SavedSource plugin={page.plugin} source={3} />);
      await wait(0);
      expect(asked()).toBe(1);
      await wait(3000);
      expect(asked()).toBe(2);
      page.answers['dingtalk:getSourceState'] = state;
      await wait(3000);
      expect(asked()).toBe(3);
      await wait(60_000);
      expect(asked()).toBe(3);
      unmount();

      page.answers['dingtalk:getSourceState'] = { ...state, isRunning: true };
      const again = render(<SavedSource plugin={page.plugin} source={3} />);
      await wait(0);
      expect(asked()).toBe(4);
      again.unmount();
      await wait(60_000);
      expect(asked()).toBe(4);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a run that the brake stopped', () => {
  it.each([
    ['Allow once', 'dingtalk:allowStop'],
    ['Discard', 'dingtalk:discardStop'],
  ])('%s asks first, names this stop, and reads the state again', async (name, action) => {
    const { bodiesOf, text } = await show({ stop });
    expect(text()).toContain('Taken away – people: 200');
    await press(name);
    expect(bodiesOf(action)).toEqual([]);
    await agree(name);
    expect(bodiesOf(action)).toEqual([{ source: 3, stop: 'stop-1' }]);
    expect(bodiesOf('dingtalk:getSourceState')).toHaveLength(2);
  });

  it('does nothing where the dialog is canceled', async () => {
    const { bodiesOf } = await show({ stop });
    await press('Allow once');
    await agree('Cancel');
    expect(bodiesOf('dingtalk:allowStop')).toEqual([]);
  });

  it('lists what would go', async () => {
    const { text } = await show({ stop });
    await click(screen.getByText('What would go'));
    expect(text()).toContain('张伟');
  });

  it('says until when it is allowed', async () => {
    const { text } = await show({ stop: { ...stop, allowedUntil: Date.now() + 1000 } });
    expect(text()).toContain('Allowed. The next run');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Allow once' }).disabled).toBe(true);
  });

  it('tells why it could not be allowed', async () => {
    const { text } = await show(
      { stop },
      { 'dingtalk:allowStop': () => Promise.reject(refusal('SOURCE_UNAVAILABLE')) },
    );
    await press('Allow once');
    await agree('Allow once');
    expect(text()).toContain('A sentence (SOURCE_UNAVAILABLE)');
  });
});

it('begins anew with the organization that is shown, after asking', async () => {
  const newStart = { corpId: 'ding2', clientId: 'dingapp2' };
  const { bodiesOf, text } = await show({ newStart });
  expect(text()).toContain('ding2');
  await press('Begin anew');
  expect(bodiesOf('dingtalk:confirmNewStart')).toEqual([]);
  await agree('Begin anew');
  expect(bodiesOf('dingtalk:confirmNewStart')).toEqual([{ source: 3, ...newStart }]);
});

describe('reports', () => {
  const openReports = async (answers: object = {}) => {
    const page = await show({}, answers);
    expect(page.bodiesOf('dingtalk:getRuns')).toEqual([]);
    await click(screen.getByText('Reports'));
    await settle();
    return page;
  };

  it('are read when they are opened, the last one first, by action and by page', async () => {
    const { bodiesOf, container } = await openReports();
    expect(bodiesOf('dingtalk:getReport')).toEqual([{ source: 3, run: '12', page: 1 }]);
    expect(container.querySelector('i')).toBeNull();
    fireEvent.mouseDown(screen.getByRole('combobox', { name: 'Show only' }));
    await settle();
    await click(screen.getByTitle('Open (2)'));
    expect(bodiesOf('dingtalk:getReport').at(-1)).toEqual({ source: 3, run: '12', action: 'open', page: 1 });
    await click(screen.getByTitle('2'));
    expect(bodiesOf('dingtalk:getReport').at(-1)).toEqual({ source: 3, run: '12', action: 'open', page: 2 });
  });

  it('of runs and of events are told apart', async () => {
    const event: RunSummary = { ...run, id: '13', trigger: 'event' };
    const { bodiesOf } = await openReports({ 'dingtalk:getRuns': [event, run, { ...event, id: '10' }] });
    const shown = () => bodiesOf('dingtalk:getReport').at(-1);
    const offered = async () => {
      fireEvent.mouseDown(screen.getByRole('combobox', { name: 'Report' }));
      await settle();
      const options = [...document.querySelectorAll('.ant-select-item-option-content')];
      return options.map((option) => option.textContent?.split(' · ')[1]);
    };
    expect(shown()).toEqual({ source: 3, run: '12', page: 1 });
    expect(await offered()).toEqual(['Schedule']);
    await click(screen.getByRole('radio', { name: 'Events' }));
    expect(shown()).toEqual({ source: 3, run: '13', page: 1 });
    expect(await offered()).toEqual(['Event', 'Event']);
    await click(screen.getByRole('radio', { name: 'Runs' }));
    expect(shown()).toEqual({ source: 3, run: '12', page: 1 });
  });

  it('are those of events where there was no run, and nothing is chosen from', async () => {
    const { bodiesOf } = await openReports({ 'dingtalk:getRuns': [{ ...run, id: '13', trigger: 'event' }] });
    expect(bodiesOf('dingtalk:getReport')).toEqual([{ source: 3, run: '13', page: 1 }]);
    expect(screen.queryByRole('radio')).toBeNull();
  });

  it('say where there is none', async () => {
    const { text } = await openReports({ 'dingtalk:getRuns': [] });
    expect(text()).toContain('There has been no run yet.');
  });

  it.each<[string, string, string, object]>([
    ['Leave out: 王芳', 'Leave out', 'dingtalk:leaveOut', { member: 'u1' }],
    ['Take back: 李娜', 'Take back', 'dingtalk:leaveOut', { member: 'u4', undo: true }],
    ['Allow: <i>小伟</i>', 'Allow', 'dingtalk:allowMember', { member: 'u2' }],
    ['Confirm: User 5', 'Confirm', 'dingtalk:confirmMembership', { member: 'u3', department: 7 }],
    ['End ways in: 张伟', 'End ways in', 'dingtalk:endWaysIn', { member: 'u5' }],
  ])('%s asks first, and then says that it is done', async (name, action, path, body) => {
    const { bodiesOf } = await openReports();
    await press(name);
    expect(bodiesOf(path)).toEqual([]);
    await agree(action);
    expect(bodiesOf(path)).toEqual([{ source: 3, ...body }]);
    expect(screen.queryByRole('button', { name })).toBeNull();
    expect(screen.getByText('Done')).toBeTruthy();
  });

  it('link a member to the user who is chosen, and only then', async () => {
    const { bodiesOf, requests } = await openReports();
    await press('Link to user…: 王芳');
    const dialog = within(screen.getByRole('dialog'));
    expect(dialog.getByRole<HTMLButtonElement>('button', { name: 'Link' }).disabled).toBe(true);
    expect(dialog.queryByRole('checkbox')).toBeNull();
    fireEvent.change(dialog.getByRole('searchbox'), { target: { value: ' fang ' } });
    fireEvent.keyDown(dialog.getByRole('searchbox'), { key: 'Enter', keyCode: 13 });
    await settle();
    const query = new URLSearchParams(requests.at(-1)?.url.split('?')[1]);
    expect(JSON.parse(query.get('filter') ?? '')).toEqual({
      $or: ['nickname', 'username', 'email', 'phone'].map((column) => ({ [column]: { $includes: 'fang' } })),
    });
    expect(query.get('fields')).toBe('id,nickname,username');
    await click(dialog.getByRole('radio', { name: 'Fang (fang)' }));
    await agree('Link');
    expect(bodiesOf('dingtalk:linkMember')).toEqual([{ source: 3, member: 'u1', user: 21, allow: false }]);
  });

  it('link who was unlinked before only with a tick', async () => {
    const { bodiesOf } = await openReports();
    await press('Link to user…: <i>小伟</i>');
    const dialog = within(screen.getByRole('dialog'));
    await click(dialog.getByRole('radio', { name: '22' }));
    await click(dialog.getByRole('checkbox'));
    await agree('Link');
    expect(bodiesOf('dingtalk:linkMember')).toEqual([{ source: 3, member: 'u2', user: 22, allow: true }]);
  });

  it('tell why a case could not be settled, and keep its buttons', async () => {
    const { text } = await openReports({ 'dingtalk:leaveOut': () => Promise.reject(refusal('SYNC_RUNNING')) });
    await press('Leave out: 王芳');
    await agree('Leave out');
    expect(text()).toContain('A sentence (SYNC_RUNNING)');
    expect(screen.getByRole('button', { name: 'Leave out: 王芳' })).toBeTruthy();
  });

  it('are handed over as a file, as the server made it', async () => {
    const blobs: Blob[] = [];
    Object.assign(URL, {
      createObjectURL: (blob: Blob) => `blob:${blobs.push(blob)}`,
      revokeObjectURL: () => undefined,
    });
    const clicked = jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      expect(this.download).toMatch(/^dingtalk-2026-11-2\d-\d\d-\d\d\.csv$/);
    });
    const { bodiesOf } = await openReports({ 'dingtalk:exportReport': { csv: '\uFEFFkind\r\n' } });
    await press('Download CSV');
    expect(bodiesOf('dingtalk:exportReport')).toEqual([{ source: 3, run: '12' }]);
    expect(clicked).toHaveBeenCalledTimes(1);
    // Three bytes of the byte order mark, and six of the text.
    expect(blobs[0].size).toBe(9);
  });
});

describe('the lists', () => {
  it('of users without DingTalk name them, privileged ones by their IDs alone', async () => {
    const rows = [
      { id: '1', name: '' },
      { id: '2', name: '<b>Fang</b>' },
    ];
    const { bodiesOf, text, container } = await show({}, { 'dingtalk:getUnmatched': { list: rows, more: true } });
    await click(screen.getByText('Users without DingTalk'));
    expect(bodiesOf('dingtalk:getUnmatched')).toEqual([{ source: 3, side: 'users', page: 1 }]);
    expect(text()).toContain('User 1');
    expect(container.querySelector('b')).toBeNull();
    await press('Next');
    expect(bodiesOf('dingtalk:getUnmatched').at(-1)).toEqual({ source: 3, side: 'users', page: 2 });
  });

  it('of people without a user have the buttons of their cases', async () => {
    const rows = [{ id: 'u1', name: '王芳', reason: 'PHONE_SHARED' }];
    const { bodiesOf } = await show({}, { 'dingtalk:getUnmatched': { list: rows, more: false } });
    await click(screen.getByText('People in DingTalk without a user'));
    await press('Leave out: 王芳');
    await agree('Leave out');
    expect(bodiesOf('dingtalk:leaveOut')).toEqual([{ source: 3, member: 'u1' }]);
  });
});
