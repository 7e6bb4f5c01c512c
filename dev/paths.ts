import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(__dirname, '..');
/** Everything that the commands write; ignored by git, can be deleted at any time. */
export const STATE = join(ROOT, '.nocobase');
export const MODULES = join(ROOT, 'node_modules');
export const NOCOBASE_APP = join(MODULES, '@nocobase', 'app');

export interface PackageJson {
  name: string;
  version: string;
}

export function readPackageJson(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
