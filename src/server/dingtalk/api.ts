import { z } from 'zod';
import { DingTalkError, type DingTalkErrorKind } from './errors';
import {
  BANNED,
  dingTalkUrl,
  type DingTalkRequest,
  type DingTalkResponse,
  id,
  label,
  optionalId,
  optionalText,
  sendRequest,
  text,
} from './http';

// The API of api.dingtalk.com: fields on 2xx, else a 4xx or 5xx with `{ code, message, requestid }`. Addresses of
// DingTalk's documents: `https://open.dingtalk.com/document/development/<document>`.

/** An app of DingTalk, which acts for one organization. */
export interface DingTalkApp {
  clientId: string;
  clientSecret: string;
  /** The organization for which it acts, where that is known. */
  corpId?: string;
}

interface AuthorizationRequest {
  clientId: string;
  /** Registered with the app as 重定向URL. */
  redirectUri: string;
  state: string;
  /** With it, DingTalk signs in to this organization, and names it in the answer of `getUserToken`. */
  corpId?: string;
  /**
   * Whether the members of that organization have dedicated accounts (专属账号), which it issues itself. DingTalk's usual
   * page signs those in only after they have typed the code of the organization.
   */
  dedicatedAccounts?: boolean;
}

/**
 * Address of DingTalk's page where a browser approves the sign-in. DingTalk comes back to `redirectUri` with the code as
 * `authCode` and `code`, or with `error`, and with `state`. Document: `obtain-identity-credentials`.
 *
 * @throws DingTalkError `unreachable` where the configured host must not be used
 */
export function createAuthorizationUrl(request: AuthorizationRequest): string {
  const { clientId, redirectUri, state, corpId, dedicatedAccounts } = request;
  const url = dingTalkUrl('DINGTALK_LOGIN_URL', '/oauth2/auth');
  url.search = new URLSearchParams({
    redirect_uri: redirectUri,
    response_type: 'code',
    client_id: clientId,
    scope: corpId ? 'openid corpid' : 'openid',
    // DingTalk shows "登录失败" when it is left out.
    prompt: 'consent',
    state,
    ...(corpId && { corpId }),
    ...(corpId && dedicatedAccounts && { exclusiveLogin: 'true', exclusiveCorpId: corpId }),
  }).toString();
  return url.href;
}

const accessToken = text.pipe(z.string().min(1).max(4096));

export const userTokenSchema = z.object({
  accessToken,
  /** The organization; only with scope `openid corpid`. */
  corpId: optionalId,
});

/**
 * Exchanges the authorization code of a browser for a token of the account that approved. Never call it twice with one
 * code: it works once, for five minutes. Document: `obtain-user-token`.
 *
 * @throws DingTalkError also `code`, `credentials`
 */
export function getUserToken({ clientId, clientSecret }: DingTalkApp, code: string, signal: AbortSignal) {
  const body = { clientId, clientSecret, code, grantType: 'authorization_code' };
  return call('POST', '/v1.0/oauth2/userAccessToken', userTokenSchema, { body, signal });
}

export const profileSchema = z.object({
  unionId: id,
  openId: optionalId,
  nick: optionalText,
  avatarUrl: optionalText,
  /** National number; only with permission 个人手机号信息, and masked for apps of third parties. */
  mobile: optionalText,
  /** Country calling code: `86`, sometimes `+86`. */
  stateCode: optionalText,
  email: optionalText,
});

/** An account, and the organization in which it signed in. */
export type DingTalkAccount = z.infer<typeof profileSchema> & { corpId?: string };

/**
 * The account that a user token belongs to. Without the permission for it, the phone number is left out. Document:
 * `dingtalk-retrieve-user-information`.
 *
 * @throws DingTalkError also `permission`, `ipNotAllowed`, `token`
 */
export function getProfile(userToken: string, signal: AbortSignal) {
  return call('GET', '/v1.0/contact/users/me', profileSchema, { headers: withToken(userToken), signal });
}

const appTokenSchema = z.object({
  accessToken,
  /** Seconds that it lasts. */
  expireIn: z.coerce.number().positive(),
});

type AppToken = z.infer<typeof appTokenSchema>;

export const APP_TOKEN_PATH = '/v1.0/oauth2/accessToken';

/** Whether it can be a part of an address: `../accessToken?x=` would lead to another endpoint of DingTalk. */
export function isWellFormedCorpId(corpId: string | undefined): corpId is string {
  return /^ding[\da-z]{1,36}$/i.test(corpId ?? '');
}

