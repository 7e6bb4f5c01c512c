import type { Context } from 'koa';
import { oapiNumber } from '../http/endpoint';
import { errors } from '../http/errors';
import type { App, Membership } from '../platform/data';
import { type Directory, type DirectoryDepartment, departmentsOf, ROOT } from '../platform/directory';

/** What an app may see of the address book (通讯录权限范围): departments with all below them, and single members. */
export function scopeOf({ contactScope }: App): { departments: number[]; users: string[] } {
  if (contactScope === 'all') {
    return { departments: [ROOT], users: [] };
  }
  return Array.isArray(contactScope) ? { departments: [], users: contactScope } : contactScope;
}

export function isDepartmentInScope(app: App, directory: Directory, department: number): boolean {
  const { departments } = scopeOf(app);
  return departments.includes(ROOT) || directory.path(department).some((each) => departments.includes(each));
}

export const isMemberInScope = (app: App, directory: Directory, membership: Membership): boolean =>
  scopeOf(app).users.includes(membership.userid) ||
  departmentsOf(membership).some((each) => isDepartmentInScope(app, directory, each));

/** The department that the request names. School departments have negative numbers, by which nothing is found. */
export function requireDepartment(
  ctx: Context,
  directory: Directory,
  { absent, unknown = errors.noDepartment }: { absent?: number; unknown?: () => Error } = {},
): DirectoryDepartment {
  const id = oapiNumber(ctx, 'dept_id') ?? absent;
  if (id === undefined || Number.isNaN(id)) {
    throw errors.badParameter();
  }
  if (id < 0) {
    throw errors.badDepartment();
  }
  const department = directory.department(id);
  if (!department) {
    throw unknown();
  }
  return department;
}

export function requireInScope(app: App, directory: Directory, { dept_id }: DirectoryDepartment): void {
  if (!isDepartmentInScope(app, directory, dept_id)) {
    throw errors.departmentOutside();
  }
}
