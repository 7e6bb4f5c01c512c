interface Waiting {
  timer: NodeJS.Timeout;
  work: () => void;
  /** Whether `hurry` does it at once. */
  isRepeat: boolean;
}

/** What the sending of events waits for. The timers are unreferenced, and end with the emulator or its reset. */
export class Timers {
  private readonly waiting = new Set<Waiting>();

  /** Returns what calls it off. */
  after(milliseconds: number, work: () => void, isRepeat = false): () => void {
    const run = () => {
      this.waiting.delete(entry);
      work();
    };
    const entry: Waiting = { timer: setTimeout(run, milliseconds).unref(), work, isRepeat };
    this.waiting.add(entry);
    return () => this.drop(entry);
  }

  /** After `clear` it never ends. */
  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }

  /** The same, before something is sent again. */
  beforeRepeat(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve, true));
  }

  /** Sends at once what is to be sent again. */
  hurry(): void {
    for (const entry of [...this.waiting].filter(({ isRepeat }) => isRepeat)) {
      this.drop(entry);
      entry.work();
    }
  }

  clear(): void {
    this.waiting.forEach((entry) => this.drop(entry));
  }

  private drop(entry: Waiting): void {
    clearTimeout(entry.timer);
    this.waiting.delete(entry);
  }
}
