import { CALLBACK_PATH } from '../../shared/constants';

const MAX_LENGTH = 2000;
const anyOrigin = 'http://nocobase.invalid';

/**
 * The page that the person first wanted, as a path on this origin, or undefined where it is not one.
 *
 * Whatever comes back starts with exactly one slash, is ASCII, and carries no `token` or `authenticator`: NocoBase's
 * own pages would take those for a sign-in, somebody else's perhaps.
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
  // `/.//evil.com` has become `//evil.com` only now, and escaping may have made it longer.
  const safe = url.origin === anyOrigin && !target.startsWith('//') && target.length <= MAX_LENGTH;
  return safe ? target : undefined;
}

/**
 * The page that opens after a sign-in: the one that the person first wanted, else NocoBase's own.
 *
 * @param wanted as the client's sign-in page knows it; v2 puts its base before the path, v1 does not
 * @param callback address of the client's callback page, which tells the base
 */
export function landingPage(wanted: unknown, callback: string): string {
  const base = new URL(callback).pathname.slice(0, -CALLBACK_PATH.length);
  const below = (path: string) => redirectTarget(path.startsWith(`${base}/`) ? path : base + path);
  return below(redirectTarget(wanted) ?? '/admin') ?? '/admin';
}
