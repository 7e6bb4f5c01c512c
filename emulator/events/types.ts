import type { Channel } from '../platform/names';

/** What whoever uses the emulator sees of events: no types of other packages. */

/** Something that DingTalk tells an application. */
export interface DingTalkEvent {
  id: string;
  /** One of the address book's, or any other that `sendEvent` made up. */
  type: string;
  corpId: string;
  /** Milliseconds of the clock of what sends events. */
  bornAt: number;
  data: Record<string, unknown>;
}

/** An event that was sent, and what came of it. */
export interface SentEvent extends DingTalkEvent {
  receivers: Receiver[];
}

/** An app, and how it got the event. */
export interface Receiver {
  clientId: string;
  channel: Channel;
  /**
   * `accepted`: with SUCCESS, or `success`. `lost`: nobody was there, or a fault swallowed it, or it was repeated as often
   * as it is. `listed`: the same by HTTP, where it goes to the list of what failed.
   */
  outcome: 'waiting' | 'accepted' | 'lost' | 'listed';
  attempts: Attempt[];
}

export interface Attempt {
  /** Milliseconds of the emulator's clock. */
  at: number;
  /** By Stream: the connection. */
  connection?: number;
  /** The fault that struck. */
  fault?: string;
  /** `SUCCESS`, `LATER`, `success`; `none`; else what was wrong. Absent while it is awaited. */
  answer?: string;
  tookMs?: number;
}

/** An event of one's own making: of another type, another organization, another time, or repeated by its `id`. */
export interface NewEvent extends Partial<Omit<DingTalkEvent, 'type'>> {
  type: string;
  /** The app that gets it; by default all apps of the organization, or of the first one where `corpId` is unknown. */
  clientId?: string;
}

/** A connection of an app, as tests see it. */
export interface StreamConnection {
  id: number;
  clientId: string;
  openedAt: number;
  /**
   * `leaving`: DingTalk said that it ends, and sends nothing more. `silent`: it died, and neither end was told; DingTalk
   * goes on to send to it until it misses answers to its pings.
   */
  state: 'open' | 'leaving' | 'silent';
  pings: number;
  pongs: number;
}

/** What becomes of the connections of an app, or of all apps. */
export interface StreamControl {
  /** Those that DingTalk holds, the silent ones among them. */
  readonly connections: StreamConnection[];
  /** Says that they end, as DingTalk does now and then; by default with `connection is expired`. */
  disconnect(options?: { clientId?: string; reason?: string }): void;
  /** Lets them die without either end being told. */
  silence(clientId?: string): void;
  /** Breaks them off. */
  drop(clientId?: string): void;
  /** Pings at once. */
  ping(clientId?: string): void;
  /** Sends any text as a frame. */
  sendText(text: string, clientId?: string): void;
}
