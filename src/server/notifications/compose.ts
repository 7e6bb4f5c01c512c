import { MAX_MESSAGE_BYTES, sizeOf, type WorkMessage } from '../dingtalk/work-notification';
import { CodedError } from '../http/coded-error';
import type { Content } from './content';
import { type Link, linkTo, type LinkSettings, pictureAt } from './links';
import { type Addresses, type Piece, piecesOf, withoutAddresses, written } from './markdown';
import type { ChannelSettings } from './options';

/** What a message is made with, besides its content. */
export interface Frame extends LinkSettings, Pick<ChannelSettings, 'tooLong'> {
  /** Stands at the end, so that no two messages are the same. */
  time?: string;
  /** What an OA form opens that names nothing else. */
  home?: string;
}

/** A message as DingTalk gets it. */
export interface Composed {
  message: WorkMessage;
  bytes: number;
  isShortened: boolean;
  /** How many links and addresses are plain text now. */
  refusedLinks: number;
}

// What DingTalk takes, in characters.
const MAX_TITLE = 64;
const MAX_BUTTON = 20;
const MAX_SINGLE_URL = 500;
const MAX_BUTTON_URL = 700;
const MAX_BUTTONS = 5;
/** More rows are not shown. */
const MAX_ROWS = 6;

/** Grey, which DingTalk's own samples have. */
const HEAD = 'FFBBBBBB';

/** A message that may be shortened: what it is with so many characters of each text. */
interface Draft {
  /** The length of its longest text. */
  length: number;
  build(most: number): WorkMessage;
  refusedLinks: number;
}

/**
 * The message of a content, at most 2,048 bytes of it: of a larger one DingTalk says that it was sent, and drops it.
 *
 * @throws CodedError MESSAGE_TOO_LONG
 */
export function compose(content: Content, frame: Frame): Composed {
  const { length, build, refusedLinks } = drafts[content.type](content, new Words(frame));
  const whole = build(length);
  const fits = (most: number) => sizeOf(build(most)) <= MAX_MESSAGE_BYTES;
  if (sizeOf(whole) <= MAX_MESSAGE_BYTES) {
    return { message: whole, bytes: sizeOf(whole), isShortened: false, refusedLinks };
  }
  if (frame.tooLong === 'refuse' || !fits(1)) {
    throw new CodedError('MESSAGE_TOO_LONG');
  }
  let [shortest, longest] = [1, length];
  while (longest - shortest > 1) {
    const middle = Math.floor((shortest + longest) / 2);
    [shortest, longest] = fits(middle) ? [middle, longest] : [shortest, middle];
  }
  const message = build(shortest);
  return { message, bytes: sizeOf(message), isShortened: true, refusedLinks };
}

/** Texts and links of one message. */
class Words {
  refused = 0;

  constructor(readonly frame: Frame) {}

  private readonly addresses: Addresses = {
    link: (wanted) => linkTo(wanted, this.frame)?.address,
    picture: (wanted) => pictureAt(wanted, this.frame),
    isAllowed: (address) => linkTo(address, this.frame) !== undefined,
  };

  plain(text: string): string {
    const { text: plain, refused } = withoutAddresses(text, this.addresses);
    this.refused += refused;
    return plain;
  }

  title(text: string, most = MAX_TITLE): string {
    return cut(this.plain(text).replace(/\s+/g, ' ').trim(), most);
  }

  markdown(text: string): Piece[] {
    const { pieces, refused } = piecesOf(text, this.addresses);
    this.refused += refused;
    return pieces;
  }

  /** Undefined where there is none, where it leads elsewhere, or where it is longer than DingTalk takes. */
  link(wanted: string, most: number): string | undefined {
    const link = wanted ? linkTo(wanted, this.frame) : undefined;
    const address = link && [link.address, link.plain].find((each: Link['address']) => each.length <= most);
    this.refused += wanted && address === undefined ? 1 : 0;
    return address;
  }

  /** With the time, in a line of its own. */
  stamped(text: string): string {
    return [text, this.frame.time].filter(Boolean).join('\n\n');
  }
}

