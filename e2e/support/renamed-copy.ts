import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MODULES, ROOT, STATE } from '../../dev/paths';

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
  await symlink(MODULES, join(copy, 'node_modules'));
  const manifest = join(copy, 'package.json');
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(/"name": "[^"]+"/, `"name": "${name}"`));
  // Without the scripts around it, which install packages.
  npm(copy, 'run', '--silent', '--ignore-scripts', 'build');
  return join(copy, npm(copy, 'pack', '--silent', '--ignore-scripts').trim());
}

function npm(cwd: string, ...args: string[]): string {
  const { status, error, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed.\n${stdout}${stderr}`);
  return stdout;
}
