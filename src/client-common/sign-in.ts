import { CALLBACK_PATH } from '../constants';
import type { ClientApp, ClientPlugin } from './nocobase';
import { redirectUri } from './redirect-uri';

/** Remembers the sign-in page as the person left it, for the way back. */
const SIGN_IN_PAGE = 'dingtalk-sign-in-page';

const base = (app: ClientApp) => (app.router.basename ?? '').replace(/\/$/, '');

const post = <T>(app: ClientApp, url: string, authenticator: string, data: object) =>
  app.apiClient
    .request<T>({
      url,
      method: 'post',
      data,
      headers: { 'X-Authenticator': authenticator },
      skipNotify: true,
      skipAuth: true,
    })
    .then((response) => response.data.data);

/** Leaves for DingTalk. */
export async function beginSignIn({ app }: ClientPlugin, authenticator: string): Promise<void> {
  const wanted = new URLSearchParams(location.search).get('redirect') || '/admin';
  sessionStorage.setItem(SIGN_IN_PAGE, location.href);
  const { url } = await post<{ url: string }>(app, 'dingtalk:getAuthUrl', authenticator, {
    callback: location.origin + base(app) + CALLBACK_PATH,
    redirectUri: redirectUri(app),
    // v2 puts its base before the path already, v1 does not.
    redirect: wanted.startsWith(`${base(app)}/`) ? wanted : base(app) + wanted,
  });
  location.assign(url);
}

/** What the Redirect URL handed over in the fragment. It leaves the address bar at once. */
export function takeCallback(): URLSearchParams {
  const callback = new URLSearchParams(location.hash.slice(1));
  history.replaceState(history.state, '', location.pathname);
  return callback;
}

/** Finishes the sign-in and opens the page that the person first wanted. */
export async function finishSignIn({ app }: ClientPlugin, callback: URLSearchParams): Promise<void> {
  const { auth } = app.apiClient;
  const authenticator = callback.get('authenticator') ?? '';
  // Of whoever was signed in before: NocoBase would refuse the new person for it.
  auth.setRole(null);
  const { token, redirect } = await post<{ token?: string; redirect?: string }>(app, 'auth:signIn', authenticator, {
    code: callback.get('code'),
    state: callback.get('state'),
  });
  auth.setAuthenticator(authenticator);
  auth.setToken(token ?? null);
  // As NocoBase's own forms do: it lets a second factor take the page elsewhere first.
  await app.apiClient.request({ url: 'auth:check', skipNotify: true, skipAuth: true }).catch(() => undefined);
  location.replace(redirect || `${base(app)}/admin`);
}

/** The sign-in page, as it was. */
export const signInPage = ({ app }: ClientPlugin) => sessionStorage.getItem(SIGN_IN_PAGE) || `${base(app)}/signin`;

/** The server's sentence, in the person's language already. */
export const sentenceOf = (error: unknown, { t }: ClientPlugin): string =>
  (error as { response?: { data?: { errors?: { message: string }[] } } }).response?.data?.errors?.[0]?.message ||
  t('SIGN_IN_FAILED');
