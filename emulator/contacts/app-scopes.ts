import type { Context } from 'koa';
import { requireOapiApp } from '../authentication/access';
import { type Endpoint, OAPI_CONTENT_TYPE } from '../http/endpoint';
import { oapiError, Refusal } from '../http/errors';
import type { App } from '../platform/data';
import type { Platform } from '../platform/platform';
import { scopeOf } from './scope';

/** Outside /topapi the refusals of the gateway are not wrapped in 88. */
function requireAppPlainly(ctx: Context, platform: Platform): App {
  try {
    return requireOapiApp(ctx, platform, 'qyapi_base');
  } catch (error) {
    if (error instanceof Refusal && error.body.errcode === 88) {
      throw oapiError(Number(error.body.sub_code), String(error.body.sub_msg));
    }
    throw error;
  }
}

/** Document: obtain-corpsecret-authorization-scope. The departments with all below them, and single members. */
const scopes: Endpoint = {
  name: 'auth/scopes',
  method: 'get',
  path: '/auth/scopes',
  contentType: OAPI_CONTENT_TYPE,
  answer(ctx, platform) {
    const { departments, users } = scopeOf(requireAppPlainly(ctx, platform));
    return {
      errcode: 0,
      errmsg: 'ok',
      condition_field: [],
      auth_user_field: ['name', 'jobnumber', 'title', 'avatar', 'deptId', 'deptOrder', 'isLeader'],
      auth_org_scopes: { authed_user: users, authed_dept: departments },
    };
  },
};

export const appScopeEndpoints = [scopes];
