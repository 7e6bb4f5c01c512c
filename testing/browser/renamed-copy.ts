import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, STATE } from '../../dev/paths';
import { packCopy } from './pack-copy';

const LEFT_OUT = new Set(['node_modules', '.git', '.nocobase', 'dist', 'docs']);

/** Packs a copy of the project in which one line is changed: the name in `package.json`. */
export async function packRenamedCopy(name: string): Promise<string> {
  const copy = join(STATE, 'renamed');
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  // Node refuses to copy a folder into itself at once, so its entries are.
  for (const entry of await readdir(ROOT)) {
    if (!LEFT_OUT.has(entry)) await cp(join(ROOT, entry), join(copy, entry), { recursive: true });
  }
  const manifest = join(copy, 'package.json');
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(/"name": "[^"]+"/, `"name": "${name}"`));
  return packCopy(copy);
}
