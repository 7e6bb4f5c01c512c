interface Call {
  path: string;
  /** Milliseconds. */
  at: number;
}

const SECOND_MS = 1000;

/** How many calls of one endpoint there were within one second, whichever it was, at the most. */
export function busiestSecond(calls: readonly Call[]): number {
  const endpoints = new Map<string, number[]>();
  for (const { path, at } of calls) {
    const times = endpoints.get(path) ?? [];
    times.push(at);
    endpoints.set(path, times);
  }
  let most = 0;
  for (const times of endpoints.values()) {
    times.sort((one, other) => one - other);
    let first = 0;
    times.forEach((at, index) => {
      while (at - times[first] >= SECOND_MS) {
        first += 1;
      }
      most = Math.max(most, index - first + 1);
    });
  }
  return most;
}
