/** @jest-environment jsdom */
import { fireEvent, render, screen, within } from '@testing-library/react';
import { App } from 'antd';
import { act, useState } from 'react';
import { click, settle } from '../../../testing/client/dom';
import { fakePlugin, networkError, refusal } from '../../../testing/client/fake-plugin';
import type { CallbackKeys, EventMode, EventState } from '../../shared/events';
import { EventsField } from './EventsField';

const at = new Date(2026, 10, 27, 10, 1, 2).getTime();
const later = new Date(2026, 10, 27, 10, 2, 30).getTime();
const URL_OF_SOURCE = 'https://nocobase.example.com/api/dingtalk:event?source=company';
const KEYS: CallbackKeys = { url: URL_OF_SOURCE, token: 'aToken', aesKey: 'anAesKey' };

const stream: EventState = {
  mode: 'stream',
  isOff: false,
  connection: { state: 'open', since: at },
  lastEvent: { at, type: 'user_leave_org' },
  waiting: 2,
};
const http: EventState = {
  mode: 'http',
  isOff: false,
  callback: { url: URL_OF_SOURCE, isMade: true, madeAt: at, checkedAt: later },
  waiting: 0,
};
const notMade: EventState = { ...http, callback: { url: URL_OF_SOURCE, isMade: false } };

interface Shown {
  value?: EventMode | null;
  /** Undefined for a source that is not saved. */
  state?: EventState;
  answers?: object;
}

async function show({ value, state, answers }: Shown) {
  const nocobase = fakePlugin({
    answers: { 'dingtalk:getEventState': state, 'dingtalk:renewCallback': KEYS, ...answers },
  });
  const values: unknown[] = [];
  const Page = () => {
    const [current, setCurrent] = useState(value);
    const change = (next: EventMode) => {
      values.push(next);
      setCurrent(next);
    };
    return (
      <App>
        <EventsField plugin={nocobase.plugin} value={current} onChange={change} source={state && 3} />
      </App>
    );
  };
  const page = render(<Page />);
  await settle();
  const asked = () => nocobase.bodiesOf('dingtalk:getEventState').length;
  return { ...nocobase, ...page, values, asked, text: () => page.container.textContent ?? '' };
}

const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name });
const steps = () => screen.getByRole('button', { name: /Steps in DingTalk’s console$/ });
const dialog = () => within(screen.getByRole('dialog'));
const STEALS = /takes events away/;
const CANNOT = 'The state cannot be read at the moment.';

describe('the mode', () => {
  it.each([undefined, null])('is Stream where %j is stored, and nothing is stored by that', async (value) => {
    const { values } = await show({ value });
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /^Stream/ }).checked).toBe(true);
    expect(values).toEqual([]);
  });

  it('is what is chosen, each with a sentence that says when', async () => {
    const { values } = await show({});
    for (const radio of [...screen.getAllByRole<HTMLInputElement>('radio')].reverse()) {
      expect(radio.labels?.[1].textContent?.length).toBeGreaterThan(40);
      await click(radio);
    }
    expect(values).toEqual(['off', 'http', 'stream']);
  });

  it('comes with a warning of others with the same app, but for Off', async () => {
    await show({ value: 'http' });
    expect(screen.queryByText(STEALS)).not.toBeNull();
    await click(screen.getByRole('radio', { name: /^Off/ }));
    expect(screen.queryByText(STEALS)).toBeNull();
  });

  it('of a source that is not saved asks nothing, and says when its state can be seen', async () => {
    const { requests, text } = await show({ value: 'stream' });
    expect(text()).toContain('Save the source');
    await click(screen.getByRole('radio', { name: /^Off/ }));
    expect(text()).not.toContain('Save the source');
    expect(requests).toEqual([]);
  });

  it('that is chosen, but not saved, shows no state of the one that is', async () => {
    const { text } = await show({ value: 'stream', state: stream });
    expect(text()).toContain('Connection: open');
    await click(screen.getByRole('radio', { name: /^HTTP/ }));
    expect(text()).not.toContain('Connection:');
    expect(text()).toContain('Save the source');
  });

  it('Off shows no state', async () => {
    const { text } = await show({ value: 'off', state: { mode: 'off', isOff: false, waiting: 0 } });
    expect(screen.queryByRole('region')).toBeNull();
    expect(text()).not.toContain('Save the source');
  });
});

