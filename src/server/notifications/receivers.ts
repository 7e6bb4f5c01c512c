import { type Database, type Filter, literal, type Model, Op } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import { isValidFilter } from '@nocobase/utils';
import type { ErrorCode, LossCode } from '../../shared/codes';
import { type ExclusionRow, Exclusions, isIn } from '../accounts/exclusions';
import { oneOf, subselect } from '../accounts/subselect';
import type { Settings } from '../configuration/settings';
import { MEMBERS, RUNS, SOURCES } from '../directory/store/collections';
import { unionKeyOf } from '../directory/store/members';
import { jsonOf } from '../directory/store/rows';
import { CodedError } from '../http/coded-error';
import type { SendParams } from './host';

const HOUR = 3_600_000;

/**
 * How old a userid may be, for which DingTalk is not asked again: the organization may give it to somebody else. A source
 * reads them every night, and may fail once.
 */
const KNOWN_MS = { read: 50 * HOUR, asked: 24 * HOUR };

/** A user who is to get a message. */
export interface Receiver {
  userId: string;
  /** For the log of NocoBase's notifications. */
  name: string;
  /** Of the binding; absent where there is none. */
  unionId?: string;
  /** What the binding keeps besides. */
  meta: BindingMeta;
  /** In the organization of the app, where it is known. */
  userid?: string;
  /** Why nothing is sent to them. */
  loss?: LossCode | ErrorCode;
}

interface BindingMeta extends Record<string, unknown> {
  unionId?: string;
  userid?: string;
  /** Of the app for which the userid was asked: in another organization it is somebody else's. */
  useridOf?: string;
  /** When it was asked; milliseconds since 1970. */
  useridAt?: number;
}

/**
 * The IDs of the users whom a message is for, each once, as NocoBase's own channels read them.
 *
 * @throws CodedError RECEIVERS_INVALID
 */
export async function chosenUsers(
  db: Database,
  { message, receivers }: Omit<SendParams, 'channel'>,
): Promise<string[]> {
  const given = receivers?.type === 'userId' ? receivers.value : (message as { receivers?: unknown } | null)?.receivers;
  const ids = new Set<string>();
  for (const entry of [given].flat(3).filter(Boolean)) {
    if (typeof entry !== 'object' || entry === null) {
      ids.add(String(entry));
    } else if (isQuery(entry)) {
      (await usersOf(db, entry)).forEach((id) => ids.add(id));
    }
  }
  return [...ids];
}

type Query = { filter: Filter };

const isQuery = (entry: object): entry is Query => 'filter' in entry && isValidFilter(entry.filter);

async function usersOf(db: Database, { filter }: Query): Promise<string[]> {
  try {
    const rows: Model[] = await db.getRepository('users').find({ filter, fields: ['id'] });
    return rows.map((row) => String(row.get('id')));
  } catch {
    // What it asks for may be gone since it was written. The error holds the values of the statement.
    throw new CodedError('RECEIVERS_INVALID');
  }
}

/**
 * Who of these users may get a message, with the userids that are known, in the order of the IDs: three statements.
 *
 * A userid is an address that the organization may give to somebody else. It counts for the app of these settings alone,
 * and only together with the unionId of the user's binding.
 */
export async function findReceivers(
  db: Database,
  { name: authenticator }: Pick<AuthModel, 'name'>,
  settings: Settings,
  userIds: string[],
  now = Date.now(),
): Promise<Receiver[]> {
  const found = await readUsers(db, authenticator, userIds);
  const linked = [...found.values()].filter(({ unionId }) => unionId !== undefined);
  const unionIds = linked.map(({ unionId }) => String(unionId));
  const [excluded, members] = await Promise.all([
    linked.length
      ? new Exclusions(db, authenticator).of({ unionId: unionIds, userIds: linked.map(({ userId }) => userId) })
      : [],
    readMembers(db, settings, unionIds, now),
  ]);
  const losses = lossesOf(excluded);
  return userIds.map((userId): Receiver => {
    const user = found.get(userId);
    if (!user) {
      return { userId, name: '', meta: {}, loss: 'USER_UNKNOWN' };
    }
    if (user.unionId === undefined) {
      return { ...user, loss: 'NO_ACCOUNT' };
    }
    const member = members.get(user.unionId);
    const loss = losses.get(user.userId) ?? losses.get(`account ${user.unionId}`);
    // Not by a copy: of a thousand, that takes as long as to look them up.
    return Object.assign(user, {
      loss: loss ?? member?.loss,
      userid: member?.userid ?? keptUserid(user.meta, settings, now),
    });
  });
}

