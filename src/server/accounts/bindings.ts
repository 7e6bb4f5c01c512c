import { literal, Op, type Database, type Model, type Transaction } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import type { PhoneNumber } from 'libphonenumber-js';
import type { DingTalkAccount } from '../dingtalk/api';
import { type ExclusionRow, Exclusions, isIn, reasonsOf, whyNotMatched } from './exclusions';
import type { Evidence, LegacyKey } from './identify';
import { storableName } from './name-columns';
import { cleanName, MAX_TEXT } from './names';
import { anySpelling, anySpellingInOtherDigits, isPhone, phoneOf, usualSpellings } from './phone';
import { Privileges } from './privileges';
import { subselect } from './subselect';

const MAX_CANDIDATES = 100;

/** Name of what the statement that finds bound users selects besides. */
const SELECTED = 'isRefused';
type Selected = [ReturnType<typeof literal>, typeof SELECTED];

interface Bound {
  user: Model;
  key: string;
  /** Whether this plugin made the binding. */
  isOurs: boolean;
  mayBeRefused: boolean;
}

interface Owners {
  /** Everybody who is bound to the unionId. */
  boundUsers: Model[];
  legacy: { user: Model; kind: LegacyKey; key: string }[];
  isBound: (candidate: Model) => boolean;
}

/**
 * The bindings of one authenticator, and the users behind them.
 *
 * A binding is a row of NocoBase's table `usersAuthenticators` whose `uuid` is the account's unionId. That table has one
 * row for an authenticator and a user, but no unique index on the uuid: write inside `withBindingLock` alone.
 */
export class Bindings {
  private readonly users;
  private readonly bindings;
  private readonly exclusions;

  constructor(
    private readonly db: Database,
    private readonly authenticator: AuthModel,
    private readonly transaction?: Transaction,
  ) {
    this.users = db.getCollection('users').model;
    this.bindings = db.getCollection('usersAuthenticators').model;
    this.exclusions = new Exclusions(db, authenticator.name, transaction);
  }

  /**
   * Who is bound to a unionId, and whether the account or one of them is blocked, or the account has left: one statement.
   * Of an account that nobody is bound to, `findEvidence` tells it.
   */
  async findBinding(unionId: string): Promise<Evidence<Model>['binding']> {
    const found = await this.findBoundUsers({ uuid: unionId }, this.isRefused(unionId));
    const users = found.filter(({ key }) => key === unionId).map(({ user }) => user);
    // The collations of MySQL find a block of `a` for `A`: only where there seems to be one, it is read exactly.
    const excluded = found.some(({ mayBeRefused }) => mayBeRefused)
      ? await this.exclusions.of({ unionId, userIds: users.map(idOf) })
      : [];
    return { users, isBlocked: isIn('blocked', excluded), hasLeft: isIn('left', excluded) };
  }

  /**
   * What `identify` needs of an account that nobody may be bound to. The users whom the account could become are locked
   * until the transaction ends, and then what is known of them is read: nobody else binds, unbinds or deletes them
   * meanwhile.
   *
   * @param known `userid` of the account in the app's organization, where it is known; what exclusions keep of the phone
   *   numbers by which the account could be found
   */
  async findEvidence(
    account: DingTalkAccount,
    settings: { autoSignup: boolean; protectedRoles: string[]; defaultRole?: string },
    { userid, phoneFingerprints }: { userid?: string; phoneFingerprints: string[] },
  ): Promise<Required<Pick<Evidence<Model>, 'binding' | 'matches'>>> {
    const phone = phoneOf(account);
    const hasNumber = (user: Model) => Boolean(phone && isPhone(phone, user.get('phone')));
    const candidates = phone ? await this.findPhoneCandidates(phone) : [];
    const { boundUsers, legacy, isBound } = await this.findOwners(account, candidates, userid);
    const locked = await this.lockUsers([...legacy.map(({ user }) => user), ...candidates.filter(hasNumber)]);
    const userIds = [...locked.keys()];
    // Who was bound by a key of the plugin before was excluded with that key: the user may be gone meanwhile.
    const accountKeys = [account.unionId, account.openId, userid].filter((key) => key !== undefined);
    const excluded = await this.exclusions.of({
      unionId: accountKeys,
      userIds: [...userIds, ...boundUsers.map(idOf)],
      phoneFingerprints,
    });
    const privileges = new Privileges(this.db, settings.protectedRoles, this.transaction);
    const privileged = await privileges.among(userIds);
    const matchesOf = (user: Model) => {
      const fresh = locked.get(idOf(user));
      const ofUser = excluded.filter(({ userId }) => userId === idOf(user));
      return fresh
        ? [
            {
              user: fresh,
              isPrivileged: privileged.has(idOf(user)),
              isBlocked: isIn('blocked', ofUser),
              excluded: whyNotMatched(ofUser),
            },
          ]
        : [];
    };
    const owners = candidates
      .flatMap(matchesOf)
      .filter(({ user }) => hasNumber(user))
      .map((match) => ({ ...match, isBound: isBound(match.user) }));
    // Only a new user gets the default role. Older keys that disagree find nobody, and may end in one.
    const { isPrivileged: isDefaultRolePrivileged, ...roleOfNewUsers } =
      settings.autoSignup && !owners.length
        ? await privileges.ofNewUsers(settings.defaultRole)
        : { isPrivileged: false };
    const ofAccount = excluded.filter(({ unionId }) => unionId !== undefined && accountKeys.includes(unionId));
    const ofNumber = excluded.filter((row) => phoneFingerprints.includes(row.phoneFingerprint ?? ''));
    const ofBound = excluded.filter(({ userId }) => boundUsers.some((user) => idOf(user) === userId));
    return {
      binding: {
        users: boundUsers,
        isBlocked: isIn('blocked', [...ofAccount, ...ofBound]),
        hasLeft: isIn('left', ofAccount),
      },
      matches: {
        excluded: whyNotMatched(ofAccount),
        legacy: legacy.flatMap(({ user, kind, key }) => matchesOf(user).map((match) => ({ ...match, kind, key }))),
        phone: phone ? 'known' : account.mobile?.trim() ? 'unusable' : 'none',
        owners,
        isNumberBlocked: owners.length ? false : isIn('blocked', await this.withoutUser(ofNumber)),
        isComplete: candidates.length < MAX_CANDIDATES,
        isDefaultRolePrivileged,
        roleOfNewUsers,
      },
    };
  }

