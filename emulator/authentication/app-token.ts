import { API_CONTENT_TYPE, type Endpoint, jsonBody, queryOf, required } from '../http/endpoint';
import { apiError, errors, Refusal } from '../http/errors';
import type { App } from '../platform/data';
import type { Platform } from '../platform/platform';
import { findAppBySecret, requireApp } from './access';

/** The app, unless it is an older one, which is found only by its organization as well. */
function findAppOf(platform: Platform, key: string, secret: string, corpId: unknown): App | undefined {
  const app = findAppBySecret(platform, key, secret);
  return app?.tokenNeedsCorpId && app.corpId !== corpId ? undefined : app;
}

/** Document: obtain-the-access-token-of-an-internal-app. */
const accessToken: Endpoint = {
  name: 'accessToken',
  method: 'post',
  path: '/v1.0/oauth2/accessToken',
  contentType: API_CONTENT_TYPE,
  answer(ctx, platform) {
    const body = jsonBody(ctx);
    const app = findAppOf(platform, required(body, 'appKey'), required(body, 'appSecret'), body.corpId);
    if (!app) {
      throw errors.badClient();
    }
    return { accessToken: platform.appTokens.keyFor(app.clientId), expireIn: 7200 };
  },
};

/** Document: obtain-orgapp-token. Its errors are plain: neither wrapped in 88 nor numbered. */
const gettoken: Endpoint = {
  name: 'gettoken',
  method: 'get',
  path: '/gettoken',
  contentType: 'application/json',
  answer(ctx, platform) {
    const query = queryOf(ctx);
    const key = query.get('appkey');
    if (!key) {
      throw new Refusal(200, { errcode: 40035, errmsg: '缺少参数 corpid or appkey' });
    }
    const app = findAppOf(platform, key, query.get('appsecret') ?? '', query.get('corpid'));
    if (!app) {
      throw new Refusal(200, { errcode: 40096, errmsg: '不合法的appKey或appSecret' });
    }
    return { errcode: 0, access_token: platform.appTokens.keyFor(app.clientId), errmsg: 'ok', expires_in: 7200 };
  },
};

const wordError = (status: number, code: string) => apiError(status, code, code);

/** Document: api-gettoken. Alone on the new host to speak snake_case. */
const corpToken: Endpoint = {
  name: 'corpToken',
  method: 'post',
  path: '/v1.0/oauth2/:corpId/token',
  contentType: API_CONTENT_TYPE,
  answer(ctx, platform) {
    const body = jsonBody(ctx);
    const corpId: unknown = ctx.params.corpId;
    if (!platform.data.organizations.some((corp) => corp.corpId === corpId)) {
      throw apiError(500, 'unknownError', '未知错误');
    }
    if (body.grant_type !== 'client_credentials') {
      throw wordError(400, 'unsupported.grant.type');
    }
    const app = findAppBySecret(platform, String(body.client_id), String(body.client_secret));
    if (!app) {
      throw wordError(400, 'invalid.client');
    }
    if (app.corpId !== corpId) {
      throw wordError(401, 'unauthorized.client');
    }
    return { access_token: platform.appTokens.keyFor(app.clientId), expires_in: 7200 };
  },
};

/** Document: create-a-jsapi-ticket. */
const jsapiTickets: Endpoint = {
  name: 'jsapiTickets',
  method: 'post',
  path: '/v1.0/oauth2/jsapiTickets',
  contentType: API_CONTENT_TYPE,
  answer(ctx, platform) {
    return { jsapiTicket: platform.tickets.keyFor(requireApp(ctx, platform).clientId), expireIn: 7200 };
  },
};

export const appTokenEndpoints = [accessToken, gettoken, corpToken, jsapiTickets];
