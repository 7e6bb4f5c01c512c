import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = (request: http.IncomingMessage, response: http.ServerResponse, body: string) => void;

/** Answers in place of DingTalk, while the work is done. */
export async function withStub<T>(answer: Answer, work: () => Promise<T>): Promise<T> {
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) {
      body += chunk;
    }
    answer(request, response, body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { DINGTALK_API_URL, DINGTALK_OAPI_URL } = process.env;
  Object.assign(process.env, { DINGTALK_API_URL: url, DINGTALK_OAPI_URL: url });
  try {
    return await work();
  } finally {
    Object.assign(process.env, { DINGTALK_API_URL, DINGTALK_OAPI_URL });
    server.closeAllConnections();
    server.close();
  }
}