const drafts: Record<Content['type'], (content: Content, words: Words) => Draft> = {
  text(content, words) {
    const text = words.plain([content.title, content.text].filter(Boolean).join('\n'));
    const build = (most: number): WorkMessage => ({
      msgtype: 'text',
      text: { content: words.stamped(cut(text, most)) },
    });
    return { length: lengthOf(text), build, refusedLinks: words.refused };
  },

  markdown(content, words) {
    return markdownDraft(content, content.text, words);
  },

  actionCard(content, words) {
    const links = content.buttons.length
      ? content.buttons
          .slice(0, MAX_BUTTONS)
          .map((button) => ({ ...button, url: words.link(button.url, MAX_BUTTON_URL) }))
      : [{ title: content.button, url: words.link(content.url, MAX_SINGLE_URL) }];
    const named = links.flatMap(({ title, url }) =>
      url ? [{ title: words.title(title, MAX_BUTTON) || '›', url }] : [],
    );
    if (!named.length) {
      // A card without a link is none for DingTalk.
      return markdownDraft(content, content.text, words);
    }
    const pieces = words.markdown(content.text);
    const title = titleOf(content, pieces, words);
    const [first] = named;
    const buttons = content.buttons.length
      ? {
          btn_orientation: content.layout === 'horizontal' ? ('1' as const) : ('0' as const),
          btn_json_list: named.map(({ title: name, url }) => ({ title: name, action_url: url })),
        }
      : { single_title: first.title, single_url: first.url };
    const build = (most: number): WorkMessage => ({
      msgtype: 'action_card',
      action_card: { title, markdown: words.stamped(cutPieces(pieces, most)) || title, ...buttons },
    });
    return { length: lengthOfPieces(pieces), build, refusedLinks: words.refused };
  },

  oa(content, words) {
    const url = words.link(content.url, MAX_BUTTON_URL) ?? words.frame.home;
    const rows = content.form.slice(0, MAX_ROWS).map(({ key, value }) => ({
      key: words.title(key),
      value: words.plain(value),
    }));
    if (!url) {
      // Nor is a form that opens nothing.
      const table = rows.map(({ key, value }) => `${key}: ${value}`).join('  \n');
      return markdownDraft(content, [content.text, table].filter(Boolean).join('\n\n'), words);
    }
    const text = words.plain(content.text);
    const title = words.title(content.title);
    const build = (most: number): WorkMessage => ({
      msgtype: 'oa',
      oa: {
        message_url: url,
        head: { bgcolor: HEAD, text: title },
        body: {
          ...(title && { title }),
          ...(rows.length && { form: rows.map(({ key, value }) => ({ key, value: cut(value, most) })) }),
          ...(text && { content: cut(text, most) }),
          ...(words.frame.time && { author: words.frame.time }),
        },
      },
    });
    const length = Math.max(lengthOf(text), ...rows.map(({ value }) => lengthOf(value)), 1);
    return { length, build, refusedLinks: words.refused };
  },
};

function markdownDraft(content: Content, markdown: string, words: Words): Draft {
  const pieces = words.markdown(markdown);
  const title = titleOf(content, pieces, words);
  const build = (most: number): WorkMessage => ({
    msgtype: 'markdown',
    markdown: { title, text: words.stamped(cutPieces(pieces, most)) || title },
  });
  return { length: lengthOfPieces(pieces), build, refusedLinks: words.refused };
}

/** DingTalk wants one, which the list of conversations shows. */
function titleOf(content: Content, pieces: Piece[], words: Words): string {
  const text = pieces.map((piece) => ('text' in piece ? piece.text : piece.label)).join('');
  const [first = ''] = text.split('\n').filter((line) => line.trim());
  return words.title(content.title) || cut(first.replace(/^[#>\s-]+/, '').trim(), MAX_TITLE) || 'NocoBase';
}

/** In characters. What is longer than a message is not counted to its end: a long text would be counted at each try. */
function lengthOf(text: string, most = MAX_MESSAGE_BYTES): number {
  let length = 0;
  for (let at = 0; at < text.length && length <= most; length++) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return length;
}

/** Never in the middle of a character. */
function cut(text: string, most: number): string {
  // No character takes more than two units.
  return lengthOf(text, most) <= most ? text : `${[...text.slice(0, 2 * most)].slice(0, most - 1).join('')}…`;
}

const visible = (piece: Piece) => ('text' in piece ? piece.text : piece.label);
const lengthOfPieces = (pieces: Piece[]) => Math.max(lengthOf(pieces.map(visible).join('')), 1);

/** A link is there whole, or not at all. */
function cutPieces(pieces: Piece[], most: number): string {
  let left = most;
  let text = '';
  for (const piece of pieces) {
    const length = lengthOf(visible(piece), left);
    if (length > left) {
      return text + ('text' in piece ? cut(piece.text, Math.max(left, 1)) : '…');
    }
    left -= length;
    text += written(piece);
  }
  return text;
}
