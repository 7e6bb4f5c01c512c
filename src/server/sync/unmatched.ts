import type { Context } from '@nocobase/actions';
import { literal, type Model, Op } from '@nocobase/database';
import type { CaseCode } from '../../shared/codes';
import type { Unmatched } from '../../shared/directory';
import { hiddenAmong, mayManagePrivileged } from '../accounts/administrators';
import { idOf } from '../accounts/bindings';
import { subselect } from '../accounts/subselect';
import type { Authenticator } from '../configuration/authenticators';
import { MEMBERS } from '../directory/store/collections';
import { optionalId } from '../directory/store/rows';
import { nameOf } from './reports';

const PAGE = 50;

/** Users who are bound to no account under an authenticator; privileged ones are named by their IDs alone. */
export async function unmatchedUsers(ctx: Context, authenticator: Authenticator, page: number): Promise<Unmatched> {
  const { db } = ctx;
  const bound = subselect(db.getModel('usersAuthenticators'), 'userId', (column) => ({
    [column('authenticator')]: authenticator.name,
  }));
  const found: Model[] = await db.getModel('users').findAll({
    attributes: ['id', 'nickname', 'username'],
    where: { id: { [Op.notIn]: literal(`(${bound})`) } },
    order: ['id'],
    offset: (page - 1) * PAGE,
    limit: PAGE + 1,
  });
  const users = found.slice(0, PAGE);
  const hidden = await hiddenAmong(ctx, authenticator, users.map(idOf));
  return {
    list: users.map((user) => {
      const id = idOf(user);
      return { id, name: hidden.has(id) ? '' : nameOf(user) };
    }),
    more: found.length > PAGE,
  };
}

/** Why a member is an open case whose user, or who might be the user, is a privileged one. */
const OF_PRIVILEGED: CaseCode = 'USER_PRIVILEGED';

/**
 * Members of the last reading who are no users, by their userids, and why. As in reports, a member is not named whose user
 * is privileged: the name would be that of the user.
 */
export async function unmatchedMembers(
  ctx: Context,
  { id: sourceId, protectedRoles }: { id: string; protectedRoles: string[] },
  page: number,
): Promise<Unmatched> {
  const found: Model[] = await ctx.db.getModel(MEMBERS).findAll({
    where: { sourceId, state: 'open' },
    order: ['id'],
    offset: (page - 1) * PAGE,
    limit: PAGE + 1,
  });
  const members = found.slice(0, PAGE);
  const mayRead = mayManagePrivileged(ctx);
  const userIds = members.flatMap((row) => optionalId(row.get('userId')) ?? []);
  const hidden = await hiddenAmong(ctx, { protectedRoles }, userIds);
  const isHidden = (row: Model) =>
    !mayRead && (row.get('reason') === OF_PRIVILEGED || hidden.has(optionalId(row.get('userId')) ?? ''));
  return {
    list: members.map((row) => ({
      id: String(row.get('dingtalkUserid')),
      name: isHidden(row) ? '' : String(row.get('name') ?? ''),
      ...(row.get('reason') && { reason: row.get('reason') }),
    })),
    more: found.length > PAGE,
  };
}
