import { setMaxListeners } from 'node:events';
import { type Clock, realClock } from './clock';
import { DingTalkError, isTransient } from './errors';

/**
 * DingTalk allows an app 20 calls of one endpoint in a second, by whatever server or process. This makes at most 15; the
 * rest is for sign-ins, which are not paced and never wait. With 15 itself, a sixteenth would arrive within the same
 * second, as some calls are on the way for longer.
 */
export const CALLS_PER_SECOND = 14.5;

/** The first pause after a refusal; each further one is twice as long. */
const FIRST_PAUSE_MS = 1000;

/** What a call pauses in all before it fails. */
const MAX_PAUSES_MS = 60_000;

/** How often a call is repeated whose connection broke, or at which DingTalk has a fault of its own. */
const MAX_TRANSIENT = 2;

/** No endpoint gets slower than this part of its rate. */
const MIN_SHARE = 1 / 16;

/** What each call that succeeds adds to it. */
const RECOVERY = 1 / 200;

interface Lane {
  /** Ends when the last call that waits here may begin. */
  queue: Promise<unknown>;
  /** No call begins before. */
  opensAt: number;
  /** The part of the rate at which this endpoint is called: 1 unless it was throttled. */
  share: number;
  slowedAt: number;
}

/**
 * Calls the endpoints of one app of DingTalk evenly, and no faster than DingTalk lets it. All work in a process that is
 * not urgent shares the `Pace` of its app, as DingTalk counts the calls of an app together.
 */
export class Pace {
  private readonly lanes = new Map<string, Lane>();

  constructor(
    private callsPerSecond = CALLS_PER_SECOND,
    private readonly clock: Clock = realClock,
  ) {}

  /** @param callsPerSecond of each endpoint; `Infinity` for no pace */
  setRate(callsPerSecond: number): void {
    this.callsPerSecond = callsPerSecond;
  }

  /**
   * Makes a call when it is this endpoint's turn. Where DingTalk is busy, it is repeated after pauses of 1, 2, 4, …
   * seconds, 60 in all, and the endpoint gets slower; after transient failures it is repeated twice. Only for calls that
   * change nothing.
   *
   * @param endpoint any name of it, always the same
   * @param signal ends the waiting; the call itself needs its own deadline
   * @throws what the call throws; DingTalkError `unreachable` where the signal is aborted before it is the call's turn
   */
  async run<T>(endpoint: string, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const lane = this.laneOf(endpoint);
    // Hundreds of calls may wait with one signal: Node would warn of a leak at the eleventh.
    setMaxListeners(Infinity, signal);
    let failure: unknown;
    let transient = 0;
    for (let paused = 0, pause = FIRST_PAUSE_MS; ; pause *= 2) {
      if (!(await this.takeTurn(lane, signal))) {
        // What DingTalk said last tells more than that there was no time left for another call.
        throw failure ?? new DingTalkError('unreachable', { endpoint, reason: 'no answer in time' });
      }
      const began = this.clock.now();
      try {
        const answer = await call();
        lane.share = Math.min(1, lane.share + RECOVERY);
        return answer;
      } catch (error) {
        failure = error;
        const isBusy = error instanceof DingTalkError && error.kind === 'busy';
        const mayRepeat = isBusy || (isTransient(error) && ++transient <= MAX_TRANSIENT);
        if (!mayRepeat || paused >= MAX_PAUSES_MS) {
          throw error;
        }
        const length = Math.min(pause, MAX_PAUSES_MS - paused);
        paused += length;
        this.close(lane, length, isBusy ? began : undefined);
      }
    }
  }

  private laneOf(endpoint: string): Lane {
    const lane = this.lanes.get(endpoint) ?? {
      queue: Promise.resolve(),
      opensAt: -Infinity,
      share: 1,
      slowedAt: -Infinity,
    };
    this.lanes.set(endpoint, lane);
    return lane;
  }

  /** Waits until a call may begin, in the order of arrival. False where the signal was aborted before. */
  private takeTurn(lane: Lane, signal: AbortSignal): Promise<boolean> {
    const turn = lane.queue.then(async () => {
      while (!signal.aborted && lane.opensAt > this.clock.now()) {
        const wait = Math.ceil(lane.opensAt - this.clock.now());
        await this.clock.sleep(wait, signal).catch(() => undefined);
      }
      if (!signal.aborted) {
        lane.opensAt = this.clock.now() + 1000 / (this.callsPerSecond * lane.share);
      }
      return !signal.aborted;
    });
    lane.queue = turn;
    return untilAborted(signal, turn);
  }

  /** Every call of the endpoint waits: DingTalk counts them together. */
  private close(lane: Lane, ms: number, throttledSince?: number): void {
    const now = this.clock.now();
    lane.opensAt = Math.max(lane.opensAt, now + ms);
    // Calls that were under way at the same time are refused for the same reason.
    if (throttledSince !== undefined && throttledSince >= lane.slowedAt) {
      lane.share = Math.max(MIN_SHARE, lane.share / 2);
      lane.slowedAt = now;
    }
  }
}

/** Those before it in the queue may wait for longer than it has time. */
function untilAborted(signal: AbortSignal, turn: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const end = () => resolve(false);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) {
      end();
    }
    turn.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}
