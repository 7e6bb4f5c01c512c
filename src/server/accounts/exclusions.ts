import { type Database, Op, type Transaction } from '@nocobase/database';
import type { ExclusionList, ExclusionReason as ShownReason } from '../../shared/contract';
import { EXCLUSIONS } from './collections';
import type { NotMatched } from './identify';
import { storableName } from './name-columns';
import { oneOf } from './subselect';

/** `left` is of accounts that a directory says have left the organization; it is shown there, not among the exclusions. */
export type ExclusionReason = ShownReason | 'left';

/** A DingTalk account, a user, or both. */
export interface Excluded {
  unionId?: string;
  userId?: string;
  /** Of a number by which the user could be found, see `phoneFingerprint`. */
  phoneFingerprint?: string;
}

/** What exclusions are looked for by. */
interface Keys {
  unionId?: string | string[];
  userIds: string[];
  phoneFingerprints?: string[];
}

export interface ExclusionRow extends Excluded {
  id: string;
  reason: ExclusionReason;
  /** Nickname in DingTalk. */
  account: string;
  /** Milliseconds since 1970. */
  since: number;
}

/** One that administrators see, and can take back. */
export type ShownRow = ExclusionRow & { reason: ShownReason };

export const isShown = (row: ExclusionRow): row is ShownRow => row.reason !== 'left';

/** A part of a list that is read page by page. */
export interface Page {
  limit: number;
  offset: number;
}

type List = ExclusionList | 'left';

/** What each reason does: `blocked` and `left` refuse a sign-in, `notMatchedAgain` only stops the match by phone. */
const lists: Record<ExclusionReason, List> = {
  blocked: 'blocked',
  unlinked: 'notMatchedAgain',
  detached: 'notMatchedAgain',
  left: 'left',
};

export const reasonsOf = (list: List): ExclusionReason[] =>
  (Object.keys(lists) as ExclusionReason[]).filter((reason) => lists[reason] === list);

/** The list of a reason. One that a later version wrote is taken for the milder one. */
const listOf = (reason: ExclusionReason): List => lists[reason] ?? 'notMatchedAgain';

/** Whether any of these is of the list. */
export const isIn = (list: List, rows: Pick<ExclusionRow, 'reason'>[]): boolean =>
  rows.some(({ reason }) => listOf(reason) === list);

/** Why nobody is matched again with these: the reason of the latest one. */
export const whyNotMatched = (rows: ExclusionRow[]): NotMatched | undefined =>
  rows.map(({ reason }) => reason).find((reason): reason is NotMatched => listOf(reason) === 'notMatchedAgain');

/**
 * Whom one authenticator refuses, and whom it does not match by phone again. A row outlives the binding and the user.
 * Write inside `withBindingLock` alone.
 */
export class Exclusions {
  readonly model;

  constructor(
    private readonly db: Database,
    /** Name of the authenticator. */
    private readonly authenticator: string,
    private readonly transaction?: Transaction,
  ) {
    this.model = db.getModel(EXCLUSIONS);
  }

  /** Those of an account, by any of its keys, of any of the users, or of a phone number: one query. */
  async of({ unionId, userIds, phoneFingerprints = [] }: Keys): Promise<ExclusionRow[]> {
    const keys = unionId ? [unionId].flat() : [];
    const rows = await this.find({
      [Op.or]: [
        ...(keys.length ? [{ unionId: oneOf(this.db, keys) }] : []),
        { userId: oneOf(this.db, userIds) },
        ...(phoneFingerprints.length ? [{ phoneFingerprint: phoneFingerprints }] : []),
      ],
    });
    // The collations of MySQL find `a` for `A`.
    const [isAccount, isUser, isNumber] = [keys, userIds, phoneFingerprints].map(among);
    return rows.filter((row) => isAccount(row.unionId) || isUser(row.userId) || isNumber(row.phoneFingerprint));
  }

  /** Those of one list, the latest first. */
  list(list: ExclusionList, page: Page): Promise<ExclusionRow[]> {
    return this.find({ reason: reasonsOf(list) }, page);
  }

  /** @returns undefined where there is none with this ID */
  async byId(id: string): Promise<ExclusionRow | undefined> {
    const [row] = await this.find({ id });
    return row;
  }

