import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
export const collectGarbage: () => void = runInNewContext('gc');

export const MiB = 1024 * 1024;

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
