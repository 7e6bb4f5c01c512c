import type { Context } from 'koa';
import { requireOapiApp } from '../authentication/access';
import { oapiEndpoint, oapiParameter } from '../http/endpoint';
import { errors, type Json, oapiOk } from '../http/errors';
import type { App } from '../platform/data';
import { type Directory, type DirectoryDepartment, departmentsOf, isLeaderIn, ROOT } from '../platform/directory';
import type { Platform } from '../platform/platform';
import { isDepartmentInScope, requireDepartment, requireInScope } from './scope';

const READ = 'qyapi_get_department_list';
/** 家校通讯录: families of pupils. Such departments are listed, but cannot be asked for. */
const SCHOOL = { dept_id: -7, name: '家校通讯录', parent_id: ROOT, create_dept_group: false, auto_add_user: false };

function open(ctx: Context, platform: Platform): { app: App; directory: Directory } {
  const app = requireOapiApp(ctx, platform, READ);
  return { app, directory: platform.directory(app.corpId) };
}

const withoutId = ({ data }: Platform) => (data.settings.listsubWithoutId === 'root' ? ROOT : undefined);

function childrenOf(platform: Platform, directory: Directory, { dept_id }: DirectoryDepartment) {
  const { listsubOrder, schoolDepartments } = platform.data.settings;
  const byId = [...directory.children(dept_id)].sort((a, b) => a.dept_id - b.dept_id);
  const children = listsubOrder === 'order' ? byId.sort((a, b) => (a.order ?? 0) - (b.order ?? 0)) : byId;
  const shown = schoolDepartments && dept_id === ROOT ? [...children, SCHOOL] : children;
  return listsubOrder === 'reverse' ? shown.reverse() : shown;
}

/** Document: user-management-acquires-the-list-departments. The direct children alone. */
const listSub = oapiEndpoint('v2/department/listsub', (ctx, platform) => {
  const { app, directory } = open(ctx, platform);
  const department = requireDepartment(ctx, directory, { absent: withoutId(platform) });
  requireInScope(app, directory, department);
  return oapiOk(
    childrenOf(platform, directory, department).map(
      ({ dept_id, name, parent_id, create_dept_group, auto_add_user }): Json => ({
        auto_add_user,
        create_dept_group,
        dept_id,
        name,
        parent_id,
      }),
    ),
  );
});

/** Document: obtain-the-list-of-sub-department-ids. It is not limited by the contact scope. */
const listSubId = oapiEndpoint('v2/department/listsubid', (ctx, platform) => {
  const { directory } = open(ctx, platform);
  const department = requireDepartment(ctx, directory, { absent: withoutId(platform) });
  return oapiOk({ dept_id_list: childrenOf(platform, directory, department).map(({ dept_id }) => dept_id) });
});

/** Document: query-department-details0-v2. */
const getDepartment = oapiEndpoint('v2/department/get', (ctx, platform) => {
  const { app, directory } = open(ctx, platform);
  const department = requireDepartment(ctx, directory);
  const { dept_id, name, parent_id, code, source_identifier, tags, org_dept_owner, hide_dept } = department;
  if (!isDepartmentInScope(app, directory, dept_id)) {
    const wrong = platform.data.settings.departmentGetOutside === '43007';
    throw wrong ? errors.notAuthorized() : errors.departmentOutside();
  }
  const employees = directory.employeesIn(dept_id);
  const leaders = employees.filter(({ membership }) => isLeaderIn(membership, dept_id));
  // What is undefined is not sent: the root has no parent.
  return oapiOk({
    dept_id,
    name,
    parent_id,
    order: department.order ?? 0,
    code,
    source_identifier,
    tags,
    org_dept_owner,
    dept_manager_userid_list: leaders.map(({ membership }) => membership.userid),
    create_dept_group: department.create_dept_group,
    auto_add_user: department.auto_add_user,
    hide_dept,
    group_contain_sub_dept: false,
    outer_dept: false,
    dept_permits: [],
    user_permits: [],
    outer_permit_depts: [],
    outer_permit_users: [],
    from_union_org: false,
    member_count: employees.length,
  });
});

/** Document: query-the-list-of-all-parent-departments-of-a-department. It is not limited by the contact scope. */
const listParentByDept = oapiEndpoint('v2/department/listparentbydept', (ctx, platform) => {
  const { directory } = open(ctx, platform);
  return oapiOk({ parent_id_list: directory.path(requireDepartment(ctx, directory).dept_id) });
});

/** Document: queries-the-list-of-all-parent-departments-of-a-user. It is not limited by the contact scope. */
const listParentByUser = oapiEndpoint('v2/department/listparentbyuser', (ctx, platform) => {
  const { directory } = open(ctx, platform);
  const userid = oapiParameter(ctx, 'userid');
  if (!userid) {
    throw errors.badParameter();
  }
  const found = directory.member(userid);
  if (found?.membership.contact_type !== 0) {
    throw errors.badUserid();
  }
  const lists = departmentsOf(found.membership).map((each) => ({ parent_dept_id_list: directory.path(each) }));
  return oapiOk({ parent_list: lists });
});

export const departmentEndpoints = [listSub, listSubId, getDepartment, listParentByDept, listParentByUser];
