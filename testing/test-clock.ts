import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../src/server/dingtalk/clock';

/** Time that passes only when a test lets it pass. */
export class TestClock implements Clock {
  private time = 0;
  private sleepers: { wakeAt: number; wake: () => void }[] = [];

  readonly now = () => this.time;

  /** How many wait. */
  get sleeping(): number {
    return this.sleepers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { wakeAt: this.time + ms, wake: resolve };
      this.sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.sleepers = this.sleepers.filter((other) => other !== sleeper);
        reject(new Error('aborted'));
      });
    });
  }

  /** Lets time pass until the work is done, but only while nobody has anything to do. */
  async pass<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = () => (isDone = true);
    work.then(done, done);
    for (;;) {
      await setImmediate();
      if (isDone) {
        return work;
      }
      if (!this.wakeNext()) {
        throw new Error('nothing will ever happen');
      }
    }
  }

  /** Lets that much time pass. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    do {
      await setImmediate();
    } while (this.wakeNext(end));
    this.time = end;
  }

  private wakeNext(end = Infinity): boolean {
    this.sleepers.sort((a, b) => a.wakeAt - b.wakeAt);
    if (!this.sleepers.length || this.sleepers[0].wakeAt > end) {
      return false;
    }
    const [next] = this.sleepers.splice(0, 1);
    this.time = next.wakeAt;
    next.wake();
    return true;
  }
}
