import { type Clock, realClock } from '../dingtalk/clock';

/** So many messages in a row without an answer of DingTalk's, and the next ones are not tried for so long. */
const IN_A_ROW = 2;
const PAUSE_MS = 15_000;

/** How many calls of a message DingTalk answered, with whatever, and how many it did not. */
export interface Tally {
  answered: number;
  unanswered: number;
}

/**
 * Whether an app may hope for an answer of DingTalk's. NocoBase's workflows of a process wait for each other: each message
 * that waits for nothing would hold up all that comes after it, by whatever channel.
 */
export class Silence {
  private inARow = 0;
  private since = 0;

  constructor(private readonly clock: Clock = realClock) {}

  isExpected(): boolean {
    return this.inARow >= IN_A_ROW && this.clock.now() - this.since < PAUSE_MS;
  }

  /** Of a message that has ended. Where there was no call, nothing is known. */
  note({ answered, unanswered }: Tally): void {
    if (answered) {
      this.inARow = 0;
    } else if (unanswered) {
      this.inARow++;
      this.since = this.clock.now();
    }
  }
}
