import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

interface Program {
  name: string;
  /** The variable that names it where it is found in none of the usual places. */
  variable: string;
  /** For the person who has to install it. */
  purpose: string;
  places: string[];
  debianPackages: string[];
}

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FOLDERS = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/bin', '/usr/local/bin', '/snap/bin'];

const chromium: Program = {
  name: 'Chromium or Chrome',
  variable: 'CHROMIUM_PATH',
  purpose: 'the browser tests',
  places: [
    ...FOLDERS.flatMap((folder) => CHROMIUM_NAMES.map((name) => path.join(folder, name))),
    '/opt/google/chrome/chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  // The fonts are for Chinese text in pictures.
  debianPackages: ['chromium', 'fonts-noto-cjk'],
};

const nginx: Program = {
  name: 'nginx',
  variable: 'NGINX_PATH',
  purpose: 'the tests behind a proxy',
  places: ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'],
  debianPackages: ['nginx-light'],
};

export const findChromium = (): string => find(chromium);
export const findNginx = (): string => find(nginx);

function find(program: Program): string {
  const named = process.env[program.variable];
  if (named) {
    if (isExecutable(named)) {
      return named;
    }
    throw new Error(`${program.variable} is no program: ${named}`);
  }
  const found = program.places.find(isExecutable);
  if (!found) {
    throw new Error(missing(program));
  }
  return found;
}

function missing({ name, variable, purpose, debianPackages }: Program): string {
  const install = `Debian: sudo apt-get install ${debianPackages.join(' ')}`;
  return `${name} is missing, which ${purpose} need. Install it (${install}), or set ${variable} to where it is.`;
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isThere(program: Program): boolean {
  try {
    return Boolean(find(program));
  } catch {
    return false;
  }
}

/**
 * Runs before the tests, so that on a fresh Debian machine, as root, no other command is needed. Elsewhere it says what
 * is missing and lets the tests run: most of them need neither program.
 */
function install(): void {
  const wanted = [chromium, nginx].filter((program) => !isThere(program));
  if (wanted.length === 0) {
    return;
  }
  const packages = wanted.flatMap(({ debianPackages }) => debianPackages);
  if (process.getuid?.() === 0 && !spawnSync('apt-get', ['--version']).error) {
    process.stderr.write(`Installing ${packages.join(', ')} for the tests (apt-get) …\n`);
    try {
      apt('update');
      apt('install', '--yes', '--no-install-recommends', ...packages);
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  for (const program of wanted.filter((each) => !isThere(each))) {
    process.stderr.write(`${missing(program)}\n`);
  }
}

function apt(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['--quiet', ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
}

if (require.main === module) {
  install();
}
