/** So many at a time; the others wait for their turn, first come, first served. */
export class Slots {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly most: () => number) {}

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.taken >= this.most()) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.taken += 1;
    }
    try {
      return await work();
    } finally {
      // The slot is handed on, so that nobody who comes now gets in between.
      const next = this.waiting.shift();
      if (next) {
        next();
      } else {
        this.taken -= 1;
      }
    }
  }
}