  private async find(where: object, page: Partial<Page> = {}): Promise<ExclusionRow[]> {
    const rows = (await this.model.findAll({
      where: { authenticator: this.authenticator, ...where },
      order: [['id', 'DESC']],
      ...page,
      raw: true,
      transaction: this.transaction,
    })) as unknown as StoredRow[];
    return rows.map(toRow);
  }

  /**
   * Adds one, in place of the same: not of one that names another account, another user or another phone number, for
   * which it goes on.
   */
  async add(reason: ExclusionReason, excluded: Excluded & { account?: string }, createdById?: string): Promise<void> {
    const { unionId, userId, phoneFingerprint } = excluded;
    const account = await storableName(this.db, [EXCLUSIONS, 'account'], excluded.account, this.transaction);
    for (const row of await this.of({ unionId, userIds: userId ? [userId] : [] })) {
      const hasNoOtherNumber = !row.phoneFingerprint || row.phoneFingerprint === phoneFingerprint;
      if (row.reason === reason && row.unionId === unionId && row.userId === userId && hasNoOtherNumber) {
        await this.removeById(row.id);
      }
    }
    await this.model.create(
      {
        authenticator: this.authenticator,
        reason,
        unionId,
        userId,
        phoneFingerprint,
        account: account ?? '',
        since: Date.now(),
        createdById,
      },
      { transaction: this.transaction },
    );
  }

  /**
   * Lets the account and the user be matched again.
   */
  async matchAgain({ unionId, userId }: { unionId?: string | string[]; userId: string }): Promise<void> {
    const rows = await this.of({ unionId, userIds: [userId] });
    await this.forget(
      rows.filter((one) => isIn('notMatchedAgain', [one])),
      { unionId, userId },
    );
  }

  /**
   * Takes back what a directory said of an account that had left, and of its user: the account is one of a member again.
   * What users or administrators have decided stays.
   */
  async welcomeBack({ unionId, userId }: Excluded): Promise<void> {
    const rows = await this.of({ unionId, userIds: userId ? [userId] : [] });
    await this.forget(
      rows.filter(({ reason }) => reason === 'left' || reason === 'detached'),
      { unionId, userId },
    );
  }

  /** Takes back alone that an account had left: a directory lists it, but not as anybody for certain. */
  async listedAgain(unionId: string): Promise<void> {
    for (const row of await this.of({ unionId, userIds: [] })) {
      if (row.reason === 'left') {
        await this.removeById(row.id);
      }
    }
  }

  /** Where a row names another user or another account as well, it goes on for that one alone. */
  private async forget(
    rows: ExclusionRow[],
    { unionId, userId }: { unionId?: string | string[]; userId?: string },
  ): Promise<void> {
    const keys = unionId ? [unionId].flat() : [];
    for (const row of rows) {
      const rest = {
        unionId: row.unionId && keys.includes(row.unionId) ? null : row.unionId,
        userId: row.userId === userId ? null : row.userId,
      };
      const where = { id: row.id };
      await (rest.unionId || rest.userId
        ? this.model.update(rest, { where, transaction: this.transaction })
        : this.model.destroy({ where, transaction: this.transaction }));
    }
  }

  async removeById(id: string): Promise<void> {
    await this.model.destroy({ where: { authenticator: this.authenticator, id }, transaction: this.transaction });
  }
}

function among(keys: string[]): (key: string | undefined) => boolean {
  const all = new Set(keys);
  return (key) => key !== undefined && all.has(key);
}

/** IDs and times are numbers or texts, as the database has it. */
interface StoredRow {
  id: unknown;
  reason: ExclusionReason;
  unionId: string | null;
  userId: unknown;
  phoneFingerprint: string | null;
  account: string | null;
  since: unknown;
}

function toRow({ id, reason, unionId, userId, phoneFingerprint, account, since }: StoredRow): ExclusionRow {
  return {
    id: String(id),
    reason,
    unionId: unionId ?? undefined,
    userId: userId === null || userId === undefined ? undefined : String(userId),
    phoneFingerprint: phoneFingerprint ?? undefined,
    account: account ?? '',
    since: Number(since),
  };
}
