import { z } from 'zod';
import { DingTalkError } from './errors';
import { optionalId, text } from './http';
import { callOapi, userid } from './oapi';

// An organization's departments and members, as oapi.dingtalk.com lists them to its app. Half an answer is an error, and
// never a shorter list: whoever is missing in it would be taken for somebody who left.

/** Thousands of departments of one parent, or of a scope. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * A page of 100 members takes about 120 kB, and more than 1 MiB where their remarks and the organization's own fields are
 * long. Each run would end at a page that is refused.
 */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/** What everybody asks for: DingTalk documents no maximum. */
const PAGE_SIZE = 100;

/** The ID of the organization itself, as the department above all others. */
export const ORGANIZATION = 1;

/** A department as DingTalk lists it. */
export interface Department {
  id: number;
  name: string;
  /** Absent for the organization itself, which is the department 1. */
  parentId?: number;
}

/** A member as `user/list` and `user/get` answer. Optional values are absent where they are not set, or not permitted. */
export interface DirectoryMember {
  userid: string;
  unionId?: string;
  name?: string;
  avatar?: string;
  /** National number; only with permission 企业员工手机号信息, as is `stateCode`. */
  mobile?: string;
  /** Country calling code: `86`. */
  stateCode?: string;
  /** Only with permission 邮箱等个人信息, as are `orgEmail` and `workPlace`. Nobody has verified it. */
  email?: string;
  /** A mailbox that the organization has at DingTalk. */
  orgEmail?: string;
  jobNumber?: string;
  title?: string;
  workPlace?: string;
  /** In DingTalk's order; ids <= 0 are left out. */
  departmentIds: number[];
  /** Whether the member leads a department, by its id: of `listMembers` the one that was asked for, else each. */
  leads: Record<number, boolean>;
  /** Whether the member has ever joined: false for who is invited. */
  active: boolean;
  /** Whether it is a dedicated account (专属账号), which the organization issues. */
  isDedicated: boolean;
}

/** Larger ones are not exact in JavaScript: two departments would have one id. */
export const integer = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d{1,16}$/)
    .transform(Number)
    .pipe(z.int()),
]);

export const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((written) => written === 'true')]);

/** DingTalk's documents show lists as texts, `[2,3,4]`, and one entry without its list: both are read. */
export function listOf<T>(entry: z.ZodType<T>) {
  return z.preprocess((read) => {
    const list = typeof read === 'string' && read.startsWith('[') ? parseList(read) : read;
    return list === undefined || list === null || Array.isArray(list) ? list : [list];
  }, z.array(entry));
}

