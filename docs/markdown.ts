/** What the checks of the documentation read of a page in Markdown. Enough for the pages of this repository, not more. */

const FENCE = /^(```+)[^\n]*\n[\s\S]*?^\1$/gm;
const CODE = /`([^`\n]+)`/g;

/** The page without its code blocks. */
const prose = (page: string) => page.replace(FENCE, '');

const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, group]) => group);

export const codeBlocks = (page: string): string[] => page.match(FENCE) ?? [];

/** What stands in backticks. */
export const inlineCode = (page: string): string[] => found(prose(page), CODE);

export interface Heading {
  level: number;
  text: string;
}

export const headings = (page: string): Heading[] =>
  [...prose(page).matchAll(/^(#{1,6}) +(.+?) *#*$/gm)].map(([, signs, text]) => ({ level: signs.length, text }));

/**
 * The anchors of a page's headings, as GitHub makes them: in small letters; letters, digits, `_` and hyphens of any
 * script stay, a space becomes a hyphen, all else goes; the second of the same name ends in `-1`.
 */
export function anchors(page: string): string[] {
  const times = new Map<string, number>();
  return headings(page).map(({ text }) => {
    const plain = text.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{M}\p{Nd}\p{Pc}\- ]/gu, '').replaceAll(' ', '-');
    const before = times.get(slug) ?? 0;
    times.set(slug, before + 1);
    return before ? `${slug}-${before}` : slug;
  });
}

const withoutCode = (page: string) => prose(page).replace(CODE, 'code');

/** Targets of links and images. */
export const links = (page: string): string[] => [
  ...found(withoutCode(page), /\]\(\s*<?([^)\s>]+)/g),
  ...found(withoutCode(page), /^\[[^\]]+\]: *<?([^\s>]+)/gm),
  ...found(withoutCode(page), /<(https?:[^>\s]+)>/g),
  ...found(withoutCode(page), /\b(?:src|href)="([^"]+)"/g),
];

export const images = (page: string): string[] => [
  ...found(withoutCode(page), /!\[[^\]]*\]\(([^)\s]+)/g),
  ...found(withoutCode(page), /<img[^>]*\bsrc="([^"]+)"/g),
];

/** The tables, each as its rows, each as its cells; the line under the head is left out. */
export function tables(page: string): string[][][] {
  const blocks = prose(page).match(/(?:^\|.*\|$\n?)+/gm) ?? [];
  return blocks.map((block) =>
    block
      .trim()
      .split('\n')
      .filter((_, index) => index !== 1)
      .map((row) =>
        row
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim()),
      ),
  );
}
