import { execFileSync, spawnSync } from 'node:child_process';

/** Installs what the tests need of Debian's packages, where that is possible: on Debian, as root. Says so, as it takes a while. */
export function installWithApt(purpose: string, packages: readonly string[]): boolean {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).error) return false;
  // Not console.log: Jest would decorate it, and show it only when the tests are over.
  process.stderr.write(`Installing ${packages.join(' and ')} for the ${purpose} (apt-get) …\n`);
  try {
    apt('update');
    apt('install', '--yes', '--no-install-recommends', ...packages);
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
