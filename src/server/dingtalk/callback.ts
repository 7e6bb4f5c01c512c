import { createCipheriv, createDecipheriv, createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { DingTalkError } from './errors';

// The cryptography of DingTalk's HTTP pushes. Document: `develop-stream-mode-push-server`.
//
//   key   = base64(aesKey + '='), AES-256-CBC, the first 16 bytes are the IV too
//   plain = 16 random bytes, length of the message (4 bytes, big endian), message, owner key; PKCS#7 to 32 bytes
//   sign  = SHA-1 of token, timestamp, nonce and encrypted text, sorted and joined, in hexadecimal
//
// Whoever sends something else learns from each of these functions that it is wrong, and never what is.

/** What both sides know. It is entered in DingTalk's console. */
export interface CallbackKeys {
  /** Letters and digits; with it both sides sign. */
  token: string;
  /** 43 letters and digits, with which both sides encrypt. */
  aesKey: string;
}

/** A push as it arrives. */
export interface Callback {
  /** In hexadecimal. */
  signature: string;
  /** When it was sent: milliseconds, or seconds, since 1970, in digits. Whether it is new is for the caller to judge. */
  timestamp: string;
  nonce: string;
  /** Base64. */
  encrypt: string;
}

/** The answer to a push, as JSON: DingTalk wants these fields and no others around them. */
export interface CallbackAnswer {
  msg_signature: string;
  timeStamp: string;
  nonce: string;
  encrypt: string;
}

const BLOCK_BYTES = 32;
const RANDOM_BYTES = 16;
/** Random bytes and length. */
const HEAD_BYTES = RANDOM_BYTES + 4;

/** The one error: with a reason it would tell a stranger how near a forgery is, until the padding is guessed. */
const noCallback = () =>
  new DingTalkError('unexpected', { endpoint: 'callback', reason: 'not a callback of DingTalk' });

const querySchema = z.object({
  msg_signature: z.string().optional(),
  signature: z.string().optional(),
  timestamp: z.string().regex(/^\d{1,16}$/),
  nonce: z.string().min(1).max(128),
});
const bodySchema = z.object({ encrypt: z.string().min(1) });

/**
 * The parts of a push.
 *
 * @param query of its address: `msg_signature` (`signature` in older apps), `timestamp`, `nonce`
 * @param body its JSON: `{ encrypt }`
 * @throws DingTalkError `unexpected`
 */
export function readCallback(query: unknown, body: unknown): Callback {
  const parameters = querySchema.safeParse(query).data;
  const encrypt = bodySchema.safeParse(body).data?.encrypt;
  const signature = parameters?.msg_signature ?? parameters?.signature;
  if (!parameters || !encrypt || !signature) {
    throw noCallback();
  }
  return { signature, timestamp: parameters.timestamp, nonce: parameters.nonce, encrypt };
}

/**
 * Checks that a push was signed with the token, in a time that does not depend on how much of the signature is right.
 *
 * @throws DingTalkError `unexpected`
 */
export function verifyCallback({ signature, ...signed }: Callback, token: string): void {
  const given = Buffer.from(/^[\da-f]{40}$/i.test(signature) ? signature : '', 'hex');
  const expected = sign(token, signed);
  // `timingSafeEqual` throws where the lengths differ.
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw noCallback();
  }
}

function sign(token: string, { timestamp, nonce, encrypt }: Omit<Callback, 'signature'>): Buffer {
  return createHash('sha1').update([token, timestamp, nonce, encrypt].sort().join('')).digest();
}

/**
 * The message of a push. Verify its signature first: without the token, nobody may try what this accepts.
 *
 * @param encrypt of the push
 * @param ownerKey the Client ID, for which the push must be meant
 * @returns text, usually JSON; `eventOfCallback` reads it
 * @throws DingTalkError `unexpected`, the same whatever is wrong
 */
export function decryptCallback(encrypt: string, aesKey: string, ownerKey: string): string {
  try {
    const { key, iv } = secretOf(aesKey);
    const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
    const plain = withoutPadding(Buffer.concat([decipher.update(encrypt, 'base64'), decipher.final()]));
    const end = HEAD_BYTES + plain.readUInt32BE(RANDOM_BYTES);
    if (end <= plain.length && plain.subarray(end).equals(Buffer.from(ownerKey))) {
      return new TextDecoder('utf-8', { fatal: true }).decode(plain.subarray(HEAD_BYTES, end));
    }
  } catch {
    // What OpenSSL, the buffer or the decoder has against it must not be told.
  }
  throw noCallback();
}

function secretOf(aesKey: string): { key: Buffer; iv: Buffer } {
  const key = Buffer.from(`${aesKey}=`, 'base64');
  return { key, iv: key.subarray(0, 16) };
}

function withoutPadding(padded: Buffer): Buffer {
  const count = padded.at(-1) ?? 0;
  const padding = padded.subarray(padded.length - count);
  const isRight = count >= 1 && count <= BLOCK_BYTES && padding.length === count && padding.every((b) => b === count);
  if (!isRight || padded.length % BLOCK_BYTES) {
    throw noCallback();
  }
  return padded.subarray(0, padded.length - count);
}

/**
 * The answer to a push. DingTalk takes no other for a success, and repeats the push after 10 and 30 seconds.
 *
 * @param ownerKey the Client ID
 */
export function encryptAnswer({ token, aesKey }: CallbackKeys, ownerKey: string, message = 'success'): CallbackAnswer {
  const signed = {
    timestamp: String(Date.now()),
    nonce: randomText(16),
    encrypt: encryptMessage(message, aesKey, ownerKey),
  };
  const { timestamp: timeStamp, ...rest } = signed;
  return { msg_signature: sign(token, signed).toString('hex'), timeStamp, ...rest };
}

function encryptMessage(message: string, aesKey: string, ownerKey: string): string {
  const head = randomBytes(HEAD_BYTES);
  head.writeUInt32BE(Buffer.byteLength(message), RANDOM_BYTES);
  const plain = Buffer.concat([head, Buffer.from(message), Buffer.from(ownerKey)]);
  const count = BLOCK_BYTES - (plain.length % BLOCK_BYTES);
  const { key, iv } = secretOf(aesKey);
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
  const padded = Buffer.concat([plain, Buffer.alloc(count, count)]);
  return Buffer.concat([cipher.update(padded), cipher.final()]).toString('base64');
}

/** New secrets, in letters and digits alone, as DingTalk's console asks for. */
export function createCallbackKeys(): CallbackKeys {
  return { token: randomText(32), aesKey: randomAesKey() };
}

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function randomText(length: number): string {
  return Array.from({ length }, () => LETTERS_AND_DIGITS[randomInt(LETTERS_AND_DIGITS.length)]).join('');
}

/** 32 random bytes, drawn until their base64 has neither `+` nor `/`: four times on average. */
function randomAesKey(): string {
  for (;;) {
    const key = randomBytes(32).toString('base64').slice(0, 43);
    if (!/[+/]/.test(key)) {
      return key;
    }
  }
}
