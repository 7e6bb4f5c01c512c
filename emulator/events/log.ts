import type { Attempt, DingTalkEvent, Receiver, SentEvent } from './types';

/** The events since the start, or since `reset`; and whoever waits for something to happen to them. */
export class EventLog {
  readonly events: SentEvent[] = [];
  private waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(private readonly now: () => number) {}

  add(event: DingTalkEvent): SentEvent {
    const sent: SentEvent = { ...event, receivers: [] };
    this.events.push(sent);
    return sent;
  }

  /** Notes an attempt while it is made. */
  async attempt(receiver: Receiver, more: Partial<Attempt>, send: () => Promise<string>): Promise<string> {
    const attempt: Attempt = { at: this.now(), ...more };
    receiver.attempts.push(attempt);
    const start = performance.now();
    attempt.answer = await send();
    attempt.tookMs = Math.round(performance.now() - start);
    this.changed();
    return attempt.answer;
  }

  end(receiver: Receiver, outcome: Receiver['outcome']): void {
    receiver.outcome = outcome;
    this.changed();
  }

  /** What `find` returns, once that is something; it is asked again after each change of events and connections. */
  async until<Found>(find: () => Found): Promise<Exclude<Found, undefined | null | false>> {
    for (;;) {
      const found = find();
      if (found !== undefined && found !== null && found !== false) {
        return found as Exclude<Found, undefined | null | false>;
      }
      await new Promise<void>((resolve, reject) => this.waiting.push({ resolve, reject }));
    }
  }

  changed(): void {
    // Whoever waits goes on when what made the change has come to its end.
    const waiting = this.takeWaiting();
    setImmediate(() => waiting.forEach(({ resolve }) => resolve()));
  }

  clear(): void {
    this.events.length = 0;
  }

  close(): void {
    this.takeWaiting().forEach(({ reject }) => reject(new Error('The emulator was closed')));
  }

  private takeWaiting() {
    const { waiting } = this;
    this.waiting = [];
    return waiting;
  }
}

export const isSettled = ({ receivers }: SentEvent): boolean => receivers.every(({ outcome }) => outcome !== 'waiting');
