import type { Context, Middleware, Next } from 'koa';
import type { FaultRule } from '../platform/data';
import { takeRule } from './rules';
import { jsapiErrors, pageHost } from '../client/jsapi-errors';
import { oapiTokenOf } from '../authentication/access';
import {
  API_CONTENT_TYPE,
  callerIp,
  isRecord,
  OAPI_CONTENT_TYPE,
  oapiNumber,
  parametersOf,
  respond,
} from '../http/endpoint';
import { errors, type Refusal } from '../http/errors';
import type {
  DeliveryFaultKind,
  DirectoryFaultKind,
  EndpointName,
  FaultKind,
  GatewayFaultKind,
} from '../platform/names';
import type { Platform } from '../platform/platform';
import { answerEdits } from './answers';
import { emptied, endless, halved, hasMore } from './lists';
import { drip, HUGE_BODY, hugeBody, pause } from './streams';

export const TRAP = '/__emulator/trap';

/** It looks like DingTalk's, and is not. */
const FOREIGN_ENDPOINT = 'wss://wss-open-connection.dingtalk.com.example.net:443/connect';

type Fault = (ctx: Context, next: Next, rule: FaultRule, platform: Platform) => Promise<void> | void;

const textOf = ({ body }: Context): string => (typeof body === 'string' ? body : JSON.stringify(body ?? null));

/** The socket stays open until the client, or `close()`, ends it. */
const neverAnswer = (ctx: Context) => {
  ctx.respond = false;
};

const refuse =
  (error: (ctx: Context, platform: Platform) => Refusal): Fault =>
  (ctx, _next, _rule, platform) =>
    respond(ctx, ctx.path.startsWith('/topapi/') ? OAPI_CONTENT_TYPE : API_CONTENT_TYPE, () => {
      throw error(ctx, platform);
    });

const send =
  (contentType: string, body: string): Fault =>
  (ctx) => {
    ctx.set('Content-Type', contentType);
    ctx.body = body;
  };

const edit =
  (change: (right: unknown) => string): Fault =>
  async (ctx, next) => {
    await next();
    ctx.body = change(ctx.body);
  };

const redirect =
  (status: 302 | 307): Fault =>
  (ctx) => {
    ctx.status = status;
    ctx.set('Location', `http://${ctx.host}${TRAP}`);
    ctx.body = '';
  };

const huge =
  (declared: boolean): Fault =>
  (ctx) => {
    ctx.set('Content-Type', API_CONTENT_TYPE);
    ctx.body = hugeBody();
    if (declared) {
      ctx.length = HUGE_BODY;
    }
  };

const denied = { clientId: 'ding', permission: 'Contact.User.Read', wording: 'classic' } as const;
const oapiDenied = { ...denied, permission: 'qyapi_get_member' };
const { truncatedJson, jsonNull, jsonArray, wrongTypes, numbersAsStrings, protoKeys, missingOptional, maskedMobile } =
  answerEdits;

const editLists =
  (change: (right: unknown, ctx: Context) => unknown): Fault =>
  async (ctx, next) => {
    await next();
    ctx.body = change(ctx.body, ctx);
  };

