import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { npm } from './npm';
import { readPackageJson, ROOT, STATE } from './paths';

const SOURCES = ['src', 'build', 'package.json', 'package-lock.json', 'tsconfig.json'];
const ROOT_SOURCES = /^(rollup\.config\.|client|server|README|LICENSE|\.npmignore)/;
const NO_SOURCE = /(^|\/)[^/]*\.test\.tsx?$/;

/** Builds the plugin and packs it into `.nocobase/`, when something changed since the last time. Returns the archive. */
export async function packPlugin(progress: (message: string) => void = () => undefined): Promise<string> {
  const { name, version } = readPackageJson(ROOT);
  const archive = join(STATE, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
  const lock = join(STATE, 'pack.lock');
  mkdirSync(STATE, { recursive: true });
  await acquire(lock);
  try {
    if (modified(archive) > newestSource()) return archive;
    progress('Building the plugin');
    npm(ROOT, 'run', '--silent', 'build');
    npm(ROOT, 'pack', '--silent', '--ignore-scripts', '--pack-destination', STATE);
    return archive;
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Test runners have several processes, which must not build into the same folder at once. */
async function acquire(lock: string): Promise<void> {
  for (;;) {
    try {
      return writeFileSync(lock, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!isHeld(lock)) rmSync(lock, { force: true });
    await sleep(200);
  }
}

function isHeld(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch {
    return false;
  }
}

function newestSource(): number {
  const inRoot = readdirSync(ROOT).filter((name) => ROOT_SOURCES.test(name));
  return Math.max(...[...SOURCES, ...inRoot].map((name) => newest(join(ROOT, name))));
}

function newest(path: string): number {
  if (NO_SOURCE.test(path)) return 0;
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  // A folder's own time tells about removed files.
  const within = stats.isDirectory() ? readdirSync(path).map((name) => newest(join(path, name))) : [];
  return Math.max(stats.mtimeMs, ...within);
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
