import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../dev/paths';

export const DOCUMENT = path.join(ROOT, 'docs', 'performance.md');

const BEGIN = '<!-- written by `npm run bench -- --write` -->';
const END = '<!-- end -->';

/** @returns the text with other tables between its marks */
export function withTables(text: string, tables: string): string {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) {
    throw new Error(`Between ${BEGIN} and ${END} the tables would stand; one is missing.`);
  }
  return `${before}${BEGIN}\n\n${tables}\n\n${END}${after}`;
}

export function writeIntoDocument(tables: string) {
  fs.writeFileSync(DOCUMENT, withTables(fs.readFileSync(DOCUMENT, 'utf8'), tables));
}
