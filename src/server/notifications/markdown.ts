import { MAX_MESSAGE_BYTES } from '../dingtalk/work-notification';

/** A piece of a text: as it is, or a link or picture with what stands in its place where it may not be sent. */
export type Piece = { text: string } | { label: string; address: string; isPicture: boolean };

export interface Addresses {
  /** The address to send; undefined where a link becomes plain text. */
  link(wanted: string): string | undefined;
  picture(wanted: string): string | undefined;
  /** Whether an address that is written in a text may stay one. */
  isAllowed(address: string): boolean;
}

/** A link or a picture, as everybody writes them; its label may be a picture. */
const INLINE =
  /(!?)\[((?:!\[[^[\]\n]{0,500}\]\([^()\n]{0,2000}\)|[^[\]\n]){0,500})\]\([ \t]*<?([^\s()<>]{0,2000}(?:\([^\s()<>]{0,500}\)[^\s()<>]{0,500}){0,5})>?(?:[ \t]+(?:"[^"\n]{0,500}"|'[^'\n]{0,500}'))?[ \t]*\)/g;

/**
 * The pieces of a text in Markdown. Of its links, those that may be sent stay; of the others, the label stays, with the
 * address as a text. What DingTalk, or any other reader of Markdown, might take for a link beyond these is taken apart:
 * addresses in brackets, definitions, HTML.
 */
export function piecesOf(markdown: string, addresses: Addresses): { pieces: Piece[]; refused: number } {
  const pieces: Piece[] = [];
  let refused = 0;
  let end = 0;
  let size = 0;
  // What stands between two links, whatever it was written as: what is taken out could join its neighbors to another link.
  let text = '';
  const add = (piece: Piece) => {
    pieces.push(piece);
    size += written(piece).length;
  };
  const addText = () => {
    const plain = withoutAddresses(text, addresses);
    refused += plain.refused;
    add({ text: withoutMarkup(plain.text) });
    text = '';
  };
  for (const { 0: whole, 1: mark, 2: label, 3: wanted, index } of markdown.matchAll(INLINE)) {
    const isPicture = mark === '!';
    const address = isPicture ? addresses.picture(wanted) : addresses.link(wanted);
    text += markdown.slice(end, index);
    end = index + whole.length;
    if (address === undefined) {
      refused++;
      text += [inLabel(label), shown(wanted)].filter(Boolean).join(' ');
    } else {
      addText();
      add({ label: nameIn(label, addresses) || '…', address, isPicture });
    }
    if (size > MAX_MESSAGE_BYTES) {
      // Nobody will see the rest.
      return { pieces, refused };
    }
  }
  text += markdown.slice(end);
  addText();
  return { pieces, refused };
}

/** The host of a page elsewhere is named, so that nobody misses it; that of a program is nothing to read. */
function shown(wanted: string): string {
  const address = wanted.replace(/^(https?:)?[/\\]{2,}/i, '');
  return /^[a-z][a-z\d+.-]*:/i.test(address) && !/^[^/:]+:\d/.test(address) ? '' : `(${withoutScheme(address)})`;
}

export const written = (piece: Piece): string =>
  'text' in piece ? piece.text : `${piece.isPicture ? '!' : ''}[${piece.label}](${piece.address})`;

/** In a label, nothing is a link: of a picture in it, its own label stays. */
const inLabel = (label: string) => label.replace(/!\[([^[\]]*)\]\([^()]*\)/g, '$1').replace(/[[\]]/g, '');

const nameIn = (label: string, addresses: Addresses): string =>
  withoutMarkup(withoutAddresses(inLabel(label), addresses).text).trim();

/**
 * Breaks what begins a link, a definition of one, or HTML, wherever it stands: readers of Markdown differ. The character
 * between has no width.
 */
const withoutMarkup = (text: string) => text.replace(/\](?=\s*[([:])/g, ']\u2060').replace(/<(?=[A-Za-z/!?])/g, '< ');

/**
 * Up to the next blank, or the next address, whatever stands between: some clients take `https://own.example'@evil.example`
 * for one address.
 */
const ADDRESS = /[a-z][a-z\d+.-]{0,40}:[/\\]{2}(?:(?![a-z][a-z\d+.-]{0,40}:[/\\]{2})\S)*/gi;

/** A text in which an address that may not be sent is none any more, as clients make links of addresses. */
export function withoutAddresses(
  text: string,
  { isAllowed }: Pick<Addresses, 'isAllowed'>,
): { text: string; refused: number } {
  if (!/:[/\\]{2}/.test(text)) {
    // The expression looks back from each letter, which takes its time for a long text.
    return { text, refused: 0 };
  }
  let refused = 0;
  let endOfAllowed = -1;
  const plain = text.replace(ADDRESS, (found: string, index: number) => {
    // `https://own.example!` with its mark is another host.
    if (isAllowed(trimmed(found)) && (isAllowed(found) || !URL.canParse(found))) {
      endOfAllowed = index + found.length;
      return found;
    }
    refused++;
    // What is left would be the end of the host before it: browsers read none of the characters without a width between.
    return `${index === endOfAllowed ? ' ' : ''}${withoutScheme(found)}`;
  });
  return { text: plain, refused };
}

/** As of a sentence that ends with an address. */
const trimmed = (address: string) => address.replace(/[).,;:!?\]*_~>"']{1,20}$/, '');

/** Also in the middle: what is left could be an address, too. */
const withoutScheme = (address: string): string =>
  address.replace(/^[a-z][a-z\d+.-]*:[/\\]+/i, '').replace(/:(?=[/\\]{2})/g, ': ');
