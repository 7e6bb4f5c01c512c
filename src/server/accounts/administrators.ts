import type { Context } from '@nocobase/actions';
import type { Model, Transaction } from '@nocobase/database';
import { Privileges } from './privileges';

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

/** Of these users, the IDs of those whom the administrator who asks must not know. */
export async function hiddenAmong(
  ctx: Context,
  { protectedRoles }: { protectedRoles: string[] },
  userIds: string[],
  transaction?: Transaction,
): Promise<Set<string>> {
  return mayManagePrivileged(ctx) ? new Set() : new Privileges(ctx.db, protectedRoles, transaction).among(userIds);
}

/** So many are told of something, at most. */
const MAX_TOLD = 50;

/** The IDs of the users who may do this, such as `notificationChannels:update`: who is told what happens there. */
export async function usersWho({ app, db }: Context, action: string): Promise<string[]> {
  const names = [...app.acl.roles.values()]
    .filter((role) => role.name === 'root' || role.snippetAllowed(action))
    .map(({ name }) => name);
  const rows: Model[] = await db
    .getModel('rolesUsers')
    .findAll({ where: { roleName: names }, order: ['userId'], limit: 10 * MAX_TOLD });
  return [...new Set(rows.map((row) => String(row.get('userId'))))].slice(0, MAX_TOLD);
}
