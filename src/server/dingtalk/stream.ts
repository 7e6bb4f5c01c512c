import type { DingTalkApp } from './api';
import { type Clock, realClock, Timers } from './clock';
import { DingTalkError, isRefused } from './errors';
import type { DirectoryEvent } from './event';
import { answerOf, pongOf, readFrame, type Verdict } from './frames';
import { requestAddress, TICKET_PATH } from './gateway';
import { Link } from './link';

// One connection of an app to DingTalk's Stream gateway, which keeps itself open. DingTalk sends an event to one of the
// connections that the app has, whoever opened them. Document: "Stream protocol".

/** Where a connection is. All times are milliseconds since 1970. */
export interface StreamState {
  /**
   * - `connecting`: asks for a ticket, or opens the web socket
   * - `open`: events arrive
   * - `waiting`: the last attempt, or the connection, came to an end; the next attempt follows by itself
   * - `refused`: the same, and somebody has to change a setting before an attempt can succeed
   */
  state: 'connecting' | 'open' | 'waiting' | 'refused';
  since: number;
  /** When the next attempt begins: with `waiting` and `refused`. */
  until?: number;
  /** Why: with `waiting` and `refused`. */
  error?: DingTalkError;
}

export interface StreamHandlers {
  /**
   * Takes an event. DingTalk forgets it after `SUCCESS`, and sends it again after `LATER`, which is also the answer where
   * this takes longer than 800 ms, or fails. An event may come more than once, and in any order.
   */
  onEvent(event: DirectoryEvent): Promise<Verdict>;
  /** Learns of each change; at first the state is `connecting`. It must not throw. */
  onState?(state: StreamState): void;
}

export interface StreamOptions {
  /** Closes the stream. */
  signal?: AbortSignal;
  /** How many events may be in the hands of `onEvent`, 100 unless it is set; those beyond are answered `LATER` at once. */
  maxInHand?: number;
  /** A connection on which nothing is heard for that long is dead: 90,000 ms unless it is set. */
  silenceMs?: number;
  /** Time and chance, which tests replace. */
  clock?: Clock;
  random?: () => number;
}

export interface Stream {
  readonly state: StreamState;
  /** How many frames could not be read, or were for nobody here. */
  readonly ignored: number;
  /** Ends it, in whatever state it is. Resolves when its sockets and timers are gone; `onEvent` may still be at work. */
  close(): Promise<void>;
}

/** Ticket and handshake. */
const CONNECT_MS = 15_000;

/** DingTalk waits for 3 seconds in all, on its way and back, until it sends an event again. */
const ANSWER_MS = 800;

/** How long a gateway is silent that is alive: it sends a frame every 20 to 30 seconds. */
const SILENCE_MS = 90_000;

const MAX_IN_HAND = 100;

/** A connection that has lasted that long was in order: what ends it is no reason to wait long for the next. */
const CALM_MS = 60_000;

/** How long a connection stays that DingTalk wants replaced. It closes it itself after some 10 seconds. */
const REPLACED_MS = 15_000;

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;

/** Where nothing but a changed setting helps, or where calls lengthen the ban of this server's address. */
const LONG_PAUSE_MS = 5 * 60_000;

/**
 * Opens a connection for all events of an app, and opens another one whenever it ends, until it is closed. It never
 * throws, and logs nothing: `onState` tells what happens.
 *
 * @param app its secrets do not change; for others, open another stream
 */
export function openStream(app: DingTalkApp, handlers: StreamHandlers, options: StreamOptions = {}): Stream {
  return new GatewayStream(app, handlers, options);
}

class GatewayStream implements Stream {
  state: StreamState = { state: 'connecting', since: Date.now() };
  ignored = 0;
  private readonly clock: Clock;
  private readonly timers: Timers;
  /** The one on which DingTalk delivers, and those that it wants replaced, on which events may still come. */
  private readonly links = new Set<Link>();
  private current?: Link;
  private attempt = new AbortController();
  private asking: Promise<void> = Promise.resolve();
  private closing?: Promise<void>;
  /** Attempts in a row that led to no connection which lasted. */
  private failures = 0;
  private inHand = 0;

  constructor(
    private readonly app: DingTalkApp,
    private readonly handlers: StreamHandlers,
    private readonly options: StreamOptions,
  ) {
    this.clock = options.clock ?? realClock;
    this.timers = new Timers(this.clock);
    options.signal?.addEventListener('abort', this.close, { once: true });
    if (options.signal?.aborted) {
      void this.close();
    } else {
      this.connect();
    }
  }

  readonly close = (): Promise<void> => (this.closing ??= this.end());

