import path from 'node:path';
import { parse, type Page } from './markdown';

/** What a translated page has in common with the English one. */
const shape: Record<string, (page: Page) => unknown[]> = {
  headings: ({ headings }) => headings.map(({ level }) => level),
  'rows and columns of tables': ({ tables }) => tables.map((rows) => rows.map((cells) => cells.length)),
  'code blocks': ({ codeBlocks }) => [codeBlocks.length],
  'codes and variables': ({ code }) => [...new Set(code.flatMap(names))].sort(),
  // A translated page may show the picture of its own language: `sign-in.png`, `sign-in.de.png`.
  images: ({ images }) => images.map((image) => path.basename(image).split('.')[0]),
};

/** Error codes and environment variables. */
const names = (code: string) => code.match(/\b[A-Z][A-Z\d]*(?:_[A-Z\d]+)+\b/g) ?? [];

/** Where a translated page first differs from the English page, for each part of its shape, in words for its translator. */
export function differences(english: string, translated: string): string[] {
  return Object.entries(shape).flatMap(([what, read]) => {
    const [ours, theirs] = [english, translated].map((page) => read(parse(page)).map((part) => JSON.stringify(part)));
    const longer = ours.length < theirs.length ? theirs : ours;
    const at = longer.findIndex((_, index) => ours[index] !== theirs[index]);
    return at < 0 ? [] : [`${what}: number ${at + 1} is ${ours[at]} in English, ${theirs[at]} here`];
  });
}
