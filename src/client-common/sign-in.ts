import { CALLBACK_PATH } from '../constants';
import type { ClientApp, ClientPlugin } from './nocobase';
import { redirectUri } from './redirect-uri';

/** Remembers the sign-in page as the person left it, for the way back. */
const SIGN_IN_PAGE = 'dingtalk-sign-in-page';

const base = (app: ClientApp) => (app.router.basename ?? '').replace(/\/$/, '');

/** Asks an action of NocoBase's API; whoever asks shows the failure. */
export const ask = <T>(app: ClientApp, url: string, data?: object, authenticator?: string) =>
  app.apiClient
    .request<T>({
      url,
      method: data && 'post',
      data,
      headers: { 'X-Authenticator': authenticator },
      skipNotify: true,
      skipAuth: true,
    })
    .then((response) => response.data.data);

/** Path of the page that the person first wanted, as the sign-in page knows it. */
export const wantedPage = (
  app: ClientApp,
  wanted = new URLSearchParams(location.search).get('redirect') || '/admin',
): string =>
  // v2 puts its base before the path already, v1 does not.
  wanted.startsWith(`${base(app)}/`) ? wanted : base(app) + wanted;

/** Leaves for DingTalk. */
export async function beginSignIn({ app }: ClientPlugin, authenticator: string): Promise<void> {
  sessionStorage.setItem(SIGN_IN_PAGE, location.href);
  const { url } = await ask<{ url: string }>(
    app,
    'dingtalk:getAuthUrl',
    {
      callback: location.origin + base(app) + CALLBACK_PATH,
      redirectUri: redirectUri(app),
      redirect: wantedPage(app),
    },
    authenticator,
  );
  location.assign(url);
}

/** What the Redirect URL handed over in the fragment. It leaves the address bar at once. */
export function takeCallback(): URLSearchParams {
  const callback = new URLSearchParams(location.hash.slice(1));
  history.replaceState(history.state, '', location.pathname);
  return callback;
}

export interface SignedIn {
  user: { id: number };
  token?: string;
  /** Path of the page that the person first wanted. */
  redirect?: string;
}

/** Signs in with what came from DingTalk, in place of whoever was signed in before. */
export async function enter({ app }: ClientPlugin, authenticator: string, code: object): Promise<SignedIn> {
  const { auth } = app.apiClient;
  // NocoBase would refuse the new person for the role of the old one.
  auth.setRole(null);
  const signedIn = await ask<SignedIn>(app, 'auth:signIn', code, authenticator);
  auth.setAuthenticator(authenticator);
  auth.setToken(signedIn.token ?? null);
  return signedIn;
}

/** Opens the page that the person first wanted. */
export async function openPage({ app }: ClientPlugin, { redirect }: SignedIn): Promise<void> {
  // As NocoBase's own forms do: it lets a second factor take the page elsewhere first.
  await ask(app, 'auth:check').catch(() => undefined);
  location.replace(redirect || `${base(app)}/admin`);
}

/** The sign-in page, as it was. */
export const signInPage = ({ app }: ClientPlugin) => sessionStorage.getItem(SIGN_IN_PAGE) || `${base(app)}/signin`;

/** The server's sentence, in the person's language already. */
export const sentenceOf = (error: unknown, plugin: ClientPlugin): string =>
  (error as { response?: { data?: { errors?: { message: string }[] } } }).response?.data?.errors?.[0]?.message ||
  plugin.t('SIGN_IN_FAILED');
