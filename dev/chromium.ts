import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { installWithApt } from './apt';

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
  const install = () => installWithApt('browser tests', DEBIAN_PACKAGES);
  const found = (await firstExecutable(places)) ?? (install() ? await firstExecutable(places) : undefined);
  if (found) return found;
  throw new Error(
    `The browser tests need Chromium or Chrome. Install it (Debian: sudo apt-get install ${DEBIAN_PACKAGES.join(' ')}), or set CHROMIUM_PATH to where it is.`,
  );
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
