import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import { expectOk, requester } from '../../dev/api';
import { isEnabled, isHealthy } from '../../dev/nocobase-process';
import { until } from '../../dev/until';
import type { World } from './world';

const MULTI_APP_MANAGER = '@nocobase/plugin-multi-app-manager';

/** The same NocoBase, as browsers see it that open it under other addresses. */
export function seenAt(world: World, url: string, apiUrl = `${url}/api`): World {
  return { ...world, nocobase: { ...world.nocobase, url, apiUrl } };
}

/** Makes a sub-application, and enables the plugin there, as an administrator does both. */
export async function addSubApplication(main: World, name: string, cname: string, plugin: string): Promise<World> {
  await main.api(`pm:enable?filterByTk=${MULTI_APP_MANAGER}&awaitResponse=true`, {});
  await until('the multi-app manager enabled', () => isHealthy(main.nocobase.request));
  await main.api('applications:create', { name, displayName: name, cname });

  const apiUrl = `${main.nocobase.apiUrl}/__app/${name}`;
  const request = requester(apiUrl);
  await until('the sub-application installed', () => isHealthy(request));
  const { email, password } = main.nocobase.rootLogin;
  const values = { account: email, password };
  const signIn = request<{ token: string }>('auth:signIn', { values, headers: { 'X-Authenticator': 'basic' } });
  const { token } = await expectOk('Signing in to the sub-application', signIn);
  const api: World['api'] = (action, given) =>
    expectOk(action, request(action, { method: given && 'POST', token, values: given }));
  await api(`pm:enable?filterByTk=${plugin}&awaitResponse=true`, {});
  await until(`${plugin} enabled in the sub-application`, () => isEnabled(request, plugin));
  return { ...main, nocobase: { ...main.nocobase, apiUrl, request }, token, api };
}

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A request that no browser can be made to send: `fetch` does not send a header Host of one's own. */
export function sendRaw(url: string, headers: Record<string, string | string[]>, values?: object): Promise<RawAnswer> {
  const method = values ? 'POST' : 'GET';
  const json = values && { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const { request } = url.startsWith('https:') ? https : http;
    // The proxies of these tests make their own certificates.
    const options = { method, headers: { ...json, ...headers }, rejectUnauthorized: false };
    const sent = request(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on('error', reject).end(values && JSON.stringify(values));
  });
}
