import { z } from 'zod';
import { DingTalkError, type DingTalkErrorKind } from './errors';
import {
  BANNED,
  dingTalkUrl,
  type DingTalkRequest,
  type DingTalkResponse,
  id,
  label,
  optionalText,
  sendRequest,
  text,
} from './http';

// The older API of oapi.dingtalk.com, which alone knows an organization's members: always 200, with
// `{ errcode: 0, result }` on success. What its gateway refuses has the errcode 88, and the reason in `sub_code`.

/** The organization chooses it, of any characters: `张伟01`, `zhang wei`. PostgreSQL refuses NUL, and half a character. */
export const userid = text.pipe(z.string().regex(/^[^\p{Cc}\p{Cs}]{1,255}$/u));

export const memberIdSchema = z.object({ userid, unionid: id });

/**
 * The member whom a code belongs to, of those codes that the DingTalk client gives to a page (`requestAuthCode`). Never
 * call it twice with one code, except after `token`: it works once, for five minutes. Document:
 * `obtain-the-userid-of-a-user-by-using-the-log-free`.
 *
 * @throws DingTalkError also `code`, `notMember`, `permission`, `ipNotAllowed`, `token`
 */
export function getMemberByCode(appToken: string, code: string, signal: AbortSignal) {
  return callOapi('/topapi/v2/user/getuserinfo', memberIdSchema, { body: { code }, appToken, signal });
}

export const memberSchema = z.object({
  unionid: id,
  name: optionalText,
  avatar: optionalText,
  /** National number; only with permission 企业员工手机号信息. */
  mobile: optionalText,
  /** Country calling code: `86`. */
  state_code: optionalText,
});

/**
 * What the organization's address book says of a member. Document: `query-user-details`.
 *
 * @throws DingTalkError also `notMember`, `scope`, `permission`, `ipNotAllowed`, `token`
 */
export function getMember(appToken: string, userid: string, signal: AbortSignal) {
  return callOapi('/topapi/v2/user/get', memberSchema, { body: { userid }, appToken, signal });
}

export const contactSchema = z.object({
  userid,
  /** `0` for an employee, `1` for an external contact. */
  contact_type: label,
});

/**
 * Whom the app's organization knows by this unionId. Document: `query-a-user-by-the-union-id`.
 *
 * @throws DingTalkError also `notMember`, `permission`, `ipNotAllowed`, `token`
 */
export function getMemberByUnionId(appToken: string, unionid: string, signal: AbortSignal) {
  return callOapi('/topapi/user/getbyunionid', contactSchema, { body: { unionid }, appToken, signal });
}

interface OapiRequest extends Pick<DingTalkRequest, 'body' | 'maxAnswerBytes' | 'signal'> {
  /** `POST` where it is left out. */
  method?: DingTalkRequest['method'];
  appToken: string;
  /** Where the answer has its fields: in `result`, as nearly all have, or beside `errcode`. */
  fieldsIn?: 'result' | 'answer';
}

/**
 * Calls an endpoint of oapi.dingtalk.com in the name of the app.
 *
 * @throws DingTalkError
 */
export async function callOapi<T>(path: string, schema: z.ZodType<T>, request: OapiRequest): Promise<T> {
  const { appToken, fieldsIn, method = 'POST', ...rest } = request;
  const url = dingTalkUrl('DINGTALK_OAPI_URL', path);
  // This API takes the token nowhere else; `DingTalkError` keeps the path alone.
  url.searchParams.set('access_token', appToken);
  return parseOapiAnswer(await sendRequest({ ...rest, method, url }), schema, fieldsIn);
}

const answerSchema = z.object({
  errcode: label,
  sub_code: label,
  request_id: label,
  status: label,
  result: z.unknown().optional(),
});

const kinds = new Map<string, DingTalkErrorKind>([
  ['40078', 'code'],
  ['40079', 'notMember'],
  ['60121', 'notMember'],
  ['33012', 'notMember'],
  ['50002', 'scope'],
  ['50004', 'scope'],
  ['60003', 'gone'],
  ['60011', 'permission'],
  ['60020', 'ipNotAllowed'],
  ['40014', 'token'],
  ['42001', 'token'],
  ['40056', 'agent'],
  ['41011', 'agent'],
  ['90020', 'quota'],
  ['40031', 'receivers'],
  ['40032', 'receivers'],
  ...['40008', '40048', '41', '41028', '41029', '41044', '41045', '41046', '41047', '41048', '41049'].map(
    (code) => [code, 'message'] as const,
  ),
]);

/** `90001` to `90018` tell who called too often: this app, this address, everybody. */
const throttled = /^900(0[1-9]|1[0-8])$/;

/**
 * The checked `result` of an answer of oapi.dingtalk.com, or its other fields.
 *
 * @throws DingTalkError
 */
export function parseOapiAnswer<T>(
  { endpoint, status, json }: DingTalkResponse,
  schema: z.ZodType<T>,
  fieldsIn: OapiRequest['fieldsIn'] = 'result',
): T {
  const answer = answerSchema.safeParse(json).data;
  if (answer?.errcode === '0') {
    const result = schema.safeParse(fieldsIn === 'result' ? answer.result : json);
    if (result.success) {
      return result.data;
    }
  }
  const code = answer?.sub_code ?? (answer?.errcode === '0' ? undefined : answer?.errcode);
  const isBusy = status === 429 || answer?.status === BANNED || throttled.test(code ?? '');
  throw new DingTalkError(isBusy ? 'busy' : (kinds.get(code ?? '') ?? 'unexpected'), {
    endpoint,
    status,
    dingTalkCode: code,
    requestId: answer?.request_id,
    reason: code ? 'refused by DingTalk' : 'not an answer of DingTalk',
  });
}
