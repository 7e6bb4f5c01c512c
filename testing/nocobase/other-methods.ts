import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Browser } from './browser';
import type { Outcome } from './sign-in';

/** NocoBase reads the body of each of them, and runs the same action. */
export const otherMethods = ['GET', 'PUT', 'PATCH', 'DELETE'];

/** Sends what the page sends, by another method. `fetch` gives a GET no body. */
export async function send(
  { origin, cookies }: Browser,
  method: string,
  path: string,
  values: object,
  authenticator: string,
  moreHeaders: Record<string, string> = {},
): Promise<Outcome> {
  const body = JSON.stringify(values);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    cookie: [...cookies].map((cookie) => cookie.join('=')).join('; '),
    origin,
    'x-authenticator': authenticator,
    ...moreHeaders,
  };
  const request = http.request(new URL(path, origin), { method, headers }).end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const { data, errors } = (await json(response)) as { data?: object; errors?: object[] };
  return { status: response.statusCode ?? 0, ...data, ...errors?.[0] };
}