describe('Stream', () => {
  it.each<[string, EventState['connection'], string[]]>([
    ['connecting', { state: 'connecting', since: at }, ['Connection: connecting since 2026-11-27 10:01:02']],
    ['open', { state: 'open', since: at }, ['Connection: open since 2026-11-27 10:01:02']],
    [
      'waiting',
      { state: 'waiting', since: at, until: later, message: 'DingTalk could not be reached.' },
      [
        'Connection: interrupted since 2026-11-27 10:01:02 · tries again at 2026-11-27 10:02:30',
        'DingTalk could not be reached.',
      ],
    ],
    [
      'refused',
      { state: 'refused', since: at, message: 'DingTalk does not accept the secret.' },
      ['Connection: refused since 2026-11-27 10:01:02', 'DingTalk does not accept the secret.'],
    ],
    ['none', undefined, ['Connection: none. The source is not enabled']],
  ])('says in words that the connection is %s', async (_, connection, sentences) => {
    const { text } = await show({ value: 'stream', state: { ...stream, connection } });
    for (const sentence of sentences) {
      expect(text()).toContain(sentence);
    }
  });

  it('says what came last, and how much waits', async () => {
    const { text } = await show({ value: 'stream', state: stream });
    expect(text()).toContain('Last event: 2026-11-27 10:01:02 · user_leave_org');
    expect(text()).toContain('wait to be read: 2');
  });

  it('says why changes could not be read', async () => {
    const failure = { since: at, message: 'DingTalk did not answer in time.' };
    const { text } = await show({ value: 'stream', state: { ...stream, failure } });
    expect(screen.getByRole('alert').textContent).toContain('since 2026-11-27 10:01:02');
    expect(text()).toContain(failure.message);
  });

  it('names events that nobody here wants, as text', async () => {
    const foreign = { count: 12, types: ['bpms_task_change', '<img src=x>'] };
    const { text, container } = await show({ value: 'stream', state: { ...stream, foreign } });
    expect(text()).toContain('Another system shares this app');
    expect(text()).toContain('bpms_task_change · <img src=x> (12)');
    expect(container.querySelector('img')).toBeNull();
  });

  it('has the steps in the console with the seven events, open until the first event came', async () => {
    const { text } = await show({ value: 'stream', state: { ...stream, lastEvent: undefined } });
    expect(text()).toContain('Last event: none yet');
    expect(text()).toContain('已完成接入，验证连接通道');
    expect([...document.querySelectorAll('code')].map((code) => code.textContent)).toEqual([
      ...['user_add_org', 'user_modify_org', 'user_leave_org', 'user_active_org'],
      ...['org_dept_create', 'org_dept_modify', 'org_dept_remove'],
    ]);
    expect(screen.getByRole<HTMLAnchorElement>('link').href).toBe('https://open-dev.dingtalk.com/');
    expect(steps().getAttribute('aria-expanded')).toBe('true');
  });

  it('has them closed afterwards', async () => {
    await show({ value: 'stream', state: stream });
    expect(steps().getAttribute('aria-expanded')).toBe('false');
  });

  it('says that this server is off, and nothing of a connection that there cannot be', async () => {
    const { text } = await show({ value: 'stream', state: { ...stream, isOff: true, connection: undefined } });
    expect(text()).toContain('DINGTALK_DIRECTORY=off');
    expect(text()).not.toContain('Connection:');
  });
});

describe('the state', () => {
  const see = (is: DocumentVisibilityState) => {
    jest.spyOn(document, 'visibilityState', 'get').mockReturnValue(is);
    return act(async () => void document.dispatchEvent(new Event('visibilitychange')));
  };
  const wait = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms));

  /** Timers are set while the page is shown: they have to be the fake ones then. */
  async function showInTime(shown: Shown) {
    jest.useFakeTimers();
    const page = fakePlugin({ answers: { 'dingtalk:getEventState': shown.state, ...shown.answers } });
    const { container, unmount } = render(
      <App>
        <EventsField plugin={page.plugin} value={shown.value} source={3} />
      </App>,
    );
    await wait(0);
    const asked = () => page.bodiesOf('dingtalk:getEventState').length;
    return { ...page, asked, unmount, text: () => container.textContent ?? '' };
  }

  afterEach(() => jest.useRealTimers());

  it('is asked for every three seconds, and no longer when the form is closed', async () => {
    const { asked, answers, text, unmount } = await showInTime({ value: 'stream', state: stream });
    expect(asked()).toBe(1);
    answers['dingtalk:getEventState'] = { ...stream, waiting: 7 };
    await wait(3000);
    expect(asked()).toBe(2);
    expect(text()).toContain('wait to be read: 7');
    await wait(3000);
    expect(asked()).toBe(3);
    unmount();
    await wait(60_000);
    expect(asked()).toBe(3);
  });

  it('is not asked for while nobody sees the page, and at once when somebody does', async () => {
    const { asked } = await showInTime({ value: 'stream', state: stream });
    await see('hidden');
    await wait(60_000);
    expect(asked()).toBe(1);
    await see('visible');
    expect(asked()).toBe(2);
    await wait(3000);
    expect(asked()).toBe(3);
  });

  it('is not asked for again where events are off', async () => {
    const { asked } = await showInTime({ value: 'off', state: { mode: 'off', isOff: false, waiting: 0 } });
    await wait(60_000);
    expect(asked()).toBe(1);
  });

  it('stays where it cannot be read, says why, and is asked for less often', async () => {
    const { asked, answers, text } = await showInTime({ value: 'stream', state: stream });
    answers['dingtalk:getEventState'] = () => Promise.reject(networkError());
    await wait(3000);
    expect(text()).toContain(CANNOT);
    expect(text()).toContain('Connection: open');
    await wait(29_000);
    expect(asked()).toBe(2);
    answers['dingtalk:getEventState'] = stream;
    await wait(1000);
    expect(asked()).toBe(3);
    expect(text()).not.toContain(CANNOT);
  });
});

