import { randomBytes } from 'node:crypto';
import { encrypt, sign } from '../../emulator/events/crypto';

/** What DingTalk and NocoBase know of a callback. */
export interface Keys {
  token: string;
  aesKey: string;
  /** Client ID of the app. */
  owner: string;
}

/** A request as DingTalk sends it. */
export interface Sealed {
  query: Record<string, string>;
  body: { encrypt: string };
}

/** @param at when it was sent, in milliseconds since 1970 */
export function seal(message: object, { token, aesKey, owner }: Keys, at = Date.now()): Sealed {
  const encrypted = encrypt(JSON.stringify(message), aesKey, owner);
  const nonce = randomBytes(8).toString('hex');
  const timestamp = String(at);
  const signature = sign(token, timestamp, nonce, encrypted);
  return { query: { msg_signature: signature, timestamp, nonce }, body: { encrypt: encrypted } };
}
