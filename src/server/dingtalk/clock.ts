import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';

/** Time, which tests replace. */
export interface Clock {
  /** Milliseconds since any moment; never goes back. */
  now(): number;
  /** Rejects when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
};

/** The timers of one object. It ends them all with itself, so that none keeps a process alive. */
export class Timers {
  private readonly pending = new Set<AbortController>();

  constructor(private readonly clock: Clock) {}

  /**
   * @param work must not throw
   * @returns ends the timer; harmless after it has fired
   */
  after(ms: number, work: () => void): () => void {
    const timer = new AbortController();
    this.pending.add(timer);
    const fire = () => {
      // It may have been ended after the time was over, and before this was called.
      if (this.pending.delete(timer)) {
        work();
      }
    };
    this.clock.sleep(ms, timer.signal).then(fire, () => undefined);
    return () => this.end(timer);
  }

  clear(): void {
    this.pending.forEach((timer) => this.end(timer));
  }

  private end(timer: AbortController): void {
    this.pending.delete(timer);
    timer.abort();
  }
}
