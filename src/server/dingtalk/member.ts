import { SignInError } from '../http/errors';
import { asApp, type TokenCache } from './app-token';
import { dingTalkUrl } from './hosts';
import { judgeOld, memberAnswer, memberIdAnswer } from './old-answers';
import type { DingTalkApp, DingTalkPerson } from './person';
import { sendToDingTalk } from './request';
import { twiceAtMost } from './retry';

/** Asks DingTalk in the name of an app of one organisation, until `signal` ends it. */
export class MemberReader {
  constructor(
    private readonly app: DingTalkApp,
    private readonly cache: TokenCache,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Whose code this is, of those that the DingTalk client gives to a page. It works once, so this is never repeated, but
   * where DingTalk did not know the app's token. DingTalk document: `obtain-the-userid-of-a-user-by-using-the-log-free`.
   *
   * @throws SignInError
   */
  async identify(code: string): Promise<{ userid: string; unionId: string }> {
    const { userid, unionid } = await this.ask('/topapi/v2/user/getuserinfo', { code }, memberIdAnswer);
    return { userid, unionId: unionid };
  }

  /**
   * What the organisation's address book says of a member. DingTalk document: `query-user-details`.
   *
   * @throws SignInError
   */
  async read({ userid, unionId }: { userid: string; unionId: string }): Promise<DingTalkPerson> {
    const member = await twiceAtMost(() => this.ask('/topapi/v2/user/get', { userid }, memberAnswer));
    if (member.unionid !== unionId) {
      throw new SignInError('DINGTALK_UNAVAILABLE', { reason: 'DingTalk names two people' });
    }
    const { name: nick, avatar: avatarUrl, mobile, state_code: stateCode } = member;
    return { unionId, nick, avatarUrl, mobile, stateCode, openId: undefined, email: undefined };
  }

  private ask<T>(path: string, body: Record<string, string>, schema: Parameters<typeof judgeOld<T>>[1]): Promise<T> {
    return asApp(this.app, this.cache, this.signal, async (token) =>
      judgeOld(await askOldApi(path, body, token, this.signal), schema),
    );
  }
}

/** The old API takes the app's token in the address alone. */
export function askOldApi(path: string, body: Record<string, string>, token: string, signal: AbortSignal) {
  const url = dingTalkUrl('DINGTALK_OAPI_URL', path);
  url.searchParams.set('access_token', token);
  return sendToDingTalk({ method: 'POST', url, body, signal });
}
