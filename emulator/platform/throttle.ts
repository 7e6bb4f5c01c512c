import type { Settings } from './data';

const SECOND = 1000;

/** How many requests an app sent to an endpoint within the last second. */
export class Throttle {
  private readonly windows = new Map<string, { times: number[]; refusedUntil: number }>();

  /** Counts a request, unless it is one too many. */
  admits(key: string, now: number, { maxPerSecond, throttlePenaltyMs }: Settings): boolean {
    if (maxPerSecond === 0) {
      return true;
    }
    const window = this.windows.get(key) ?? { times: [], refusedUntil: 0 };
    this.windows.set(key, window);
    if (now < window.refusedUntil) {
      return false;
    }
    window.times = window.times.filter((time) => time > now - SECOND);
    if (window.times.length >= maxPerSecond) {
      window.refusedUntil = now + throttlePenaltyMs;
      return false;
    }
    window.times.push(now);
    return true;
  }

  clear(): void {
    this.windows.clear();
  }
}