  /**
   * The users who are bound to an account; those who are bound by a key of the plugin before this one; and which of the
   * `candidates` are bound to any account.
   */
  async findOwners(account: DingTalkAccount, candidates: Model[], userid?: string): Promise<Owners> {
    const { unionId, openId } = account;
    const phone = phoneOf(account);
    const spellings = phone ? usualSpellings(phone) : [];
    const keys = [unionId, openId, userid, ...spellings].filter((key) => key !== undefined);
    const found = await this.findBoundUsers({ [Op.or]: [{ uuid: keys }, { userId: candidates.map(idOf) }] });
    const boundUsers = found.filter(({ key }) => key === unionId).map(({ user }) => user);
    const kindOf = (key: string): LegacyKey => {
      if (key === openId) {
        return 'openId';
      }
      // The organization may choose a userid that is the phone number of somebody else.
      return spellings.includes(key) || phoneOf({ mobile: key }) ? 'phone' : 'userid';
    };
    const legacy = found
      // The organization may also choose a userid that is the unionId of somebody else.
      .filter(({ key, isOurs }) => !isOurs && key !== unionId && keys.includes(key))
      .map(({ user, key }) => ({ user, kind: kindOf(key), key }));
    return {
      boundUsers,
      legacy,
      isBound: (candidate) => found.some(({ user }) => idOf(user) === idOf(candidate)),
    };
  }

  /** Whether there are bindings that the plugin before this one made. */
  async hasLegacyKeys(): Promise<boolean> {
    const { sequelize } = this.db;
    const meta = sequelize.cast(sequelize.col('meta'), this.db.isMySQLCompatibleDialect() ? 'char' : 'text');
    const found = await this.bindings.findAll({
      attributes: ['uuid'],
      limit: 1,
      where: {
        authenticator: this.authenticator.name,
        [Op.or]: [{ meta: null }, sequelize.where(meta, { [Op.notLike]: '%"unionId"%' })],
      },
      transaction: this.transaction,
    });
    return found.length > 0;
  }

  /** Bound users, each with the key of the binding. Compare the key: the collations of MySQL find `a` for `A`. */
  private async findBoundUsers(where: object, selected?: Selected): Promise<Bound[]> {
    const users: Model[] = await this.authenticator.getUsers({
      ...(selected && { attributes: { include: [selected] } }),
      through: { where },
      joinTableAttributes: ['uuid', 'meta'],
      transaction: this.transaction,
    });
    return users.map((user) => {
      const { usersAuthenticators, isRefused } = user.dataValues;
      // NocoBase answers `auth:signIn` with the user: the row of the binding would be in that answer.
      delete user.dataValues.usersAuthenticators;
      delete user.dataValues.isRefused;
      const { uuid: key, meta } = usersAuthenticators;
      return { user, key, isOurs: Boolean(meta?.unionId), mayBeRefused: Boolean(isRefused) };
    });
  }

  /** For the statement that finds bound users: whether the account or the user of the row is blocked, or has left. */
  private isRefused(unionId: string): Selected {
    const userId = { [Op.eq]: this.db.sequelize.col(`${this.users.name}.id`) };
    const select = subselect(this.exclusions.model, 'id', (column) => ({
      [column('authenticator')]: this.authenticator.name,
      [column('reason')]: [...reasonsOf('blocked'), ...reasonsOf('left')],
      [Op.or]: [{ [column('unionId')]: unionId }, { [column('userId')]: userId }],
    }));
    return [literal(`EXISTS (${select})`), SELECTED];
  }

