import { withUnset } from '../http/endpoint';
import type { Json } from '../http/errors';
import type { App } from '../platform/data';
import { type Directory, departmentsOf, type Member } from '../platform/directory';
import type { Platform } from '../platform/platform';
import { isDepartmentInScope } from './scope';

export function visibleDepartments(app: App, { membership }: Member, directory: Directory, platform: Platform) {
  const all = departmentsOf(membership);
  return platform.data.settings.foreignDepartments === 'shown'
    ? all
    : all.filter((each) => isDepartmentInScope(app, directory, each));
}

/**
 * What `user/get` and `user/list` tell of an employee. Phone numbers and private fields are silently absent for an app
 * that lacks the permission, and for those of other vendors.
 */
export function memberFields(app: App, { account, membership }: Member, { data }: Platform): Json {
  const { unsetFields, inactiveHaveUnionid } = data.settings;
  const may = (permission: string) => app.kind === 'internal' && app.permissions.includes(permission);
  const { userid, name, title, job_number, active, admin, hired_date, manager_userid } = membership;
  const { mobile, state_code, email, org_email, work_place, remark, extension, telephone } = membership;
  const dedicated = membership.exclusive_account ?? account.dedicatedTo !== undefined;
  const issuer = data.organizations.find(({ corpId }) => corpId === (account.dedicatedTo ?? membership.corpId));
  return {
    userid,
    ...((active || inactiveHaveUnionid) && { unionid: account.unionId }),
    name,
    ...withUnset({ avatar: account.avatarUrl, title, job_number }, unsetFields),
    ...(may('fieldMobile') && withUnset({ state_code, mobile }, unsetFields)),
    ...(app.kind === 'internal' && withUnset({ telephone }, unsetFields)),
    hide_mobile: membership.hide_mobile ?? false,
    ...(may('fieldEmail') && withUnset({ email, org_email, work_place, remark, extension }, unsetFields)),
    ...(app.kind === 'internal' && hired_date !== undefined && { hired_date }),
    ...(manager_userid !== undefined && { manager_userid }),
    exclusive_account: dedicated,
    ...(dedicated && {
      login_id: membership.login_id ?? userid,
      exclusive_account_type: 'dingtalk',
      exclusive_account_corp_id: issuer?.corpId,
      exclusive_account_corp_name: issuer?.name,
      disable_status: false,
      nickname: account.nick,
    }),
    active,
    real_authed: active,
    senior: false,
    admin,
    boss: false,
  };
}
