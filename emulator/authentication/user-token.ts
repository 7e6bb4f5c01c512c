import { API_CONTENT_TYPE, type Endpoint, jsonBody, required } from '../http/endpoint';
import { apiError, errors } from '../http/errors';
import type { Grant, Platform } from '../platform/platform';
import { findAppBySecret } from './access';

/** Document: obtain-user-token. It lists no errors; the order of the checks is assumed. */
const userAccessToken: Endpoint = {
  name: 'userAccessToken',
  method: 'post',
  path: '/v1.0/oauth2/userAccessToken',
  contentType: API_CONTENT_TYPE,
  answer(ctx, platform) {
    const body = jsonBody(ctx);
    const clientId = required(body, 'clientId');
    const clientSecret = required(body, 'clientSecret');
    const exchange = exchanges.get(required(body, 'grantType'));
    const ticket = exchange && required(body, exchange.field);
    if (!findAppBySecret(platform, clientId, clientSecret)) {
      throw errors.badClient();
    }
    if (!exchange || !ticket) {
      throw apiError(400, 'unsupported.grant.type', 'unsupported.grant.type');
    }
    const { grant, accessToken } = exchange.trade(platform, ticket, clientId);
    return {
      expireIn: 7200,
      accessToken,
      refreshToken: platform.refreshTokens.add({ grant, accessToken }),
      ...(grant.corpId && { corpId: grant.corpId }),
    };
  },
};

interface Exchange {
  field: 'code' | 'refreshToken';
  trade(platform: Platform, ticket: string, clientId: string): { grant: Grant; accessToken: string };
}

const exchanges = new Map<string, Exchange>([
  [
    'authorization_code',
    {
      field: 'code',
      trade(platform, code, clientId) {
        const grant = platform.codes.get(code);
        if (grant?.clientId !== clientId) {
          throw errors.badCode();
        }
        platform.codes.take(code);
        return { grant, accessToken: platform.userTokens.add(grant) };
      },
    },
  ],
  [
    'refresh_token',
    {
      field: 'refreshToken',
      trade(platform, refreshToken, clientId) {
        const old = platform.refreshTokens.get(refreshToken);
        if (old?.grant.clientId !== clientId) {
          throw errors.badCode();
        }
        platform.refreshTokens.take(refreshToken);
        if (!platform.userTokens.get(old.accessToken)) {
          return { ...old, accessToken: platform.userTokens.add(old.grant) };
        }
        platform.userTokens.renew(old.accessToken);
        return old;
      },
    },
  ],
]);

export const userTokenEndpoints = [userAccessToken];
