import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

const OPEN = 'HTTP/1.1 200 OK\r\n\r\n';

/** A company's proxy, which opens tunnels, and notes the requests that it could read. */
export async function startProxy(target: { port: number }) {
  const seen = { tunnels: [] as string[], readable: [] as string[] };
  let answer = OPEN;
  let closed: Promise<unknown>;
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) {
      body += chunk;
    }
    seen.readable.push(`${request.method} ${request.url} ${body}`);
    response.writeHead(502).end();
  });
  server.on('connect', (request, client: net.Socket) => {
    seen.tunnels.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    if (answer !== OPEN) {
      closed = new Promise((resolve) => client.resume().on('end', resolve).on('error', resolve));
      client.write(answer);
      return;
    }
    const onward = net.connect(target.port, '127.0.0.1', () => {
      client.write(answer);
      client.pipe(onward).pipe(client);
    });
    onward.on('error', () => client.destroy());
    client.on('error', () => onward.destroy());
    client.on('close', () => onward.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    answerWith: (text: string) => (answer = text),
    /** Waits until the client whose tunnel was refused closes its connection. */
    closedByClient: () => closed,
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
