/** Things that happen, in their order, for a test that waits for the next one. */
export class Queue<T> {
  private readonly items: T[] = [];
  private readonly waiting: ((item: T) => void)[] = [];

  /** How many have happened that nobody has taken. */
  get size(): number {
    return this.items.length;
  }

  push(item: T): void {
    const waiting = this.waiting.shift();
    if (waiting) {
      waiting(item);
    } else {
      this.items.push(item);
    }
  }

  next(): Promise<T> {
    const [item] = this.items.splice(0, 1);
    return item === undefined ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve(item);
  }
}
