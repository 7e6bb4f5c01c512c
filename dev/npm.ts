import { spawnSync } from 'node:child_process';

/** Runs npm in a folder, and hands back what it printed. Throws with that when it fails. */
export function npm(cwd: string, ...args: string[]): string {
  const { status, error, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
  if (error) {
    throw error;
  }
  if (status !== 0) {
    throw new Error(`npm ${args.join(' ')} failed.\n${stdout}${stderr}`);
  }
  return stdout;
}
