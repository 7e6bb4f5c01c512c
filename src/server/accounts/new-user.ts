import { domainToASCII } from 'node:url';
import {
  type Database,
  type Model,
  type Transaction,
  UniqueConstraintError,
  ValidationError,
} from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import { z } from 'zod';
import type { DingTalkAccount } from '../dingtalk/api';
import { CodedError } from '../http/coded-error';
import { Bindings } from './bindings';
import { storableName } from './name-columns';
import { isSystemName } from './names';
import { phoneOf, storedPhone } from './phone';

/** A user without a name and without a phone number. */
const NAMELESS = 'DingTalk user';

/**
 * Creates a user, and binds it.
 *
 * @param role see `Privileges.ofNewUsers`
 * @throws CodedError USER_FIELDS_REQUIRED
 */
export async function createUser(
  { db, authenticator, transaction }: { db: Database; authenticator: AuthModel; transaction: Transaction },
  settings: { emailDomains: string[] },
  account: DingTalkAccount,
  role?: string,
): Promise<Model> {
  const phone = phoneOf(account);
  const stored = phone && storedPhone(phone);
  const user = await addUser(db, transaction, {
    nickname: await nicknameOf(db, account, transaction),
    phone: stored,
    email: await unusedEmail(db, emailOf(account.email, settings.emailDomains), transaction),
    ...rolesOf(role),
  });
  return new Bindings(db, authenticator, transaction).bind(user, account);
}

/** Columns of `users`, as they are stored. Whoever names them has decided that the user may have them. */
interface NewUserValues {
  nickname?: string;
  phone?: string;
  [column: string]: unknown;
}

/** A user who has a role is not given NocoBase's default role, which every other sign-up gives. */
export const rolesOf = (role: string | undefined) => (role === undefined ? {} : { roles: [role] });

/**
 * Adds a user. Nobody is bound to it yet. A user without a nickname is called by the phone number.
 *
 * @throws CodedError USER_FIELDS_REQUIRED
 */
export async function addUser(db: Database, transaction: Transaction, given: NewUserValues): Promise<Model> {
  const values = { ...given, nickname: given.nickname ?? given.phone ?? NAMELESS };
  try {
    return await db.getRepository('users').create({ values, transaction });
  } catch (error) {
    const fields = refusedFields(error);
    throw fields ? new CodedError('USER_FIELDS_REQUIRED', { reason: `fields of users: ${fields.join(', ')}` }) : error;
  }
}

/** Undefined where the account has none, or one that reads as that of a system account. */
async function nicknameOf(
  db: Database,
  { nick }: DingTalkAccount,
  transaction: Transaction,
): Promise<string | undefined> {
  const nickname = await storableName(db, ['users', 'nickname'], nick, transaction);
  return nickname && !isSystemName(nickname, await namesOfRoot(db, transaction)) ? nickname : undefined;
}

/**
 * The names of users with the role root, whatever they were renamed to. The names of other privileged users are left to
 * everybody: they are people, and another 张伟 would be called by a number.
 */
export async function namesOfRoot(db: Database, transaction?: Transaction): Promise<string[]> {
  const roles: Model[] = await db
    .getModel('rolesUsers')
    .findAll({ where: { roleName: 'root' }, limit: 20, transaction });
  const ids = roles.map((row) => row.get('userId'));
  const users: Model[] = await db.getModel('users').findAll({
    attributes: ['nickname', 'username'],
    where: { id: ids },
    transaction,
  });
  return users
    .flatMap((user) => [user.get('nickname'), user.get('username')])
    .filter((name) => typeof name === 'string');
}

/**
 * An e-mail address as a new user gets it: only of the domains that the administrator named. DingTalk does not say
 * whether anybody confirmed it, and another way to sign in may trust the address that a user has.
 */
export function emailOf(email: string | undefined, domains: string[]): string | undefined {
  const [, local, domain] = /^([\w.+'-]{1,64})@([^@]{1,255})$/u.exec(email?.trim() ?? '') ?? [];
  // The same name in other spellings: capitals, full width letters, an internationalized name.
  const ascii = domainToASCII(domain ?? '');
  const isNamed = domains.some((named) => domainToASCII(named.replace(/^@/, '')) === ascii);
  return isNamed && /^[a-z\d-]+(\.[a-z\d-]+)+$/.test(ascii) ? `${local}@${ascii}` : undefined;
}

async function unusedEmail(
  db: Database,
  email: string | undefined,
  transaction: Transaction,
): Promise<string | undefined> {
  if (!email) {
    return undefined;
  }
  // `CEO@…` and `ceo@…` are one mailbox to most mail servers, and to other ways to sign in.
  const { sequelize } = db;
  const where = sequelize.where(sequelize.fn('lower', sequelize.col('email')), email.toLowerCase());
  return (await db.getModel('users').count({ where, transaction })) ? undefined : email;
}

/** What the errors of Joi, with which NocoBase checks its fields, tell. */
const joiErrorSchema = z.object({
  isJoi: z.literal(true),
  details: z.array(z.object({ context: z.object({ label: z.string() }) })),
});

/** What the errors of the databases tell, of which Sequelize keeps the original. */
const databaseErrorSchema = z.object({
  parent: z.object({
    message: z.string(),
    code: z.string().optional(),
    column: z.string().optional(),
    constraint: z.string().optional(),
  }),
});

/**
 * The fields for whose sake a user was not created: one that needs a value, or whose rules refuse the one that DingTalk
 * names. Names alone, never values. Undefined where the error is another one.
 */
function refusedFields(error: unknown): string[] | undefined {
  const joi = joiErrorSchema.safeParse(error).data;
  if (joi) {
    return joi.details.map(({ context }) => context.label.replace(/^users\./, ''));
  }
  // First, because Sequelize takes each violation of a constraint of SQLite for one of a unique index.
  const field = refusedByDatabase(error);
  if (field) {
    return [field];
  }
  return error instanceof ValidationError && !(error instanceof UniqueConstraintError)
    ? error.errors.map(({ path }) => path ?? '?')
    : undefined;
}

/** The column that must not be null, or the name of the check that was not met. */
function refusedByDatabase(error: unknown): string | undefined {
  const parent = databaseErrorSchema.safeParse(error).data?.parent;
  switch (parent?.code) {
    case '23502': // PostgreSQL
      return parent.column ?? '?';
    case '23514':
      return parent.constraint ?? '?';
    case 'ER_NO_DEFAULT_FOR_FIELD': // MySQL and MariaDB
    case 'ER_BAD_NULL_ERROR':
    case 'ER_CHECK_CONSTRAINT_VIOLATED':
    case 'ER_CONSTRAINT_FAILED':
      return /['`](.+?)['`]/.exec(parent.message)?.[1] ?? '?';
    case 'SQLITE_CONSTRAINT':
      return /(?:NOT NULL|CHECK) constraint failed: (?:users\.)?(.+)/.exec(parent.message)?.[1];
    default:
      return undefined;
  }
}
