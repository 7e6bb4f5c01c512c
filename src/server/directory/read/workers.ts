/** How many calls of one endpoint are under way: enough for 15 a second where an answer takes half a second. */
const AT_ONCE = 8;

type Work = () => Promise<void>;

/**
 * Works on what is added, some pieces of each kind at a time, and on what these add. The first failure ends all of it:
 * what has not begun does not begin, and the signal tells what is under way.
 */
export class Workers {
  private readonly failed = new AbortController();
  readonly signal: AbortSignal;
  private readonly kinds = new Map<string, { waiting: Work[]; next: number; working: number }>();
  private unfinished = 0;
  private failure?: { error: unknown };
  private onSettled: () => void = () => undefined;

  /** @param signal ends the work as well */
  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.failed.signal]);
  }

  add(kind: string, work: Work): void {
    const queue = this.kinds.get(kind) ?? { waiting: [], next: 0, working: 0 };
    this.kinds.set(kind, queue);
    queue.waiting.push(work);
    this.unfinished++;
    this.begin(queue);
  }

  /**
   * Resolves when nothing is left; more may be added then.
   *
   * @throws the first failure, after all that was under way has ended
   */
  async settle(): Promise<void> {
    if (this.unfinished) {
      await new Promise<void>((resolve) => (this.onSettled = resolve));
    }
    if (this.failure) {
      throw this.failure.error;
    }
  }

  private begin(queue: { waiting: Work[]; next: number; working: number }): void {
    while (queue.working < AT_ONCE && queue.next < queue.waiting.length) {
      const work = queue.waiting[queue.next++];
      queue.working++;
      void this.tried(work).then(() => {
        queue.working--;
        this.begin(queue);
        if (--this.unfinished === 0) {
          this.onSettled();
        }
      });
    }
  }

  private async tried(work: Work): Promise<void> {
    if (this.failure) {
      return;
    }
    try {
      await work();
    } catch (error) {
      this.failure ??= { error };
      this.failed.abort();
    }
  }
}
