import { randomInt } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { pause } from '../faults/streams';
import { takeRule } from '../faults/rules';
import type { FaultRule, Settings } from '../platform/data';
import type { StreamTicket, Platform } from '../platform/platform';
import type { Recorder } from '../recorder';
import { Connection } from './connection';
import { Delivery, type Fault } from './delivery';
import { CONNECT } from './gateway';
import type { EventLog } from './log';
import { Timers } from './timers';
import type { DingTalkEvent, Receiver, StreamConnection, StreamControl } from './types';

type Status = 401 | 404 | 503;
const reasons: Record<Status, string> = { 401: 'Unauthorized', 404: 'Not Found', 503: 'Service Unavailable' };

function refuse(socket: Duplex, status: Status): void {
  socket.end(`HTTP/1.1 ${status} ${reasons[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Larger than any frame that a client sends. */
const MAX_FRAME = 1024 * 1024;

/** Noise that comes before an event. */
const noise: Partial<Record<FaultRule['fault'], () => string>> = {
  frameNotJson: () => 'not JSON {',
  frameHuge: () => JSON.stringify({ specVersion: '1.0', type: 'EVENT', headers: {}, data: 'x'.repeat(10 * MAX_FRAME) }),
  frameUnknownType: () => {
    const headers = { topic: 'unknown', messageId: 'unknown', contentType: 'application/json' };
    return JSON.stringify({ specVersion: '9.9', type: 'NOTICE', headers, data: '{}' });
  },
};

/** The gateway's other half: the connections, and events on them. */
export class Stream extends Delivery implements StreamControl {
  private readonly open = new Set<Connection>();
  private readonly sockets = new Set<Duplex>();
  private readonly server = new WebSocketServer({ noServer: true, autoPong: false, maxPayload: MAX_FRAME });
  /** Those of connections, which outlive a reset. */
  private readonly ownTimers = new Timers();
  private opened = 0;

  constructor(
    platform: Platform,
    log: EventLog,
    /** Those of deliveries, which end with a reset. */
    timers: Timers,
    private readonly recorder: Recorder,
  ) {
    super(platform, log, timers);
  }

  get connections(): StreamConnection[] {
    return [...this.open].map((each) => each.describe());
  }

  disconnect({ clientId, reason = 'connection is expired' }: { clientId?: string; reason?: string } = {}): void {
    this.of(clientId).forEach((each) => each.disconnect(reason));
  }

  silence(clientId?: string): void {
    this.of(clientId).forEach((each) => each.silence());
  }

  drop(clientId?: string): void {
    this.of(clientId).forEach((each) => each.drop());
  }

  ping(clientId?: string): void {
    this.of(clientId).forEach((each) => each.ping());
  }

  sendText(text: string, clientId?: string): void {
    this.of(clientId).forEach((each) => each.sendText(text));
  }

  /** A request that wants to become a web socket. */
  async accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    const { pathname, search, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname !== CONNECT) {
      return refuse(socket, 404);
    }
    const call = this.recorder.note(request, pathname, search.slice(1));
    const parameters = Object.fromEntries(searchParams);
    await this.platform.hooks.run('connect', parameters);
    const rule = takeRule(this.platform, 'connect', parameters);
    const passes = !rule || (await this.strike(rule, socket));
    if (!passes) {
      return;
    }
    const ticket = this.platform.streamTickets.take(searchParams.get('ticket') ?? '');
    call.status = ticket ? 101 : 401;
    if (!ticket) {
      return refuse(socket, 401);
    }
    this.server.handleUpgrade(request, socket, head, (client) => this.join(client, ticket));
  }

  async deliver(event: DingTalkEvent, receiver: Receiver): Promise<void> {
    for (let attempt = 1; attempt <= this.settings.streamAttempts; attempt++) {
      const answer = await this.attempt(event, receiver, attempt);
      if (answer === 'SUCCESS') {
        return this.log.end(receiver, 'accepted');
      }
      if (answer === undefined) {
        break;
      }
      await this.timers.beforeRepeat(answer === 'LATER' ? this.settings.streamLaterMs : this.settings.streamRepeatMs);
    }
    this.log.end(receiver, 'lost');
  }

  /** Answers to events are not awaited any more; the connections stay. */
  reset(): void {
    this.open.forEach((each) => each.forget());
  }

  close(): void {
    this.ownTimers.clear();
    this.open.forEach((each) => each.drop());
    this.sockets.forEach((socket) => socket.destroy());
  }

  private of(clientId: string | undefined): Connection[] {
    return [...this.open].filter((each) => clientId === undefined || each.clientId === clientId);
  }

  private join(client: WebSocket, { clientId, wantsEvents }: StreamTicket): void {
    const { platform, ownTimers, log } = this;
    const connection = new Connection(++this.opened, clientId, wantsEvents, client, {
      get settings(): Settings {
        return platform.data.settings;
      },
      timers: ownTimers,
      now: () => platform.eventNow(),
      changed: () => log.changed(),
    });
    this.open.add(connection);
    client.once('close', () => {
      this.open.delete(connection);
      log.changed();
    });
    log.changed();
  }

  /** One of those that DingTalk believes in. */
  private choose(clientId: string): Connection | undefined {
    const usable = this.of(clientId).filter((each) => each.takesEvents);
    return this.settings.streamChoice === 'newest'
      ? usable.at(-1)
      : usable[usable.length > 0 ? randomInt(usable.length) : 0];
  }

  protected async send(event: DingTalkEvent, receiver: Receiver, fault: Fault): Promise<string | undefined> {
    const { clientId } = receiver;
    if (fault === 'streamDisconnect') {
      this.choose(clientId)?.disconnect('connection is expired');
    }
    const connection = this.choose(clientId);
    if (!connection) {
      return this.settings.streamWithoutConnection === 'again' ? 'none' : undefined;
    }
    const text = fault && noise[fault]?.();
    if (text) {
      connection.sendText(text);
    }
    if (fault === 'streamSilent') {
      connection.silence();
    }
    const answer = this.onceOrTwice(fault, () =>
      this.log.attempt(receiver, { connection: connection.id, fault }, () => connection.deliver(event)),
    );
    if (fault === 'streamDrop') {
      connection.drop();
    }
    return answer;
  }

  /** Whether the request goes on. */
  private async strike({ fault, delayMs }: FaultRule, socket: Duplex): Promise<boolean> {
    if (fault === 'hang') {
      return false;
    }
    if (fault === 'slow') {
      await pause(delayMs ?? this.settings.slowMs);
      return true;
    }
    if (fault === 'reset') {
      socket.destroy();
    } else {
      refuse(socket, 503);
    }
    return false;
  }
}