  private async end(): Promise<void> {
    this.options.signal?.removeEventListener('abort', this.close);
    this.timers.clear();
    this.attempt.abort();
    const ends = [...this.links].map(({ ended }) => ended);
    this.links.forEach((link) => link.end('closed'));
    await Promise.all([this.asking, ...ends]);
  }

  private connect(): void {
    this.current = undefined;
    if (this.state.state !== 'connecting') {
      this.setState({ state: 'connecting', since: Date.now() });
    }
    // Whoever learns of a state may close the stream.
    if (this.closing) {
      return;
    }
    this.attempt = new AbortController();
    const { signal } = this.attempt;
    const endDeadline = this.timers.after(CONNECT_MS, () => this.attempt.abort());
    this.asking = this.open(signal, endDeadline).catch((error: unknown) => {
      endDeadline();
      this.connectLater(error as DingTalkError);
    });
  }

  private async open(deadline: AbortSignal, endDeadline: () => void): Promise<void> {
    const address = await requestAddress(this.app, deadline);
    if (this.closing) {
      return;
    }
    const handlers = {
      onOpen: () => {
        endDeadline();
        this.setState({ state: 'open', since: Date.now() });
      },
      onFrame: (text: string | undefined) => this.receive(link, text),
      onEnd: (error: DingTalkError) => {
        endDeadline();
        this.links.delete(link);
        if (link === this.current) {
          this.connectLater(error);
        }
      },
    };
    const link = new Link(address, deadline, handlers, this.clock, this.options.silenceMs ?? SILENCE_MS);
    this.links.add(link);
    this.current = link;
  }

  /** Waits for as long as the last attempts deserve, and connects again. */
  private connectLater(error: DingTalkError): void {
    this.forgetFailures();
    this.current = undefined;
    if (this.closing) {
      return;
    }
    const pause = pauseAfter(error, this.failures++, this.options.random ?? Math.random);
    this.timers.after(pause, () => this.connect());
    const since = Date.now();
    this.setState({ state: isRefused(error) ? 'refused' : 'waiting', since, until: since + pause, error });
  }

  private forgetFailures(): void {
    if (this.current && this.current.age >= CALM_MS) {
      this.failures = 0;
    }
  }

  /**
   * DingTalk wants a connection replaced: at once, as nothing is delivered until then, but only once within a minute.
   * A gateway that says so of each new connection would otherwise be called thousands of times.
   */
  private replace(link: Link): void {
    if (link !== this.current) {
      return;
    }
    link.endAfter(REPLACED_MS);
    this.forgetFailures();
    if (this.failures === 0) {
      this.failures = 1;
      this.connect();
    } else {
      const reason = 'the gateway asks for another connection';
      this.connectLater(new DingTalkError('unexpected', { endpoint: TICKET_PATH, reason }));
    }
  }

  private receive(link: Link, text: string | undefined): void {
    if (this.closing) {
      return;
    }
    const frame = text === undefined ? UNREADABLE : readFrame(text);
    switch (frame.kind) {
      case 'ping':
        link.send(pongOf(frame.messageId, frame.data));
        break;
      case 'disconnect':
        this.replace(link);
        break;
      case 'event':
        void this.take(frame.event).then((verdict) => link.send(answerOf(frame.messageId, verdict)));
        break;
      case 'unknown':
        this.ignored++;
        break;
    }
  }

  private async take(event: DirectoryEvent | undefined): Promise<Verdict> {
    if (!event) {
      this.ignored++;
      // Sent again, it could be read no better.
      return 'SUCCESS';
    }
    if (this.inHand >= (this.options.maxInHand ?? MAX_IN_HAND)) {
      return 'LATER';
    }
    this.inHand++;
    return new Promise((resolve) => {
      const endDeadline = this.timers.after(ANSWER_MS, () => resolve('LATER'));
      const done = (verdict: Verdict) => {
        this.inHand--;
        endDeadline();
        resolve(verdict);
      };
      this.ask(event).then(done, () => done('LATER'));
    });
  }

  /** What it throws before it answers a promise is a rejection too. */
  private async ask(event: DirectoryEvent): Promise<Verdict> {
    return this.handlers.onEvent(event);
  }

  private setState(state: StreamState): void {
    this.state = state;
    this.handlers.onState?.(state);
  }
}

const UNREADABLE = { kind: 'unknown' } as const;

/** Somewhere between nothing and 1, 2, 4, … 60 seconds, so that the nodes of a cluster do not come at the same moment. */
function pauseAfter(error: DingTalkError, failures: number, random: () => number): number {
  if (isRefused(error) || error.kind === 'busy') {
    return LONG_PAUSE_MS;
  }
  return Math.round(random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures));
}
