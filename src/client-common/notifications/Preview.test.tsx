/** @jest-environment jsdom */
import { render, screen } from '@testing-library/react';
import { act } from 'react';
import '../../../testing/client/dom';
import { fakePlugin, refusal } from '../../../testing/client/fake-plugin';
import type { MessageContent, MessagePreview } from '../../shared/messages';
import { DingTalkMessage } from './DingTalkMessage';
import { Preview } from './Preview';
import { withNames } from './preview-content';

type Message = MessagePreview['message'];

const ANSWER: MessagePreview = {
  message: { msgtype: 'text', text: { content: 'Hello' } },
  bytes: 48,
  maxBytes: 2048,
  notes: ['Links sent as plain text: 1.'],
};

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const typed = () => act(() => jest.advanceTimersByTimeAsync(1000));

function show(channel?: string, answer: unknown = ANSWER) {
  const nocobase = fakePlugin({ answers: { 'dingtalk:previewMessage': answer } });
  const page = (content: MessageContent) => <Preview plugin={nocobase.plugin} channel={channel} content={content} />;
  const { container, rerender } = render(page({ type: 'text', text: 'H' }));
  return { ...nocobase, container, write: (text: string) => rerender(page({ type: 'text', text })) };
}

it('is asked for once when nobody types any more, and shows size and notes', async () => {
  const page = show('ding');
  page.write('He');
  page.write('Hello {{{$context.data.title}}}');
  await typed();
  expect(page.bodiesOf('dingtalk:previewMessage')).toEqual([
    { channel: 'ding', content: { type: 'text', text: 'Hello ‹title›' } },
  ]);
  expect(page.container.textContent).toContain('48 of 2048 bytes');
  expect(page.container.textContent).toContain('Links sent as plain text: 1.');
});

it('is asked for neither without a channel nor without a text', async () => {
  const without = show();
  await typed();
  expect(without.bodiesOf('dingtalk:previewMessage')).toEqual([]);
  const empty = show('ding');
  empty.write('  ');
  await typed();
  expect(empty.requests).toEqual([]);
  expect(empty.container.textContent).toContain('Choose a channel');
});

it('says why there is none', async () => {
  show('ding', () => Promise.reject(refusal('MESSAGE_TOO_LONG')));
  await typed();
  expect(screen.getByRole('alert').textContent).toBe('A sentence (MESSAGE_TOO_LONG)');
});

it.each<[MessageContent, MessageContent]>([
  [{ text: '{{{$context.data.a}}} and {{ $jobs.x.b }}' }, { text: '‹a› and ‹b›' }],
  [{ url: '/admin/{{{$context.data.id}}}' }, { url: '/admin/x' }],
  [{ url: '{{{$context.data.url}}}' }, { url: '/admin' }],
  [{ url: 'dingtalk://x' }, { url: 'dingtalk://x' }],
  [{ buttons: [{ title: '{{{a.b}}}', url: '{{{c}}}' }] }, { buttons: [{ title: '‹b›', url: '/admin' }] }],
])('has names in place of variables: %j', (content, named) => {
  expect(withNames(content)).toEqual(named);
});

describe('a message in DingTalk', () => {
  const shown = (message: Message) => render(<DingTalkMessage message={message} />).container;
  const markdown = (text: string) => shown({ msgtype: 'markdown', markdown: { title: 'T', text } });

  it('has headings, quotes, lists, bold and italic words, links and pictures', () => {
    const page = markdown(
      '# Head\n> Said\n- One\n2. Two\n**bold** *italic* [label](https://x.example/)\n![Cat](https://c)',
    );
    expect(page.textContent).toBe('HeadSaid• One2. Twobold italic labelCat');
    expect(page.querySelector('strong')?.textContent).toBe('bold');
    expect(page.querySelector('em')?.textContent).toBe('italic');
    expect(page.querySelector('[title="https://x.example/"]')?.textContent).toBe('label');
  });

  it('is never HTML, leads nowhere and loads nothing', () => {
    const page = markdown(
      '<img src=x onerror=alert(1)>[<b>x</b>](javascript:alert(1))![p](https://tracker.example/p.png)',
    );
    expect(page.querySelector('img, a, b, script')).toBeNull();
    expect(page.textContent).toContain('<img src=x onerror=alert(1)>');
  });

  it('has one link, or buttons, below a card', () => {
    const one = { title: 'T', markdown: 'Text', single_title: 'Open', single_url: 'https://x' };
    expect(shown({ msgtype: 'action_card', action_card: one }).textContent).toBe('TextOpen');
    const buttons = [{ title: 'Yes' }, { title: 'No' }];
    const several = { title: 'T', markdown: 'Text', btn_orientation: '1', btn_json_list: buttons };
    expect(shown({ msgtype: 'action_card', action_card: several }).textContent).toBe('TextYesNo');
  });

  it('has the rows of a form', () => {
    const body = { title: 'Leave', form: [{ key: 'Days', value: '3' }], content: 'Sick', author: '09:41' };
    const oa = { message_url: 'https://x', head: { text: 'Head' }, body };
    expect(shown({ msgtype: 'oa', oa }).textContent).toBe('HeadLeaveDays3Sick09:41');
  });
});
