import { returnPathIn } from '../../shared/return-path';
import { basePath } from '../addresses';
import type { ClientApp, ClientPlugin } from '../nocobase';
import { signInPage } from './sign-in';

/** What no page for a user who is signed in has in its path. */
const NOT_PAGES = new Set(['signin', 'signup', 'forgot-password', 'reset-password', 'api']);

/**
 * The page that was wanted when the sign-in began, by the server's rules for the page that opens after a sign-in: a page
 * of this client that is not another sign-in page. Else the first page.
 */
export function pageWanted(plugin: ClientPlugin): string {
  const wanted = returnPathIn(signInPage(plugin)) ?? '';
  return pathInClient(wanted, plugin.app) ?? `${basePath(plugin.app)}/admin`;
}

function pathInClient(wanted: string, app: ClientApp): string | undefined {
  if (!/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(wanted)) {
    return undefined;
  }
  const base = basePath(app);
  // v2 puts its base before the path, v1 does not.
  const url = new URL(wanted.startsWith(`${base}/`) ? wanted : base + wanted, location.origin);
  for (const parameter of ['token', 'authenticator']) {
    // NocoBase's pages would take these for a sign-in.
    if (url.searchParams.has(parameter)) {
      url.searchParams.delete(parameter);
    }
  }
  const { pathname, search, hash } = url;
  // Judged as parsed: `/.//evil.com` is `//evil.com`, and `/v/../api/x` is `/api/x`.
  const isBelowBase = pathname.startsWith(`${base}/`) && !pathname.startsWith('//');
  return isBelowBase && isPage(pathname, app) ? pathname + search + hash : undefined;
}

function isPage(pathname: string, app: ClientApp): boolean {
  const api = new URL(app.getApiUrl(''), location.origin).pathname;
  return !`${pathname}/`.startsWith(api) && !segmentsOf(pathname).some((segment) => NOT_PAGES.has(segment));
}

/** As a router reads a path: decoded once, and whatever the case. */
function segmentsOf(pathname: string): string[] {
  try {
    return decodeURIComponent(pathname)
      .toLowerCase()
      .split(/[/\\]+/);
  } catch {
    // Routers take what cannot be decoded as it is.
    return pathname.toLowerCase().split('/');
  }
}
