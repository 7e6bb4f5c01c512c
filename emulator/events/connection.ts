import { randomBytes, randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { Settings } from '../platform/data';
import { headersOf } from './event';
import type { Timers } from './timers';
import type { DingTalkEvent, StreamConnection } from './types';

interface ConnectionContext {
  settings: Settings;
  timers: Timers;
  /** The clock of what sends events. */
  now: () => number;
  changed: () => void;
}

/** DingTalk gives a connection up when so many of its pings in succession were not answered. */
const MISSED_PINGS = 3;

const jsonText = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue('is no JSON');
    return z.NEVER;
  }
});

const answer = jsonText.pipe(
  z.object({ code: z.number(), headers: z.object({ messageId: z.string() }), data: z.string().optional() }),
);
const eventAnswer = jsonText.pipe(z.object({ status: z.string() }));
const pingAnswer = jsonText.pipe(z.object({ opaque: z.string() }));

type Interval = 'streamPingMs' | 'streamKeepAliveMs';
type Answer = z.output<typeof answer>;

function statusOf({ code, data }: Answer): string {
  const status = eventAnswer.safeParse(data).data?.status;
  return code !== 200 ? `code ${code}` : status === undefined ? 'no status' : status;
}

export class Connection {
  private state: StreamConnection['state'] = 'open';
  private pings = 0;
  private pongs = 0;
  private missed = 0;
  private readonly openedAt: number;
  /** What waits for an answer, by messageId; without one when the connection ends. */
  private readonly waiting = new Map<string, (answer: Answer | undefined) => void>();
  private readonly intervals = new Map<Interval, () => void>();

  constructor(
    readonly id: number,
    readonly clientId: string,
    private readonly wantsEvents: boolean,
    private readonly socket: WebSocket,
    private readonly context: ConnectionContext,
  ) {
    this.openedAt = context.now();
    socket.on('message', (data, isBinary) => !isBinary && this.hear(String(data as Buffer)));
    // The library would answer those of a silent connection too.
    socket.on('ping', (data) => this.state !== 'silent' && socket.pong(data));
    // Breaks that are no fault of the emulator; the socket closes after them.
    socket.on('error', () => undefined);
    socket.once('close', () => this.end());
    if (context.settings.streamGreeting) {
      this.sendSystem('CONNECTED');
      this.sendSystem('REGISTERED');
    }
    this.repeat('streamPingMs', () => this.ping());
    this.repeat('streamKeepAliveMs', () => this.sendSystem('KEEPALIVE'));
  }

  describe(): StreamConnection {
    const { id, clientId, openedAt, state, pings, pongs } = this;
    return { id, clientId, openedAt, state, pings, pongs };
  }

  /** Whether DingTalk believes that it can send events here. */
  get takesEvents(): boolean {
    return this.wantsEvents && this.state !== 'leaving' && this.missed <= MISSED_PINGS;
  }

  /** Sends any text as a frame. */
  sendText(text: string): void {
    if (this.state !== 'silent') {
      this.socket.send(text);
    }
  }

  /** Sends an event, and resolves to what was answered in time. */
  deliver(event: DingTalkEvent): Promise<string> {
    return new Promise((resolve) => {
      const messageId = this.send('EVENT', '*', event.data, headersOf(this.clientId, event));
      const callOff = this.context.timers.after(this.context.settings.streamAnswerMs, () => {
        this.waiting.delete(messageId);
        resolve('none');
      });
      this.waiting.set(messageId, (heard) => {
        callOff();
        resolve(heard ? statusOf(heard) : 'none');
      });
    });
  }

  ping(): void {
    if (++this.missed > MISSED_PINGS) {
      // Whoever does not hear is not told either.
      if (this.state === 'open') {
        this.disconnect('persistent connection is timeout');
      }
      return;
    }
    const opaque = randomBytes(16).toString('hex');
    this.pings += 1;
    const messageId = this.send('SYSTEM', 'ping', { opaque });
    this.waiting.set(messageId, (heard) => {
      if (heard?.code === 200 && pingAnswer.safeParse(heard.data).data?.opaque === opaque) {
        this.missed = 0;
        this.pongs += 1;
        this.context.changed();
      }
    });
  }

  /** Says that it ends; nothing is sent from then on, and the socket closes a little later. */
  disconnect(reason: string): void {
    if (this.state !== 'open') {
      return;
    }
    this.send('SYSTEM', 'disconnect', { reason });
    this.state = 'leaving';
    this.context.timers.after(this.context.settings.streamCloseMs, () => this.socket.close());
    this.context.changed();
  }

  /** From now on it hears and says nothing, and stays open: what a link looks like that died on the way. */
  silence(): void {
    this.state = 'silent';
    this.socket.pause();
    this.context.changed();
  }

  /** Answers to what was sent are not awaited any more. */
  forget(): void {
    this.waiting.clear();
  }

  /** Breaks it off, without a word. */
  drop(): void {
    this.socket.terminate();
  }

  private sendSystem(topic: string): void {
    this.send('SYSTEM', topic, undefined);
  }

  private send(type: string, topic: string, data: object | undefined, more: Record<string, string> = {}): string {
    const messageId = randomUUID();
    const time = String(this.context.now());
    const headers = { topic, messageId, contentType: 'application/json', time, ...more };
    if (this.state !== 'leaving') {
      this.sendText(JSON.stringify({ specVersion: '1.0', type, headers, data: data ? JSON.stringify(data) : '' }));
    }
    return messageId;
  }

  private hear(text: string): void {
    const heard = answer.safeParse(text).data;
    const messageId = heard?.headers.messageId ?? '';
    const take = this.waiting.get(messageId);
    if (heard && take) {
      this.waiting.delete(messageId);
      take(heard);
    }
  }

  /** In the interval that the setting names at that time; 0 is never. */
  private repeat(setting: Interval, work: () => void): void {
    const interval = this.context.settings[setting];
    if (interval > 0) {
      const next = () => {
        work();
        this.repeat(setting, work);
      };
      this.intervals.set(setting, this.context.timers.after(interval, next));
    }
  }

  private end(): void {
    this.intervals.forEach((callOff) => callOff());
    this.waiting.forEach((take) => take(undefined));
    this.waiting.clear();
  }
}
