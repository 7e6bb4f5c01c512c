import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { Queue } from './queue';

/** What the server of a connection sees and does. */
export class Connection {
  /** The frames that the client sent, parsed. */
  readonly answers = new Queue<{ headers: { messageId: string }; data: string }>();
  readonly closed: Promise<unknown>;

  constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => this.answers.push(JSON.parse(String(data))));
    socket.on('error', () => undefined);
    this.closed = once(socket, 'close');
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** Sends an event, or one of another kind, as DingTalk does. */
  sendEvent(messageId: string, fields: object, headers: object = { eventType: 'user_add_org' }): void {
    this.send({
      specVersion: '1.0',
      type: 'EVENT',
      headers: { topic: '*', messageId, ...headers },
      data: JSON.stringify(fields),
    });
  }

  sendSystem(topic: string, data: object = {}): void {
    this.send({ specVersion: '1.0', type: 'SYSTEM', headers: { topic, messageId: topic }, data: JSON.stringify(data) });
  }

  /** The status of the next answer to an event. */
  async status(): Promise<string> {
    return JSON.parse((await this.answers.next()).data).status;
  }
}

interface TicketAnswer {
  status: number;
  headers?: Record<string, string>;
  body: string;
}

/** DingTalk's Stream gateway, with the endpoint that gives tickets for it, and with faults. */
export async function startGateway() {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true, autoPong: false });
  const connections = new Queue<Connection>();
  const asked = new Queue<{ headers: http.IncomingHttpHeaders; body: Record<string, unknown> }>();
  const upgrades = new Queue<{ url: string; socket: Duplex }>();
  const settings = {
    /** Where tickets are good for: this server. */
    endpoint: '',
    /** What is answered in place of a ticket; `hang` for nothing. */
    answer: undefined as TicketAnswer | 'hang' | undefined,
    /** What is answered in place of a web socket: the head of an HTTP response, or nothing. */
    upgrade: undefined as string | undefined,
    onConnection: undefined as ((connection: Connection) => void) | undefined,
    onAsk: () => {},
  };
  const count = { asked: 0, opened: 0 };

  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) {
      body += chunk;
    }
    count.asked++;
    asked.push({ headers: request.headers, body: JSON.parse(body || '{}') });
    settings.onAsk();
    if (settings.answer === 'hang') {
      return;
    }
    const ticket = { endpoint: settings.endpoint, ticket: `T1CKET/${count.asked}+=` };
    const { status, headers, body: answer } = settings.answer ?? { status: 200, body: JSON.stringify(ticket) };
    response.writeHead(status, { connection: 'close', ...headers }).end(answer);
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined);
    upgrades.push({ url: request.url ?? '', socket });
    if (settings.upgrade !== undefined) {
      socket.write(settings.upgrade);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      count.opened++;
      const connection = new Connection(opened);
      connections.push(connection);
      settings.onConnection?.(connection);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  settings.endpoint = `ws://127.0.0.1:${port}/connect`;

  return {
    url: `http://127.0.0.1:${port}`,
    settings,
    count,
    /** The next request for a ticket. */
    asked: () => asked.next(),
    /** The next web socket that somebody wants to open. */
    upgrade: () => upgrades.next(),
    /** The next web socket that is open. */
    connection: () => connections.next(),
    /** How many web sockets are open. */
    get open() {
      return sockets.clients.size;
    },
    async close() {
      sockets.clients.forEach((client) => client.terminate());
      server.closeAllConnections();
      server.close();
    },
  };
}

export type Gateway = Awaited<ReturnType<typeof startGateway>>;
