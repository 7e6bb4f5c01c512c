import { once } from 'node:events';
import { WebSocket } from 'ws';
import { CLIENT, type Harness } from './harness';

export interface Frame {
  specVersion: string;
  type: string;
  headers: Record<string, string>;
  data: string;
}

const GATEWAY = '/v1.0/gateway/connections/open';
export const EVENTS = [{ type: 'EVENT', topic: '*' }];

export const openConnection = (harness: Harness, more: Record<string, unknown> = {}, headers = {}) =>
  harness.post(
    GATEWAY,
    { ...CLIENT, subscriptions: EVENTS, ua: 'test', ...more },
    { Accept: 'application/json', ...headers },
  );

/** For the tests: an application that keeps a connection, and answers what it is told to. */
export class StreamClient {
  /** All frames, as they came. */
  readonly texts: string[] = [];
  /** What is answered to events; nothing where it is undefined. */
  answer: string | undefined = 'SUCCESS';
  /** Whether pings are answered. */
  isAlive = true;
  readonly closed: Promise<void>;
  private waiting: (() => void)[] = [];

  private constructor(readonly socket: WebSocket) {
    this.closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('message', (data) => {
      this.texts.push(String(data as Buffer));
      this.react(this.texts.at(-1) ?? '');
      this.waiting.splice(0).forEach((resolve) => resolve());
    });
    socket.on('error', () => undefined);
  }

  static async open(harness: Harness, more: Record<string, unknown> = {}): Promise<StreamClient> {
    const { endpoint, ticket } = (await openConnection(harness, more)).body;
    const client = StreamClient.at(`${String(endpoint)}?ticket=${encodeURIComponent(String(ticket))}`);
    await once(client.socket, 'open');
    return client;
  }

  static at(address: string): StreamClient {
    return new StreamClient(new WebSocket(address));
  }

  /** Those that are JSON. */
  get frames(): Frame[] {
    return this.texts.flatMap((text) => {
      try {
        return [JSON.parse(text) as Frame];
      } catch {
        return [];
      }
    });
  }

  of(topic: string): Frame[] {
    return this.frames.filter(({ headers }) => headers.topic === topic);
  }

  get events(): Frame[] {
    return this.of('*');
  }

  /** Resolves when so many frames of the topic came. */
  async has(topic: string, count = 1): Promise<Frame[]> {
    while (this.of(topic).length < count) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    return this.of(topic);
  }

  send(value: unknown): void {
    this.socket.send(typeof value === 'string' ? value : JSON.stringify(value));
  }

  private react(text: string): void {
    let frame: Frame;
    try {
      frame = JSON.parse(text) as Frame;
    } catch {
      return;
    }
    const { messageId, topic } = frame.headers;
    const reply = (data: string) =>
      this.send({ code: 200, headers: { messageId, contentType: 'application/json' }, message: 'OK', data });
    if (topic === 'ping' && this.isAlive) {
      reply(frame.data);
    }
    if (topic === '*' && this.answer !== undefined) {
      reply(JSON.stringify({ status: this.answer, message: 'done' }));
    }
  }
}
