import { setTimeout as sleep } from 'node:timers/promises';

/** A start of NocoBase takes half a minute on a slow machine, and is waited for several times at once. */
const SECONDS_TO_WAIT = 180;

interface Patience {
  seconds?: number;
  everyMs?: number;
  /** Ends the waiting at once: returns why what is waited for can no longer come. */
  hopeless?: () => string | undefined;
}

/**
 * Asks until it is so. An error counts as no: while NocoBase is at work on itself, it answers nothing else.
 *
 * The libraries for this, `p-wait-for` and `get-port`, are ES modules alone, which Jest cannot require.
 */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  { seconds = SECONDS_TO_WAIT, everyMs = 250, hopeless }: Patience = {},
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await holds().catch(() => false))) {
    const reason = hopeless?.();
    if (reason) {
      throw new Error(`${what}: ${reason}`);
    }
    if (Date.now() > deadline) {
      throw new Error(`Not within ${seconds} s: ${what}`);
    }
    await sleep(everyMs);
  }
}
