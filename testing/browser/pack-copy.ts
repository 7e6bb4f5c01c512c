import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { npm } from '../../dev/npm';
import { MODULES } from '../../dev/paths';

/** Builds and packs a copy of the project, with the packages of this one. Returns the archive, which is in the copy. */
export async function packCopy(copy: string): Promise<string> {
  await symlink(MODULES, join(copy, 'node_modules'));
  // Without the scripts around it, which install packages.
  npm(copy, 'run', '--silent', '--ignore-scripts', 'build');
  return join(copy, npm(copy, 'pack', '--silent', '--ignore-scripts').trim());
}
