import type { Context } from 'koa';
import { callerIp, oapiParameter, queryOf } from '../http/endpoint';
import { errors, type MissingPermission, oapiError, Refusal } from '../http/errors';
import type { App } from '../platform/data';
import type { Grant, Platform } from '../platform/platform';

/** Who may call an endpoint. Every check throws the refusal that DingTalk answers with. */

const isIpAllowed = (ctx: Context, app: App) => app.ipWhiteList.length === 0 || app.ipWhiteList.includes(callerIp(ctx));

const missingPermission = (platform: Platform, clientId: string, permission: string): MissingPermission => ({
  clientId,
  permission,
  wording: platform.data.settings.permissionWording,
});

function tokenHeader(ctx: Context): string {
  const token = ctx.get('x-acs-dingtalk-access-token');
  if (!token) {
    throw errors.noTokenHeader();
  }
  return token;
}

/** A permission counts if the app had it when the account consented and still has it. */
export const hasGranted = (platform: Platform, grant: Grant, permission: string): boolean =>
  grant.permissions.includes(permission) && Boolean(platform.app(grant.clientId)?.permissions.includes(permission));

/** New API, endpoints about the account itself: what the owner of the user token granted. */
export function requireUserGrant(ctx: Context, platform: Platform, permission: string): Grant {
  const token = tokenHeader(ctx);
  const wrongKind = platform.appTokens.get(token);
  if (wrongKind) {
    throw errors.noPermission(missingPermission(platform, wrongKind, permission));
  }
  const grant = platform.userTokens.get(token);
  const app = grant && platform.app(grant.clientId);
  if (!app) {
    const expired = platform.userTokens.isExpired(token);
    throw expired && platform.data.settings.expiredUserToken === 'accesstoken.expired'
      ? errors.expiredToken()
      : errors.badToken();
  }
  if (!isIpAllowed(ctx, app)) {
    throw errors.badIp();
  }
  if (!hasGranted(platform, grant, permission)) {
    throw errors.noPermission(missingPermission(platform, app.clientId, permission));
  }
  return grant;
}

/** New API: the app whose token is in the header. */
export function requireApp(ctx: Context, platform: Platform): App {
  const app = platform.app(platform.appTokens.get(tokenHeader(ctx)) ?? '');
  if (!app) {
    throw errors.badToken();
  }
  if (!isIpAllowed(ctx, app)) {
    throw errors.badIp();
  }
  return app;
}

/** New API, endpoints that an app asks in its own name. */
export function requireAppPermission(platform: Platform, app: App, permission: string): void {
  if (!app.permissions.includes(permission)) {
    throw errors.noPermission(missingPermission(platform, app.clientId, permission));
  }
}

/** The app in whose name a request is sent, whatever it asks for; undefined where its token is not good. */
export function clientIdOf(ctx: Context, platform: Platform): string | undefined {
  const token = ctx.get('x-acs-dingtalk-access-token') || oapiTokenOf(ctx);
  return platform.appTokens.get(token) ?? platform.userTokens.get(token)?.clientId;
}

/** Old API: the app's token in the query, or in a form; never in JSON or a header. */
export const oapiTokenOf = (ctx: Context): string =>
  queryOf(ctx).get('access_token') || (ctx.is('urlencoded') ? oapiParameter(ctx, 'access_token') : '');

/** Old API: the app that the token belongs to, if it has the permission. */
export function requireOapiApp(ctx: Context, platform: Platform, permission: string): App {
  const token = oapiTokenOf(ctx);
  if (!token) {
    throw errors.oapiNoToken();
  }
  const app = platform.app(platform.appTokens.get(token) ?? '');
  if (!app) {
    throw errors.oapiBadToken();
  }
  if (!isIpAllowed(ctx, app)) {
    throw errors.oapiBadIp(callerIp(ctx), app.clientId);
  }
  if (!app.permissions.includes(permission)) {
    throw errors.oapiNoPermission(missingPermission(platform, app.clientId, permission));
  }
  return app;
}

/** The same outside /topapi, where the refusals of the gateway are not wrapped in 88. */
export function requireOapiAppPlainly(ctx: Context, platform: Platform, permission: string): App {
  try {
    return requireOapiApp(ctx, platform, permission);
  } catch (error) {
    if (error instanceof Refusal && error.body.errcode === 88) {
      throw oapiError(Number(error.body.sub_code), String(error.body.sub_msg));
    }
    throw error;
  }
}

/** The published app that has this client ID and secret. */
export function findAppBySecret(platform: Platform, clientId: string, clientSecret: string): App | undefined {
  const app = platform.app(clientId);
  return app?.published && app.clientSecret === clientSecret ? app : undefined;
}
