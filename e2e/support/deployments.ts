import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectOk, requester, type Request } from '../../dev/api';
import type { World } from './world';

const MULTI_APP_MANAGER = '@nocobase/plugin-multi-app-manager';
const SECONDS_TO_INSTALL = 180;

/** The same NocoBase, as people see it who come to it under other addresses. */
export function seenAt(world: World, url: string, apiUrl = `${url}/api`): World {
  return { ...world, nocobase: { ...world.nocobase, url, apiUrl } };
}

/** Makes a sub-application, and enables the plugin there, as an administrator does both. */
export async function addSubApplication(main: World, name: string, cname: string, plugin: string): Promise<World> {
  await main.api(`pm:enable?filterByTk=${MULTI_APP_MANAGER}&awaitResponse=true`, {});
  await until(async () => (await main.nocobase.request('__health_check')).status === 200);
  await main.api('applications:create', { name, displayName: name, cname });

  const apiUrl = `${main.nocobase.apiUrl}/__app/${name}`;
  const request = requester(apiUrl);
  await until(async () => (await request('__health_check')).status === 200);
  const { email, password } = main.nocobase.rootLogin;
  const values = { account: email, password };
  const signIn = request<{ token: string }>('auth:signIn', { values, headers: { 'X-Authenticator': 'basic' } });
  const { token } = await expectOk('Signing in to the sub-application', signIn);
  const api: World['api'] = (action, given) =>
    expectOk(action, request(action, { method: given && 'POST', token, values: given }));
  await api(`pm:enable?filterByTk=${plugin}&awaitResponse=true`, {});
  await until(async () => isEnabled(request, plugin));
  return { ...main, nocobase: { ...main.nocobase, apiUrl, request }, token, api };
}

async function isEnabled(request: Request, plugin: string): Promise<boolean> {
  const { body } = await request<{ packageName: string }[]>('pm:listEnabled');
  return body.data.some(({ packageName }) => packageName === plugin);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + SECONDS_TO_INSTALL * 1000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`It did not come to that within ${SECONDS_TO_INSTALL} s.`);
    await sleep(250);
  }
}

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A request that no browser can be made to send: `fetch` lets nobody choose the header Host. */
export function sendRaw(url: string, headers: Record<string, string | string[]>, values?: object): Promise<RawAnswer> {
  const method = values ? 'POST' : 'GET';
  const json = values && { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers: { ...json, ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on('error', reject).end(values && JSON.stringify(values));
  });
}
