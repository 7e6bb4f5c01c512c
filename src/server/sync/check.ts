import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { presetAuthType } from '@nocobase/plugin-auth';
import type { FindingCode } from '../../shared/codes';
import type { Finding } from '../../shared/contract';
import { Privileges } from '../accounts/privileges';
import { SMS_TYPE } from '../accounts/ways-in';
import { findingsOfNocoBase, type Found } from '../configuration/findings';
import { readNocoBase } from '../configuration/nocobase';
import { titleOf } from '../configuration/titles';
import {
  countMembers,
  getDirectoryMember,
  getScopes,
  listSubDepartmentIds,
  ORGANIZATION,
} from '../dingtalk/address-book';
import { DingTalkError } from '../dingtalk/errors';
import { ask } from '../directory/read/ask';
import type { Reader } from '../directory/read/calls';
import { readDirectory } from '../directory/read/read';
import { readerOf } from '../directory/read/reader';
import { isDirectoryOff, type Source } from '../directory/source';
import type { Directory } from '../directory/types';
import { CodedError } from '../http/coded-error';
import { toFinding } from '../http/report';

/** How many departments are asked for what is below them, to know how many there are in all. */
const MAX_COUNTED = 300;

/** Of the findings of a configuration check, those that concern a source as well. */
const SHARED: FindingCode[] = [
  'SIGN_UP_PREPARES_MATCH',
  'PROFILE_PREPARES_MATCH',
  'DEFAULT_ROLE_PRIVILEGED',
  'NEW_USERS_INCOMPLETE',
];

/** What is wrong with a source, or is worth knowing before it runs. Nothing is written. */
export async function checkOptions(ctx: Context, source: Source, signal: AbortSignal): Promise<Finding[]> {
  const found = [...(await findInDingTalk(ctx, source, signal)), ...(await findInNocoBase(ctx, source))];
  ctx.logger.info('DingTalk directory check', { found: found.map(({ code, detail }) => ({ code, ...detail })) });
  return found.map((one) => toFinding(ctx, one));
}

/** What a refusal means, by the endpoint at which DingTalk lacks the permission. */
const permissions: [RegExp, FindingCode][] = [
  [/department/, 'DEPARTMENTS_NOT_READABLE'],
  [/user\/list/, 'DIRECTORY_NOT_READABLE'],
  [/user/, 'LEAVERS_NOT_READABLE'],
];

async function findInDingTalk(ctx: Context, source: Source, signal: AbortSignal): Promise<Found[]> {
  const reader = readerOf(ctx.app, source, signal);
  try {
    const { departmentIds, userids } = await ask(reader, 'auth/scopes', getScopes);
    if (!departmentIds.length && !userids.length) {
      return [{ code: 'SCOPE_EMPTY' }];
    }
    const found = await askLeaver(reader);
    const directory = await readDirectory(reader, null);
    const isWhole = departmentIds.includes(ORGANIZATION);
    return [...found, await scopeOf(reader, directory, isWhole), ...valuesOf(source, directory)];
  } catch (error) {
    return [toFound(error)];
  }
}

function toFound(error: unknown): Found {
  if (error instanceof CodedError && error.code === 'DIRECTORY_EMPTY') {
    return { code: 'SCOPE_EMPTY' };
  }
  if (!(error instanceof DingTalkError)) {
    throw error;
  }
  const { kind, endpoint, reason, dingTalkCode, status, logFields: detail } = error;
  switch (kind) {
    case 'permission':
      return {
        code: permissions.find(([pattern]) => pattern.test(endpoint))?.[1] ?? 'DIRECTORY_NOT_READABLE',
        detail,
      };
    case 'credentials':
      return { code: 'CREDENTIALS_REFUSED', detail };
    case 'ipNotAllowed':
      return { code: 'IP_NOT_ALLOWED', detail };
    case 'busy':
      return { code: 'DINGTALK_BUSY', detail };
    case 'unreachable':
      return { code: 'DINGTALK_UNREACHABLE', values: { host: endpoint, reason }, detail };
    default:
      return { code: 'DINGTALK_ANSWER_UNKNOWN', values: { answer: dingTalkCode ?? `HTTP ${status}` }, detail };
  }
}

/** Asks for a member that cannot exist: only an app with the permission gets the answer that there is none. */
async function askLeaver(reader: Reader): Promise<Found[]> {
  try {
    await ask(reader, 'user/get', (token, signal) => getDirectoryMember(token, 'nobody-directory-check', signal));
  } catch (error) {
    if (error instanceof DingTalkError && ['permission', 'credentials', 'ipNotAllowed'].includes(error.kind)) {
      return [toFound(error)];
    }
  }
  return [];
}

