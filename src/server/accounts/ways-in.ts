import type { Context } from '@nocobase/actions';
import { type Database, type Model, Op, type Transaction } from '@nocobase/database';
import { presetAuthType } from '@nocobase/plugin-auth';
import { AUTH_TYPE } from '../../shared/constants';
import { type ExclusionRow, Exclusions, isIn } from './exclusions';

/** The type of NocoBase's authenticators that send a code by SMS: whoever has a phone number has this way in. */
export const SMS_TYPE = 'SMS';

/** What decides by which authenticators a user can sign in. */
interface Access {
  /** The enabled ones. */
  authenticators: { name: string; authType: string }[];
  /** Names of the authenticators under which the user is bound. */
  boundTo: string[];
  /** Names of the authenticators that refuse the user, or the account. */
  refusedBy: string[];
  /** Whether the user has a password, and a user name or an e-mail address to enter it with. */
  hasPassword: boolean;
  passwordType: string;
  /** Whether a plugin that is on provides this type. Without one, the authenticator signs no user in. */
  isAvailable: (authType: string) => boolean;
}

/**
 * The names of the authenticators by which a user can certainly sign in. Another authenticator might find the user by
 * phone number or e-mail address; that is not certain, and does not count.
 */
export function waysIn({
  authenticators,
  boundTo,
  refusedBy,
  hasPassword,
  passwordType,
  isAvailable,
}: Access): string[] {
  return authenticators
    .filter(({ name, authType }) =>
      authType === passwordType
        ? hasPassword
        : boundTo.includes(name) && !refusedBy.includes(name) && isAvailable(authType),
    )
    .map(({ name }) => name);
}

export interface AuthenticatorRow {
  name: string;
  authType: string;
  title: string | null;
}

/** The enabled authenticators, in the order of the sign-in page. */
export async function enabledAuthenticators(db: Database, transaction?: Transaction): Promise<AuthenticatorRow[]> {
  const rows: Model[] = await db.getModel('authenticators').findAll({
    attributes: ['name', 'authType', 'title'],
    where: { enabled: true },
    order: ['sort'],
    transaction,
  });
  return rows.map((row) => row.get() as AuthenticatorRow);
}

interface Asked {
  /** The authenticators that are left out: those of a type, or the one of a name. */
  besides?: { authType: string } | { name: string };
  transaction?: Transaction;
}

const isSet = { [Op.and]: [{ [Op.ne]: null }, { [Op.ne]: '' }] };

/**
 * By which of the enabled authenticators users can certainly sign in. Three statements, and one more for each of DingTalk,
 * whatever the number of users: ask of no more than some thousands.
 *
 * @returns by the IDs of the users; missing where a user has no way in
 */
export async function waysInOf(
  { app, db }: Pick<Context, 'app' | 'db'>,
  userIds: string[],
  { besides, transaction }: Asked = {},
): Promise<Map<string, AuthenticatorRow[]>> {
  if (!userIds.length) {
    return new Map();
  }
  const isMeant = ({ name, authType }: AuthenticatorRow) =>
    !besides || ('name' in besides ? name !== besides.name : authType !== besides.authType);
  const authenticators = (await enabledAuthenticators(db, transaction)).filter(isMeant);
  const bindings: Model[] = await db.getModel('usersAuthenticators').findAll({
    attributes: ['userId', 'authenticator', 'uuid'],
    where: { userId: userIds },
    transaction,
  });
  const withPassword: Model[] = await db.getModel('users').findAll({
    attributes: ['id'],
    where: {
      id: userIds,
      password: isSet,
      [Op.or]: [{ username: isSet }, { email: isSet }],
    },
    transaction,
  });
  const passwordIds = new Set(withPassword.map((row) => String(row.get('id'))));
  const refused = await refusedAmong(db, authenticators, bindings, transaction);
  const boundTo = new Map<string, string[]>(userIds.map((userId) => [userId, []]));
  for (const row of bindings) {
    boundTo.get(String(row.get('userId')))?.push(String(row.get('authenticator')));
  }
  const found = userIds.map((userId) => {
    const ways = waysIn({
      authenticators,
      boundTo: boundTo.get(userId) ?? [],
      refusedBy: authenticators.map(({ name }) => name).filter((name) => refused.has(`${name} ${userId}`)),
      hasPassword: passwordIds.has(userId),
      passwordType: presetAuthType,
      isAvailable: (type) => Boolean(app.authManager.getAuthConfig(type)),
    });
    return [userId, authenticators.filter(({ name }) => ways.includes(name))] as const;
  });
  return new Map(found.filter(([, ways]) => ways.length));
}

/**
 * `authenticator userId` of those whose account, or who themselves, DingTalk's authenticators refuse: they are blocked, or a
 * directory says that they left.
 */
async function refusedAmong(
  db: Database,
  authenticators: AuthenticatorRow[],
  bindings: Model[],
  transaction?: Transaction,
): Promise<Set<string>> {
  const refused = new Set<string>();
  for (const { name } of authenticators.filter(({ authType }) => authType === AUTH_TYPE)) {
    const bound = bindings
      .filter((row) => row.get('authenticator') === name)
      .map((row) => ({ unionId: String(row.get('uuid')), userId: String(row.get('userId')) }));
    const excluded = bound.length
      ? await new Exclusions(db, name, transaction).of({
          unionId: bound.map(({ unionId }) => unionId),
          userIds: bound.map(({ userId }) => userId),
        })
      : [];
    const isOf = (row: ExclusionRow, one: (typeof bound)[number]) =>
      row.unionId === one.unionId || row.userId === one.userId;
    bound
      .filter((one) => {
        const ofOne = excluded.filter((row) => isOf(row, one));
        return isIn('blocked', ofOne) || isIn('left', ofOne);
      })
      .forEach(({ userId }) => refused.add(`${name} ${userId}`));
  }
  return refused;
}
