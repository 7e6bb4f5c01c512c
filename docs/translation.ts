import path from 'node:path';
import { codeBlocks, headings, images, inlineCode, tables } from './markdown';

/** What a translated page has in common with the English one. */
const shape: Record<string, (page: string) => unknown[]> = {
  headings: (page) => headings(page).map(({ level }) => level),
  'rows and columns of tables': (page) => tables(page).map((rows) => rows.map((cells) => cells.length)),
  'code blocks': (page) => codeBlocks(page).map(() => 'one'),
  'codes and variables': (page) => [...new Set(inlineCode(page).flatMap(names))].sort(),
  // A picture may be one of that language: `sign-in.png`, `sign-in.de.png`.
  images: (page) => images(page).map((image) => path.basename(image).split('.')[0]),
};

/** Error codes, and variables of the environment. */
const names = (code: string) => code.match(/\b[A-Z][A-Z\d]*(?:_[A-Z\d]+)+\b/g) ?? [];

/** Where a translated page is not made as the English one is; in words for who translates. */
export function differences(english: string, translated: string): string[] {
  return Object.entries(shape).flatMap(([what, read]) => {
    const [ours, theirs] = [english, translated].map((page) => JSON.stringify(read(page)));
    return ours === theirs ? [] : [`${what}: ${ours} in English, ${theirs} here`];
  });
}
