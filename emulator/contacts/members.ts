import { randomBytes } from 'node:crypto';
import { requireOapiApp } from '../authentication/access';
import { oapiEndpoint, oapiParameter } from '../http/endpoint';
import { errors, oapiError, oapiOk } from '../http/errors';
import type { Membership } from '../platform/data';
import { isLeaderIn, orderIn } from '../platform/directory';
import { memberFields, visibleDepartments } from './member-fields';
import { isMemberInScope } from './scope';

/** Document: query-a-user-by-the-union-id. The only proof that an account belongs to the organization. */
const getByUnionId = oapiEndpoint('user/getbyunionid', (ctx, platform) => {
  const app = requireOapiApp(ctx, platform, 'qyapi_get_member');
  const unionid = oapiParameter(ctx, 'unionid');
  if (!unionid) {
    throw errors.badParameter();
  }
  const found = platform.directory(app.corpId).memberByUnionId(unionid);
  const isKnown = found?.membership.active || platform.data.settings.inactiveHaveUnionid;
  if (!found || !isKnown) {
    throw errors.noMember();
  }
  return oapiOk({ contact_type: found.membership.contact_type, userid: found.membership.userid });
});

/**
 * Document: query-user-details. Its samples print everything as strings; the server does not. It speaks of employees
 * alone: an external contact has an endpoint of its own (obtains-the-external-contact-details-of-an-enterprise).
 */
const getUser = oapiEndpoint('v2/user/get', (ctx, platform) => {
  const app = requireOapiApp(ctx, platform, 'qyapi_get_member');
  const userid = oapiParameter(ctx, 'userid');
  if (!userid) {
    throw errors.badUserid();
  }
  const directory = platform.directory(app.corpId);
  const found = directory.member(userid);
  if (found?.membership.contact_type !== 0) {
    throw errors.noMember();
  }
  const { membership } = found;
  if (!isMemberInScope(app, directory, membership)) {
    throw errors.memberOutside();
  }
  const departments = visibleDepartments(app, found, directory, platform);
  return oapiOk({
    ...memberFields(app, found, platform),
    dept_id_list: departments,
    dept_order_list: departments.map((dept_id) => ({ dept_id, order: orderIn(membership, dept_id) })),
    leader_in_dept: departments.map((dept_id) => ({ dept_id, leader: isLeaderIn(membership, dept_id) })),
  });
});

/** Document: query-users-by-phone-number. */
const getByMobile = oapiEndpoint('v2/user/getbymobile', (ctx, platform) => {
  const app = requireOapiApp(ctx, platform, 'qyapi_get_member_by_mobile');
  const mobile = oapiParameter(ctx, 'mobile');
  if (!mobile) {
    throw errors.badParameter();
  }
  if (!/^(\+\d+-?)?\d{5,}$/.test(mobile)) {
    throw oapiError(40104, '企业中无效的手机号');
  }
  const found = platform.directory(app.corpId).memberByMobile(mobile);
  if (!found) {
    throw errors.noMember();
  }
  return oapiOk({ userid: found.membership.userid });
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
  const account = request?.corpId === app.corpId ? platform.account(request.account) : undefined;
  const isVisible = (each: Membership) =>
    each.corpId === app.corpId && !each.left && isMemberInScope(app, platform.directory(app.corpId), each);
  const membership = account?.memberships.find(isVisible);
  if (!account || !membership) {
    throw oapiError(40079, '不存在的授权信息');
  }
  return oapiOk({
    userid: membership.userid,
    unionid: account.unionId,
    device_id: randomBytes(8).toString('hex'),
    sys: membership.admin,
    sys_level: membership.admin ? 1 : 0,
    name: membership.name,
  });
});

export const memberEndpoints = [getByUnionId, getUser, getByMobile, getUserInfo];
