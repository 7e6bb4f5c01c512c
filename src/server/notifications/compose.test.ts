import { MAX_MESSAGE_BYTES, sizeOf } from '../dingtalk/work-notification';
import { CodedError } from '../http/coded-error';
import { compose, type Frame } from './compose';
import { parseContent } from './content';

const frame: Frame = {
  links: 'browser',
  address: new URL('https://nb.example'),
  hosts: new Set(['ok.example']),
  tooLong: 'shorten',
  corpId: 'dingcorp',
  agentId: '1',
  home: 'dingtalk://home',
};

const composed = (content: unknown, more: Partial<Frame> = {}) =>
  compose(parseContent({ content }), { ...frame, ...more });
const message = (content: unknown, more: Partial<Frame> = {}) => composed(content, more).message;
const markdown = (text: string) => {
  const made = message({ type: 'markdown', title: 'T', text });
  return made.msgtype === 'markdown' ? made.markdown.text : '';
};

const ADMIN = `dingtalk://dingtalkclient/page/link?url=${encodeURIComponent('https://nb.example/admin')}&pc_slide=false`;

describe('a message', () => {
  it('is a text', () => {
    expect(message({ type: 'text', text: 'Hello' })).toEqual({ msgtype: 'text', text: { content: 'Hello' } });
    expect(message('Hello')).toEqual({ msgtype: 'text', text: { content: 'Hello' } });
    expect(message({ text: 'b', title: 'a' })).toEqual({ msgtype: 'text', text: { content: 'a\nb' } });
  });

  it('is Markdown, with the first line for a title that is missing', () => {
    expect(message({ type: 'markdown', text: '# **Order** 7\n\nmore' })).toEqual({
      msgtype: 'markdown',
      markdown: { title: '**Order** 7', text: '# **Order** 7\n\nmore' },
    });
    expect(message({ type: 'markdown', title: 'only' })).toMatchObject({ markdown: { title: 'only', text: 'only' } });
  });

  it('is a card with one link', () => {
    expect(message({ type: 'actionCard', title: 'T', text: 'x', button: 'Open', url: '/admin' })).toEqual({
      msgtype: 'action_card',
      action_card: { title: 'T', markdown: 'x', single_title: 'Open', single_url: ADMIN },
    });
  });

  it('is a card with buttons, without those that lead elsewhere', () => {
    const buttons = [
      { title: 'Yes', url: '/admin' },
      { title: 'No', url: 'https://evil.example' },
      { title: '', url: 'https://ok.example/' },
    ];
    const { message: made, refusedLinks } = composed({ type: 'actionCard', text: 'x', buttons, layout: 'horizontal' });
    expect(made).toMatchObject({
      msgtype: 'action_card',
      action_card: {
        btn_orientation: '1',
        btn_json_list: [
          { title: 'Yes', action_url: ADMIN },
          { title: '›', action_url: expect.stringContaining('ok.example') },
        ],
      },
    });
    expect(refusedLinks).toBe(1);
  });

  it('is Markdown where no link of a card is left', () => {
    const card = { type: 'actionCard', title: 'T', text: 'x', button: 'Open' };
    for (const url of ['', 'https://evil.example', 'dingtalk://dingtalkclient/page/link?url=x']) {
      expect(message({ ...card, url })).toEqual({ msgtype: 'markdown', markdown: { title: 'T', text: 'x' } });
    }
  });

  it('is a form, which opens NocoBase where it names no page', () => {
    const form = { type: 'oa', title: 'Leave', text: 'Please', form: [{ key: 'From', value: 7 }] };
    expect(message(form)).toEqual({
      msgtype: 'oa',
      oa: {
        message_url: 'dingtalk://home',
        head: { bgcolor: 'FFBBBBBB', text: 'Leave' },
        body: { title: 'Leave', content: 'Please', form: [{ key: 'From', value: '7' }] },
      },
    });
    expect(message({ ...form, url: '/admin' })).toMatchObject({ oa: { message_url: ADMIN } });
    expect(message(form, { home: undefined })).toMatchObject({
      msgtype: 'markdown',
      markdown: { text: 'Please\n\nFrom: 7' },
    });
  });

  it('has the plain address where the wrapped one is longer than DingTalk takes, and none where that is, too', () => {
    const card = (length: number) => {
      const made = message(
        { type: 'actionCard', text: 'x', url: `/admin/${'a'.repeat(length)}` },
        { tooLong: 'refuse' },
      );
      return made.msgtype === 'action_card' ? made.action_card.single_url : undefined;
    };
    expect(card(200)).toMatch(/^dingtalk:/);
    expect(card(460)).toMatch(/^https:/);
    expect(card(600)).toBeUndefined();
  });

  it('ends with the time, whatever it is', () => {
    const time = '11-27 16:05:12';
    expect(message('Hello', { time })).toMatchObject({ text: { content: `Hello\n\n${time}` } });
    expect(message({ type: 'markdown', text: 'x' }, { time })).toMatchObject({ markdown: { text: `x\n\n${time}` } });
    expect(message({ type: 'actionCard', text: 'x', url: '/admin' }, { time })).toMatchObject({
      action_card: { markdown: `x\n\n${time}` },
    });
    expect(message({ type: 'oa', text: 'x' }, { time })).toMatchObject({ oa: { body: { author: time } } });
  });
});

