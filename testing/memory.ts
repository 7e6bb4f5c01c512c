import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
export const collectGarbage: () => void = runInNewContext('gc');

export const MiB = 1024 * 1024;

/**
 * The heap in use, in bytes, once nothing more is given back: what an earlier test file of the same worker leaves behind
 * goes in several steps, and would be taken for that of the work between two measurements.
 */
export async function heapInUse(): Promise<number> {
  let least = Infinity;
  for (let unchanged = 0; unchanged < 2;) {
    await setImmediate();
    collectGarbage();
    const { heapUsed } = process.memoryUsage();
    unchanged = heapUsed < least - 16 * 1024 ? 0 : unchanged + 1;
    least = Math.min(least, heapUsed);
  }
  return least;
}

/** Runs some work, and says how long it took and by how much the process grew meanwhile, at the most. */
export async function measured<T>(work: () => Promise<T>) {
  collectGarbage();
  const before = process.memoryUsage();
  let grownBy = 0;
  const look = () => {
    const { rss, external } = process.memoryUsage();
    // Memory that was given back before is used again without a change of the first.
    grownBy = Math.max(grownBy, rss - before.rss, external - before.external);
  };
  const watch = setInterval(look, 5);
  const began = performance.now();
  try {
    const result = await work();
    const ms = performance.now() - began;
    look();
    return { result, ms, grownBy };
  } finally {
    clearInterval(watch);
  }
}
