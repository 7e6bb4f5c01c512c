import type { Application } from '@nocobase/server';

/** Strangers fill no log: they have a line in so long. */
const LINE_MS = 60_000;

/** Counts what was refused, by reason, and writes it into the log now and then. */
export class Refusals {
  private counts: Record<string, number> = {};
  private lastLine = -Infinity;

  constructor(
    private readonly app: Pick<Application, 'logger'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** @param reason one of ours, never what a stranger has sent */
  note(reason: string): void {
    this.counts[reason] = (this.counts[reason] ?? 0) + 1;
    if (this.now() - this.lastLine >= LINE_MS) {
      this.lastLine = this.now();
      this.app.logger.warn('DingTalk events', { outcome: 'EVENT_REFUSED', ...this.counts });
      this.counts = {};
    }
  }
}
