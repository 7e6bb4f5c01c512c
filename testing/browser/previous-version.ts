import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, STATE } from '../../dev/paths';
import { packCopy } from './pack-copy';

/** The release before the one in `package.json`: what people update from. */
export const PREVIOUS = { version: '1.0.0', commit: '60bf200f9ac4eb02eae3284bf16a44e068c512aa' };

/** Whether git has that commit. Shallow clones and downloads of the source do not. */
export function hasPreviousVersion(): boolean {
  if (spawnSync('git', ['cat-file', '-e', `${PREVIOUS.commit}^{commit}`], { cwd: ROOT }).status === 0) return true;
  const wanted = `commit ${PREVIOUS.commit}, which a full git clone has`;
  process.stderr.write(`SKIPPED: updates from ${PREVIOUS.version}; testing them takes ${wanted}.\n`);
  return false;
}

/** Builds and packs that version, once. Returns the archive. */
export async function packPreviousVersion(): Promise<string> {
  const folder = join(STATE, 'previous', PREVIOUS.commit);
  const archive = join(folder, 'plugin.tgz');
  if (existsSync(archive)) return archive;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const source = join(folder, 'source.tar');
  execFileSync('git', ['archive', '--output', source, PREVIOUS.commit], { cwd: ROOT });
  execFileSync('tar', ['-xf', source, '-C', folder]);
  await rename(await packCopy(folder), archive);
  return archive;
}
