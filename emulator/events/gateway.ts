import type { Context, Middleware } from 'koa';
import { findAppBySecret } from '../authentication/access';
import { API_CONTENT_TYPE, type Endpoint, isRecord, jsonBody, required } from '../http/endpoint';
import { errors, type Json } from '../http/errors';

export const GATEWAY = '/v1.0/gateway/connections/open';
export const CONNECT = '/connect';

const isForEvents = (subscription: unknown) =>
  isRecord(subscription) && subscription.type === 'EVENT' && subscription.topic === '*';

/** Document: the protocol of Stream mode. It gives a ticket for one connection. */
export const gatewayEndpoint: Endpoint = {
  name: 'connections/open',
  method: 'post',
  path: GATEWAY,
  contentType: API_CONTENT_TYPE,
  answer(ctx, platform) {
    const body = jsonBody(ctx);
    const app = findAppBySecret(platform, required(body, 'clientId'), required(body, 'clientSecret'));
    if (!app) {
      throw errors.authFailed();
    }
    const { subscriptions } = body;
    const wantsEvents = Array.isArray(subscriptions) && subscriptions.some(isForEvents);
    return {
      endpoint: platform.data.settings.streamEndpoint ?? `ws://${ctx.host}${CONNECT}`,
      ticket: platform.streamTickets.add({ clientId: app.clientId, wantsEvents }),
    };
  },
};

const escaped = (value: unknown) => String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function xmlOf(root: string, fields: Json): string {
  const inner = Object.entries(fields).map(([name, value]) => `<${name}>${escaped(value)}</${name}>`);
  return `<?xml version="1.0" encoding="UTF-8"?><${root}>${inner.join('')}</${root}>`;
}

const wantsJson = (ctx: Context) => ctx.get('Accept').includes('application/json');

/** The gateway answers in XML, unless the request asks for JSON by name. */
export const inXmlUnlessAsked: Middleware = async (ctx, next) => {
  await next();
  const answer: unknown = ctx.body;
  if (!wantsJson(ctx) && isRecord(answer) && ('endpoint' in answer || 'code' in answer)) {
    ctx.body = xmlOf('endpoint' in answer ? 'OpenConnectionResponse' : 'Error', answer);
    ctx.set('Content-Type', 'application/xml;charset=utf-8');
  }
};
