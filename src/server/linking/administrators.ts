import type { Context } from '@nocobase/actions';
import type { Transaction } from '@nocobase/database';
import { mayManagePrivileged } from '../accounts/administrators';
import type { Page } from '../accounts/exclusions';
import { Privileges } from '../accounts/privileges';
import type { Authenticator } from '../configuration/authenticators';

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
