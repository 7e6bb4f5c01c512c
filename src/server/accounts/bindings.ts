import { literal, Op, type Database, type Model, type Transaction } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import type { PhoneNumber } from 'libphonenumber-js';
import { z } from 'zod';
import type { DingTalkAccount } from '../dingtalk/api';
import type { Evidence } from './identify';
import { anySpelling, anySpellingInOtherDigits, isPhone, phoneOf, storedPhone, usualSpellings } from './phone';

/** Length of NocoBase's string columns. */
const MAX_TEXT = 255;
const MAX_CANDIDATES = 100;

const emailSchema = z.email().max(MAX_TEXT);

/**
 * The bindings of one authenticator, and the users behind them.
 *
 * A binding is a row of NocoBase's table `usersAuthenticators` whose `uuid` is the account's unionId. That table has one
 * row for an authenticator and a user, but no unique index on the uuid: write inside `withBindingLock` alone.
 */
export class Bindings {
  private readonly users;
  private readonly bindings;

  constructor(
    private readonly db: Database,
    private readonly authenticator: AuthModel,
    private readonly transaction?: Transaction,
  ) {
    this.users = db.getCollection('users').model;
    this.bindings = db.getCollection('usersAuthenticators').model;
  }

  /** The user who is bound to a unionId. */
  async findUser(unionId: string): Promise<Model | undefined> {
    const found = await this.findBoundUsers({ uuid: unionId });
    return found.find(({ key }) => key === unionId)?.user;
  }

  /** What `identify` needs of an account: two queries, the first of which no index answers. */
  async findEvidence(account: DingTalkAccount): Promise<Required<Pick<Evidence<Model>, 'binding' | 'matches'>>> {
    const phone = phoneOf(account);
    const candidates = phone ? await this.findPhoneCandidates(phone) : [];
    const { boundUser, legacyUsers, isBound } = await this.findOwners(account, candidates);
    const owners = candidates.filter((user) => phone && isPhone(phone, user.get('phone')));
    return {
      binding: { user: boundUser },
      matches: {
        legacyUsers,
        hasPhone: Boolean(phone),
        owners: owners.map((user) => ({ user, isBound: isBound(user) })),
        isComplete: candidates.length < MAX_CANDIDATES,
      },
    };
  }

  /**
   * The user who is bound to an account; those who are bound by a key of the plugin before this one; and which of the
   * `candidates` are bound to any account.
   */
  async findOwners(
    account: DingTalkAccount,
    candidates: Model[],
  ): Promise<{ boundUser?: Model; legacyUsers: Model[]; isBound: (candidate: Model) => boolean }> {
    const { unionId, openId } = account;
    const phone = phoneOf(account);
    const keys = [unionId, ...(openId ? [openId] : []), ...(phone ? usualSpellings(phone) : [])];
    const found = await this.findBoundUsers({ [Op.or]: [{ uuid: keys }, { userId: candidates.map(idOf) }] });
    const owners = found.filter(({ key }) => keys.includes(key));
    return {
      boundUser: owners.find(({ key }) => key === unionId)?.user,
      legacyUsers: owners.filter(({ key }) => key !== unionId).map(({ user }) => user),
      isBound: (candidate) => found.some(({ user }) => idOf(user) === idOf(candidate)),
    };
  }

  /** Bound users, each with the key of the binding. Compare the key: the collations of MySQL find `a` for `A`. */
  private async findBoundUsers(where: object): Promise<{ user: Model; key: string }[]> {
    const users: Model[] = await this.authenticator.getUsers({
      through: { where },
      joinTableAttributes: ['uuid'],
      transaction: this.transaction,
    });
    return users.map((user) => {
      const { uuid: key } = user.dataValues.usersAuthenticators;
      // NocoBase answers `auth:signIn` with the user: the row of the binding would be in that answer.
      delete user.dataValues.usersAuthenticators;
      return { user, key };
    });
  }

  /** Bound users by ID, the first `limit`: all, or those with the text in a name, an e-mail address or a phone number. */
  search(text: string, limit: number): Promise<Model[]> {
    const contains = { [this.db.inDialect('postgres') ? Op.iLike : Op.like]: `%${text}%` };
    return this.authenticator.getUsers({
      ...(text && {
        where: { [Op.or]: ['nickname', 'username', 'email', 'phone'].map((field) => ({ [field]: contains })) },
      }),
      joinTableAttributes: ['nickname'],
      order: ['id'],
      limit,
    });
  }

