import { REDIRECT_ACTION } from '../../shared/constants';
import type { CallbackResponse, InsideResponse, SignedIn } from '../../shared/contract';
import { basePath } from '../addresses';
import type { ClientPlugin } from '../nocobase';
import { callAction } from '../request';

/** Key of the sign-in page's address in sessionStorage, as the user left it: with the page that was first wanted. */
const SIGN_IN_PAGE = 'dingtalk';

/**
 * Leaves for DingTalk's approval. The address of this page tells the server what it cannot know for certain: which client begins, and the page that the
 * user first wanted. NocoBase v1 glues that page to the address of its sign-in page as it is, so that `redirect` ends at
 * the first `&` for whoever parses the query: the server reads the whole address.
 */
export async function beginSignIn({ app }: ClientPlugin, authenticator: string): Promise<void> {
  sessionStorage.setItem(SIGN_IN_PAGE, location.href);
  const { url } = await callAction(
    app,
    'dingtalk:getAuthUrl',
    {
      page: location.href,
      redirectUri: app.getApiUrl(REDIRECT_ACTION),
    },
    authenticator,
  );
  location.assign(url);
}

/**
 * Signs in with an authorization code, and replaces the session that this browser had before. Until the server agrees,
 * nothing of that session changes: anybody can make a link to the callback page.
 */
export async function signIn(
  { app }: ClientPlugin,
  authenticator: string,
  response: CallbackResponse | InsideResponse,
): Promise<SignedIn> {
  const { auth } = app.apiClient;
  const signedIn = await callAction(app, 'auth:signIn', response, authenticator);
  // Later requests would name the previous user's role, and NocoBase refuses a user who does not have it.
  auth.setRole(null);
  auth.setAuthenticator(authenticator);
  auth.setToken(signedIn.token);
  return signedIn;
}

/** The sign-in page as the user left it, for the way back after a failure. */
export const signInPage = ({ app }: ClientPlugin) => sessionStorage.getItem(SIGN_IN_PAGE) || `${basePath(app)}/signin`;
