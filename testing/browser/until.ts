import { setTimeout as sleep } from 'node:timers/promises';

const SECONDS_TO_WAIT = 180;

/** Asks until it is so. An error counts as no: while NocoBase is at work on itself, it answers nothing else. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + SECONDS_TO_WAIT * 1000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`Not within ${SECONDS_TO_WAIT} s: ${what}`);
    await sleep(250);
  }
}