  /** Locks the user until the transaction ends, so that no other node binds or unbinds this user meanwhile. */
  findForUpdate(userId: string): Promise<Model | null> {
    return this.users.findByPk(userId, { lock: true, transaction: this.transaction });
  }

  async isBound(user: Model): Promise<boolean> {
    return (await this.bindings.count({ where: this.bindingOf(user), transaction: this.transaction })) > 0;
  }

  /**
   * Users who may have this phone number; `isPhone` tells who has it. The patterns also find a number with unusual
   * separators or digits: otherwise a second owner would be missed, and the first one bound. No index answers them, so
   * ask this at the first sign-in of an account alone.
   */
  private findPhoneCandidates(phone: PhoneNumber): Promise<Model[]> {
    const likeAny = (patterns: string[]) => ({
      phone: { [Op.or]: patterns.map((pattern) => ({ [Op.like]: pattern })) },
    });
    // The patterns of all scripts would take ten times as long if each row were compared with each of them.
    const isBeyondAscii = literal(
      this.db.inDialect('sqlite')
        ? 'length(CAST(phone AS BLOB)) > length(phone)'
        : 'octet_length(phone) > char_length(phone)',
    );
    return this.users.findAll({
      where: {
        [Op.or]: [
          likeAny([anySpelling(phone)]),
          { [Op.and]: [isBeyondAscii, likeAny(anySpellingInOtherDigits(phone))] },
        ],
      },
      limit: MAX_CANDIDATES,
      transaction: this.transaction,
    });
  }

  /** Binds a user who is not bound yet. */
  async bind(user: Model, account: DingTalkAccount): Promise<Model> {
    const binding = { ...this.bindingOf(user), ...columnsOf(account) };
    await this.bindings.bulkCreate([binding], { validate: true, transaction: this.transaction });
    return user;
  }

  /** Replaces the account of a user who is bound already. */
  async rebind(user: Model, account: DingTalkAccount): Promise<Model> {
    await this.bindings.update(columnsOf(account), { where: this.bindingOf(user), transaction: this.transaction });
    return user;
  }

  async unbind(user: Model): Promise<void> {
    await this.bindings.destroy({ where: this.bindingOf(user), transaction: this.transaction });
  }

  private bindingOf(user: Model) {
    return { authenticator: this.authenticator.name, userId: user.get('id') };
  }

  /** Creates a user with NocoBase's default role, as every other sign-up does, and binds it. */
  async createUser(account: DingTalkAccount): Promise<Model> {
    const phone = phoneOf(account);
    const user: Model = await this.db.getRepository('users').create({
      values: {
        nickname: cleanText(account.nick) ?? (phone && storedPhone(phone)),
        phone: phone && storedPhone(phone),
        ...(await this.unusedEmail(account.email)),
      },
      transaction: this.transaction,
    });
    return this.bind(user, account);
  }

  private async unusedEmail(email: string | undefined): Promise<{ email?: string }> {
    const { data } = emailSchema.safeParse(email);
    if (!data) {
      return {};
    }
    const where = { email: [...new Set([data, data.toLowerCase()])] };
    return (await this.users.count({ where, transaction: this.transaction })) ? {} : { email: data };
  }
}

export const idOf = (user: Model) => String(user.get('id'));

/** What a binding keeps of an account. */
function columnsOf({ unionId, openId, corpId, nick, avatarUrl }: DingTalkAccount) {
  const isHttps = avatarUrl && avatarUrl.length <= MAX_TEXT && /^https:\/\/[\x21-\x7e]+$/.test(avatarUrl);
  return {
    uuid: unionId,
    nickname: cleanText(nick) ?? '',
    avatar: isHttps ? avatarUrl : '',
    meta: { unionId, ...(openId && { openId }), ...(corpId && { corpId }) },
  };
}

/** A text that every database accepts: not too long, and no control characters, as PostgreSQL fails at NUL. */
function cleanText(text: string | undefined): string | undefined {
  const clean = [...(text ?? '').replace(/\p{Cc}|\p{Cs}/gu, '').trim()].slice(0, MAX_TEXT).join('');
  return clean || undefined;
}
