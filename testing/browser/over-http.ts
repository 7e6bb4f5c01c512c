import { expectOk, type Answer } from '../../dev/api';
import type { Account } from '../../emulator';
import { CALLBACK_PAGE } from './visitor';
import type { World } from './world';

/** What a sign-in and a link share: the requests of a browser that comes back from DingTalk, without the browser. */
async function comeBackWithCode(
  { nocobase, emulator }: World,
  account: Account,
  begin: (values: object) => Promise<Answer<{ url: string }>>,
  callback: string,
): Promise<{ values: object; cookie: string }> {
  const { url, apiUrl } = nocobase;
  const redirectUri = `${apiUrl}/dingtalk:redirect`;
  const answer = begin({ callback: url + callback, redirectUri });
  const asked = new URL((await expectOk('Beginning', answer)).url).searchParams;
  const cookie = cookiesOf(await answer);
  const code = emulator.authorize({
    clientId: asked.get('client_id') ?? '',
    account: account.id,
    scope: asked.get('scope') ?? undefined,
    corpId: asked.get('corpId') ?? undefined,
  });
  const query = new URLSearchParams({ code, authCode: code, state: asked.get('state') ?? '' });
  const response = await fetch(`${redirectUri}?${query}`, { redirect: 'manual', headers: { cookie } });
  const fragment = new URL(response.headers.get('location') ?? '', url).hash.slice(1);
  // A flow, whose code is in a cookie; versions before 1.3 name code and state.
  const values = Object.fromEntries(new URLSearchParams(fragment));
  return { values, cookie: [cookie, cookiesOf(response)].filter(Boolean).join('; ') };
}

const cookiesOf = ({ headers }: { headers: Headers }): string =>
  headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');

/** Signs in with DingTalk. Returns the id of the user. */
export async function signInOverHttp(world: World, authenticator: string, account: Account): Promise<number> {
  const { request, url } = world.nocobase;
  const headers = { origin: new URL(url).origin, 'X-Authenticator': authenticator };
  // Versions before 1.3 are told the callback page in place of the sign-in page.
  const begin = (addresses: object) =>
    request<{ url: string }>('dingtalk:getAuthUrl', { values: { ...addresses, page: `${url}/signin` }, headers });
  const { values, cookie } = await comeBackWithCode(world, account, begin, CALLBACK_PAGE);
  const signIn = request<{ user: { id: number } }>('auth:signIn', { values, headers: { ...headers, cookie } });
  return (await expectOk('Signing in with DingTalk', signIn)).user.id;
}

/** Links the account to the user who has this token. */
export async function linkOverHttp(
  world: World,
  authenticator: string,
  account: Account,
  token: string,
): Promise<void> {
  const { request, url } = world.nocobase;
  const headers = { origin: new URL(url).origin };
  const begin = (values: object) =>
    request<{ url: string }>('dingtalk:getLinkUrl', { values: { authenticator, ...values }, token, headers });
  const { values, cookie } = await comeBackWithCode(world, account, begin, `${CALLBACK_PAGE}/link`);
  const link = request<{ confirmation?: string }>('dingtalk:link', { values, token, headers: { ...headers, cookie } });
  const { confirmation } = await expectOk('Linking', link);
  // Versions before 1.2 link without a question.
  if (confirmation) {
    const confirm = { values: { confirmation }, token, headers: { ...headers, cookie: cookiesOf(await link) } };
    await expectOk('Confirming', request('dingtalk:confirmLink', confirm));
  }
}

/** Signs in with a password. Returns the token. */
export async function passwordSignIn(
  { nocobase }: Pick<World, 'nocobase'>,
  { username, password }: { username: string; password: string },
): Promise<string> {
  const headers = { 'X-Authenticator': 'basic' };
  const values = { account: username, password };
  const signIn = nocobase.request<{ token: string }>('auth:signIn', { values, headers });
  return (await expectOk('Signing in', signIn)).token;
}
