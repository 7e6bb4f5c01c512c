import { randomBytes } from 'node:crypto';
import type { App, Membership } from '../platform/data';
import { requireOapiApp } from '../authentication/access';
import { oapiEndpoint, oapiParameter, withUnset } from '../http/endpoint';
import { type Json, oapiError, oapiRequestId } from '../http/errors';

const notFound = () => oapiError(60121, '找不到该用户');
const badParameter = () => oapiError(400002, '无效的参数');

const ok = (result: Json): Json => ({ errcode: 0, errmsg: 'ok', result, request_id: oapiRequestId() });

const inScope = (app: App, { userid }: Membership) => app.contactScope === 'all' || app.contactScope.includes(userid);

/** Document: query-a-user-by-the-union-id. The only proof that an account belongs to the organization. */
const getByUnionId = oapiEndpoint('user/getbyunionid', (ctx, platform) => {
  const app = requireOapiApp(ctx, platform, 'qyapi_get_member');
  const unionid = oapiParameter(ctx, 'unionid');
  if (!unionid) {
    throw badParameter();
  }
  const found = platform.members(app.corpId).find(({ account }) => account.unionId === unionid);
  if (!found) {
    throw notFound();
  }
  return ok({ contact_type: found.membership.contact_type, userid: found.membership.userid });
});

/**
 * Document: query-user-details. Its samples print everything as strings; the server does not. It speaks of employees
 * alone: an external contact has an endpoint of its own (obtains-the-external-contact-details-of-an-enterprise).
 */
const getUser = oapiEndpoint('v2/user/get', (ctx, platform) => {
  const app = requireOapiApp(ctx, platform, 'qyapi_get_member');
  const userid = oapiParameter(ctx, 'userid');
  if (!userid) {
    throw oapiError(33012, '无效的USERID');
  }
  const found = platform.members(app.corpId).find(({ membership }) => membership.userid === userid);
  if (found?.membership.contact_type !== 0) {
    throw notFound();
  }
  const { account, membership } = found;
  if (!inScope(app, membership)) {
    throw oapiError(50002, '请求的员工userid不在授权范围内');
  }

  const may = (permission: string) => app.kind === 'internal' && app.permissions.includes(permission);
  const { name, title, mobile, state_code, email, org_email, active, admin } = membership;
  const { unsetFields } = platform.data.settings;
  return ok({
    userid,
    unionid: account.unionId,
    name,
    ...withUnset({ avatar: account.avatarUrl, title }, unsetFields),
    ...(may('fieldMobile') && withUnset({ state_code, mobile }, unsetFields)),
    hide_mobile: false,
    ...(may('fieldEmail') && withUnset({ email, org_email }, unsetFields)),
    exclusive_account: account.dedicatedTo !== undefined,
    dept_id_list: [1],
    dept_order_list: [{ dept_id: 1, order: 1 }],
    leader_in_dept: [{ dept_id: 1, leader: false }],
    active,
    real_authed: active,
    senior: false,
    admin,
    boss: false,
  });
});

/** Mainland numbers come bare; the form of others is not documented, so both forms are understood. */
const sameNumber = ({ mobile, state_code }: Membership, wanted: string) =>
  mobile !== undefined && [mobile, `+${state_code}-${mobile}`, `+${state_code}${mobile}`].includes(wanted);

/** Document: query-users-by-phone-number. */
const getByMobile = oapiEndpoint('v2/user/getbymobile', (ctx, platform) => {
  const app = requireOapiApp(ctx, platform, 'qyapi_get_member_by_mobile');
  const mobile = oapiParameter(ctx, 'mobile');
  if (!mobile) {
    throw badParameter();
  }
  if (!/^(\+\d+-?)?\d{5,}$/.test(mobile)) {
    throw oapiError(40104, '企业中无效的手机号');
  }
  const found = platform.members(app.corpId).find(({ membership }) => sameNumber(membership, mobile));
  if (!found) {
    throw notFound();
  }
  return ok({ userid: found.membership.userid });
});

/** Document: obtain-the-userid-of-a-user-by-using-the-log-free. Takes the codes of the JSAPI, no others. */
const getUserInfo = oapiEndpoint('v2/user/getuserinfo', (ctx, platform) => {
  const app = requireOapiApp(ctx, platform, 'qyapi_base');
  const code = oapiParameter(ctx, 'code');
  if (!code) {
    throw oapiError(41026, '缺少tmp_auth_code');
  }
  if (platform.jsapiCodes.get(code)?.clientId !== app.clientId) {
    throw oapiError(40078, '不存在的临时授权码');
  }
  const request = platform.jsapiCodes.take(code);
  const found =
    request?.corpId === app.corpId &&
    platform
      .members(app.corpId)
      .find(({ account, membership }) => account.id === request.account && inScope(app, membership));
  if (!found) {
    throw oapiError(40079, '不存在的授权信息');
  }
  const { account, membership } = found;
  return ok({
    userid: membership.userid,
    unionid: account.unionId,
    device_id: randomBytes(8).toString('hex'),
    sys: membership.admin,
    sys_level: membership.admin ? 1 : 0,
    name: membership.name,
  });
});

export const memberEndpoints = [getByUnionId, getUser, getByMobile, getUserInfo];
