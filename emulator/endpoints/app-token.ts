import { API_TYPE, appOfHeader, authenticate, type Endpoint, jsonBody, queryOf, required } from '../endpoint';
import { apiError, errors, Refusal } from '../errors';

/** Document: obtain-the-access-token-of-an-internal-app. */
export const accessToken: Endpoint = {
  name: 'accessToken',
  method: 'post',
  path: '/v1.0/oauth2/accessToken',
  contentType: API_TYPE,
  answer(ctx, world) {
    const body = jsonBody(ctx);
    const app = authenticate(world, required(body, 'appKey'), required(body, 'appSecret'));
    if (!app) throw errors.badClient();
    return { accessToken: world.appTokens.keyFor(app.clientId), expireIn: 7200 };
  },
};

/** Document: obtain-orgapp-token. Its errors are plain: neither wrapped in 88 nor numbered. */
export const gettoken: Endpoint = {
  name: 'gettoken',
  method: 'get',
  path: '/gettoken',
  contentType: 'application/json',
  answer(ctx, world) {
    const query = queryOf(ctx);
    const key = query.get('appkey');
    if (!key) throw new Refusal(200, { errcode: 40035, errmsg: '缺少参数 corpid or appkey' });
    const app = authenticate(world, key, query.get('appsecret') ?? '');
    if (!app) throw new Refusal(200, { errcode: 40096, errmsg: '不合法的appKey或appSecret' });
    return { errcode: 0, access_token: world.appTokens.keyFor(app.clientId), errmsg: 'ok', expires_in: 7200 };
  },
};

const wordError = (status: number, code: string) => apiError(status, code, code);

/** Document: api-gettoken. Alone on the new host to speak snake_case. */
export const corpToken: Endpoint = {
  name: 'corpToken',
  method: 'post',
  path: '/v1.0/oauth2/:corpId/token',
  contentType: API_TYPE,
  answer(ctx, world) {
    const body = jsonBody(ctx);
    const corpId: unknown = ctx.params.corpId;
    if (!world.company.corps.some((corp) => corp.corpId === corpId)) throw apiError(500, 'unknownError', '未知错误');
    if (body.grant_type !== 'client_credentials') throw wordError(400, 'unsupported.grant.type');
    const app = authenticate(world, String(body.client_id), String(body.client_secret));
    if (!app) throw wordError(400, 'invalid.client');
    if (app.corpId !== corpId) throw wordError(401, 'unauthorized.client');
    return { access_token: world.appTokens.keyFor(app.clientId), expires_in: 7200 };
  },
};

/** Document: create-a-jsapi-ticket. */
export const jsapiTickets: Endpoint = {
  name: 'jsapiTickets',
  method: 'post',
  path: '/v1.0/oauth2/jsapiTickets',
  contentType: API_TYPE,
  answer(ctx, world) {
    return { jsapiTicket: world.tickets.keyFor(appOfHeader(ctx, world).clientId), expireIn: 7200 };
  },
};
