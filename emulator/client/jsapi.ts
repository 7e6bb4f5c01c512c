import type Router from '@koa/router';
import type { Context, Next } from 'koa';
import type { App, Client } from '../company';
import { API_TYPE, oldParameter, respond } from '../endpoint';
import type { Json } from '../errors';
import { withFaults } from '../faults';
import type { World } from '../world';
import { askingHost } from './asking-host';
import type { Device } from './devices';
import { jsapiErrors } from './errors';

/** Document: obtain-the-micro-application-exemption-authorization-code. */
const METHOD = 'runtime.permission.requestAuthCode';
/** Document: jsapi-request-auth-code. */
const METHOD_V2 = 'runtime.permission.requestAuthCodeV2';

/** The first client that knows METHOD_V2. */
const since: Record<Device, string> = { android: '7.0.45', ios: '7.0.45', pc: '7.0.50' };

const isBefore = (version: string, other: string) => version.localeCompare(other, 'en', { numeric: true }) < 0;

const knows = ({ device, clientVersion }: Client, method: string) =>
  method === METHOD || (method === METHOD_V2 && !isBefore(clientVersion, since[device]));

const hostOf = (address: string) => (URL.canParse(address) && new URL(address).hostname) || address.split(':')[0];

const mayOpen = ({ redirectUrls, homePage }: App, host: string) =>
  redirectUrls.includes('*') || (host !== '' && [...redirectUrls, homePage ?? ''].map(hostOf).includes(host));

/** The older call does not name the app: any of the organisation's with this domain will do. */
function appOf({ company }: World, method: string, corpId: string, clientId: string, host: string): App | undefined {
  return company.apps.find(
    (app) =>
      app.corpId === corpId && app.published && (method === METHOD || app.clientId === clientId) && mayOpen(app, host),
  );
}

function requestAuthCode(ctx: Context, world: World): Json {
  const method = String(ctx.params.method);
  const client = world.client(oldParameter(ctx, 'client'));
  if (!client || !knows(client, method)) throw jsapiErrors.absent();

  const corpId = oldParameter(ctx, 'corpId');
  if (!world.company.corps.some((corp) => corp.corpId === corpId)) throw jsapiErrors.corpId();
  const app = appOf(world, method, corpId, oldParameter(ctx, 'clientId'), askingHost(ctx));
  if (!app) throw jsapiErrors.domain(askingHost(ctx), world.company.settings.domainWording);
  if (!world.admits(app, world.account(client.account))) throw jsapiErrors.outsider();
  return { code: world.jsapiCode({ clientId: app.clientId, account: client.account, corpId }) };
}

/** What the client asks DingTalk when a page calls `requestAuthCode`; its address is of this emulator only. */
export function jsapiRoutes(router: Router, world: World): void {
  const forPages = async (ctx: Context, next: Next) => {
    ctx.set('Access-Control-Allow-Origin', '*');
    await next();
    const { body } = ctx as { body?: Json };
    if (world.company.settings.jsapiErrorCode === 'number' && body?.errorCode) body.errorCode = Number(body.errorCode);
  };
  router.post('/client/:method', forPages, withFaults(world, 'requestAuthCode'), (ctx) =>
    respond(ctx, API_TYPE, () => requestAuthCode(ctx, world)),
  );
}
