import type { Emulator } from '../../emulator';
import { Browser } from './browser';
import { CLIENT_ID } from './nocobase';

export interface Outcome {
  status: number;
  /** Of the error, undefined after a successful sign-in. */
  code?: string;
  message?: string;
  token?: string;
  redirect?: string;
  user?: { id: number | string; nickname: string; phone: string | null; email: string | null };
}

interface Attempt {
  authenticator?: string;
  /** ID of the account in the emulator. */
  account: string;
  corpId?: string;
  browser?: Browser;
  /** The page that was first wanted. */
  redirect?: string;
}

/** Address of the sign-in page to which somebody came who wanted this page; where it is one already, that. */
export const signInPage = (origin: string, redirect: string) =>
  redirect.startsWith(origin) ? redirect : `${origin}/signin?redirect=${encodeURIComponent(redirect)}`;

/** Presses the button: where the browser is sent. */
export async function begin(browser: Browser, authenticator = 'dingtalk', redirect = '/admin') {
  const response = await browser.fetch('/api/dingtalk:getAuthUrl', {
    json: {
      page: signInPage(browser.origin, redirect),
      redirectUri: `${browser.origin}/api/dingtalk:redirect`,
      // In place of the page, for a server of a previous version.
      callback: `${browser.origin}/signin/dingtalk`,
      redirect,
    },
    headers: { 'x-authenticator': authenticator },
  });
  const body = await response.json();
  return {
    response,
    error: body.errors?.[0] as { code: string; message: string } | undefined,
    url: body.data?.url as string,
  };
}

/** Comes back from DingTalk: what the callback page finds in the fragment. The code is in a cookie. */
export async function comeBack(browser: Browser, query: Record<string, string> | string) {
  const response = await browser.fetch(`/api/dingtalk:redirect?${new URLSearchParams(query)}`);
  const location = new URL(response.headers.get('location') ?? '', browser.origin);
  return { response, location, fragment: Object.fromEntries(new URLSearchParams(location.hash.slice(1))) };
}

/** What the callback page sends. */
export async function finish(browser: Browser, fragment: Record<string, unknown>, headers = {}): Promise<Outcome> {
  const { authenticator, ...values } = fragment;
  const response = await browser.fetch('/api/auth:signIn', {
    json: values,
    headers: { 'x-authenticator': String(authenticator), ...headers },
  });
  const body = await response.json();
  return { status: response.status, ...body.errors?.[0], ...body.data };
}

/** The whole way of a sign-in, as a user goes it. */
export async function signIn(nocobase: { url: string }, dingtalk: Emulator, attempt: Attempt): Promise<Outcome> {
  const { authenticator, account, browser = new Browser(nocobase.url), redirect } = attempt;
  const { url, error, response } = await begin(browser, authenticator, redirect);
  if (error) {
    return { status: response.status, ...error };
  }
  const asked = new URL(url).searchParams;
  const code = dingtalk.authorize({
    clientId: asked.get('client_id') ?? CLIENT_ID,
    account,
    scope: asked.get('scope') ?? undefined,
    corpId: attempt.corpId ?? asked.get('corpId') ?? undefined,
  });
  const { fragment } = await comeBack(browser, { code, authCode: code, state: asked.get('state') ?? '' });
  return fragment.error ? { status: 302, code: fragment.error } : finish(browser, fragment);
}

/** The whole way of a sign-in on a page inside the DingTalk client. */
export async function signInInside(
  nocobase: { url: string },
  dingtalk: Emulator,
  { authenticator = 'inside', account, corpId, browser = new Browser(nocobase.url), redirect }: Attempt,
): Promise<Outcome> {
  const { state, error } = await beginInside(browser, authenticator, redirect);
  if (error) {
    return error;
  }
  const [corp] = dingtalk.data.organizations;
  const code = dingtalk.jsapiCode({ clientId: CLIENT_ID, account, corpId: corpId ?? corp.corpId });
  return finish(browser, { authenticator, state, code });
}

export async function beginInside(browser: Browser, authenticator = 'inside', redirect = '/admin') {
  const response = await browser.fetch('/api/dingtalk:getState', {
    json: { page: signInPage(browser.origin, redirect) },
    headers: { 'x-authenticator': authenticator },
  });
  const { data, errors } = await response.json();
  const error: Outcome | undefined = errors && { status: response.status, ...errors[0] };
  return { response, error, state: data?.state as string };
}

/** What codes, states and tokens are sent with. */
export function expectPrivate({ headers }: Response) {
  expect([headers.get('cache-control'), headers.get('referrer-policy')]).toEqual(['no-store', 'no-referrer']);
}
