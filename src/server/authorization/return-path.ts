import { CALLBACK_PATH } from '../../shared/constants';
import { returnPathIn } from '../../shared/return-path';

const MAX_LENGTH = 2000;
const anyOrigin = 'http://nocobase.invalid';

/**
 * The return path, as a path on this origin, or undefined where it is none.
 *
 * The result starts with exactly one slash, is ASCII, and has no parameter `token` or `authenticator`: NocoBase's own
 * pages would take those for a sign-in, perhaps with the token of an attacker.
 */
export function redirectTarget(wanted: unknown): string | undefined {
  if (typeof wanted !== 'string' || wanted.length > MAX_LENGTH || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(wanted)) {
    return undefined;
  }
  // Stryker disable all: what begins with exactly one slash can always be parsed. Without the check, a looser pattern
  // would turn a refusal into an exception.
  if (!URL.canParse(wanted, anyOrigin)) {
    return undefined;
  }
  // Stryker restore all
  const url = new URL(wanted, anyOrigin);
  for (const parameter of ['token', 'authenticator']) {
    if (url.searchParams.has(parameter)) {
      url.searchParams.delete(parameter);
    }
  }
  const target = url.pathname + url.search + url.hash;
  // Parsing turns `/.//evil.com` into `//evil.com`, which leads to another host, and escaping makes the path longer.
  const isSafe = url.origin === anyOrigin && !target.startsWith('//') && target.length <= MAX_LENGTH;
  return isSafe ? target : undefined;
}

/** What is below the base of a client but no page for a user who is signed in. Routers ignore the case. */
const files = new Set(['files', 'storage', 'static', 'dist']);
const notPages = new Set([
  // The callback page is below `signin`: it would try to finish the flow that a link names.
  ...['signin', 'signup', 'forgot-password', 'reset-password'],
  ...['api', 'ws'],
]);

/** Names that may stand between the base and the page: the other client, a sub-application, the mobile client. */
const CLIENTS = /^(\/(v2?|m|apps\/[^/]+)(?=\/))+/;

/** As a router reads a path: decoded once, each slash once, with one at the end. */
function normalized(path: string): string {
  const [pathname] = path.split(/[?#]/);
  return `${decode(pathname)}/`.toLowerCase().replace(/[/\\]+/g, '/');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Routers take what cannot be decoded as it is.
    return text;
  }
}

export type Place = 'page' | 'file' | 'other';

/** What a path of this NocoBase leads to, of which a client may have the base. */
export function placeOf(path: string, base: string): Place {
  const { API_BASE_PATH = '/api/', APP_PUBLIC_PATH = '/', APP_MODERN_CLIENT_PREFIX = 'v' } = process.env;
  const publicPath = base.replace(/(\/(v2?|apps\/[^/]+))+$/, '');
  const full = normalized(path);
  if (full.startsWith(normalized(API_BASE_PATH))) {
    return 'other';
  }
  const prefixes = [base, publicPath, APP_PUBLIC_PATH, `/${APP_MODERN_CLIENT_PREFIX}`].map(normalized);
  const prefix = prefixes.find((each) => each !== '/' && full.startsWith(each)) ?? '/';
  const [, first] = full
    .slice(prefix.length - 1)
    .replace(CLIENTS, '')
    .split('/');
  return files.has(first) ? 'file' : notPages.has(first) ? 'other' : 'page';
}

/** v2 puts its base before a path, v1 does not. */
export const withBase = (path: string, base: string) =>
  redirectTarget(path.startsWith(`${base}/`) ? path : base + path);

/** What stands before each path of the client that has this callback page. */
const baseOf = (callback: string) => new URL(callback).pathname.slice(0, -CALLBACK_PATH.length);

/**
 * A landing page as the router of the client has it, without its base, or an empty text where another client or a file
 * opens: that takes a page load.
 */
export function routeOf(page: string, callback: string): string {
  const base = baseOf(callback);
  const route = page.startsWith(`${base}/`) ? page.slice(base.length) : '';
  return /^\/admin(?![^/?#])/.test(route) ? route : '';
}

/**
 * The path that opens after a sign-in: the return path, else NocoBase's own page.
 *
 * @param signInPage address of the client's sign-in page, which names the return path; v2 puts its base before the path, v1
 * does not. One that leads elsewhere is not refused but ignored
 * @param callback address of the client's callback page, from which the base is known
 */
export function landingPage(signInPage: string, callback: string): string {
  const base = baseOf(callback);
  const path = redirectTarget(returnPathIn(signInPage));
  const isPage = path !== undefined && placeOf(path, base) === 'page';
  return withBase(isPage ? path : '/admin', base) ?? '/admin';
}
