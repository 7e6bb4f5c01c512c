// Runs before the other commands, so that they work right after `git clone`. Plain Node: nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 20;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const wanted = join(root, 'package-lock.json');
// npm writes this file last: an interrupted installation does not have it.
const installed = join(root, 'node_modules', '.package-lock.json');

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  fail(`This project needs Node.js ${OLDEST_NODE} or newer; this is ${process.version} (${process.execPath}).`);
}
if (!isUpToDate()) {
  install();
}

function isUpToDate() {
  if (!existsSync(installed)) {
    return false;
  }
  if (statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) {
    return true;
  }
  // git touches files without changing them: the contents decide before minutes are spent.
  const have = packages(installed);
  const same = Object.entries(packages(wanted)).every(
    ([path, { version, optional, link }]) =>
      path === '' || link || (optional && !have[path]) || have[path]?.version === version,
  );
  if (same) {
    utimesSync(installed, new Date(), new Date());
  }
  return same;
}

function packages(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

function install() {
  // Where something is installed already, a few packages are brought up to date; `npm ci` would begin by deleting all.
  const verb = existsSync(installed) ? 'install' : 'ci';
  console.log(`Installing the packages of the project (npm ${verb}): 2 to 4 minutes and about 1.5 GB the first time.`);
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm, verb]] : ['npm', [verb]];
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status === 0) {
    return;
  }
  if (error) {
    fail(`npm could not be run (${error.message}). Is it installed beside Node.js?`);
  }
  const missing = ['python3', 'make', 'g++'].filter((tool) => spawnSync(tool, ['--version']).error);
  fail(
    'The installation failed; the reason is in the lines above. Frequent ones:',
    `- sqlite3 is compiled where no ready binary can be fetched. That takes python3, make and g++; ${
      missing.length ? `missing here: ${missing.join(', ')} (Debian: apt-get install python3 make g++)` : 'all are here'
    }.`,
    '- the npm registry cannot be reached (see `npm config get registry`), or the disk is full (about 1.5 GB).',
    'Run the same command again afterwards.',
  );
}

function fail(...lines) {
  console.error(lines.join('\n'));
  process.exit(1);
}
