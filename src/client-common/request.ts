import type { ErrorCode } from '../shared/codes';
import type {
  ActionName,
  ActionPath,
  Actions,
  CallbackResponse,
  InsideResponse,
  Refusal,
  SignedIn,
} from '../shared/contract';
import type { Authenticator, ClientApp, ClientPlugin } from './nocobase';

type OwnActions = { [Name in ActionName as ActionPath<Name>]: Actions[Name] };

/** Actions of NocoBase itself that the clients call. */
interface NocoBaseActions {
  'auth:signIn': { request: CallbackResponse | InsideResponse; answer: SignedIn };
  'auth:signOut': { request: object; answer: unknown };
  'auth:check': { request: undefined; answer: { id?: number } };
  'authenticators:publicList': { request: undefined; answer: Authenticator[] };
  'systemSettings:get': { request: undefined; answer: { title: string } };
}

type AnyAction = OwnActions & NocoBaseActions;

/** Calls an action of NocoBase's API: GET without data, else POST. The caller shows the failure, not NocoBase. */
export const callAction = <Path extends keyof AnyAction>(
  app: ClientApp,
  url: Path,
  data?: AnyAction[Path]['request'],
  authenticator?: string,
) =>
  app.apiClient
    .request<AnyAction[Path]['answer']>({
      url,
      method: data && 'post',
      data,
      headers: { 'X-Authenticator': authenticator },
      skipNotify: true,
      skipAuth: true,
    })
    .then((response) => response.data.data);

/** Posts to an action of a page with a session: if that has ended meanwhile, NocoBase opens its sign-in page. */
export const callInSession = <Path extends keyof OwnActions>(
  app: ClientApp,
  url: Path,
  data: OwnActions[Path]['request'],
) =>
  app.apiClient
    .request<OwnActions[Path]['answer']>({ url, method: 'post', data, skipNotify: true })
    .then((response) => response.data.data);

interface Refused {
  response?: { data?: { errors?: Refusal[] } };
}

/** What the server said, if the request reached it: a proxy's page or a lost connection has no refusal. */
export const refusalOf = (error: unknown): Refusal | undefined => (error as Refused).response?.data?.errors?.[0];

/**
 * The server's sentence, which is in the user's language already; else that of the code `otherwise`. `refusalOf` written out,
 * as a call costs the sign-in page's bundle 5 bytes.
 */
export const sentenceOf = (error: unknown, plugin: Pick<ClientPlugin, 't'>, otherwise?: ErrorCode): string =>
  (error as Refused).response?.data?.errors?.[0]?.message || plugin.t(otherwise || 'SIGN_IN_FAILED');
