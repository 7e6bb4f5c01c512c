/** What the server and both clients agree on about events of a source: types alone, as in contract.ts. */

/** How a source hears of changes: by a connection that this NocoBase keeps open, by requests of DingTalk, or not at all. */
export type EventMode = 'stream' | 'http' | 'off';

/** The connection of a source, on the node that answers. */
export interface StreamConnection {
  state: 'connecting' | 'open' | 'waiting' | 'refused';
  /** Milliseconds since 1970, as of all times here. */
  since: number;
  /** When it is tried again, of one that waits or was refused. */
  until?: number;
  /** Why it waits or was refused, as a sentence in the language of the request. */
  message?: string;
}

/** The callback of a source, to which DingTalk sends requests. Its keys are answered once, when they are made. */
export interface EventCallback {
  url: string;
  /** Whether Token and EncodingAESKey were made. */
  isMade: boolean;
  madeAt?: number;
  /** When DingTalk last checked the address, and was answered. */
  checkedAt?: number;
  /** By how much this server's clock was ahead of DingTalk's, at the last request; negative where it was behind. */
  skewMs?: number;
}

/** What the form shows of the events of a saved source. */
export interface EventState {
  mode: EventMode;
  /** Whether `DINGTALK_DIRECTORY=off` stops them. */
  isOff: boolean;
  /** Of Stream. Missing where the node that answers keeps none, as one whose source is disabled. */
  connection?: StreamConnection;
  /** Of HTTP. */
  callback?: EventCallback;
  lastEvent?: { at: number; type: string };
  /** How many members and departments wait to be read. */
  waiting: number;
  /** Where they could not be read: since when the oldest of them waits, and why, as a sentence. */
  failure?: { since: number; message: string };
  /** Events that nobody here wants: another system shares this app, and loses them. */
  foreign?: { count: number; types: string[] };
}

/** What DingTalk's console asks for. */
export interface CallbackKeys {
  url: string;
  token: string;
  aesKey: string;
}