/** `12 of 60 departments`: the numbers of all are not limited by the scope. */
async function scopeOf(
  reader: Reader,
  { departments, members }: Pick<Directory, 'departments' | 'members'>,
  isWhole: boolean,
): Promise<Found> {
  const visible = { departments: String(departments.length), members: String(members.length) };
  if (isWhole) {
    return { code: 'SCOPE_WHOLE', values: visible };
  }
  const allMembers = await ask(reader, 'user/count', countMembers).then(String, () => '?');
  const allDepartments = await countDepartments(reader).catch(() => '?');
  return { code: 'SCOPE_PART', values: { ...visible, allDepartments, allMembers } };
}

/** How many departments the organization has; with a `+` where counting them would take too many calls. */
async function countDepartments(reader: Reader): Promise<string> {
  const seen = new Set<number>();
  let level = [ORGANIZATION];
  let asked = 0;
  while (level.length && asked < MAX_COUNTED) {
    const some = level.slice(0, MAX_COUNTED - asked);
    asked += some.length;
    const below = await Promise.all(
      some.map((id) => ask(reader, 'department/listsubid', (token, signal) => listSubDepartmentIds(token, id, signal))),
    );
    const next = [...new Set(below.flat())].filter((id) => !seen.has(id));
    next.forEach((id) => seen.add(id));
    level = [...level.slice(some.length), ...next];
  }
  return level.length ? `${seen.size}+` : String(seen.size);
}

/** DingTalk leaves out what the app may not read, without a word. */
function valuesOf({ settings }: Source, { members }: Pick<Directory, 'members'>): Found[] {
  const tellsPhones = members.some(({ mobile }) => mobile);
  const tellsEmails = members.some(({ email, orgEmail }) => email ?? orgEmail);
  return [
    { code: tellsPhones ? 'PHONES_READABLE' : 'PHONES_NOT_READABLE' },
    ...(settings.fields.email && !tellsEmails ? [{ code: 'EMAILS_NOT_READABLE' } as const] : []),
  ];
}

async function findInNocoBase(ctx: Context, source: Source): Promise<Found[]> {
  const { settings, appSettings, authenticator } = source;
  const { db } = ctx;
  const creates = settings.newUsers === 'create';
  const configured = { ...appSettings, autoSignup: creates, signUpWithoutPhone: true };
  const nocobase = await readNocoBase(ctx, configured, authenticator.model.options);
  const shared = findingsOfNocoBase(configured, nocobase).filter(({ code }) => SHARED.includes(code));
  const privileged = await titlesOfPrivilegedDepartments(ctx, authenticator.protectedRoles);
  const smsWays = settings.fields.phone ? await enabledAuthenticators(ctx, SMS_TYPE, () => true) : [];
  const resets = settings.fields.email
    ? await enabledAuthenticators(ctx, presetAuthType, (options) => Boolean(options?.public?.enableResetPassword))
    : [];
  return [
    ...(isDirectoryOff() ? [{ code: 'DIRECTORY_OFF' } as const] : []),
    ...(db.hasCollection('departments') ? [] : [{ code: 'DEPARTMENTS_OFF' } as const]),
    ...(privileged.length
      ? [{ code: 'DEPARTMENTS_PRIVILEGED', values: { departments: privileged.join(', ') } } as const]
      : []),
    ...(smsWays.length ? [{ code: 'PHONE_IS_WAY_IN', values: { authenticator: smsWays.join(', ') } } as const] : []),
    ...(resets.length ? [{ code: 'EMAIL_IS_WAY_IN', values: { authenticator: resets.join(', ') } } as const] : []),
    ...(settings.fields.email && !appSettings.emailDomains.length ? [{ code: 'EMAIL_DOMAINS_MISSING' } as const] : []),
    ...(appSettings.matchByPhone === 'automatic' ? [] : [{ code: 'MATCH_BY_PHONE_OFF' } as const]),
    ...shared,
  ];
}

async function titlesOfPrivilegedDepartments({ db }: Context, protectedRoles: string[]): Promise<string[]> {
  if (!db.hasCollection('departmentsRoles')) {
    return [];
  }
  const roles = await new Privileges(db, protectedRoles).roles();
  const carrying: Model[] = await db.getModel('departmentsRoles').findAll({ where: { roleName: [...roles] } });
  const departments: Model[] = await db
    .getModel('departments')
    .findAll({ where: { id: carrying.map((row) => row.get('departmentId')) }, order: ['id'] });
  return departments.map((department) => String(department.get('title')));
}

interface SavedOptions {
  public?: { enableResetPassword?: unknown };
}

/** The titles of the enabled authenticators of a type. */
async function enabledAuthenticators(
  ctx: Context,
  authType: string,
  isMeant: (options: SavedOptions | null) => boolean,
): Promise<string[]> {
  const rows: Model[] = await ctx.db.getModel('authenticators').findAll({ where: { authType, enabled: true } });
  return rows
    .filter((row) => isMeant(row.get('options')))
    .map((row) => titleOf(ctx, row.get('title'), String(row.get('name'))));
}
