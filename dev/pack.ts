import fs from 'node:fs';
import path from 'node:path';
import { withLock } from './lock';
import { npm } from './npm';
import { readPackageJson, ROOT, STATE } from './paths';

const SOURCES = ['src', 'build', 'package.json', 'package-lock.json', 'tsconfig.json'];
const ROOT_SOURCES = /^(rollup\.config\.|client|server|README|LICENSE|\.npmignore)/;
const NO_SOURCE = /(^|\/)[^/]*\.test\.tsx?$/;

/**
 * Builds the plugin and packs it into `.nocobase/`, when something changed since the last time. Returns the archive.
 * Without the declarations of types, which no running NocoBase reads, and which `npm run types` has checked.
 */
export async function packPlugin(progress: (message: string) => void = () => undefined): Promise<string> {
  const { name, version } = readPackageJson(ROOT);
  const archive = path.join(STATE, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
  return withLock('pack', async () => {
    if (modified(archive) <= newestSource()) {
      progress('Building the plugin');
      fs.rmSync(path.join(ROOT, 'dist'), { recursive: true, force: true });
      npm(ROOT, 'exec', '--', 'rollup', '--config', '--silent');
      npm(ROOT, 'pack', '--silent', '--ignore-scripts', '--pack-destination', STATE);
    }
    return archive;
  });
}

function newestSource(): number {
  const inRoot = fs.readdirSync(ROOT).filter((name) => ROOT_SOURCES.test(name));
  return Math.max(...[...SOURCES, ...inRoot].map((name) => newest(path.join(ROOT, name))));
}

function newest(file: string): number {
  if (NO_SOURCE.test(file)) {
    return 0;
  }
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (!stats) {
    return 0;
  }
  // A folder's own time tells about removed files.
  const within = stats.isDirectory() ? fs.readdirSync(file).map((name) => newest(path.join(file, name))) : [];
  return Math.max(stats.mtimeMs, ...within);
}

function modified(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
