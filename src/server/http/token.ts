import type { Context } from '@nocobase/actions';

/** What NocoBase signs into a token. Only that of a session says when the user signed in. */
interface Token {
  /** Whether it is of a session: not of an API key. */
  isSession: boolean;
  /** When the user signed in, or the API key was made; milliseconds since 1970. */
  began: number;
}

/** The token of a request that NocoBase has accepted: its signature is not verified again here. */
export function tokenOf(ctx: Context): Token | undefined {
  const [, payload] = String(ctx.getBearerToken() ?? '').split('.');
  try {
    const { temp, signInTime, iat } = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
    return { isSession: temp === true, began: Number(signInTime) || Number(iat) * 1000 };
  } catch {
    return undefined;
  }
}
