import { z } from 'zod';
import { SignInError } from '../http/errors';
import { judge } from './answers';
import { dingTalkUrl } from './hosts';
import { askOldApi } from './member';
import { judgeOld } from './old-answers';
import type { DingTalkApp } from './person';
import { sendToDingTalk } from './request';

// Questions whose answers nobody needs: they change nothing, and show what DingTalk lets the app do.

/**
 * Asks for a token of the app in an organisation, which DingTalk gives where both belong together. DingTalk document:
 * `api-gettoken`.
 *
 * @throws SignInError
 */
export async function probeOrganization({ clientId, clientSecret }: DingTalkApp, corpId: string, signal: AbortSignal) {
  const response = await sendToDingTalk({
    method: 'POST',
    url: dingTalkUrl('DINGTALK_API_URL', `/v1.0/oauth2/${encodeURIComponent(corpId)}/token`),
    body: { client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials' },
    signal,
  });
  judge(response, z.object({ access_token: z.string() }));
}

/**
 * Asks for what every app may have, in the name of the app: DingTalk looks from where. DingTalk document:
 * `create-a-jsapi-ticket`.
 *
 * @throws SignInError
 */
export async function probeServerAddress(token: string, signal: AbortSignal) {
  const response = await sendToDingTalk({
    method: 'POST',
    url: dingTalkUrl('DINGTALK_API_URL', '/v1.0/oauth2/jsapiTickets'),
    headers: { 'x-acs-dingtalk-access-token': token },
    body: {},
    signal,
  });
  judge(response, z.object({ jsapiTicket: z.string() }));
}

/** What DingTalk answers of such a member: who gets this far has the permission. */
const NOBODY = new Set(['60121', '33012', '400002', '50002']);

/**
 * Asks for a member whom nobody is. DingTalk document: `query-user-details`.
 *
 * @throws SignInError PERMISSION_MISSING where the app may not read members
 */
export async function probeMembers(token: string, signal: AbortSignal) {
  const response = await askOldApi('/topapi/v2/user/get', { userid: 'nobody-configuration-check' }, token, signal);
  try {
    judgeOld(response, z.unknown());
  } catch (error) {
    if (!(error instanceof SignInError) || !NOBODY.has(error.detail.dingTalkCode ?? '')) {
      throw error;
    }
  }
}
