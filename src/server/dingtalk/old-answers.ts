import { z } from 'zod';
import type { SignInErrorCode } from '../http/errors';
import { BANNED, id, label, optional, refusedBy } from './answers';
import type { DingTalkResponse } from './request';

/** DingTalk document: `obtain-the-userid-of-a-user-by-using-the-log-free`. */
export const memberIdAnswer = z.object({ userid: id, unionid: id });

/** DingTalk document: `query-user-details`. */
export const memberAnswer = z.object({
  unionid: id,
  name: optional,
  avatar: optional,
  /** National number; only with permission 企业员工手机号信息. */
  mobile: optional,
  /** Country calling code: `86`. */
  state_code: optional,
});

/** DingTalk documents its fields as texts and sends numbers: both are read. */
const oldAnswer = z.object({
  errcode: label,
  sub_code: label,
  request_id: label,
  status: label,
  result: z.unknown().optional(),
});

const codes = new Map<string, SignInErrorCode>([
  ['40078', 'CODE_INVALID'],
  ['40079', 'NOT_A_MEMBER'],
  ['60121', 'NOT_A_MEMBER'],
  ['50002', 'SCOPE_TOO_NARROW'],
  ['60011', 'PERMISSION_MISSING'],
  ['60020', 'IP_NOT_ALLOWED'],
]);

/** `90001` to `90018` tell who called too often: this app, this address, everybody. */
const throttled = /^900(0[1-9]|1[0-8])$/;

/**
 * Judges an answer of the old API (`oapi.dingtalk.com`): always 200, with `{ errcode: 0, result }` where all is well.
 * What its gateway refuses has the code 88, and the reason in `sub_code`.
 *
 * @throws SignInError whose code says who has to act
 */
export function judgeOld<T>(response: DingTalkResponse, schema: z.ZodType<T>): T {
  const { data } = oldAnswer.safeParse(response.json);
  if (data?.errcode === '0') {
    const result = schema.safeParse(data.result);
    if (result.success) {
      return result.data;
    }
  }
  const code = data?.sub_code ?? (data?.errcode === '0' ? undefined : data?.errcode);
  const busy = response.status === 429 || data?.status === BANNED || throttled.test(code ?? '');
  throw refusedBy(response, busy ? 'DINGTALK_BUSY' : codes.get(code ?? ''), code, data?.request_id);
}