describe('what cannot be one', () => {
  it.each<[string, unknown, string]>([
    ['no content', undefined, 'MESSAGE_INVALID'],
    ['content that is a list', [], 'MESSAGE_INVALID'],
    ['a type that is none', { type: 'voice', text: 'x' }, 'MESSAGE_INVALID'],
    ['buttons that are none', { type: 'actionCard', text: 'x', buttons: 'no' }, 'MESSAGE_INVALID'],
    ['nothing', {}, 'MESSAGE_EMPTY'],
    ['blanks', { type: 'markdown', text: ' \n\t' }, 'MESSAGE_EMPTY'],
    ['what shows nothing', '\u202e\u200f\0', 'MESSAGE_EMPTY'],
    ['an empty form', { type: 'oa', form: [{ key: '', value: null }] }, 'MESSAGE_EMPTY'],
  ])('%s', (_, content, code) => {
    expect(() => composed(content)).toThrow(expect.objectContaining({ code }));
  });
});

describe('a message that is too long', () => {
  const long = '汉'.repeat(3000);

  it.each([
    { type: 'text', text: long },
    { type: 'markdown', title: long, text: long },
    { type: 'markdown', text: '😀'.repeat(3000) },
    { type: 'markdown', text: '"\\'.repeat(3000) },
    { type: 'actionCard', text: long, button: long, url: '/admin' },
    { type: 'oa', title: long, text: long, form: Array.from({ length: 20 }, () => ({ key: long, value: long })) },
  ])('is shortened to what DingTalk delivers, and not more: %#', (content) => {
    const { message: made, bytes, isShortened } = composed(content, { time: '11-27 16:05:12' });
    expect(isShortened).toBe(true);
    expect(bytes).toBe(sizeOf(made));
    expect(bytes).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    expect(bytes).toBeGreaterThan(MAX_MESSAGE_BYTES - 100);
    expect(JSON.stringify(made)).toContain('…');
    expect(JSON.stringify(made)).toContain('16:05:12');
    expect(JSON.stringify(made)).not.toMatch(/\\ud[89a-f]/i);
  });

  it('is refused, where the channel says so', () => {
    expect(() => composed(long, { tooLong: 'refuse' })).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LONG' }));
    expect(composed('汉'.repeat(600), { tooLong: 'refuse' })).toMatchObject({ isShortened: false });
  });

  it('is refused, where its buttons alone are', () => {
    const buttons = Array.from({ length: 5 }, () => ({ title: 'x', url: `/admin/${'a'.repeat(500)}` }));
    expect(() => composed({ type: 'actionCard', text: 'x', buttons })).toThrow(CodedError);
  });

  it('has a link whole or not at all', () => {
    const text = `${'汉'.repeat(590)} [the order](/admin)${'汉'.repeat(100)}`;
    expect(markdown(text)).not.toMatch(/dingtalk:(?!\/\/dingtalkclient\/page\/link\?url=[^()]+false\))/);
  });
});

