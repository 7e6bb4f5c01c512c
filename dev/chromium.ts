import { execFileSync, spawnSync } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const USUAL_PLACES = [
  ...['/usr/bin', '/usr/local/bin', '/snap/bin'].flatMap((folder) => NAMES.map((name) => join(folder, name))),
  '/opt/google/chrome/chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
/** The fonts are for Chinese text in screenshots. */
const DEBIAN_PACKAGES = ['chromium', 'fonts-noto-cjk'];

/** The path of a Chromium or Chrome. On Debian as root it is installed when there is none. */
export async function findChromium(): Promise<string> {
  const { CHROMIUM_PATH, PATH = '' } = process.env;
  if (CHROMIUM_PATH) {
    if (await isExecutable(CHROMIUM_PATH)) return CHROMIUM_PATH;
    throw new Error(`CHROMIUM_PATH is no program: ${CHROMIUM_PATH}`);
  }
  const onPath = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const places = [...onPath, ...USUAL_PLACES];
  const found = (await firstExecutable(places)) ?? (installWithApt() ? await firstExecutable(places) : undefined);
  if (found) return found;
  throw new Error(
    `The browser tests need Chromium or Chrome. Install it (Debian: sudo apt-get install ${DEBIAN_PACKAGES.join(' ')}), or set CHROMIUM_PATH to where it is.`,
  );
}

function installWithApt(): boolean {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).error) return false;
  // Not console.log: Jest would decorate it, and show it only when the tests are over.
  process.stderr.write(`Installing ${DEBIAN_PACKAGES.join(' and ')} for the browser tests (apt-get) …\n`);
  try {
    apt('update');
    apt('install', '--yes', '--no-install-recommends', ...DEBIAN_PACKAGES);
    return true;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return false;
  }
}

function apt(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['--quiet', ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
}

async function firstExecutable(paths: string[]): Promise<string | undefined> {
  for (const path of paths) if (await isExecutable(path)) return path;
  return undefined;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
