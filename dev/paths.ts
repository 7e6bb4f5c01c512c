import { readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(__dirname, '..');
/** Everything that the commands write; ignored by git, can be deleted at any time. */
export const STATE = path.join(ROOT, '.nocobase');
export const MODULES = path.join(ROOT, 'node_modules');
export const NOCOBASE_APP = path.join(MODULES, '@nocobase', 'app');

export interface PackageJson {
  name: string;
  version: string;
  'description.zh-CN': string;
}

export function readPackageJson(folder: string): PackageJson {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
}
