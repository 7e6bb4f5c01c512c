import { Op, type Database, type Model, type Transaction } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import type { PhoneNumber } from 'libphonenumber-js';
import { z } from 'zod';
import type { DingTalkPerson } from './dingtalk/person';
import { SignInError } from './errors';
import { anySpelling, isPhone, storedPhone, usualSpellings } from './phone';

/** Length of NocoBase's string columns. */
const MAX_TEXT = 255;
const MAX_CANDIDATES = 100;

/**
 * NocoBase's users as one authenticator knows them, inside one transaction.
 *
 * A user is bound by a row of `usersAuthenticators`, whose `uuid` is the union ID. That table has one row for an
 * authenticator and a user, and no unique index on the uuid: whoever binds holds the lock of `AuthDingTalk`.
 */
export class Accounts {
  private readonly users;

  constructor(
    private readonly db: Database,
    private readonly authenticator: AuthModel,
    private readonly transaction?: Transaction,
  ) {
    this.users = db.getCollection('users').model;
  }

  /** Users bound to any of these keys. */
  async boundTo(keys: string[]): Promise<Model[]> {
    const users: Model[] = await this.authenticator.getUsers({
      through: { where: { uuid: keys } },
      joinTableAttributes: ['uuid'],
      transaction: this.transaction,
    });
    return users.filter(({ dataValues }) => {
      const { uuid } = dataValues.usersAuthenticators;
      // Part of nobody's profile, and so of no answer.
      delete dataValues.usersAuthenticators;
      // MySQL's collations take `a` for `A`.
      return keys.includes(uuid);
    });
  }

  async isBound(user: Model): Promise<boolean> {
    const where = { authenticator: this.authenticator.name, userId: user.get('id') };
    return (await this.db.getModel('usersAuthenticators').count({ where, transaction: this.transaction })) > 0;
  }

  /**
   * Users with this phone number, however it is written. The usual spellings are one question that an index answers.
   * Where they find one user it is not enough: before somebody is bound, nobody else may have the number, written with
   * odd separators.
   */
  async withPhone(phone: PhoneNumber): Promise<Model[]> {
    const usual = await this.usersWhosePhone(phone, usualSpellings(phone));
    return usual.length > 1 ? usual : this.usersWhosePhone(phone, { [Op.like]: anySpelling(phone) });
  }

  private async usersWhosePhone(phone: PhoneNumber, condition: string[] | { [Op.like]: string }): Promise<Model[]> {
    const candidates = await this.users.findAll({
      where: { phone: condition },
      limit: MAX_CANDIDATES,
      transaction: this.transaction,
    });
    if (candidates.length === MAX_CANDIDATES) {
      throw new SignInError('PHONE_AMBIGUOUS', { reason: 'too many users have a similar phone number' });
    }
    return candidates.filter((user) => isPhone(phone, user.get('phone')));
  }

  /** Binds a user to a DingTalk account, in place of any other. */
  async bind(user: Model, person: DingTalkPerson): Promise<Model> {
    const { unionId, openId, corpId, nick, avatarUrl } = person;
    await this.authenticator.addUser(user, {
      through: {
        uuid: unionId,
        nickname: cleanText(nick) ?? '',
        avatar:
          avatarUrl && avatarUrl.length <= MAX_TEXT && /^https:\/\/[\x21-\x7e]+$/.test(avatarUrl) ? avatarUrl : '',
        meta: { unionId, ...(openId && { openId }), ...(corpId && { corpId }) },
      },
      transaction: this.transaction,
    });
    return user;
  }

  /** A new user, with NocoBase's default role as for every other sign-up, bound to the DingTalk account. */
  async register(person: DingTalkPerson, phone: PhoneNumber): Promise<Model> {
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
    const { data } = z.email().max(MAX_TEXT).safeParse(email);
    if (!data) {
      return {};
    }
    const where = { email: [...new Set([data, data.toLowerCase()])] };
    return (await this.users.count({ where, transaction: this.transaction })) ? {} : { email: data };
  }
}

/** A text that every database can hold: no control characters (PostgreSQL refuses NUL), not too long. */
function cleanText(text: string | undefined): string | undefined {
  const clean = [...(text ?? '').replace(/\p{Cc}|\p{Cs}/gu, '').trim()].slice(0, MAX_TEXT).join('');
  return clean || undefined;
}
