import type { App, Settings } from '../company';
import { hasCorpid, isScope, type World } from '../world';

/** Shown on DingTalk's own page: the browser is not sent back, since nobody may be trusted with the answer. */
export class LoginError extends Error {
  constructor(
    message: string,
    readonly explanation: string,
    readonly code?: number,
  ) {
    super(message);
  }
}

export interface LoginRequest {
  app: App;
  redirectUri: URL;
  state: string | null;
  wantsOrganisation: boolean;
  corpId: string | null;
  /** `org_type=management`: only organisations that the person manages. */
  managedOnly: boolean;
}

const boundary = (rest: string, registered: string) => rest === '' || registered.endsWith('/') || /^[/?#]/.test(rest);

/** DingTalk's rule is not documented: an origin is what its demonstration registers, a whole address is always safe. */
function isRegistered(uri: string, url: URL, registered: string, mode: Settings['redirectMatch']): boolean {
  if (registered === '*') return true;
  if (mode === 'exact') return uri === registered;
  if (mode === 'prefix') return uri.startsWith(registered) && boundary(uri.slice(registered.length), registered);
  const address = URL.canParse(registered) && new URL(registered);
  if (address && /^https?:$/.test(address.protocol)) return address.origin === url.origin;
  return url.host === registered;
}

function redirectTarget(uri: string, app: App, mode: Settings['redirectMatch']): URL {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const isWeb = url && /^https?:$/.test(url.protocol);
  if (!isWeb || !app.redirectUrls.some((registered) => isRegistered(uri, url, registered, mode)))
    throw new LoginError(
      'redirect_url的域名不在appid的安全域名内',
      `redirect_uri is not registered for the app (match: ${mode}): ${uri}`,
    );
  return url;
}

/** Document: obtain-identity-credentials. */
export function readLoginRequest(query: URLSearchParams, world: World): LoginRequest {
  const required = (name: string) => {
    const value = query.get(name);
    if (!value) throw new LoginError('登录失败', `The parameter "${name}" is missing.`);
    return value;
  };
  const clientId = required('client_id');
  const uri = required('redirect_uri');
  const scope = required('scope');
  const prompt = required('prompt');
  if (required('response_type') !== 'code') throw new LoginError('登录失败', 'response_type must be "code".');
  if (!isScope(scope)) throw new LoginError('登录失败', 'scope must be "openid" or "openid corpid".');
  if (!prompt.split(/[ +]/).includes('consent')) throw new LoginError('登录失败', 'prompt must be "consent".');

  const app = world.app(clientId);
  if (!app) throw new LoginError('应用不存在', 'Application does not exist');
  if (!app.published) throw new LoginError('应用未发布', 'The app is not published.');
  return {
    app,
    redirectUri: redirectTarget(uri, app, world.company.settings.redirectMatch),
    state: query.get('state'),
    wantsOrganisation: hasCorpid(scope),
    corpId: query.get('corpId'),
    managedOnly: query.get('org_type') === 'management',
  };
}
