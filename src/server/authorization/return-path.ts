import { CALLBACK_PATH } from '../../shared/constants';

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

/**
 * The path that opens after a sign-in: the return path, else NocoBase's own page.
 *
 * @param wanted as the client's sign-in page knows it; v2 puts its base before the path, v1 does not
 * @param callback address of the client's callback page, from which the base is known
 */
export function landingPage(wanted: unknown, callback: string): string {
  const base = new URL(callback).pathname.slice(0, -CALLBACK_PATH.length);
  const withBase = (path: string) => redirectTarget(path.startsWith(`${base}/`) ? path : base + path);
  return withBase(redirectTarget(wanted) ?? '/admin') ?? '/admin';
}
