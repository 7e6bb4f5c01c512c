import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { npm } from './npm';
import { MODULES, ROOT, STATE } from './paths';

/**
 * The name of the archive for a NocoBase with a license key: such a NocoBase removes a plugin under the name of one that
 * it sells. Without a scope, so that whoever owns the name can publish it.
 */
export const INDEPENDENT_NAME = 'nocobase-plugin-dingtalk';

/** What the bundles are made of. What stands beside them in the archive is at the top. */
const FOLDERS = ['src', 'build', 'types'];
const AT_THE_TOP = /^(package|tsconfig|rollup\.config|client|server|README|CHANGELOG|LICENSE)/;

/**
 * Packs a copy of the plugin in which one line is changed: the name in `package.json`.
 *
 * @param to folder of the archive
 * @param types whether declarations of types are in it, which no running NocoBase reads
 * @returns path of the archive
 */
export async function packRenamedCopy(name: string, to = STATE, { types = false } = {}): Promise<string> {
  const copy = path.join(STATE, 'renamed');
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  for (const entry of [...FOLDERS, ...(await readdir(ROOT)).filter((file) => AT_THE_TOP.test(file))]) {
    await cp(path.join(ROOT, entry), path.join(copy, entry), { recursive: true });
  }
  await symlink(MODULES, path.join(copy, 'node_modules'));
  const manifest = path.join(copy, 'package.json');
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(/"name": "[^"]+"/, `"name": "${name}"`));
  npm(copy, 'exec', '--', 'rollup', '--config', '--silent');
  if (types) {
    npm(copy, 'exec', '--', 'tsc', '--project', 'tsconfig.build.json');
  }
  return path.join(to, npm(copy, 'pack', '--silent', '--ignore-scripts', '--pack-destination', to).trim());
}