/**
 * The app's token: DingTalk answers the current one until shortly before its end. Use `withAppToken`, which keeps it.
 * Document: `obtain-the-access-token-of-an-internal-app`.
 *
 * DingTalk knows older apps only together with their organization, and refuses their right credentials here. They get
 * their token by `getOrganizationToken`, which costs a second call.
 *
 * @throws DingTalkError also `credentials`, `ipNotAllowed`
 */
export async function getAppToken(app: DingTalkApp, signal: AbortSignal): Promise<AppToken> {
  const { clientId, clientSecret, corpId } = app;
  try {
    const body = { appKey: clientId, appSecret: clientSecret };
    return await call('POST', APP_TOKEN_PATH, appTokenSchema, { body, signal });
  } catch (error) {
    if (!(error instanceof DingTalkError) || error.kind !== 'credentials' || !isWellFormedCorpId(corpId)) {
      throw error;
    }
    return await getOrganizationToken(app, corpId, signal).then(
      ({ access_token, expires_in }) => ({ accessToken: access_token, expireIn: expires_in }),
      // That endpoint has other words for wrong credentials, and none for an organization that is not the app's.
      (second: DingTalkError) => Promise.reject(second.kind === 'unexpected' ? error : second),
    );
  }
}

const organizationTokenSchema = z.object({
  access_token: accessToken,
  /** Seconds that it lasts; 0 where DingTalk does not say. */
  expires_in: z.coerce.number().positive().catch(0),
});

/**
 * A token of the app in an organization, which DingTalk gives where both belong together. Document: `api-gettoken`, which
 * does not say how DingTalk refuses an organization that is not the app's.
 *
 * @param corpId becomes a part of the address: check that it is well-formed
 * @throws DingTalkError
 */
export function getOrganizationToken({ clientId, clientSecret }: DingTalkApp, corpId: string, signal: AbortSignal) {
  const body = { client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials' };
  const path = `/v1.0/oauth2/${encodeURIComponent(corpId)}/token`;
  return call('POST', path, organizationTokenSchema, { body, signal });
}

const jsapiTicketSchema = z.object({ jsapiTicket: z.string() });

/**
 * A ticket for pages that use DingTalk's JSAPI, which every app may have. Document: `create-a-jsapi-ticket`.
 *
 * @throws DingTalkError also `ipNotAllowed`, `token`
 */
export function createJsapiTicket(appToken: string, signal: AbortSignal) {
  const request = { headers: withToken(appToken), body: {}, signal };
  return call('POST', '/v1.0/oauth2/jsapiTickets', jsapiTicketSchema, request);
}

const withToken = (token: string) => ({ 'x-acs-dingtalk-access-token': token });

async function call<T>(
  method: DingTalkRequest['method'],
  path: string,
  schema: z.ZodType<T>,
  request: Omit<DingTalkRequest, 'method' | 'url'>,
): Promise<T> {
  const url = dingTalkUrl('DINGTALK_API_URL', path);
  return parseAnswer(await sendRequest({ ...request, method, url }), schema);
}

const refusalSchema = z.object({ code: label, requestid: label, status: label });

const kinds = new Map<string, DingTalkErrorKind>([
  ['invalidParameter.authCode.notFound', 'code'],
  ['invalidClientIdOrSecret', 'credentials'],
  ['authFailed', 'credentials'],
  ['InvalidAuthentication', 'token'],
  ['Forbidden.AccessDenied.AccessTokenPermissionDenied', 'permission'],
  ['Forbidden.AccessDenied.IpNotInWhiteList', 'ipNotAllowed'],
  ['request.overlimit', 'busy'],
  ['qps.exceed.limit', 'busy'],
]);

/** DingTalk throttles with 403 in place of 429: only the code tells it from a missing permission. */
const throttled = /^Forbidden\.AccessDenied\.(Qps|Qpm|ApiCount)Limit/;

/**
 * The checked fields of an answer of api.dingtalk.com.
 *
 * @throws DingTalkError
 */
export function parseAnswer<T>({ endpoint, status, json }: DingTalkResponse, schema: z.ZodType<T>): T {
  if (status >= 200 && status < 300) {
    const answer = schema.safeParse(json);
    if (answer.success) {
      return answer.data;
    }
  }
  const refusal = refusalSchema.safeParse(json).data;
  const code = refusal?.code ?? '';
  const isBusy = status === 429 || refusal?.status === BANNED || throttled.test(code);
  throw new DingTalkError(isBusy ? 'busy' : (kinds.get(code) ?? 'unexpected'), {
    endpoint,
    status,
    dingTalkCode: refusal?.code,
    requestId: refusal?.requestid,
    reason: code ? 'refused by DingTalk' : 'not an answer of DingTalk',
  });
}
