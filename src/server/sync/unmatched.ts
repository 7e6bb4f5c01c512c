import type { Context } from '@nocobase/actions';
import { literal, type Model, Op } from '@nocobase/database';
import type { Unmatched } from '../../shared/directory';
import { mayManagePrivileged } from '../accounts/administrators';
import type { Authenticator } from '../configuration/authenticators';
import { MEMBERS } from '../directory/collections';
import { nameOf, privilegedAmong } from './reports';

const PAGE = 50;

/** Sequelize declares none. */
interface QueryGenerator {
  selectQuery(table: unknown, options: object, model: unknown): string;
}

/** Users who are bound to no account under an authenticator; privileged ones are named by their IDs alone. */
export async function unmatchedUsers(ctx: Context, authenticator: Authenticator, page: number): Promise<Unmatched> {
  const { db } = ctx;
  const model = db.getModel('usersAuthenticators');
  const { queryGenerator } = db.sequelize.getQueryInterface() as unknown as { queryGenerator: QueryGenerator };
  const bound = queryGenerator
    .selectQuery(
      model.getTableName(),
      {
        attributes: [model.rawAttributes.userId.field ?? 'userId'],
        where: { [model.rawAttributes.authenticator.field ?? 'authenticator']: authenticator.name },
      },
      model,
    )
    .replace(/;$/, '');
  const found: Model[] = await db.getModel('users').findAll({
    attributes: ['id', 'nickname', 'username'],
    where: { id: { [Op.notIn]: literal(`(${bound})`) } },
    order: ['id'],
    offset: (page - 1) * PAGE,
    limit: PAGE + 1,
  });
  const users = found.slice(0, PAGE);
  const hidden = mayManagePrivileged(ctx)
    ? new Set<string>()
    : await privilegedAmong(
        ctx,
        users.map((user) => String(user.get('id'))),
        authenticator.protectedRoles,
      );
  return {
    list: users.map((user) => {
      const id = String(user.get('id'));
      return { id, name: hidden.has(id) ? '' : nameOf(user) };
    }),
    more: found.length > PAGE,
  };
}

/** Members of the last reading who are no users, by their userids, and why. */
export async function unmatchedMembers({ db }: Context, sourceId: string, page: number): Promise<Unmatched> {
  const found: Model[] = await db.getModel(MEMBERS).findAll({
    where: { sourceId, state: 'open' },
    order: ['id'],
    offset: (page - 1) * PAGE,
    limit: PAGE + 1,
  });
  return {
    list: found.slice(0, PAGE).map((row) => ({
      id: String(row.get('dingtalkUserid')),
      name: String(row.get('name') ?? ''),
      ...(row.get('reason') && { reason: row.get('reason') }),
    })),
    more: found.length > PAGE,
  };
}
