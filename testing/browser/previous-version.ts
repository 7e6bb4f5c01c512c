import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { withLock } from '../../dev/lock';
import { npm } from '../../dev/npm';
import { MODULES, ROOT, STATE } from '../../dev/paths';

/** The release before the one in `package.json`: from which the tests upgrade. */
export const PREVIOUS = { version: '1.1.0', commit: '8260822bf4369ef703dbf96eaf5e41ce1ab48377' };

/** Whether git has that commit. Shallow clones and downloads of the source do not, and in CI that is a mistake. */
export function hasPreviousVersion(): boolean {
  if (spawnSync('git', ['cat-file', '-e', `${PREVIOUS.commit}^{commit}`], { cwd: ROOT }).status === 0) {
    return true;
  }
  const wanted = `commit ${PREVIOUS.commit}, which a full git clone has`;
  if (process.env.CI) {
    throw new Error(`In CI updates from ${PREVIOUS.version} are tested, which takes ${wanted}.`);
  }
  process.stderr.write(`SKIPPED: updates from ${PREVIOUS.version}; testing them takes ${wanted}.\n`);
  return false;
}

/** Builds and packs that version, once. Returns the archive. */
export async function packPreviousVersion(): Promise<string> {
  const folder = path.join(STATE, 'previous', PREVIOUS.commit);
  const archive = path.join(folder, 'plugin.tgz');
  return withLock('previous', async () => {
    if (fs.existsSync(archive)) {
      return archive;
    }
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const source = path.join(folder, 'source.tar');
    execFileSync('git', ['archive', '--output', source, PREVIOUS.commit], { cwd: ROOT });
    execFileSync('tar', ['-xf', source, '-C', folder]);
    // With the packages of this version, and without the declarations of types, which no running NocoBase reads.
    await symlink(MODULES, path.join(folder, 'node_modules'));
    npm(folder, 'exec', '--', 'rollup', '--config', '--silent');
    await rename(path.join(folder, npm(folder, 'pack', '--silent', '--ignore-scripts').trim()), archive);
    return archive;
  });
}