describe('HTTP', () => {
  const MAKE = 'Make token and AES key';

  it('shows the address, and copies it', async () => {
    const writeText = jest.fn(() => Promise.resolve());
    Object.assign(navigator, { clipboard: { writeText } });
    await show({ value: 'http', state: http });
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: /^Request URL/ }).value).toBe(URL_OF_SOURCE);
    await click(screen.getByRole('button', { name: /^Copy: Request URL/ }));
    expect(writeText.mock.calls).toEqual([[URL_OF_SOURCE]]);
    expect(document.body.textContent).toContain('Copied');
  });

  it('says since when there are keys, and that DingTalk checked the address', async () => {
    const { text } = await show({ value: 'http', state: http });
    expect(text()).toContain('Token and AES key were made: 2026-11-27 10:01:02');
    expect(text()).toContain('DingTalk checked the address: 2026-11-27 10:02:30');
    expect(text()).toContain('HTTP 推送');
  });

  it('says that DingTalk has not checked the address, and that there are no keys', async () => {
    const { text } = await show({ value: 'http', state: { ...http, callback: { url: URL_OF_SOURCE, isMade: true } } });
    expect(text()).toContain('has not checked the address yet');
    const other = await show({ value: 'http', state: notMade });
    expect(other.text()).toContain('There are no token and AES key yet');
    expect(other.text()).not.toContain('has not checked');
  });

  it.each([
    [60_000, undefined],
    [-61_000, '61 seconds'],
    [600_000, '600 seconds'],
  ])('of a clock that is %d ms wrong says %j', async (skewMs, said) => {
    const { text } = await show({
      value: 'http',
      state: { ...http, callback: { url: URL_OF_SOURCE, isMade: true, skewMs } },
    });
    expect(text().includes('The clock of this server')).toBe(said !== undefined);
    expect(text()).toContain(said ?? '');
  });

  it('makes the first keys without a question, shows them once, and reads the state again', async () => {
    const { bodiesOf, asked } = await show({ value: 'http', state: notMade });
    await click(button(MAKE));
    expect(bodiesOf('dingtalk:renewCallback')).toEqual([{ source: 3 }]);
    expect(asked()).toBe(2);
    const shown = dialog().getAllByRole<HTMLInputElement>('textbox');
    expect(shown.map(({ value }) => value)).toEqual(['anAesKey', 'aToken', URL_OF_SOURCE]);
    expect(shown.map((field) => field.labels?.[0].textContent)).toEqual([
      'Encryption key (加密 aes_key)',
      'Signature token (签名 token)',
      'Request URL (请求网址)',
    ]);
    await click(dialog().getByRole('button', { name: 'Close' }));
    expect(screen.queryByDisplayValue('anAesKey')).toBeNull();
    expect(screen.queryByDisplayValue('aToken')).toBeNull();
  });

  it('keeps the keys where somebody presses Escape or clicks beside them', async () => {
    await show({ value: 'http', state: notMade });
    await click(button(MAKE));
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Escape', keyCode: 27 });
    await click(document.querySelector('.ant-modal-wrap') as Element);
    expect(screen.queryByDisplayValue('anAesKey')).not.toBeNull();
  });

  it('asks before it replaces keys', async () => {
    const { bodiesOf } = await show({ value: 'http', state: http });
    await click(button(MAKE));
    expect(bodiesOf('dingtalk:renewCallback')).toEqual([]);
    expect(dialog().getByText(/stop working at once/)).toBeTruthy();
    await click(dialog().getByRole('button', { name: 'Cancel' }));
    expect(bodiesOf('dingtalk:renewCallback')).toEqual([]);

    await click(button(MAKE));
    await click(dialog().getByRole('button', { name: MAKE }));
    expect(bodiesOf('dingtalk:renewCallback')).toEqual([{ source: 3 }]);
    expect(screen.queryByDisplayValue('anAesKey')).not.toBeNull();
  });

  it('tells why no keys could be made', async () => {
    const { text } = await show({
      value: 'http',
      state: notMade,
      answers: { 'dingtalk:renewCallback': () => Promise.reject(refusal('SOURCE_UNAVAILABLE')) },
    });
    await click(button(MAKE));
    expect(text()).toContain('A sentence (SOURCE_UNAVAILABLE)');
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});
