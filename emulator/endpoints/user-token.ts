import { API_TYPE, authenticate, type Endpoint, jsonBody, required } from '../endpoint';
import { apiError, errors } from '../errors';
import type { Grant, World } from '../world';

/** Document: obtain-user-token. It lists no errors; the order of the checks is assumed. */
export const userAccessToken: Endpoint = {
  name: 'userAccessToken',
  method: 'post',
  path: '/v1.0/oauth2/userAccessToken',
  contentType: API_TYPE,
  answer(ctx, world) {
    const body = jsonBody(ctx);
    const clientId = required(body, 'clientId');
    const clientSecret = required(body, 'clientSecret');
    const exchange = exchanges.get(required(body, 'grantType'));
    const ticket = exchange && required(body, exchange.field);
    if (!authenticate(world, clientId, clientSecret)) throw errors.badClient();
    if (!exchange || !ticket) throw apiError(400, 'unsupported.grant.type', 'unsupported.grant.type');
    const { grant, accessToken } = exchange.trade(world, ticket, clientId);
    return {
      expireIn: 7200,
      accessToken,
      refreshToken: world.refreshTokens.add({ grant, accessToken }),
      ...(grant.corpId && { corpId: grant.corpId }),
    };
  },
};

interface Exchange {
  field: 'code' | 'refreshToken';
  trade(world: World, ticket: string, clientId: string): { grant: Grant; accessToken: string };
}

const exchanges = new Map<string, Exchange>([
  [
    'authorization_code',
    {
      field: 'code',
      trade(world, code, clientId) {
        const grant = world.codes.get(code);
        if (grant?.clientId !== clientId) throw errors.badCode();
        world.codes.take(code);
        return { grant, accessToken: world.userTokens.add(grant) };
      },
    },
  ],
  [
    'refresh_token',
    {
      field: 'refreshToken',
      trade(world, refreshToken, clientId) {
        const old = world.refreshTokens.get(refreshToken);
        if (old?.grant.clientId !== clientId) throw errors.badCode();
        world.refreshTokens.take(refreshToken);
        if (!world.userTokens.get(old.accessToken)) return { ...old, accessToken: world.userTokens.add(old.grant) };
        world.userTokens.renew(old.accessToken);
        return old;
      },
    },
  ],
]);
