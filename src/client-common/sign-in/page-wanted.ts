import { basePath } from '../addresses';
import type { ClientApp, ClientPlugin } from '../nocobase';
import { signInPage } from './sign-in';

/**
 * The page that was wanted when the sign-in began, by the server's rules for the page that opens after a sign-in: a page
 * of this client that is not another sign-in page. Else the first page.
 */
export function pageWanted(plugin: ClientPlugin): string {
  const wanted = new URL(signInPage(plugin), location.origin).searchParams.get('redirect') ?? '';
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
  const api = new URL(app.getApiUrl(''), location.origin).pathname;
  // Judged as parsed: `/.//evil.com` is `//evil.com`, and `/v/../api/x` is `/api/x`.
  const isPage = !/\/signin(\/|$)/.test(pathname) && !`${pathname}/`.startsWith(api);
  return isPage && pathname.startsWith(`${base}/`) && !pathname.startsWith('//') ? pathname + search + hash : undefined;
}
