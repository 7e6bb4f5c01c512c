import type Router from '@koa/router';
import type { Context, Next } from 'koa';
import type { App, Client } from '../platform/data';
import { API_CONTENT_TYPE, oapiParameter, respond } from '../http/endpoint';
import type { Json } from '../http/errors';
import { withFaults } from '../faults';
import type { Platform } from '../platform/platform';
import type { Device } from '../platform/names';
import { jsapiErrors, pageHost } from './jsapi-errors';

/** Document: obtain-the-micro-application-exemption-authorization-code. */
const METHOD = 'runtime.permission.requestAuthCode';
/** Document: jsapi-request-auth-code. */
const METHOD_V2 = 'runtime.permission.requestAuthCodeV2';

/** The first version of the client that knows METHOD_V2. `taurus-alone` has another bridge, and none of these calls. */
const since: Record<Exclude<Device, 'taurus-alone'>, string> = {
  android: '7.0.45',
  ios: '7.0.45',
  pc: '7.0.50',
  harmony: '7.0.0',
  'taurus-android': '7.0.45',
  'taurus-ios': '7.0.45',
};

const isBefore = (version: string, other: string) => version.localeCompare(other, 'en', { numeric: true }) < 0;

const knows = ({ device, clientVersion }: Client, method: string) =>
  device !== 'taurus-alone' && (method === METHOD || (method === METHOD_V2 && !isBefore(clientVersion, since[device])));

const hostOf = (address: string) => (URL.canParse(address) && new URL(address).hostname) || address.split(':')[0];

const mayOpen = ({ redirectUrls, homePage }: App, host: string) =>
  redirectUrls.includes('*') || (host !== '' && [...redirectUrls, homePage ?? ''].map(hostOf).includes(host));

/** The older call does not name the app: any app of the organization with this domain will do. */
function appOf({ data }: Platform, method: string, corpId: string, clientId: string, host: string): App | undefined {
  return data.apps.find(
    (app) =>
      app.corpId === corpId && app.published && (method === METHOD || app.clientId === clientId) && mayOpen(app, host),
  );
}

function requestAuthCode(ctx: Context, platform: Platform): Json {
  const method = String(ctx.params.method);
  const client = platform.client(oapiParameter(ctx, 'client'));
  if (!client || !knows(client, method)) {
    throw jsapiErrors.absent();
  }

  const corpId = oapiParameter(ctx, 'corpId');
  if (!platform.data.organizations.some((corp) => corp.corpId === corpId)) {
    throw jsapiErrors.corpId();
  }
  const app = appOf(platform, method, corpId, oapiParameter(ctx, 'clientId'), pageHost(ctx));
  if (!app) {
    throw jsapiErrors.domain(pageHost(ctx), platform.data.settings.domainWording);
  }
  if (!platform.admits(app, platform.account(client.account))) {
    throw jsapiErrors.outsider();
  }
  return { code: platform.jsapiCode({ clientId: app.clientId, account: client.account, corpId }) };
}

/** What the client asks DingTalk when a page calls `requestAuthCode`. DingTalk has it at another, unpublished address. */
export function jsapiRoutes(router: Router, platform: Platform): void {
  const forPages = async (ctx: Context, next: Next) => {
    ctx.set('Access-Control-Allow-Origin', '*');
    await next();
    const { body } = ctx as { body?: Json };
    if (platform.data.settings.jsapiErrorCode === 'number' && body?.errorCode) {
      body.errorCode = Number(body.errorCode);
    }
  };
  router.post('/client/:method', forPages, withFaults(platform, 'requestAuthCode'), (ctx) =>
    respond(ctx, API_CONTENT_TYPE, () => requestAuthCode(ctx, platform)),
  );
}
