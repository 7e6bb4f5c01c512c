import type { Context } from 'koa';
import type { App, Settings } from './company';
import { errors, type Json, type MissingPermission, Refusal } from './errors';
import type { EndpointName } from './names';
import type { Grant, World } from './world';

export interface Endpoint {
  name: EndpointName;
  method: 'get' | 'post';
  path: string;
  /** The exact value of the answer's header; it differs between the generations. */
  contentType: string;
  answer(ctx: Context, world: World): Json;
}

export const API_TYPE = 'application/json;charset=utf-8';
export const TOPAPI_TYPE = 'application/json;charset=UTF-8';

/** Sends what the endpoint returns, or the refusal that it throws. */
export function respond(ctx: Context, contentType: string, answer: () => Json): void {
  ctx.set('Content-Type', contentType);
  try {
    ctx.body = answer();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    ctx.status = error.status;
    ctx.body = error.body;
  }
}

/** Leaves out what is not set, or sends it as an empty string. */
export const withUnset = (fields: Record<string, string | undefined>, unset: Settings['unsetFields']): Json =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined || unset === 'empty')
      .map(([name, value]) => [name, value ?? '']),
  );

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const anyBody = (ctx: Context): Json => (isRecord(ctx.request.body) ? ctx.request.body : {});

/** The new API reads nothing but JSON; a form counts as no body. */
export function jsonBody(ctx: Context): Json {
  if (!ctx.is('json') || !ctx.request.rawBody) throw errors.missing('body');
  return anyBody(ctx);
}

export function required(body: Json, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw errors.missing(name);
  return value;
}

/** The old API takes JSON and forms alike. */
export function oldParameter(ctx: Context, name: string): string {
  const value = anyBody(ctx)[name];
  return typeof value === 'string' ? value : '';
}

export const queryOf = (ctx: Context): URLSearchParams => new URLSearchParams(ctx.querystring);

export function callerIp(ctx: Context): string {
  return ctx.ip.replace(/^::ffff:/, '');
}

const mayCall = (ctx: Context, app: App) => app.ipWhiteList.length === 0 || app.ipWhiteList.includes(callerIp(ctx));

const missingPermission = (world: World, clientId: string, permission: string): MissingPermission => ({
  clientId,
  permission,
  wording: world.company.settings.permissionWording,
});

function tokenHeader(ctx: Context): string {
  const token = ctx.get('x-acs-dingtalk-access-token');
  if (!token) throw errors.noTokenHeader();
  return token;
}

/** What the person who owns the token granted; for the endpoints of the new API about that person. */
export function userGrant(ctx: Context, world: World, permission: string): Grant {
  const token = tokenHeader(ctx);
  const wrongKind = world.appTokens.get(token);
  if (wrongKind) throw errors.noPermission(missingPermission(world, wrongKind, permission));
  const grant = world.userTokens.get(token);
  const app = grant && world.app(grant.clientId);
  if (!app) {
    const expired = world.userTokens.isExpired(token);
    throw expired && world.company.settings.expiredUserToken === 'accesstoken.expired'
      ? errors.expiredToken()
      : errors.badToken();
  }
  if (!mayCall(ctx, app)) throw errors.badIp();
  if (!granted(world, grant, permission)) throw errors.noPermission(missingPermission(world, app.clientId, permission));
  return grant;
}

/** A permission counts if the app had it when the person consented and still has it. */
export const granted = (world: World, grant: Grant, permission: string): boolean =>
  grant.permissions.includes(permission) && Boolean(world.app(grant.clientId)?.permissions.includes(permission));

export function appOfHeader(ctx: Context, world: World): App {
  const app = world.app(world.appTokens.get(tokenHeader(ctx)) ?? '');
  if (!app) throw errors.badToken();
  if (!mayCall(ctx, app)) throw errors.badIp();
  return app;
}

/** For the old API: the app's token in the query, or in a form; never in JSON or a header. */
export const appTokenOf = (ctx: Context): string =>
  queryOf(ctx).get('access_token') || (ctx.is('urlencoded') ? oldParameter(ctx, 'access_token') : '');

export function appOfQuery(ctx: Context, world: World, permission: string): App {
  const token = appTokenOf(ctx);
  if (!token) throw errors.oldNoToken();
  const app = world.app(world.appTokens.get(token) ?? '');
  if (!app) throw errors.oldBadToken();
  if (!mayCall(ctx, app)) throw errors.oldBadIp(callerIp(ctx), app.clientId);
  if (!app.permissions.includes(permission))
    throw errors.oldNoPermission(missingPermission(world, app.clientId, permission));
  return app;
}

/** A client id and secret that belong together, of a published app. */
export function authenticate(world: World, clientId: string, clientSecret: string): App | undefined {
  const app = world.app(clientId);
  return app?.published && app.clientSecret === clientSecret ? app : undefined;
}
