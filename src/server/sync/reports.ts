import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import type { CaseCode } from '../../shared/codes';
import type { Entry, EntryAction, Report, RunSummary } from '../../shared/directory';
import { mayManagePrivileged } from '../accounts/administrators';
import { Privileges } from '../accounts/privileges';
import { chunksOf } from '../directory/store/rows';
import type { RunRow } from '../directory/store/runs';
import { sentenceOf } from './messages';

// Reports of runs, as administrators read and export them.

const PAGE = 50;

/** In the language of the request. */
export function toSummary(ctx: Context, { code, ...run }: RunRow): RunSummary {
  return { ...run, ...(code && { message: sentenceOf(ctx, code) }) };
}

export async function toReport(
  ctx: Context,
  { run, entries, protectedRoles }: { run: RunRow; entries: Entry[]; protectedRoles: string[] },
  { action, page }: { action?: EntryAction; page: number },
): Promise<Report> {
  const found = entries.filter((entry) => !action || entry.action === action);
  const shown = found.slice((page - 1) * PAGE, page * PAGE);
  return {
    ...toSummary(ctx, run),
    entries: await withNames(ctx, shown, protectedRoles),
    total: found.length,
  };
}

/**
 * Lines as the administrator who asks may read them: a privileged user is named by the ID alone, unless the administrator
 * could take over that user anyway.
 */
export async function withNames(ctx: Context, entries: Entry[], protectedRoles: string[]): Promise<Entry[]> {
  const userIds = [...new Set(entries.flatMap(({ userId }) => userId ?? []))];
  const privileged = await privilegedAmong(ctx, userIds, protectedRoles);
  const isConcerned = ({ userId }: Entry) => userId !== undefined && privileged.has(userId);
  const names = mayManagePrivileged(ctx)
    ? await namesOf(ctx, [...new Set(entries.filter(isConcerned).flatMap(({ userId }) => userId ?? []))])
    : new Map<string, string>();
  return entries.map((entry) => (isConcerned(entry) ? { ...entry, name: names.get(entry.userId ?? '') ?? '' } : entry));
}

async function privilegedAmong({ db }: Context, userIds: string[], protectedRoles: string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const some of chunksOf(userIds)) {
    (await new Privileges(db, protectedRoles).among(some)).forEach((userId) => found.add(userId));
  }
  return found;
}

async function namesOf({ db }: Context, userIds: string[]): Promise<Map<string, string>> {
  const users: Model[] = userIds.length
    ? await db.getModel('users').findAll({ attributes: ['id', 'nickname', 'username'], where: { id: userIds } })
    : [];
  return new Map(users.map((user) => [String(user.get('id')), nameOf(user)]));
}

export const nameOf = (user: Model): string => String(user.get('nickname') || user.get('username') || '');

const COLUMNS = ['kind', 'id', 'name', 'action', 'reason', 'userId', 'fields', 'joined', 'left', 'waysIn', 'notes'];

/** A table for spreadsheets: UTF-8 with a byte order mark, without which they read Chinese as something else (RFC 4180). */
export function toCsv(entries: Entry[], sentence: (code: CaseCode) => string): string {
  const rows = entries.map(({ kind, id, name, action, reason, userId, fields, joined, left, waysIn, notes }) => [
    kind,
    id,
    name,
    action,
    reason ? sentence(reason) : '',
    userId ?? '',
    listOf(fields),
    listOf(joined),
    listOf(left),
    listOf(waysIn),
    listOf(notes?.map(sentence)),
  ]);
  return `\uFEFF${[COLUMNS, ...rows].map((row) => row.map(cellOf).join(',')).join('\r\n')}\r\n`;
}

const listOf = (values: string[] | undefined): string => (values ?? []).join('; ');

/**
 * A name in the address book may be `=HYPERLINK("https://…")`: a spreadsheet takes what begins like this for a formula,
 * unless an apostrophe stands before it. It also drops blanks in front, so those do not hide one.
 */
export function cellOf(value: string): string {
  const harmless = /^[\s\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u.test(value) ? `'${value}` : value;
  return /[",\r\n;]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
