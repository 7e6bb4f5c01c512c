import { CALLBACK_PATH } from '../../shared/constants';
import type { ClientApp, ClientPlugin } from '../nocobase';
import { redirectUri } from '../configuration/redirect-uri';

/** Remembers the sign-in page as the person left it, for the way back. */
const SIGN_IN_PAGE = 'dingtalk';

/** What stands before every path of this client: nothing, `/v`, `/nocobase/apps/a`. */
export const base = (app: ClientApp) => (app.router.basename ?? '').replace(/\/$/, '');

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

/** Where the client that begins wants to be told what came of it. */
export const callbackUri = (app: ClientApp, path: string) => location.origin + base(app) + path;

/** What the server cannot know for certain of itself: which client begins, and the page that the person first wanted. */
export const origin = (app: ClientApp) => ({
  callback: callbackUri(app, CALLBACK_PATH),
  redirect: new URLSearchParams(location.search).get('redirect'),
});

/** Leaves for DingTalk. */
export async function beginSignIn({ app }: ClientPlugin, authenticator: string): Promise<void> {
  sessionStorage.setItem(SIGN_IN_PAGE, location.href);
  const { url } = await ask<{ url: string }>(
    app,
    'dingtalk:getAuthUrl',
    {
      ...origin(app),
      redirectUri: redirectUri(app),
    },
    authenticator,
  );
  location.assign(url);
}

export interface SignedIn {
  user: { id: number };
  token?: string;
  /** Path of the page that opens. */
  redirect?: string;
}

/** Signs in with what came from DingTalk, in place of whoever was signed in before. */
export async function enter({ app }: ClientPlugin, authenticator: string, code: object): Promise<SignedIn> {
  const { auth } = app.apiClient;
  // NocoBase would refuse the new person for the role of the old one.
  auth.setRole(null);
  const signedIn = await ask<SignedIn>(app, 'auth:signIn', code, authenticator);
  auth.setAuthenticator(authenticator);
  auth.setToken(signedIn.token);
  return signedIn;
}

/** Opens the page that the server names. */
export async function openPage({ app }: ClientPlugin, { redirect }: SignedIn): Promise<void> {
  // As NocoBase's own forms do: it lets a second factor take the page elsewhere first.
  await ask(app, 'auth:check').catch(() => undefined);
  // The server names none while it is still the version before, which the plugin manager has just replaced.
  location.replace(redirect || '../admin');
}

/** The sign-in page, as it was. */
export const signInPage = ({ app }: ClientPlugin) => sessionStorage.getItem(SIGN_IN_PAGE) || `${base(app)}/signin`;

/** The server's sentence, in the person's language already. */
export const sentenceOf = (error: unknown, plugin: ClientPlugin, otherwise = 'SIGN_IN_FAILED'): string =>
  (error as { response?: { data?: { errors?: { message: string }[] } } }).response?.data?.errors?.[0]?.message ||
  plugin.t(otherwise);
