import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { makeCertificate } from '../certificates';

/** Where the test's certificate says that it is. The name cannot be resolved: only a proxy can lead there. */
export const TLS_HOST = 'api.dingtalk.test';

/** A server with a certificate that it signed itself, in front of another server. */
export async function startTls(target: string) {
  const { key, cert } = await makeCertificate(TLS_HOST);
  let requests = 0;
  const server = https.createServer({ key, cert }, (request, response) => {
    requests += 1;
    const { method, url, headers } = request;
    const onward = http.request(new URL(url ?? '', target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  server.on('upgrade', ({ method, url, headers }, client) => {
    http
      .request(new URL(url ?? '', target), { method, headers })
      .on('upgrade', ({ rawHeaders }, onward, head) => {
        const lines = rawHeaders.map((text, i) => text + (i % 2 ? '\r\n' : ': '));
        client.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
        client.write(head);
        client.pipe(onward).pipe(client);
        client.on('error', () => onward.destroy());
        onward.on('error', () => client.destroy());
      })
      .end();
  });
  // `closeAllConnections` leaves those alone that were upgraded.
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { createSecureContext } = tls;

  return {
    port,
    url: `https://127.0.0.1:${port}`,
    get requests() {
      return requests;
    },
    /** From now on this process trusts the certificate, as with NODE_EXTRA_CA_CERTS. */
    trust() {
      jest
        .spyOn(tls, 'createSecureContext')
        .mockImplementation((options) => createSecureContext({ ...options, ca: cert }));
    },
    async close() {
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await once(server, 'close');
    },
  };
}