describe('T100: Markdown of a record’s author', () => {
  it.each<[string, string]>([
    ['[Sign in](https://evil.example/login)', 'Sign in (evil.example/login)'],
    ['[Sign in](//evil.example)', 'Sign in (evil.example)'],
    ['[x](dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fevil.example)', 'x'],
    ['[x](javascript:alert(1))', 'x'],
    ['![](https://evil.example/pixel.png)', '(evil.example/pixel.png)'],
    ['[x](https://evil.example "a title")', 'x (evil.example)'],
    ['[x](<https://evil.example>)', 'x (evil.example)'],
    ['[x]( https://evil.example )', 'x (evil.example)'],
    ['https://evil.example/a', 'evil.example/a'],
    ['<https://evil.example>', '< evil.example>'],
    ['[x]: https://evil.example', '[x]\u2060: evil.example'],
    ['[x][y]', '[x]\u2060[y]'],
    ['[x\ny](//evil.example)', '[x\ny]\u2060(//evil.example)'],
    ['<a href="//evil.example">x</a>', '< a href="//evil.example">x< /a>'],
    ["https://ok.example'@evil.example/", "ok.example'@evil.example/"],
    ['hthttps://tps://evil.example', 'evil.example'],
    ['https://ok.example!', 'ok.example!'],
    ['https://ok.example/，https://evil.example', 'https://ok.example/， evil.example'],
    ['https://ok.example\u200bhttps://.evil.example', 'https://ok.example\u200b .evil.example'],
    ['dingtalk://dingtalkclient/page', 'dingtalkclient/page'],
    ['[![x](https://evil.example/a.png)](https://evil.example)', 'x (evil.example)'],
    ['\u202egro.live//:sptth', 'gro.live//:sptth'],
    // What a link leaves behind, with its neighbors.
    ['[x][](https://evil.example)', '[x]\u2060(evil.example)'],
    ['[x]![](//evil.example)', '[x]\u2060(evil.example)'],
    ['<[img src=//evil.example/x](javascript:x)>', '< img src=//evil.example/x>'],
    ['https:[//evil.example](javascript:x)', 'evil.example'],
  ])('%j becomes %j', (text, sent) => {
    expect(markdown(text)).toBe(sent);
  });

  it.each<[string, string]>([
    ['[the order](/admin)', `[the order](${ADMIN})`],
    ['**a** [b](/admin), _c_', `**a** [b](${ADMIN}), _c_`],
    ['![a](https://ok.example/a.png)', '![a](https://ok.example/a.png)'],
    ['see https://ok.example/a.', 'see https://ok.example/a.'],
    ['[https://evil.example](/admin)', `[evil.example](${ADMIN})`],
    ['- a\n- b\n\n> c\n\n1 < 2', '- a\n- b\n\n> c\n\n1 < 2'],
    ['{{x}} {{#if}} $t(y) &amp; "q"', '{{x}} {{#if}} $t(y) &amp; "q"'],
  ])('%j stays what it is: %j', (text, sent) => {
    expect(markdown(text)).toBe(sent);
  });

  it('is plain text in a text', () => {
    expect(message('see https://evil.example/a')).toMatchObject({ text: { content: 'see evil.example/a' } });
    expect(composed('see https://evil.example/a https://ok.example').refusedLinks).toBe(1);
  });

  it('is plain text in a form and in titles', () => {
    const evil = 'https://evil.example/a';
    const made = message({ type: 'oa', title: evil, text: evil, form: [{ key: evil, value: evil }] });
    expect(JSON.stringify(made)).not.toContain('https://evil');
  });
});
