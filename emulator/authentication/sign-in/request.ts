import type { App, Settings } from '../../platform/data';
import { includesCorpId, isScope, type Platform } from '../../platform/platform';

/** Shown on DingTalk's own page. The browser is not sent back: a redirect URI that failed the checks gets no answer. */
export class AuthorizationError extends Error {
  constructor(
    message: string,
    readonly explanation: string,
    readonly code?: number,
  ) {
    super(message);
  }
}

export interface AuthorizationRequest {
  app: App;
  redirectUri: URL;
  state: string | null;
  wantsOrganization: boolean;
  corpId: string | null;
  /** `org_type=management`: only organizations that the account manages. */
  managedOnly: boolean;
  /** `exclusiveLogin=true`: the page for dedicated accounts. */
  dedicatedOnly: boolean;
  /** `exclusiveCorpId`: whose dedicated accounts; without it, the page asks. */
  dedicatedTo: string | null;
}

const boundary = (rest: string, registered: string) => rest === '' || registered.endsWith('/') || /^[/?#]/.test(rest);

/** DingTalk's rule is not documented: an origin is what its demonstration registers, a whole address is always safe. */
function isRegistered(uri: string, url: URL, registered: string, mode: Settings['redirectMatch']): boolean {
  if (registered === '*') {
    return true;
  }
  if (mode === 'exact') {
    return uri === registered;
  }
  if (mode === 'prefix') {
    return uri.startsWith(registered) && boundary(uri.slice(registered.length), registered);
  }
  const address = URL.canParse(registered) && new URL(registered);
  if (address && /^https?:$/.test(address.protocol)) {
    return address.origin === url.origin;
  }
  return url.host === registered;
}

function redirectTarget(uri: string, app: App, mode: Settings['redirectMatch']): URL {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const isWeb = url && /^https?:$/.test(url.protocol);
  if (!isWeb || !app.redirectUrls.some((registered) => isRegistered(uri, url, registered, mode))) {
    throw new AuthorizationError(
      'redirect_url的域名不在appid的安全域名内',
      `redirect_uri is not registered for the app (match: ${mode}): ${uri}`,
    );
  }
  return url;
}

/** Document: obtain-identity-credentials. */
export function parseAuthorizationRequest(query: URLSearchParams, platform: Platform): AuthorizationRequest {
  const required = (name: string) => {
    const value = query.get(name);
    if (!value) {
      throw new AuthorizationError('登录失败', `The parameter "${name}" is missing.`);
    }
    return value;
  };
  const clientId = required('client_id');
  const uri = required('redirect_uri');
  const scope = required('scope');
  const prompt = required('prompt');
  if (required('response_type') !== 'code') {
    throw new AuthorizationError('登录失败', 'response_type must be "code".');
  }
  if (!isScope(scope)) {
    throw new AuthorizationError('登录失败', 'scope must be "openid" or "openid corpid".');
  }
  if (!prompt.split(/[ +]/).includes('consent')) {
    throw new AuthorizationError('登录失败', 'prompt must be "consent".');
  }

  const app = platform.app(clientId);
  if (!app) {
    throw new AuthorizationError('应用不存在', 'Application does not exist');
  }
  if (!app.published) {
    throw new AuthorizationError('应用未发布', 'The app is not published.');
  }
  return {
    app,
    redirectUri: redirectTarget(uri, app, platform.data.settings.redirectMatch),
    state: query.get('state'),
    wantsOrganization: includesCorpId(scope),
    corpId: query.get('corpId'),
    managedOnly: query.get('org_type') === 'management',
    dedicatedOnly: query.get('exclusiveLogin') === 'true',
    dedicatedTo: query.get('exclusiveCorpId'),
  };
}
