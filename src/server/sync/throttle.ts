/**
 * Hands over the latest of many values, not more often than so many milliseconds. What fails is left out: it is only shown.
 */
export function atMostEvery<T>(ms: number, hand: (value: T) => Promise<unknown>, now: () => number = Date.now) {
  let last = -Infinity;
  let ended = false;
  let underWay: Promise<unknown> = Promise.resolve();
  let isBusy = false;
  return {
    call(value: T): void {
      if (!ended && !isBusy && now() - last >= ms) {
        last = now();
        isBusy = true;
        underWay = hand(value)
          .catch(() => undefined)
          .finally(() => (isBusy = false));
      }
    },
    /** Nothing is handed over any more once it has resolved. */
    async end(): Promise<void> {
      ended = true;
      await underWay;
    },
  };
}
