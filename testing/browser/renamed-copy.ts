import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { npm } from '../../dev/npm';
import { MODULES, ROOT, STATE } from '../../dev/paths';

/** What the bundles are made of, and what stands beside them in the archive. */
const SOURCES = ['src', 'build', 'rollup.config.mjs', 'package.json', 'tsconfig.json', 'CHANGELOG.md', 'LICENSE'];
const ENTRIES = ['client', 'client-v2', 'server'].flatMap((name) => [`${name}.js`, `${name}.d.ts`]);

/**
 * Packs a copy of the plugin in which one line is changed: the name in `package.json`. Without the declarations of
 * types, which no running NocoBase reads.
 */
export async function packRenamedCopy(name: string): Promise<string> {
  const copy = path.join(STATE, 'renamed');
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  for (const entry of [...SOURCES, ...ENTRIES]) {
    await cp(path.join(ROOT, entry), path.join(copy, entry), { recursive: true });
  }
  await symlink(MODULES, path.join(copy, 'node_modules'));
  const manifest = path.join(copy, 'package.json');
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(/"name": "[^"]+"/, `"name": "${name}"`));
  npm(copy, 'exec', '--', 'rollup', '--config', '--silent');
  return path.join(copy, npm(copy, 'pack', '--silent', '--ignore-scripts').trim());
}
