import type { Browser } from './browser';
import { NAIVE } from './naive-sign-in';
import { begin, beginInside, finish, type Outcome } from './sign-in';

/** A sign-in with DingTalk that is attacked: ours, or one that nothing protects. The steps are the same for both. */
export interface Target {
  /** Type of its authenticators, and the prefix of their names in the tests. */
  authType: string;
  /** Resource of its actions. */
  resource: string;
  /** Address of DingTalk's page, to which the button leads. */
  begin(browser: Browser, authenticator: string, redirect?: string): Promise<URL>;
  /** Signs in on a page inside the DingTalk client, with the code that the client gave it. */
  finishInside(browser: Browser, authenticator: string, code: string): Promise<Outcome>;
}

export const ours: Target = {
  authType: 'dingtalk',
  resource: 'dingtalk',
  async begin(browser, authenticator, redirect) {
    const { url, error } = await begin(browser, authenticator, redirect);
    return url ? new URL(url) : Promise.reject(new Error(error?.code));
  },
  async finishInside(browser, authenticator, code) {
    const { state, error } = await beginInside(browser, authenticator);
    return error ?? finish(browser, { authenticator, state, code });
  },
};

export const naive: Target = {
  authType: NAIVE,
  resource: NAIVE,
  async begin(browser, authenticator, redirect = '/admin') {
    const query = new URLSearchParams({ authenticator, redirect });
    const response = await browser.fetch(`/api/naive:getAuthUrl?${query}`);
    return new URL((await response.json()).data.url);
  },
  finishInside: (browser, authenticator, code) => finish(browser, { authenticator, code, inside: true }),
};

/** Opens a link that leads back from DingTalk, and does what the pages do then. */
export async function follow(browser: Browser, link: URL, authenticator?: string): Promise<Outcome & { address: URL }> {
  const response = await browser.fetch(link.pathname + link.search);
  const location = response.headers.get('location');
  if (!location) {
    return { status: response.status, address: link, ...(await response.json()).errors?.[0] };
  }
  const address = new URL(location, browser.origin);
  const { error, ...fragment } = Object.fromEntries(new URLSearchParams(address.hash.slice(1)));
  if (fragment.flow || fragment.code) {
    return { address, ...(await finish(browser, { ...fragment, ...(authenticator && { authenticator }) })) };
  }
  return { status: response.status, address, code: error, token: address.searchParams.get('token') ?? undefined };
}
