import { z } from 'zod';
import { SignInError, type SignInErrorCode } from '../http/errors';
import type { DingTalkResponse } from './request';

const text = z.union([z.string(), z.number().transform(String)]);
/** What a database is asked for, or keeps as it is. PostgreSQL refuses NUL. */
export const id = text.pipe(
  z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]{1,255}$/),
);
export const optionalId = id.optional().catch(undefined);
/** DingTalk leaves a field out, or sends null or nothing in it: all the same. */
export const optional = text.pipe(z.string().trim().min(1)).optional().catch(undefined);

/** DingTalk document: `obtain-user-token`. */
export const userTokenAnswer = z.object({
  accessToken: text.pipe(z.string().min(1).max(4096)),
  /** The organisation; only with scope `openid corpid`. */
  corpId: optionalId,
});

/** DingTalk document: `obtain-the-access-token-of-an-internal-app`. */
export const appTokenAnswer = z.object({
  accessToken: text.pipe(z.string().min(1).max(4096)),
  /** Seconds. */
  expireIn: z.coerce.number().positive(),
});

/** DingTalk document: `dingtalk-retrieve-user-information`. */
export const profileAnswer = z.object({
  unionId: id,
  openId: optionalId,
  nick: optional,
  avatarUrl: optional,
  /** National number; only with permission 个人手机号信息, and masked for apps of third parties. */
  mobile: optional,
  /** Country calling code: `86`, sometimes `+86`. */
  stateCode: optional,
  email: optional,
});

/** What goes into the log: no sentence, and nothing that could pass for a line of its own. */
export const label = text
  .pipe(z.string().regex(/^[\w.:-]{1,128}$/))
  .optional()
  .catch(undefined);

const errorAnswer = z.object({ code: label, requestid: label, status: label });

const codes = new Map<string, SignInErrorCode>([
  ['invalidParameter.authCode.notFound', 'CODE_INVALID'],
  ['invalidClientIdOrSecret', 'CREDENTIALS_INVALID'],
  ['Forbidden.AccessDenied.AccessTokenPermissionDenied', 'PERMISSION_MISSING'],
  ['Forbidden.AccessDenied.IpNotInWhiteList', 'IP_NOT_ALLOWED'],
  ['request.overlimit', 'DINGTALK_BUSY'],
  ['qps.exceed.limit', 'DINGTALK_BUSY'],
]);

/** DingTalk throttles with 403, not 429: only the code tells it from a missing permission. */
const throttled = /^Forbidden\.AccessDenied\.(Qps|Qpm|ApiCount)Limit/;

/** The answer's `status` when this server's address is banned for five minutes (document `call-frequency-limit`). */
export const BANNED = '1111';

/**
 * Judges an answer of the new API (`api.dingtalk.com`): fields on 2xx, else `{ code, message, requestid }`.
 *
 * @throws SignInError whose code says who has to act
 */
export function judge<T>(response: DingTalkResponse, schema: z.ZodType<T>): T {
  const { status, json } = response;
  const error = errorAnswer.safeParse(json).data;
  if (status >= 200 && status < 300) {
    const answer = schema.safeParse(json);
    if (answer.success) {
      return answer.data;
    }
  }
  const code = error?.code ?? '';
  const busy = status === 429 || error?.status === BANNED || throttled.test(code);
  throw refusedBy(response, busy ? 'DINGTALK_BUSY' : codes.get(code), error?.code, error?.requestid);
}

/** A refusal of DingTalk, or what is no answer of DingTalk at all. */
export function refusedBy(
  { endpoint, status }: DingTalkResponse,
  code: SignInErrorCode = 'DINGTALK_UNAVAILABLE',
  dingTalkCode?: string,
  requestId?: string,
): SignInError {
  const reason = dingTalkCode ? 'refused by DingTalk' : 'not an answer of DingTalk';
  return new SignInError(code, { endpoint, httpStatus: status, dingTalkCode, requestId, reason });
}
