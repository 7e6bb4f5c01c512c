import { type DingTalkAccount, type DingTalkApp, getProfile, getUserToken } from '../dingtalk/api';
import { type TokenCache, withAppToken } from '../dingtalk/app-token';
import { DingTalkError, type DingTalkErrorKind, retryOnce } from '../dingtalk/errors';
import { getMember, getMemberByCode, getMemberByUnionId } from '../dingtalk/oapi';
import type { ErrorCode } from '../../shared/codes';
import { CodedError } from '../http/coded-error';

/** All calls of one sign-in, or of one linking, end within this time: a user waits no longer for DingTalk. */
export const DINGTALK_TIMEOUT_MS = 5000;

/**
 * Exchanges the authorization code of a browser and reads whose account it is: two calls to DingTalk. The first is never
 * repeated, as a code works once.
 *
 * @param checkOrganization is called, and may throw, before anything of the account is read
 * @throws CodedError
 */
export function fetchAccount(
  app: DingTalkApp,
  code: string,
  checkOrganization: (corpId: string | undefined) => void,
  timeoutMs = DINGTALK_TIMEOUT_MS,
): Promise<DingTalkAccount> {
  const signal = AbortSignal.timeout(timeoutMs);
  return mapDingTalkErrors(async () => {
    const { accessToken, corpId } = await getUserToken(app, code, signal);
    checkOrganization(corpId);
    const profile = await retryOnce(() => getProfile(accessToken, signal));
    return { ...profile, corpId };
  });
}

/** A member of the app's organization, as DingTalk names them for a code of the DingTalk client. */
export interface Member {
  unionId: string;
  /** ID in the organization. */
  userid: string;
  /**
   * Reads the rest from the organization's address book; a member who is bound already needs no second call.
   *
   * @throws CodedError
   */
  fetchAccount(): Promise<DingTalkAccount>;
}

/**
 * Reads whose code it is, of those that the DingTalk client gives to a page. It works once, so that the call is repeated
 * only where DingTalk refused the app's token. Both calls have one deadline.
 *
 * @throws CodedError
 */
export function fetchMember(
  app: DingTalkApp,
  code: string,
  cache: TokenCache,
  timeoutMs = DINGTALK_TIMEOUT_MS,
): Promise<Member> {
  const signal = AbortSignal.timeout(timeoutMs);
  const asApp = <T>(call: (appToken: string) => Promise<T>) =>
    withAppToken({ app, cache, signal, renewalMs: timeoutMs }, call);
  return mapDingTalkErrors(async () => {
    const { userid, unionid } = await asApp((token) => getMemberByCode(token, code, signal));
    const readDetails = () => retryOnce(() => asApp((token) => getMember(token, userid, signal)));
    return {
      unionId: unionid,
      userid,
      fetchAccount: async () => {
        const member = await mapDingTalkErrors(readDetails);
        if (member.unionid !== unionid) {
          throw new CodedError('DINGTALK_UNAVAILABLE', { reason: 'DingTalk names two accounts' });
        }
        const { name: nick, avatar: avatarUrl, mobile, state_code: stateCode } = member;
        return { unionId: unionid, nick, avatarUrl, mobile, stateCode, openId: undefined, email: undefined };
      },
    };
  });
}

/** Refusals that stay the same however often one asks: the app may not ask, or there is no such member. */
const lasting = new Set<DingTalkErrorKind>(['permission', 'ipNotAllowed', 'credentials', 'notMember', 'scope']);

const EMPLOYEE = '0';

/**
 * The userid that an account has in the app's organization, or undefined where it has none there, or where DingTalk does
 * not let the app ask.
 *
 * @throws CodedError where DingTalk may answer a moment later
 */
export function fetchUserid(
  app: DingTalkApp,
  unionId: string,
  cache: TokenCache,
  timeoutMs: number,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  const readContact = () =>
    withAppToken({ app, cache, signal, renewalMs: timeoutMs }, (token) => getMemberByUnionId(token, unionId, signal));
  return mapDingTalkErrors(async () => {
    try {
      const { userid, contact_type: type } = await retryOnce(readContact);
      return type === EMPLOYEE ? userid : undefined;
    } catch (error) {
      if (error instanceof DingTalkError && lasting.has(error.kind)) {
        return undefined;
      }
      throw error;
    }
  });
}

/** What the user is told, for each kind of failure. */
const codeOfKind: Record<DingTalkErrorKind, ErrorCode> = {
  unreachable: 'DINGTALK_UNAVAILABLE',
  unexpected: 'DINGTALK_UNAVAILABLE',
  token: 'DINGTALK_UNAVAILABLE',
  busy: 'DINGTALK_BUSY',
  credentials: 'CREDENTIALS_INVALID',
  permission: 'PERMISSION_MISSING',
  ipNotAllowed: 'IP_NOT_ALLOWED',
  code: 'CODE_INVALID',
  notMember: 'NOT_A_MEMBER',
  scope: 'SCOPE_TOO_NARROW',
  // Only departments are gone, and a sign-in asks for none; nor does it send anything.
  gone: 'DINGTALK_UNAVAILABLE',
  agent: 'DINGTALK_UNAVAILABLE',
  quota: 'DINGTALK_UNAVAILABLE',
  receivers: 'DINGTALK_UNAVAILABLE',
  message: 'DINGTALK_UNAVAILABLE',
};

/**
 * Runs calls to DingTalk for a sign-in or a linking, and gives their failures the plugin's codes.
 *
 * @throws CodedError
 */
export async function mapDingTalkErrors<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof DingTalkError ? new CodedError(codeOfKind[error.kind], error.logFields) : error;
  }
}
