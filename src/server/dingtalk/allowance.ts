import { type Clock, realClock } from './clock';

/**
 * So many within any stretch of time, and as fast as they come until then. `Pace` spreads its calls evenly, which holds up
 * who waits for ten of them.
 */
export class Allowance {
  private taken: { at: number; count: number }[] = [];

  constructor(
    private readonly most: number,
    private readonly ms: number,
    private readonly clock: Clock = realClock,
  ) {}

  /** How many more fit now. */
  left(): number {
    const since = this.clock.now() - this.ms;
    this.taken = this.taken.filter(({ at }) => at > since);
    return this.most - this.taken.reduce((sum, { count }) => sum + count, 0);
  }

  take(count: number): void {
    this.taken.push({ at: this.clock.now(), count });
  }

  /** Waits until one more fits, and takes it. False where the signal was aborted before. */
  async turn(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted && this.left() < 1) {
      const wait = this.taken[0].at + this.ms - this.clock.now();
      await this.clock.sleep(Math.max(1, Math.ceil(wait)), signal).catch(() => undefined);
    }
    if (!signal.aborted) {
      this.take(1);
    }
    return !signal.aborted;
  }
}
