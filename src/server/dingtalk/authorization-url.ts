import { dingTalkUrl } from './hosts';

interface AuthorizationRequest {
  clientId: string;
  /** Registered with the app as 重定向URL. */
  redirectUri: string;
  state: string;
  /** Set: DingTalk signs the person in to this organisation and names it in the token's answer. */
  corpId?: string;
}

/** Where the browser goes to approve the sign-in. DingTalk document: `obtain-identity-credentials`. */
export function authorizationUrl({ clientId, redirectUri, state, corpId }: AuthorizationRequest): string {
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
  }).toString();
  return url.href;
}
