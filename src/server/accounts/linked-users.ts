import type { Context } from '@nocobase/actions';
import { type Database, type Model, Op } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import type { LinkedUsers } from '../../shared/contract';
import { hiddenAmong } from './administrators';
import { idOf } from './bindings';
import type { Page } from './exclusions';
import { anySpelling, isPhone, readPhone } from './phone';

const MAX_LINKED_USERS = 20;
const MAX_EXACT = 100;

type Col = ReturnType<Database['sequelize']['col']>;

/** Under which users are linked. */
interface Authenticator {
  model: AuthModel;
  protectedRoles: string[];
}

/**
 * Who is linked, without those whom the administrator who asks must not know.
 *
 * @param search a part of a name, or a whole phone number or e-mail address; empty for all
 */
export async function linkedUsersOf(ctx: Context, authenticator: Authenticator, search: string): Promise<LinkedUsers> {
  const { shown, more } = await firstShown(
    MAX_LINKED_USERS,
    (page) => findLinkedUsers(ctx.db, authenticator.model, search, page),
    async (users) => {
      const hidden = await hiddenAmong(ctx, authenticator, users.map(idOf));
      return users.filter((user) => !hidden.has(idOf(user)));
    },
  );
  const users = shown.map((user) => {
    const { id, nickname, username, usersAuthenticators } = user.dataValues;
    return { id, nickname, username, linked: usersAuthenticators.nickname ?? '' };
  });
  return { users, more };
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

/** Users who are bound under an authenticator, by ID: all, or those that a text finds. */
async function findLinkedUsers(db: Database, authenticator: AuthModel, text: string, page: Page): Promise<Model[]> {
  return authenticator.getUsers({
    ...(text && { where: { [Op.or]: [...nameContains(db, text), { id: await findExactly(db, text) }] } }),
    joinTableAttributes: ['nickname'],
    order: ['id'],
    ...page,
  });
}

/** Whether a text finds a user, as `findLinkedUsers` does it in the database. */
export function isFoundBy(
  text: string,
  { names, phone, email }: { names: unknown[]; phone?: unknown; email?: unknown },
) {
  const isNamed = names.some((name) => lower(name).includes(lower(text)));
  return isNamed || hasExactly(text, { phone, email });
}

/**
 * No LIKE: each database has another escape for `%`, `_` and `\`, which are characters here. A position has no pattern.
 */
function nameContains(db: Database, text: string) {
  const { sequelize } = db;
  const position = db.inDialect('postgres') ? 'strpos' : 'instr';
  // A table that is utf8mb3 cannot be compared with a text in which there is an emoji, and for some collations of MySQL
  // all emojis are the same.
  const isMysql = db.inDialect('mysql', 'mariadb');
  const lowered = (value: Col | string) => {
    const small = sequelize.fn('lower', isMysql ? sequelize.cast(value, 'char') : value);
    return isMysql ? sequelize.cast(small, 'binary') : small;
  };
  return ['nickname', 'username'].map((field) => {
    const found = sequelize.fn(position, lowered(sequelize.col(`users.${field}`)), lowered(text));
    return sequelize.where(found, { [Op.gt]: 0 });
  });
}

/**
 * The IDs of the users whose phone number or e-mail address the text is. A part of one finds nobody: digit by digit, a
 * search would tell what the list does not show.
 */
async function findExactly(db: Database, text: string): Promise<unknown[]> {
  const { sequelize } = db;
  const phone = readPhone(text);
  const users: Model[] = await db.getModel('users').findAll({
    attributes: ['id', 'phone', 'email'],
    where: {
      [Op.or]: [
        ...(phone ? [{ phone: { [Op.like]: anySpelling(phone) } }] : []),
        sequelize.where(sequelize.fn('lower', sequelize.col('email')), lower(text)),
      ],
    },
    limit: MAX_EXACT,
  });
  return users
    .filter((user) => hasExactly(text, { phone: user.get('phone'), email: user.get('email') }))
    .map((user) => user.get('id'));
}

function hasExactly(text: string, { phone, email }: { phone?: unknown; email?: unknown }): boolean {
  const searched = readPhone(text);
  return (searched !== undefined && isPhone(searched, phone)) || (text !== '' && lower(email) === lower(text));
}

const lower = (value: unknown): string => String(value ?? '').toLowerCase();
