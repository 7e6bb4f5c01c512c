import type { Context } from '@nocobase/actions';

/** Whether the administrator who asks may do this with every record of a collection. */
export function mayAll(ctx: Context, resource: string, action: string): boolean {
  const { currentRole, currentRoles = [currentRole] } = ctx.state;
  return currentRoles.some((role: string) => {
    const can = ctx.app.acl.can({ role, resource, action });
    return can && !can.params?.filter;
  });
}

/**
 * Whether the administrator who asks may take over a privileged user anyway: whoever may change all users and all roles
 * can set a password for root. Nobody else finds, unlinks or blocks one: by that, who may only manage authenticators
 * would lock out root, or make room for another account.
 */
export const mayManagePrivileged = (ctx: Context): boolean =>
  ['users', 'roles'].every((resource) => mayAll(ctx, resource, 'update'));
