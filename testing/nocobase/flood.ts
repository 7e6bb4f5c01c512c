import { randomBytes } from 'node:crypto';
import http from 'node:http';
import type { NocoBase } from './nocobase';
import { signInPage } from './sign-in';

/** Requests that every client can send, and that need nothing before: the status that each must be answered with. */
export const floods = [
  ['dingtalk:getAuthUrl', 200],
  ['dingtalk:redirect', 302],
  ['auth:signIn', 401],
] as const;

type FloodOf = (typeof floods)[number][0];

/** Sends many requests, eight at a time. Not by `fetch`, which would need longer than NocoBase. */
export function startFlood({ url }: NocoBase) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

  const send = (path: string, json?: unknown) =>
    new Promise<number>((resolve, reject) => {
      const headers = { 'x-authenticator': 'dingtalk', ...(json ? { 'content-type': 'application/json' } : {}) };
      http
        .request(new URL(path, url), { agent, method: json ? 'POST' : 'GET', headers })
        .on('response', (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)))
        .on('error', reject)
        .end(json && JSON.stringify(json));
    });
  const newState = () => randomBytes(32).toString('base64url');
  const addresses = { page: signInPage(url, '/admin'), redirectUri: `${url}/api/dingtalk:redirect` };
  const sendOne: Record<FloodOf, () => Promise<number>> = {
    'dingtalk:getAuthUrl': () => send('/api/dingtalk:getAuthUrl', addresses),
    'dingtalk:redirect': () => send(`/api/dingtalk:redirect?code=x&state=${newState()}`),
    'auth:signIn': () => send('/api/auth:signIn', { flow: newState().slice(0, 16) }),
  };

  return {
    /** @returns the statuses that there were */
    async send(times: number, action: FloodOf): Promise<Set<number>> {
      const statuses = new Set<number>();
      let sent = 0;
      const worker = async () => {
        while (sent++ < times) {
          statuses.add(await sendOne[action]());
        }
      };
      await Promise.all(Array.from({ length: 8 }, worker));
      return statuses;
    },
    stop: () => agent.destroy(),
  };
}
