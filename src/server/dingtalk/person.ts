import type { z } from 'zod';
import { TIMEOUT_MS } from './agents';
import { judge, profileAnswer, userTokenAnswer } from './answers';
import { dingTalkUrl } from './hosts';
import { sendToDingTalk } from './request';
import { twiceAtMost } from './retry';

export interface DingTalkApp {
  clientId: string;
  clientSecret: string;
}

/** Whom DingTalk names, and in which organisation. */
export type DingTalkPerson = z.infer<typeof profileAnswer> & { corpId?: string };

/**
 * Exchanges an authorization code and reads whose it is: two calls to DingTalk. The first is never repeated, as a code
 * works once; the second is, once, where that may help.
 *
 * @param checkOrganization is asked before anything is read of the person
 * @throws SignInError
 */
export async function readPerson(
  app: DingTalkApp,
  code: string,
  checkOrganization: (corpId: string | undefined) => void = () => undefined,
): Promise<DingTalkPerson> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const { accessToken, corpId } = await exchangeCode(app, code, signal);
  checkOrganization(corpId);
  const profile = await twiceAtMost(() => readProfile(accessToken, signal));
  return { ...profile, corpId };
}

/** DingTalk document: `obtain-user-token`. */
async function exchangeCode({ clientId, clientSecret }: DingTalkApp, code: string, signal: AbortSignal) {
  const response = await sendToDingTalk({
    method: 'POST',
    url: dingTalkUrl('DINGTALK_API_URL', '/v1.0/oauth2/userAccessToken'),
    body: { clientId, clientSecret, code, grantType: 'authorization_code' },
    signal,
  });
  return judge(response, userTokenAnswer);
}

/** DingTalk document: `dingtalk-retrieve-user-information`. */
async function readProfile(accessToken: string, signal: AbortSignal) {
  const response = await sendToDingTalk({
    method: 'GET',
    url: dingTalkUrl('DINGTALK_API_URL', '/v1.0/contact/users/me'),
    headers: { 'x-acs-dingtalk-access-token': accessToken },
    signal,
  });
  return judge(response, profileAnswer);
}