function parseList(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

/** No database takes NUL everywhere, nor half a character, such as half an emoji of a name that was cut. */
const cleanText = text.transform((read) => read.replace(/[\0\p{Cs}]/gu, '').trim());

const optionalText = cleanText.pipe(z.string().min(1)).optional().catch(undefined);

/** Ids below 1 are of other books, such as that of a school's parents: DingTalk answers errors about them. */
const departmentIds = listOf(integer).transform((ids) => ids.filter((id) => id > 0));

export const departmentSchema = z
  .object({
    dept_id: integer,
    name: cleanText,
    parent_id: integer.pipe(z.number().positive()).optional().catch(undefined),
  })
  .transform(({ dept_id: id, name, parent_id: parentId }): Department => ({ id, name: name || String(id), parentId }));

export const departmentsSchema = listOf(departmentSchema).transform((all) => all.filter(({ id }) => id > 0));

/**
 * The direct sub-departments. Document: `user-management-acquires-the-list-departments`.
 *
 * @param departmentId 1 is the organization itself
 * @throws DingTalkError also `gone`, `scope`, `permission`, `ipNotAllowed`, `token`
 */
export function listSubDepartments(appToken: string, departmentId: number, signal: AbortSignal): Promise<Department[]> {
  return post('/topapi/v2/department/listsub', departmentsSchema, { dept_id: departmentId }, appToken, signal);
}

/**
 * One department. Document: `query-department-details0-v2`.
 *
 * @throws DingTalkError also `gone`, `scope`, `permission`, `ipNotAllowed`, `token`
 */
export function getDepartment(appToken: string, departmentId: number, signal: AbortSignal): Promise<Department> {
  return post('/topapi/v2/department/get', departmentSchema, { dept_id: departmentId }, appToken, signal);
}

export const departmentIdsSchema = z.object({ dept_id_list: departmentIds });

/**
 * The ids of the direct sub-departments, also of those that the app may not see. Document:
 * `obtain-the-list-of-sub-department-ids`.
 *
 * @throws DingTalkError also `gone`, `permission`, `ipNotAllowed`, `token`
 */
export async function listSubDepartmentIds(
  appToken: string,
  departmentId: number,
  signal: AbortSignal,
): Promise<number[]> {
  const body = { dept_id: departmentId };
  const { dept_id_list: ids } = await post(
    '/topapi/v2/department/listsubid',
    departmentIdsSchema,
    body,
    appToken,
    signal,
  );
  return ids;
}

const pathSchema = z.object({ parent_id_list: departmentIds });

/**
 * The ids of a department itself, of its parent, and so on up to the organization, whatever of them the app may see.
 * Document: `query-the-list-of-all-parent-departments-of-a-department`.
 *
 * @throws DingTalkError also `gone`, `permission`, `ipNotAllowed`, `token`
 */
export async function listParentDepartmentIds(
  appToken: string,
  departmentId: number,
  signal: AbortSignal,
): Promise<number[]> {
  const endpoint = '/topapi/v2/department/listparentbydept';
  const { parent_id_list: ids } = await post(endpoint, pathSchema, { dept_id: departmentId }, appToken, signal);
  return ids;
}

const memberSchema = z.object({
  userid,
  unionid: optionalId,
  name: optionalText,
  avatar: optionalText,
  mobile: optionalText,
  state_code: optionalText,
  email: optionalText,
  org_email: optionalText,
  job_number: optionalText,
  title: optionalText,
  work_place: optionalText,
  // Nobody is in no department: an answer without them would end memberships.
  dept_id_list: departmentIds,
  active: flag.catch(true),
  exclusive_account: flag.catch(false),
});

function memberOf(fields: z.infer<typeof memberSchema>, leads: Record<number, boolean>): DirectoryMember {
  return {
    userid: fields.userid,
    unionId: fields.unionid,
    name: fields.name,
    avatar: fields.avatar,
    mobile: fields.mobile,
    stateCode: fields.state_code,
    email: fields.email,
    orgEmail: fields.org_email,
    jobNumber: fields.job_number,
    title: fields.title,
    workPlace: fields.work_place,
    departmentIds: fields.dept_id_list,
    leads,
    active: fields.active,
    isDedicated: fields.exclusive_account,
  };
}

export const pageSchema = z
  .object({
    list: listOf(memberSchema.extend({ leader: flag.optional().catch(undefined) })),
    has_more: flag,
    next_cursor: integer.optional().catch(undefined),
  })
  .refine(({ has_more: hasMore, next_cursor: next }) => !hasMore || next !== undefined);

/**
 * A page of the members of one department, without those of its sub-departments. Document:
 * `queries-the-complete-information-of-a-department-user`.
 *
 * @param cursor 0, then the `nextCursor` of the page before; there is none after the last page
 * @throws DingTalkError also `gone`, `scope`, `permission`, `ipNotAllowed`, `token`
 */
export async function listMembers(
  appToken: string,
  departmentId: number,
  cursor: number,
  signal: AbortSignal,
): Promise<{ members: DirectoryMember[]; nextCursor?: number }> {
  const endpoint = '/topapi/v2/user/list';
  const body = { dept_id: departmentId, cursor, size: PAGE_SIZE };
  const {
    list,
    has_more: hasMore,
    next_cursor: next,
  } = await post(endpoint, pageSchema, body, appToken, signal, MAX_PAGE_BYTES);
  const nextCursor = hasMore ? next : undefined;
  // Whoever follows such a cursor reads the same members for ever.
  if (nextCursor !== undefined && nextCursor <= cursor) {
    throw new DingTalkError('unexpected', { endpoint, reason: 'the next page is not behind this one' });
  }
  return {
    members: list.map(({ leader, ...fields }) =>
      memberOf(fields, leader === undefined ? {} : { [departmentId]: leader }),
    ),
    nextCursor,
  };
}

const leadership = z.object({ dept_id: integer, leader: flag }).optional().catch(undefined);

export const directoryMemberSchema = memberSchema
  .extend({ leader_in_dept: listOf(leadership).catch([]) })
  .transform(({ leader_in_dept: entries, ...fields }) => {
    const known = entries.filter((entry) => entry !== undefined).filter(({ dept_id: id }) => id > 0);
    return memberOf(fields, Object.fromEntries(known.map(({ dept_id: id, leader }) => [id, leader])));
  });

/**
 * One member, with all that `listMembers` says. `getMember` reads the same endpoint for a sign-in. Document:
 * `query-user-details`.
 *
 * @throws DingTalkError also `notMember` who left or never joined, `scope`, `permission`, `ipNotAllowed`, `token`
 */
export function getDirectoryMember(appToken: string, userid: string, signal: AbortSignal): Promise<DirectoryMember> {
  return post('/topapi/v2/user/get', directoryMemberSchema, { userid }, appToken, signal);
}

export const countSchema = z.object({ count: integer.pipe(z.number().nonnegative()) });

/**
 * How many members the whole organization has, with those that the app may not see, and those who have not joined yet.
 * Document: `user-management-acquires-number-employees`.
 *
 * @throws DingTalkError also `permission`, `ipNotAllowed`, `token`
 */
export async function countMembers(appToken: string, signal: AbortSignal): Promise<number> {
  const { count } = await post('/topapi/user/count', countSchema, { only_active: false }, appToken, signal);
  return count;
}

/** The part of the organization that an app may see. */
export interface Scopes {
  /** With all that is below them. */
  departmentIds: number[];
  /** Members who are visible by themselves, in whatever department. */
  userids: string[];
  /** Fields of members, by DingTalk's names. It does not name all that are permitted. */
  fields: string[];
}

export const scopesSchema = z
  .object({
    auth_user_field: listOf(text).catch([]),
    auth_org_scopes: z.object({ authed_dept: departmentIds, authed_user: listOf(userid) }),
  })
  .transform(
    ({ auth_user_field: fields, auth_org_scopes: { authed_dept: departments, authed_user: userids } }): Scopes => ({
      departmentIds: departments,
      userids,
      fields,
    }),
  );

/**
 * What the app may see, as the organization has set it under 权限管理 › 授权范围. Document:
 * `obtain-corpsecret-authorization-scope`.
 *
 * @throws DingTalkError also `ipNotAllowed`, `token`
 */
export function getScopes(appToken: string, signal: AbortSignal): Promise<Scopes> {
  const request = { method: 'GET', fieldsIn: 'answer', maxAnswerBytes: MAX_ANSWER_BYTES, appToken, signal } as const;
  return callOapi('/auth/scopes', scopesSchema, request);
}

const post = <T>(
  path: string,
  schema: z.ZodType<T>,
  body: Record<string, string | number | boolean>,
  appToken: string,
  signal: AbortSignal,
  maxAnswerBytes = MAX_ANSWER_BYTES,
) => callOapi(path, schema, { body, appToken, signal, maxAnswerBytes });
