import { Op, type Database, type Model, type Transaction } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import type { PhoneNumber } from 'libphonenumber-js';
import { z } from 'zod';
import type { DingTalkAccount } from '../dingtalk/api';
import { SignInError } from '../http/errors';
import { anySpelling, isPhone, phoneOf, storedPhone, usualSpellings } from './phone';

/** Length of NocoBase's string columns. */
const MAX_TEXT = 255;
const MAX_SIMILAR = 100;

const emailSchema = z.email().max(MAX_TEXT);

/**
 * NocoBase's users as one authenticator knows them, inside one transaction.
 *
 * A user is bound by a row of `usersAuthenticators`, whose `uuid` is the union ID. That table has one row for an
 * authenticator and a user, and no unique index on the uuid: whoever binds holds the lock of `AuthDingTalk`.
 */
export class Accounts {
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

  /** The user bound to a unionId. */
  async boundTo(unionId: string): Promise<Model | undefined> {
    const found = await this.boundBy({ uuid: unionId });
    return found.find(({ key }) => key === unionId)?.user;
  }

  /**
   * The user bound to the unionId, those bound to a key under which the documented plugin bound people, and which of
   * the `candidates` are bound, to whomever.
   */
  async knownAs(
    person: DingTalkAccount,
    candidates: Model[],
  ): Promise<{ bound?: Model; byOldKey: Model[]; isBound: (candidate: Model) => boolean }> {
    const { unionId, openId } = person;
    const phone = phoneOf(person);
    const keys = [unionId, ...(openId ? [openId] : []), ...(phone ? usualSpellings(phone) : [])];
    const found = await this.boundBy({ [Op.or]: [{ uuid: keys }, { userId: candidates.map(idOf) }] });
    const known = found.filter(({ key }) => keys.includes(key));
    return {
      bound: known.find(({ key }) => key === unionId)?.user,
      byOldKey: known.filter(({ key }) => key !== unionId).map(({ user }) => user),
      isBound: (candidate) => found.some(({ user }) => idOf(user) === idOf(candidate)),
    };
  }

  /** Who is bound, by which key. The key is to be compared: MySQL's collations take `a` for `A`. */
  private async boundBy(where: object): Promise<{ user: Model; key: string }[]> {
    const users: Model[] = await this.authenticator.getUsers({
      through: { where },
      joinTableAttributes: ['uuid'],
      transaction: this.transaction,
    });
    return users.map((user) => {
      const { uuid: key } = user.dataValues.usersAuthenticators;
      // Part of nobody's profile, and so of no answer.
      delete user.dataValues.usersAuthenticators;
      return { user, key };
    });
  }

  /** Bound users, by ID: without a text all, else those of whom a name, an address or a number contains it. */
  bound(text: string, limit: number): Promise<Model[]> {
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

  /** The user, or null; nobody else binds or unbinds this one before the transaction ends. */
  hold(userId: string): Promise<Model | null> {
    return this.users.findByPk(userId, { lock: true, transaction: this.transaction });
  }

  async isBound(user: Model): Promise<boolean> {
    return (await this.bindings.count({ where: this.bindingOf(user), transaction: this.transaction })) > 0;
  }

  /**
   * Users who may have this phone number, however it is written: before somebody is bound, nobody else may have the
   * number under odd separators. `withPhone` tells who has it. No index answers this, and only a person's first sign-in
   * asks it.
   */
  similarTo(phone: PhoneNumber): Promise<Model[]> {
    return this.users.findAll({
      where: { phone: { [Op.like]: anySpelling(phone) } },
      limit: MAX_SIMILAR,
      transaction: this.transaction,
    });
  }

  /** Binds a user who is not bound yet. */
  async bind(user: Model, person: DingTalkAccount): Promise<Model> {
    const binding = { ...this.bindingOf(user), ...valuesOf(person) };
    await this.bindings.bulkCreate([binding], { validate: true, transaction: this.transaction });
    return user;
  }

  /** Binds a user who is bound, to this DingTalk account instead. */
  async rebind(user: Model, person: DingTalkAccount): Promise<Model> {
    await this.bindings.update(valuesOf(person), { where: this.bindingOf(user), transaction: this.transaction });
    return user;
  }

  /** @returns whether the user was bound */
  async unbind(user: Model): Promise<boolean> {
    return (await this.bindings.destroy({ where: this.bindingOf(user), transaction: this.transaction })) > 0;
  }

  private bindingOf(user: Model) {
    return { authenticator: this.authenticator.name, userId: user.get('id') };
  }

  /** A new user, with NocoBase's default role as for every other sign-up, bound to the DingTalk account. */
  async register(person: DingTalkAccount, phone: PhoneNumber): Promise<Model> {
    const user: Model = await this.db.getRepository('users').create({
      values: {
        nickname: cleanText(person.nick) ?? storedPhone(phone),
        phone: storedPhone(phone),
        ...(await this.freeEmail(person.email)),
      },
      transaction: this.transaction,
    });
    return this.bind(user, person);
  }

  private async freeEmail(email: string | undefined): Promise<{ email?: string }> {
    const { data } = emailSchema.safeParse(email);
    if (!data) {
      return {};
    }
    const where = { email: [...new Set([data, data.toLowerCase()])] };
    return (await this.users.count({ where, transaction: this.transaction })) ? {} : { email: data };
  }
}

/**
 * Those of the users found by `similarTo` who have the phone number.
 *
 * @throws SignInError PHONE_AMBIGUOUS where there may be more than were read
 */
export function withPhone(phone: PhoneNumber, similar: Model[]): Model[] {
  if (similar.length === MAX_SIMILAR) {
    throw new SignInError('PHONE_AMBIGUOUS', { reason: 'too many users have a similar phone number' });
  }
  return similar.filter((user) => isPhone(phone, user.get('phone')));
}

export const idOf = (user: Model) => String(user.get('id'));

/** What a binding keeps of a DingTalk account. */
function valuesOf({ unionId, openId, corpId, nick, avatarUrl }: DingTalkAccount) {
  const isAddress = avatarUrl && avatarUrl.length <= MAX_TEXT && /^https:\/\/[\x21-\x7e]+$/.test(avatarUrl);
  return {
    uuid: unionId,
    nickname: cleanText(nick) ?? '',
    avatar: isAddress ? avatarUrl : '',
    meta: { unionId, ...(openId && { openId }), ...(corpId && { corpId }) },
  };
}

/** A text that every database can hold: no control characters (PostgreSQL refuses NUL), not too long. */
function cleanText(text: string | undefined): string | undefined {
  const clean = [...(text ?? '').replace(/\p{Cc}|\p{Cs}/gu, '').trim()].slice(0, MAX_TEXT).join('');
  return clean || undefined;
}
