import { type Database, type Model, Op, type Transaction } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { withWriteLock } from '../../accounts/lock';
import { CodedError } from '../../http/coded-error';
import { DEPARTMENTS, MEMBERS, RUNS, SOURCES } from './collections';
import { forgiveUnknownLeavers } from './departures';
import { jsonOf, optionalNumber } from './rows';
import type { Source } from '../source';
import type { StoredStop } from '../stops';

/** How the holder of a source is called that follows single changes: others wait for its end. */
export const FOR_EVENTS = 'events:';

/** What the plugin itself knows of a source: its row in `dingtalkSources`. */
export interface SourceRow {
  /** Of the members that are known; missing before the first run. */
  corpId?: string;
  clientId?: string;
  /** Which piece of work holds the source. */
  holder?: string;
  /** Until when a process has said that it works on the source; milliseconds since 1970, as of the others. */
  heldUntil?: number;
  /** Until when a task that was begun may ask for that. */
  claimedUntil?: number;
  nextRun?: number;
  /** How often the scheduled run has failed, one after the other. */
  attempts: number;
  stop?: StoredStop;
  /** What administrators were told of last. */
  told?: string;
}

export async function readSourceRow(db: Database, sourceId: string): Promise<SourceRow> {
  const row: Model | null = await db.getModel(SOURCES).findByPk(sourceId);
  return {
    corpId: row?.get('corpId') ?? undefined,
    clientId: row?.get('clientId') ?? undefined,
    holder: row?.get('holder') ?? undefined,
    heldUntil: optionalNumber(row?.get('heldUntil')),
    claimedUntil: optionalNumber(row?.get('claimedUntil')),
    nextRun: optionalNumber(row?.get('nextRun')),
    attempts: Number(row?.get('attempts') ?? 0),
    stop: jsonOf<StoredStop>(row?.get('stop')),
    told: row?.get('told') || undefined,
  };
}

type Values = { [Key in keyof SourceRow]?: SourceRow[Key] | null };

/** Changes the row, which is there afterwards. */
export async function writeSourceRow(
  db: Database,
  sourceId: string,
  values: Values,
  transaction?: Transaction,
): Promise<void> {
  const sources = db.getModel(SOURCES);
  if (!(await sources.count({ where: { sourceId }, transaction }))) {
    // Another process may make it meanwhile.
    await sources.bulkCreate([{ sourceId }], { ignoreDuplicates: true, transaction });
  }
  if (Object.keys(values).length) {
    await sources.update(values, { where: { sourceId }, transaction });
  }
}

/** The same, where no transaction is open. */
export function setSourceRow(app: Application, sourceId: string, values: Values): Promise<void> {
  return withWriteLock({ app, db: app.db }, () => writeSourceRow(app.db, sourceId, values));
}

/** How long a task has, from when it is made, to begin its work. */
const CLAIM_MS = 30_000;

/**
 * Lets one of several tasks begin that are made at the same time, on whatever nodes: the others are refused before they are
 * made. Work on single changes refuses none, as it gives way.
 *
 * @throws CodedError SYNC_RUNNING
 */
export async function claimSource(app: Application, sourceId: string, now = Date.now()): Promise<void> {
  await setSourceRow(app, sourceId, {});
  const isFree = (column: string) => ({ [Op.or]: [{ [column]: null }, { [column]: { [Op.lte]: now } }] });
  const isForEvents = { holder: { [Op.startsWith]: FOR_EVENTS } };
  const where = {
    sourceId,
    [Op.and]: [isFree('claimedUntil'), { [Op.or]: [isFree('heldUntil'), isForEvents] }],
  };
  const [claimed] = await withWriteLock({ app, db: app.db }, () =>
    app.db.getModel(SOURCES).update({ claimedUntil: now + CLAIM_MS }, { where }),
  );
  if (!claimed) {
    throw new CodedError('SYNC_RUNNING');
  }
}

/** To be called when the task holds the source, or has failed. */
export function unclaimSource(app: Application, sourceId: string): Promise<void> {
  return setSourceRow(app, sourceId, { claimedUntil: null });
}

/** Whether a task that was begun is about to work on the source. */
export const isClaimed = ({ claimedUntil = 0 }: SourceRow, now = Date.now()): boolean => claimedUntil > now;

/** Whether a run, or an administrator, works on the source. */
export const isHeld = ({ holder, heldUntil = 0 }: SourceRow, now = Date.now()): boolean =>
  heldUntil > now && !holder?.startsWith(FOR_EVENTS);

/** Whether a run works on the source, or is about to. */
export const isRunning = (row: SourceRow, now = Date.now()): boolean => isHeld(row, now) || isClaimed(row, now);

/** Whether the members that are known are of another organization, or app, than these settings. */
export const isOtherDirectory = (
  settings: { corpId?: string; clientId: string },
  { corpId, clientId }: SourceRow,
): boolean => Boolean(corpId) && (corpId !== settings.corpId || clientId !== settings.clientId);

/**
 * Rule 10: the members that are known are of one organization, and their userids are of one app. Of another one, all of
 * them would be leavers.
 *
 * @throws CodedError OTHER_DIRECTORY
 */
export function requireSameDirectory({ appSettings }: Source, known: SourceRow): void {
  if (isOtherDirectory(appSettings, known)) {
    throw new CodedError('OTHER_DIRECTORY');
  }
}

/**
 * Forgets what a source knows: users, bindings and memberships stay as if they had been made by hand. Members who left may
 * sign in again as far as this source is concerned.
 */
export async function forgetMembers(db: Database, sourceId: string, transaction?: Transaction): Promise<void> {
  await db.getModel(MEMBERS).destroy({ where: { sourceId }, transaction });
  await db.getModel(DEPARTMENTS).destroy({ where: { sourceId }, transaction });
  await forgiveUnknownLeavers(db, transaction);
}

/** A source that was deleted. Its own row goes first: whoever writes holds it, and would leave members behind. */
export async function forgetSource(db: Database, sourceId: string, transaction?: Transaction): Promise<void> {
  await db.getModel(SOURCES).destroy({ where: { sourceId }, transaction });
  await forgetMembers(db, sourceId, transaction);
  await db.getModel(RUNS).destroy({ where: { sourceId }, transaction });
}
