import { setImmediate } from 'node:timers/promises';
import type { Application } from '@nocobase/server';
import { describe } from '../http/report';

/** Work that goes on when a message has been sent, and that nobody waits for; it ends when the application stops. */
export class Afterwards {
  private readonly active = new Set<Promise<void>>();
  private controller = new AbortController();

  constructor(private readonly app: Application) {
    app.on('beforeStop', async () => {
      this.controller.abort();
      await this.idle();
    });
    app.on('afterStart', () => {
      this.controller = new AbortController();
    });
  }

  /** It never throws. What fails is logged. It does not begin before what runs now has ended, or waits. */
  run(work: (signal: AbortSignal) => Promise<unknown>): void {
    const { signal } = this.controller;
    const running = setImmediate()
      .then(() => work(signal))
      .then(
        () => undefined,
        (error) => this.app.logger.warn('DingTalk message', { outcome: 'MESSAGE_FAILED', reason: describe(error) }),
      );
    this.active.add(running as Promise<void>);
    void running.finally(() => this.active.delete(running as Promise<void>));
  }

  /** Resolves when all of it is done. */
  async idle(): Promise<void> {
    while (this.active.size) {
      await Promise.all(this.active);
    }
  }
}
