import fc from 'fast-check';
import { check, checkSpeed, text, value } from '../../../testing/fuzz';
import { MAX_MESSAGE_BYTES } from '../dingtalk/work-notification';
import { CodedError } from '../http/coded-error';
import { compose, type Frame } from './compose';
import { parseContent } from './content';

const frame: Frame = {
  links: 'panel',
  address: new URL('https://nb.example/v'),
  hosts: new Set(['ok.example']),
  tooLong: 'shorten',
  corpId: 'dingcorp',
  agentId: '1',
  time: '11-27 16:05:12',
};

/** What links are made of, and what might pass for one. */
const piece = fc.oneof(
  fc.constantFrom(
    '[',
    ']',
    '(',
    ')',
    '!',
    '<',
    '>',
    '](',
    '![',
    ' ',
    '\n',
    '"',
    "'",
    '@',
    '\\',
    '//',
    ':',
    '。',
    '\u200b',
  ),
  fc.constantFrom('[](//evil.example)', '[//evil.example](x:y)', '[a](x:y)', 'https:', '<'),
  fc.constantFrom('https://', 'http://', 'HTTPS://', 'dingtalk://', 'javascript:', 'data:', 'evil.example', '/admin'),
  fc.constantFrom(
    'https://ok.example/',
    'https://nb.example/v/admin',
    '/api/',
    '/signin',
    'ok.example',
    'a',
    '&',
    '#',
    '?',
  ),
  text,
);
const written = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(''));

const content = fc.record({
  type: fc.constantFrom('text', 'markdown', 'actionCard', 'oa'),
  title: written,
  text: written,
  url: written,
  button: written,
  buttons: fc.array(fc.record({ title: written, url: written }), { maxLength: 6 }),
  form: fc.array(fc.record({ key: written, value: written }), { maxLength: 8 }),
});

function composed(given: unknown) {
  try {
    return compose(parseContent({ content: given }), frame);
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError);
    return undefined;
  }
}

/** All texts of a message. */
const textsIn = (part: unknown): string[] =>
  typeof part === 'string' ? [part] : typeof part === 'object' && part ? Object.values(part).flatMap(textsIn) : [];

/** Every address that any reader could find, in whatever place: up to each character that might end one. */
function addressesIn(read: string): string[] {
  return [...read.matchAll(/[a-z][a-z\d+.-]*:[/\\]{2}/gi)].flatMap(({ index }) => {
    const rest = read.slice(index).split(/[\s"]/)[0];
    return [...rest.matchAll(/$|[()<>[\]'`*,，。]/g)].map(({ index: end }) => rest.slice(0, end));
  });
}

function leadsTo(address: string): string {
  const url = new URL(address);
  const inside = url.searchParams.get('url') ?? url.searchParams.get('redirect_url');
  return url.protocol === 'dingtalk:' && inside ? new URL(inside).host : url.host;
}

it('T100: whatever it is given, no link of a message leads elsewhere', () => {
  check(content, (given) => {
    const { message } = composed(given) ?? {};
    for (const address of textsIn(message).flatMap(addressesIn)) {
      if (URL.canParse(address)) {
        expect(['nb.example', 'ok.example']).toContain(leadsTo(address));
      }
    }
  });
});

it('T100: no link of Markdown is left but those that were made here', () => {
  check(content, (given) => {
    const { message } = composed(given) ?? {};
    const markdown =
      message?.msgtype === 'markdown'
        ? message.markdown.text
        : message?.msgtype === 'action_card'
          ? message.action_card.markdown
          : '';
    for (const [, address] of markdown.matchAll(/\]\s*\(([^)]*)\)/g)) {
      expect(address).toMatch(
        /^(dingtalk:\/\/dingtalkclient\/page\/link\?url=https%3A%2F%2F(nb|ok)\.example|https:\/\/(nb|ok)\.example)/,
      );
    }
    expect(markdown).not.toMatch(/\]:|\]\[|<[a-z/!?]/i);
  });
});

it('is never more than DingTalk delivers, nor half a character', () => {
  const long = fc.tuple(written, fc.integer({ min: 1, max: 400 })).map(([part, times]) => part.repeat(times));
  check(
    fc.record({ type: fc.constantFrom('text', 'markdown', 'actionCard', 'oa'), title: long, text: long, url: written }),
    (given) => {
      const made = composed(given);
      if (made) {
        const json = JSON.stringify(made.message);
        expect(made.bytes).toBe(Buffer.byteLength(json));
        expect(made.bytes).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
        expect(json).not.toMatch(/\\ud[89a-f]/i);
      }
    },
  );
});

it('reads anything', () => {
  check(value, (given) => void composed(given));
});

it('reads long texts fast', () => {
  checkSpeed((long) => composed({ type: 'markdown', text: long }));
});
