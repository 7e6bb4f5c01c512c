import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { STATE } from './paths';

/** Does work that two processes must not do at once: test runners have several, with one folder for what they build. */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const lock = path.join(STATE, `${name}.lock`);
  fs.mkdirSync(STATE, { recursive: true });
  await acquire(lock);
  try {
    return await work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

async function acquire(lock: string): Promise<void> {
  for (;;) {
    try {
      return fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw error;
      }
    }
    if (!isHeld(lock)) {
      fs.rmSync(lock, { force: true });
    }
    await sleep(200);
  }
}

/** A process that was killed leaves its file behind. */
function isHeld(lock: string): boolean {
  try {
    return isAlive(Number(fs.readFileSync(lock, 'utf8')));
  } catch {
    return false;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
