import { randomInt, randomUUID } from 'node:crypto';

export type Json = Record<string, unknown>;

/** An error of DingTalk as it is answered; whatever finds it out throws it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly body: Json,
  ) {
    super(JSON.stringify(body));
  }
}

const newRequestId = () => randomUUID().toUpperCase();

/** Old servers number their requests with some 13 small letters and digits. */
export const oapiRequestId = (): string => Array.from({ length: 13 }, () => randomInt(36).toString(36)).join('');

/** The new convention: the HTTP status tells, and `code` is a word (server-api-error-codes-1). */
export const apiError = (status: number, code: string, message: string, more: Json = {}): Refusal =>
  new Refusal(status, { code, requestid: newRequestId(), message, ...more });

/** The old convention: always 200, `errcode` is a number. */
export const oapiError = (errcode: number, errmsg: string): Refusal =>
  new Refusal(200, { errcode, errmsg, request_id: oapiRequestId() });

/** What the old gateway says before the endpoint is reached: all under errcode 88, and `sub_code` is a string. */
export const gatewayError = (code: string, message: string): Refusal =>
  new Refusal(200, {
    errcode: 88,
    sub_code: code,
    sub_msg: message,
    errmsg: `ding talk error[subcode=${code},submsg=${message}]`,
    request_id: oapiRequestId(),
  });

/** Everything went well. */
export const oapiOk = (result: unknown): Json => ({ errcode: 0, errmsg: 'ok', result, request_id: oapiRequestId() });

const applyUrl = (clientId: string, permission: string) =>
  `https://open-dev.dingtalk.com/appscope/apply?content=${clientId}%23${permission}`;
const recent = (clientId: string, permission: string) =>
  `应用尚未开通所需的权限：[${permission}]，点击链接申请并开通即可：${applyUrl(clientId, permission)}`;

export interface MissingPermission {
  clientId: string;
  permission: string;
  wording: 'classic' | 'recent';
}

const TOO_MANY = '您的企业应用调用当前接口的所有请求都被暂时禁用了';

export const errors = {
  missing: (name: string) => apiError(400, `Missing${name}`, `${name} is mandatory for this action.`),
  badClient: () => apiError(400, 'invalidClientIdOrSecret', '无效的clientId或者clientSecret'),
  badCode: () => apiError(400, 'invalidParameter.authCode.notFound', '不合法的临时授权码'),
  noTokenHeader: () => apiError(400, 'AuthenticationFailed.MissingParameter', '缺少参数：x-acs-dingtalk-access-token'),
  badToken: () => apiError(400, 'InvalidAuthentication', '不合法的access_token'),
  expiredToken: () => apiError(400, 'accesstoken.expired', '用户accessToken过期'),
  noPermission: ({ clientId, permission, wording }: MissingPermission) =>
    apiError(
      403,
      'Forbidden.AccessDenied.AccessTokenPermissionDenied',
      wording === 'recent'
        ? recent(clientId, permission)
        : '没有调用该接口的权限，接口权限申请参考：https://open.dingtalk.com/document/orgapp-server/add-api-permission',
      { accessdenieddetail: { requiredScopes: [permission] } },
    ),
  badIp: () => apiError(403, 'Forbidden.AccessDenied.IpNotInWhiteList', '访问ip不在白名单之中'),
  noUser: () => apiError(404, 'invalidParameter.user.notFound', '找不到该用户'),
  noApi: () => apiError(404, 'InvalidAction.NotFound', 'Specified api is not found, please check your url and method.'),
  throttled: () =>
    apiError(
      403,
      'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi',
      '您的企业应用调用钉钉开放平台当前接口的所有请求都被暂时禁用了',
    ),
  busy: () => apiError(500, 'system.busy', '系统繁忙'),

  oapiBadToken: () => gatewayError('40014', '不合法的access_token'),
  legacyBadToken: () => oapiError(40014, '不合法的access_token'),
  oapiNoToken: () => gatewayError('40000', 'access_token is blank'),
  oapiNoPermission: ({ clientId, permission, wording }: MissingPermission) =>
    gatewayError(
      '60011',
      wording === 'recent'
        ? `${recent(clientId, permission)}, {requiredScopes=[${permission}]}`
        : '没有调用该接口的权限',
    ),
  oapiBadIp: (ip: string, clientId: string) =>
    gatewayError('60020', `访问ip不在白名单之中,request ip=${ip} appKey(${clientId})`),
  oapiThrottled: () => gatewayError('90018', TOO_MANY),
  oapiThrottledPlainly: () => oapiError(90018, TOO_MANY),
  oapiNoApi: (path: string) => {
    const submsg = `不合法ApiName，ApiName = dingtalk.oapi.${path.replace(/^\/topapi\//, '').replaceAll('/', '.')}`;
    return new Refusal(200, {
      errcode: 22,
      sub_msg: submsg,
      errmsg: `Invalid method[submsg=${submsg}]`,
      request_id: oapiRequestId(),
    });
  },
  badParameter: () => oapiError(400002, '无效的参数'),
  badUserid: () => oapiError(33012, '无效的USERID'),
  noMember: () => oapiError(60121, '找不到该用户'),
  memberOutside: () => oapiError(50002, '请求的员工userid不在授权范围内'),
  departmentOutside: () => oapiError(50004, '请求的部门id不在授权范围内'),
  noDepartment: () => oapiError(60003, '部门不存在'),
  badDepartment: () => oapiError(40009, '不合法的部门id'),
  notAuthorized: () => oapiError(43007, '需要授权'),
  badList: () => oapiError(60019, '从部门查询人员失败'),
  badPage: () => oapiError(40035, '不合法的参数'),
  badCursor: () => oapiError(40068, '不合法的偏移量'),
  badSize: () => oapiError(40069, '不合法的分页大小'),
  authFailed: () => apiError(401, 'authFailed', '鉴权失败'),
  unavailable: () => apiError(503, 'ServiceUnavailable', '服务暂时不可用'),
  badLeaveRecords: () => apiError(400, 'invalidParameter.param.invalid', '参数不合法'),
  oapiBusy: () => oapiError(-1, '系统繁忙'),
};
