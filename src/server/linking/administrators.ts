import type { Context } from '@nocobase/actions';
import type { Transaction } from '@nocobase/database';
import type { Page } from '../accounts/exclusions';
import { Privileges } from '../accounts/privileges';
import type { Authenticator } from '../configuration/authenticators';

/**
 * Whether the administrator who asks may take over a privileged user anyway: whoever may change all users and all roles
 * can set a password for root. Nobody else finds, unlinks or blocks one: by that, who may only manage authenticators
 * would lock out root, or make room for another account.
 */
function mayManagePrivileged(ctx: Context): boolean {
  const { currentRole, currentRoles = [currentRole] } = ctx.state;
  return ['users', 'roles'].every((resource) =>
    currentRoles.some((role: string) => {
      const can = ctx.app.acl.can({ role, resource, action: 'update' });
      return can && !can.params?.filter;
    }),
  );
}

/** Of these users, the IDs of those who do not exist for the administrator who asks. */
export async function hiddenAmong(
  ctx: Context,
  { protectedRoles }: Authenticator,
  userIds: string[],
  transaction?: Transaction,
): Promise<Set<string>> {
  return mayManagePrivileged(ctx) ? new Set() : new Privileges(ctx.db, protectedRoles, transaction).among(userIds);
}

/** The first of what is read page by page and is shown: what is hidden takes no place, and is not counted. */
export async function firstShown<Row, Shown>(
  count: number,
  read: (page: Page) => Promise<Row[]>,
  show: (rows: Row[]) => Promise<Shown[]>,
): Promise<{ shown: Shown[]; more: boolean }> {
  const limit = 5 * count;
  const all: Shown[] = [];
  let isEnd = false;
  for (let offset = 0; !isEnd && all.length <= count; offset += limit) {
    const rows = await read({ limit, offset });
    all.push(...(await show(rows)));
    isEnd = rows.length < limit;
  }
  return { shown: all.slice(0, count), more: all.length > count };
}