const faults: Record<FaultKind | DirectoryFaultKind | GatewayFaultKind, Fault> = {
  hang: neverAnswer,
  slow: async (_ctx, next, { delayMs }, { data }) => {
    await pause(delayMs ?? data.settings.slowMs);
    await next();
  },
  drip: async (ctx, next, { delayMs }, { data }) => {
    await next();
    const bytes = Buffer.from(textOf(ctx));
    ctx.body = drip(bytes, delayMs ?? data.settings.dripMs);
    ctx.length = bytes.length;
  },
  reset: (ctx) => {
    ctx.respond = false;
    ctx.req.socket.resetAndDestroy();
  },
  consumeThenHang: async (ctx, next) => {
    await next();
    neverAnswer(ctx);
  },

  redirect302: redirect(302),
  redirect307: redirect(307),
  empty204: (ctx) => {
    ctx.status = 204;
  },
  htmlBan: send('text/html;charset=utf-8', '<!doctype html><title>Forbidden</title><p>访问被拒绝 Access denied</p>'),
  jsonBan: send('application/json', '{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"xxx"}'),
  hugeBody: huge(false),
  hugeBodyDeclared: huge(true),

  truncatedJson: edit(truncatedJson),
  jsonNull: edit(jsonNull),
  jsonArray: edit(jsonArray),
  wrongTypes: edit(wrongTypes),
  numbersAsStrings: edit(numbersAsStrings),
  protoKeys: edit(protoKeys),
  missingOptional: edit(missingOptional),
  maskedMobile: edit(maskedMobile),
  wrongCharset: async (ctx, next) => {
    await next();
    ctx.set('Content-Type', 'application/json;charset=GBK');
  },

  throttle403: refuse(errors.throttled),
  throttle88: refuse(errors.oapiThrottled),
  permission403: refuse(() => errors.noPermission(denied)),
  ipNotAllowed403: refuse(errors.badIp),
  invalidToken400: refuse(errors.badToken),
  token88: refuse(errors.oapiBadToken),
  revokedToken: async (ctx, next, _rule, platform) => {
    platform.appTokens.take(oapiTokenOf(ctx));
    await next();
  },
  permission88: refuse(() => errors.oapiNoPermission(oapiDenied)),
  ipNotAllowed88: refuse((ctx) => errors.oapiBadIp(callerIp(ctx), denied.clientId)),
  throttle90018: refuse(errors.oapiThrottledPlainly),
  busyMinus1: refuse(errors.oapiBusy),
  error500: refuse(errors.busy),

  emptyList: editLists(emptied),
  halfList: editLists(halved),
  endlessPages: editLists((right, ctx) => endless(right, oapiNumber(ctx, 'cursor') ?? 0)),
  lastPageFails: async (ctx, next, rule, platform) => {
    await next();
    if (!hasMore(ctx.body)) {
      await refuse(errors.oapiBusy)(ctx, next, rule, platform);
    }
  },
  noDepartment60003: refuse(errors.noDepartment),
  outOfScope50004: refuse(errors.departmentOutside),
  outOfScope50002: refuse(errors.memberOutside),
  noMember60121: refuse(errors.noMember),

  jsapiCancelled: refuse(jsapiErrors.cancelled),
  jsapiAbsent: refuse(jsapiErrors.absent),
  jsapiDomain: refuse((ctx, { data }) => jsapiErrors.domain(pageHost(ctx), data.settings.domainWording)),
  jsapiCorpId: refuse(jsapiErrors.corpId),
  jsapiDenied: refuse(jsapiErrors.denied),

  authFailed401: refuse(errors.authFailed),
  unavailable503: refuse(errors.unavailable),
  html400: (ctx) => {
    ctx.status = 400;
    ctx.set('Content-Type', 'text/html;charset=utf-8');
    ctx.body = '<!doctype html><title>400 Bad Request</title><center><h1>400 Bad Request</h1></center>';
  },
  foreignEndpoint: async (ctx, next) => {
    await next();
    if (isRecord(ctx.body) && 'endpoint' in ctx.body) {
      ctx.body = { ...ctx.body, endpoint: FOREIGN_ENDPOINT };
    }
  },
};

const usesDelayItself = new Set<FaultRule['fault']>(['slow', 'drip']);

export const withFaults =
  (platform: Platform, endpoint: EndpointName): Middleware =>
  async (ctx, next) => {
    const rule = takeRule(platform, endpoint, parametersOf(ctx));
    if (!rule) {
      return next();
    }
    if (rule.delayMs && !usesDelayItself.has(rule.fault)) {
      await pause(rule.delayMs);
    }
    await faults[rule.fault as Exclude<FaultRule['fault'], DeliveryFaultKind>](ctx, next, rule, platform);
  };