  /** Those whose user is gone. */
  private async withoutUser(rows: ExclusionRow[]): Promise<ExclusionRow[]> {
    const where = { id: rows.flatMap(({ userId }) => userId ?? []) };
    const found: Model[] = rows.length
      ? await this.users.findAll({ attributes: ['id'], where, transaction: this.transaction })
      : [];
    return rows.filter(({ userId }) => !found.some((user) => idOf(user) === userId));
  }

  /** Locks users until the transaction ends; outside of one, it only reads. @returns by their IDs, those who are still there, as they are now */
  private async lockUsers(users: Model[]): Promise<Map<string, Model>> {
    const where = { id: [...new Set(users.map(idOf))] };
    const found: Model[] = users.length
      ? await this.users.findAll({
          where,
          order: ['id'],
          lock: Boolean(this.transaction),
          transaction: this.transaction,
        })
      : [];
    return new Map(found.map((user) => [idOf(user), user]));
  }

  /** Locks the user until the transaction ends, so that no other node binds or unbinds this user meanwhile. */
  findForUpdate(userId: string): Promise<Model | null> {
    return this.users.findByPk(userId, { lock: true, transaction: this.transaction });
  }

  /** What a user is bound to; undefined where the user is not bound. */
  async of(user: Model): Promise<{ key: string; nickname: string } | undefined> {
    const row = await this.bindings.findOne({ where: this.bindingOf(user), transaction: this.transaction });
    return row ? { key: row.get('uuid'), nickname: row.get('nickname') ?? '' } : undefined;
  }

  /**
   * Users who may have this phone number; `isPhone` tells who has it. The patterns also find a number with unusual
   * separators or digits: otherwise a second owner would be missed, and the first one bound. No index answers them, so
   * ask this at the first sign-in of an account alone.
   */
  private findPhoneCandidates(phone: PhoneNumber): Promise<Model[]> {
    const { sequelize } = this.db;
    const anyOf = (patterns: string[]) => ({ [Op.or]: patterns.map((pattern) => ({ [Op.like]: pattern })) });
    // MySQL compares no digit beyond the first 65,536 characters with a column that cannot hold it.
    const wide = this.db.inDialect('mysql', 'mariadb')
      ? literal('CONVERT(phone USING utf8mb4)')
      : sequelize.col('phone');
    // The patterns of all scripts would take ten times as long if each row were compared with each of them.
    const isBeyondAscii = literal(
      this.db.inDialect('sqlite')
        ? 'length(CAST(phone AS BLOB)) > length(phone)'
        : 'octet_length(phone) > char_length(phone)',
    );
    return this.users.findAll({
      where: {
        [Op.or]: [
          { phone: anyOf([anySpelling(phone)]) },
          { [Op.and]: [isBeyondAscii, sequelize.where(wide, anyOf(anySpellingInOtherDigits(phone)))] },
        ],
      },
      limit: MAX_CANDIDATES,
      transaction: this.transaction,
    });
  }

  /** Binds a user who is not bound yet. */
  async bind(user: Model, account: DingTalkAccount): Promise<Model> {
    const binding = { ...this.bindingOf(user), ...(await this.storable(account)) };
    await this.bindings.bulkCreate([binding], { validate: true, transaction: this.transaction });
    return user;
  }

  /** Replaces the account of a user who is bound already. */
  async rebind(user: Model, account: DingTalkAccount): Promise<Model> {
    await this.bindings.update(await this.storable(account), {
      where: this.bindingOf(user),
      transaction: this.transaction,
    });
    return user;
  }

  async unbind(user: Model): Promise<void> {
    await this.bindings.destroy({ where: this.bindingOf(user), transaction: this.transaction });
  }

  private bindingOf(user: Model) {
    return { authenticator: this.authenticator.name, userId: user.get('id') };
  }

  /** As the columns can hold it. */
  private async storable(account: DingTalkAccount) {
    const columns = columnsOf(account);
    const nickname = await storableName(
      this.db,
      ['usersAuthenticators', 'nickname'],
      columns.nickname,
      this.transaction,
    );
    return { ...columns, nickname: nickname ?? '' };
  }
}

export const idOf = (user: Model) => String(user.get('id'));

/** What a binding keeps of an account, and pages show of it. */
export function columnsOf({ unionId, openId, corpId, nick, avatarUrl }: DingTalkAccount) {
  const isHttps = avatarUrl && avatarUrl.length <= MAX_TEXT && /^https:\/\/[\x21-\x7e]+$/.test(avatarUrl);
  return {
    uuid: unionId,
    nickname: cleanName(nick) ?? '',
    avatar: isHttps ? avatarUrl : '',
    meta: { unionId, ...(openId && { openId }), ...(corpId && { corpId }) },
  };
}
