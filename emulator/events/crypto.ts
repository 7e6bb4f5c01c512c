import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/**
 * How DingTalk encrypts and signs what it pushes: AES-256-CBC, whose initialization vector is the beginning of the key,
 * of 16 random bytes, the length, the message and the owner of the key.
 */

const BLOCK = 32;
const LENGTH_AT = 16;
const MESSAGE_AT = 20;

const keyOf = (aesKey: string) => Buffer.from(`${aesKey}=`, 'base64');

export function encrypt(message: string, aesKey: string, owner: string): string {
  const key = keyOf(aesKey);
  const text = Buffer.from(message);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const plain = Buffer.concat([randomBytes(LENGTH_AT), length, text, Buffer.from(owner)]);
  const padding = BLOCK - (plain.length % BLOCK);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([plain, Buffer.alloc(padding, padding)]);
  return Buffer.concat([cipher.update(padded), cipher.final()]).toString('base64');
}

/** Throws where the key is another one. */
export function decrypt(encrypted: string, aesKey: string): { message: string; owner: string } {
  const key = keyOf(aesKey);
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(encrypted, 'base64'), decipher.final()]);
  const padding = padded.at(-1) ?? 0;
  const plain = padded.subarray(0, padded.length - padding);
  const end = MESSAGE_AT + (plain.length >= MESSAGE_AT ? plain.readUInt32BE(LENGTH_AT) : 0);
  if (padding < 1 || padding > BLOCK || end > plain.length) {
    throw new Error('The text was encrypted with another key');
  }
  return { message: plain.subarray(MESSAGE_AT, end).toString(), owner: plain.subarray(end).toString() };
}

export const sign = (token: string, timestamp: string, nonce: string, encrypted: string): string =>
  createHash('sha1').update([token, timestamp, nonce, encrypted].sort().join('')).digest('hex');
