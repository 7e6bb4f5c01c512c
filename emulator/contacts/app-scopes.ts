import { requireOapiAppPlainly } from '../authentication/access';
import { type Endpoint, OAPI_CONTENT_TYPE } from '../http/endpoint';
import { scopeOf } from './scope';

/** Document: obtain-corpsecret-authorization-scope. The departments with all below them, and single members. */
const scopes: Endpoint = {
  name: 'auth/scopes',
  method: 'get',
  path: '/auth/scopes',
  contentType: OAPI_CONTENT_TYPE,
  answer(ctx, platform) {
    const { departments, users } = scopeOf(requireOapiAppPlainly(ctx, platform, 'qyapi_base'));
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
