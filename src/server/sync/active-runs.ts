import type { Application } from '@nocobase/server';
import { CodedError } from '../http/coded-error';

/** How long a stop of the application waits for runs to end. A lease that is left behind ends by itself. */
const STOP_MS = 10_000;

/** The runs of this process: they end before the application closes its database. */
export class ActiveRuns {
  private readonly active = new Set<Promise<unknown>>();
  private controller = new AbortController();

  constructor(app: Application) {
    app.on('beforeStop', () => this.stop());
    app.on('afterStart', () => {
      this.controller = new AbortController();
    });
  }

  /** @param work ends early when the signal is aborted */
  async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const running = work(this.controller.signal);
    const settled = running.then(
      () => undefined,
      () => undefined,
    );
    this.active.add(settled);
    try {
      return await running;
    } finally {
      this.active.delete(settled);
    }
  }

  private async stop(): Promise<void> {
    this.controller.abort(new CodedError('SYNC_INTERRUPTED'));
    if (!this.active.size) {
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, STOP_MS);
    });
    await Promise.race([Promise.all(this.active), late]);
    clearTimeout(timer);
  }
}
