import type { Context } from 'koa';
import type { Settings } from '../platform/data';
import type { EndpointName } from '../platform/names';
import type { Platform } from '../platform/platform';
import { errors, type Json, Refusal } from './errors';

export interface Endpoint {
  name: EndpointName;
  method: 'get' | 'post';
  path: string;
  /** The exact value of the answer's header; it differs between the two generations of the API. */
  contentType: string;
  answer(ctx: Context, platform: Platform): Json;
}

/** The new API (api.dingtalk.com). */
export const API_CONTENT_TYPE = 'application/json;charset=utf-8';
/** The old API (oapi.dingtalk.com). */
export const OAPI_CONTENT_TYPE = 'application/json;charset=UTF-8';

/** An endpoint of the old API, whose path is its name. */
export const oapiEndpoint = (name: EndpointName, answer: Endpoint['answer']): Endpoint => ({
  name,
  method: 'post',
  path: `/topapi/${name}`,
  contentType: OAPI_CONTENT_TYPE,
  answer,
});

/** Sends what the endpoint returns, or the refusal that it throws. */
export function respond(ctx: Context, contentType: string, answer: () => Json): void {
  ctx.set('Content-Type', contentType);
  try {
    ctx.body = answer();
  } catch (error) {
    if (!(error instanceof Refusal)) {
      throw error;
    }
    ctx.status = error.status;
    ctx.body = error.body;
  }
}

/** Leaves out a field that is not set, or sends it as an empty string. */
export const withUnset = (fields: Record<string, string | undefined>, unset: Settings['unsetFields']): Json =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined || unset === 'empty')
      .map(([name, value]) => [name, value ?? '']),
  );

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const anyBody = (ctx: Context): Json => (isRecord(ctx.request.body) ? ctx.request.body : {});

/** The new API reads nothing but JSON; a form counts as no body. */
export function jsonBody(ctx: Context): Json {
  if (!ctx.is('json') || !ctx.request.rawBody) {
    throw errors.missing('body');
  }
  return anyBody(ctx);
}

export function required(body: Json, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') {
    throw errors.missing(name);
  }
  return value;
}

/** The old API takes JSON and forms alike. */
export function oapiParameter(ctx: Context, name: string): string {
  const value = anyBody(ctx)[name];
  return typeof value === 'string' ? value : '';
}

/** A number as such or as a text; undefined where it is not sent, NaN where it is something else. */
export function oapiNumber(ctx: Context, name: string): number | undefined {
  const value = anyBody(ctx)[name];
  if (value === undefined || value === null || value === '') {
    return undefined;
  }
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value));
  return isNumber && Number.isSafeInteger(Number(value)) ? Number(value) : NaN;
}

/** `true` or `false`, also as a text. */
export function oapiFlag(ctx: Context, name: string): boolean | undefined {
  const value = anyBody(ctx)[name];
  return value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined;
}

/** What a request asks for, wherever it says so. */
export const parametersOf = (ctx: Context): Json => ({ ...Object.fromEntries(queryOf(ctx)), ...anyBody(ctx) });

export const queryOf = (ctx: Context): URLSearchParams => new URLSearchParams(ctx.querystring);

/** Node tells an IPv4 address in IPv6 notation where the socket listens to both; DingTalk's white lists have IPv4. */
export const callerIp = (ctx: Context): string => ctx.ip.replace(/^::ffff:/, '');