/** PostgreSQL fails at what is none. */
const isId = (id: string) => /^(0|[1-9]\d{0,17})$/.test(id);

/** All in one statement: a user without a binding has to be told from one who is gone. */
async function readUsers(db: Database, authenticator: string, userIds: string[]): Promise<Map<string, Receiver>> {
  const ids = userIds.filter(isId);
  const users = db.getCollection('users').model;
  const bindings = db.getCollection('usersAuthenticators').model;
  const ofBinding = (attribute: string) =>
    literal(
      `(${subselect(bindings, attribute, (column) => ({
        [column('authenticator')]: authenticator,
        [column('userId')]: { [Op.eq]: db.sequelize.col(`${users.name}.id`) },
      }))})`,
    );
  const rows = ids.length
    ? ((await users.findAll({
        attributes: ['id', 'nickname', 'username', [ofBinding('uuid'), 'key'], [ofBinding('meta'), 'meta']],
        where: { id: oneOf(db, ids) },
        raw: true,
      })) as unknown as Record<string, unknown>[])
    : [];
  return new Map(
    rows.map(({ id, nickname, username, key, meta: kept }) => {
      const meta = jsonOf<BindingMeta>(kept) ?? {};
      // A binding of the plugin before this one may have any key, and a userid that is the unionId of somebody else.
      const unionId = meta.unionId !== undefined && meta.unionId === key ? String(key) : undefined;
      return [String(id), { userId: String(id), name: String(nickname || username || id), unionId, meta }];
    }),
  );
}

/** By the ID of the user, and by the account. */
function lossesOf(excluded: ExclusionRow[]): Map<string, LossCode> {
  const losses = new Map<string, LossCode>();
  for (const row of excluded) {
    const loss = isIn('blocked', [row]) ? 'USER_BLOCKED' : isIn('left', [row]) ? 'HAS_LEFT' : undefined;
    for (const key of [row.userId, row.unionId && `account ${row.unionId}`]) {
      // Whoever is blocked and has left is blocked.
      if (key && loss && losses.get(key) !== 'USER_BLOCKED') {
        losses.set(key, loss);
      }
    }
  }
  return losses;
}

/** What a source of this app read of these accounts, if it read the whole directory lately. */
async function readMembers(
  db: Database,
  { clientId, corpId }: Settings,
  unionIds: string[],
  now: number,
): Promise<Map<string, { userid?: string; loss?: LossCode }>> {
  if (!corpId || !unionIds.length) {
    return new Map();
  }
  const lately = subselect(db.getModel(RUNS), 'sourceId', (column) => ({
    [column('outcome')]: 'success',
    [column('trigger')]: { [Op.ne]: 'event' },
    [column('began')]: { [Op.gt]: now - KNOWN_MS.read },
  }));
  const sources = subselect(db.getModel(SOURCES), 'sourceId', (column) => ({
    [column('corpId')]: corpId,
    [column('clientId')]: clientId,
    [column('sourceId')]: { [Op.in]: literal(`(${lately})`) },
  }));
  const rows = (await db.getModel(MEMBERS).findAll({
    attributes: ['dingtalkUserid', 'unionId', 'state'],
    where: {
      sourceId: { [Op.in]: literal(`(${sources})`) },
      unionKey: oneOf(db, unionIds.map(unionKeyOf)),
    },
    raw: true,
  })) as unknown as { dingtalkUserid: string; unionId: string; state: string }[];
  return new Map(
    rows.map(({ dingtalkUserid, unionId, state }) => [
      unionId,
      // Of a member who was not read, DingTalk is asked.
      state === 'active' ? { userid: dingtalkUserid } : state === 'left' ? { loss: 'HAS_LEFT' } : {},
    ]),
  );
}

function keptUserid({ userid, useridOf, useridAt = 0 }: BindingMeta, { clientId }: Settings, now: number) {
  // A clock that was wrong would otherwise keep it for ever.
  const isKnown = useridOf === clientId && useridAt <= now && now - useridAt < KNOWN_MS.asked;
  return isKnown && typeof userid === 'string' ? userid : undefined;
}

/** Keeps the userid that DingTalk named, unless the user was bound to another account meanwhile. */
export async function keepUserid(
  db: Database,
  authenticator: string,
  { userId, unionId, meta }: Receiver,
  kept: Pick<BindingMeta, 'userid' | 'useridOf' | 'useridAt'>,
): Promise<void> {
  const where = { authenticator, userId, uuid: unionId };
  await db.getModel('usersAuthenticators').update({ meta: { ...meta, ...kept } }, { where, hooks: false });
}
