import type { Context } from '@nocobase/actions';

export interface Token {
  /** Whether it is of a session, which a user began: not an API key, nor what an OAuth client was given. */
  isSession: boolean;
  /** When the user signed in, or the API key was made, in milliseconds since 1970. The renewal of a session keeps it. */
  began: number;
}

/** The token of a request that NocoBase has accepted: its signature is not verified again here. */
export function tokenOf(ctx: Context): Token | undefined {
  // NocoBase's OAuth puts a session of its own, which begins now, in the place of the client's token.
  const presented = authorizationOf(ctx.req?.rawHeaders ?? []);
  const tokens = [ctx.getBearerToken(), presented].flatMap((token) => (token ? [read(token)] : []));
  const known = tokens.filter((token) => token !== undefined);
  return known.length && known.length === tokens.length
    ? {
        isSession: known.every(({ isSession }) => isSession),
        began: Math.min(...known.map(({ began }) => began)),
      }
    : undefined;
}

/** The bearer token as it came: of several headers Node.js, too, takes the first. */
function authorizationOf(rawHeaders: string[]): string | undefined {
  const name = rawHeaders.findIndex((header, index) => index % 2 === 0 && /^authorization$/i.test(header));
  return name < 0 ? undefined : rawHeaders[name + 1].replace(/^Bearer\s+/i, '');
}

function read(token: string): Token | undefined {
  try {
    const { temp, signInTime, iat } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    const began = Number(signInTime) || Number(iat) * 1000;
    return began ? { isSession: temp === true, began } : undefined;
  } catch {
    return undefined;
  }
}
