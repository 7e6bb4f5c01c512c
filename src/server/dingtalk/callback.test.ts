import { createCipheriv, createDecipheriv } from 'node:crypto';
import { inspect } from 'node:util';
import {
  type Callback,
  createCallbackKeys,
  decryptCallback,
  encryptAnswer,
  readCallback,
  verifyCallback,
} from './callback';
import { DingTalkError } from './errors';

/** DingTalk's own example. */
const keys = { token: '123456', aesKey: '1234567890123456789012345678901234567890123' };
const OWNER = 'dingsnotzck6pm5veliw';
const example: Callback = {
  signature: '9a95a004dd16f5c307e849b994173f76aa26e5eb',
  timestamp: '1614767836',
  nonce: 'A7Co0cJLMzIDtMMI',
  encrypt: 'YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==',
};

function refusalOf(work: () => unknown): DingTalkError {
  try {
    throw new Error(`accepted: ${inspect(work())}`);
  } catch (error) {
    if (error instanceof DingTalkError) {
      return error;
    }
    throw error;
  }
}

/** All that a refusal shows, without the place in the code. */
const shown = (error: DingTalkError) => ({ ...error, message: error.message });
const theRefusal = {
  name: 'DingTalkError',
  kind: 'unexpected',
  endpoint: 'callback',
  reason: 'not a callback of DingTalk',
};

describe('the signature', () => {
  it('of DingTalk’s example is right, in upper case too', () => {
    verifyCallback(example, keys.token);
    verifyCallback({ ...example, signature: example.signature.toUpperCase() }, keys.token);
  });

  it.each<[string, Partial<Callback>]>([
    ['another timestamp', { timestamp: '1614767837' }],
    ['another nonce', { nonce: 'A7Co0cJLMzIDtMMJ' }],
    ['another text', { encrypt: example.encrypt.replace('Y', 'Z') }],
    ['another signature', { signature: example.signature.replace('9', '8') }],
    ['a shorter one', { signature: example.signature.slice(0, 38) }],
    ['a longer one', { signature: `${example.signature}00` }],
    ['one with something behind it', { signature: `${example.signature}!` }],
    ['none', { signature: '' }],
    ['no hexadecimal', { signature: 'z'.repeat(40) }],
    ['characters of two bytes', { signature: 'é'.repeat(40) }],
  ])('of %s is refused', (_, difference) => {
    expect(shown(refusalOf(() => verifyCallback({ ...example, ...difference }, keys.token)))).toEqual(
      expect.objectContaining(theRefusal),
    );
  });

  it('with another token is refused', () => {
    refusalOf(() => verifyCallback(example, '123457'));
  });
});

describe('the parts of a push', () => {
  const { signature, timestamp, nonce, encrypt } = example;

  it.each(['msg_signature', 'signature'])('are read, with %s', (name) => {
    expect(readCallback({ [name]: signature, timestamp, nonce, other: 'x' }, { encrypt, other: 'x' })).toEqual(example);
  });

  const query = { msg_signature: signature, timestamp, nonce };
  it.each<[string, unknown, unknown]>([
    ['no query', undefined, { encrypt }],
    ['no body', query, undefined],
    ['a body that is no JSON', query, '<xml/>'],
    ['no encrypted text', query, {}],
    ['a list of texts', query, { encrypt: [encrypt] }],
    ['two signatures', { ...query, msg_signature: [signature, signature] }, { encrypt }],
    ['no signature', { timestamp, nonce }, { encrypt }],
    ['a time that is none', { ...query, timestamp: '1614767836x' }, { encrypt }],
    ['a long time', { ...query, timestamp: '1'.repeat(17) }, { encrypt }],
    ['a long nonce', { ...query, nonce: 'x'.repeat(129) }, { encrypt }],
  ])('are refused with %s', (_, read, body) => {
    expect(refusalOf(() => readCallback(read, body))).toMatchObject(theRefusal);
  });
});

/** Encrypts any bytes with the keys, as nobody without them can. */
function encryptRaw(plain: Buffer): string {
  const key = Buffer.from(`${keys.aesKey}=`, 'base64');
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
}

function plainOf({ message = 'success', owner = OWNER, length = Buffer.byteLength(message) } = {}): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt32BE(length, 16);
  return Buffer.concat([head, Buffer.from(message), Buffer.from(owner)]);
}

function pad(plain: Buffer, block = 32): Buffer {
  const count = block - (plain.length % block);
  return Buffer.concat([plain, Buffer.alloc(count, count)]);
}

describe('the message', () => {
  const decrypt = (encrypt: string) => decryptCallback(encrypt, keys.aesKey, OWNER);

  it('of DingTalk’s example is read', () => {
    expect(decrypt(example.encrypt)).toBe('success');
  });

  it.each(['', '{"EventType":"check_url"}', '张伟 🎉'.repeat(1000)])('of any length is read: %#', (message) => {
    expect(decrypt(encryptRaw(pad(plainOf({ message }))))).toBe(message);
  });

  it('with a whole block of padding is read', () => {
    // 20 + 5 + 7 bytes.
    const plain = plainOf({ message: 'hello', owner: 'ding123' });
    expect(plain.length).toBe(32);
    expect(decryptCallback(encryptRaw(pad(plain)), keys.aesKey, 'ding123')).toBe('hello');
  });

  const padded = pad(plainOf());
  const changedAt = (index: number, value: number) => {
    const changed = Buffer.from(padded);
    changed[changed.length + index] = value;
    return changed;
  };

  const wrong: [string, string][] = [
    ['no base64', '!!!'],
    ['nothing', ''],
    ['not whole blocks', Buffer.from('123').toString('base64')],
    ['padding to 16 bytes', encryptRaw(pad(plainOf({ message: 'x'.repeat(30) }), 16))],
    ['padding of 0', encryptRaw(changedAt(-1, 0))],
    ['padding of 33', encryptRaw(Buffer.concat([plainOf({ message: 'x'.repeat(23) }), Buffer.alloc(33, 33)]))],
    ['padding of 255', encryptRaw(changedAt(-1, 255))],
    ['padding of which a byte differs', encryptRaw(changedAt(-2, 1))],
    ['nothing but padding', encryptRaw(Buffer.alloc(32, 32))],
    ['a length beyond the end', encryptRaw(pad(plainOf({ length: 1000 })))],
    ['a length of 4 GiB', encryptRaw(pad(plainOf({ length: 0xffffffff })))],
    ['a length that takes in the owner', encryptRaw(pad(plainOf({ length: 7 + OWNER.length })))],
    ['another owner', encryptRaw(pad(plainOf({ owner: 'dingother' })))],
    ['an owner that begins like it', encryptRaw(pad(plainOf({ owner: OWNER.slice(0, -1) })))],
    ['no owner', encryptRaw(pad(plainOf({ owner: '' })))],
    [
      'half a character',
      encryptRaw(
        pad(Buffer.concat([plainOf({ message: '', length: 1, owner: '' }), Buffer.from([0xe5]), Buffer.from(OWNER)])),
      ),
    ],
  ];

  it.each(wrong)('with %s is refused', (_, encrypt) => {
    refusalOf(() => decrypt(encrypt));
  });

  it('CONTROL: the usual decryption tells a wrong padding from a wrong owner', () => {
    const naive = (encrypt: string) => {
      const key = Buffer.from(`${keys.aesKey}=`, 'base64');
      const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16));
      try {
        return Buffer.concat([decipher.update(encrypt, 'base64'), decipher.final()]).includes(OWNER) || 'another owner';
      } catch (error) {
        return (error as Error).message;
      }
    };
    const answers = [changedAt(-1, 0), pad(plainOf({ owner: 'x', message: 'hello world' }), 16)]
      .map(encryptRaw)
      .map(naive);
    expect(answers).toEqual([expect.stringMatching(/bad decrypt/i), 'another owner']);
  });

  it('every refusal is the same, so that nobody can guess a padding by it', () => {
    const refusals = wrong.map(([, encrypt]) => refusalOf(() => decrypt(encrypt)));
    refusals.push(refusalOf(() => decryptCallback(example.encrypt, keys.aesKey.replace('1', '2'), OWNER)));
    refusals.push(refusalOf(() => decryptCallback(example.encrypt, 'short', OWNER)));
    refusals.push(refusalOf(() => verifyCallback(example, 'other')));
    refusals.push(refusalOf(() => readCallback({}, {})));
    expect(new Set(refusals.map((error) => JSON.stringify(shown(error)))).size).toBe(1);
    expect(refusals.every(({ cause, message }) => cause === undefined && message === refusals[0].message)).toBe(true);
  });
});

describe('the answer', () => {
  it('is one that the same keys verify and decrypt', () => {
    const answer = encryptAnswer(keys, OWNER);
    expect(Object.keys(answer).sort()).toEqual(['encrypt', 'msg_signature', 'nonce', 'timeStamp']);
    expect(answer.nonce).toMatch(/^[\da-z]{16}$/i);
    expect(Math.abs(Date.now() - Number(answer.timeStamp))).toBeLessThan(60_000);
    const { msg_signature, timeStamp: timestamp, nonce, encrypt } = answer;
    verifyCallback(readCallback({ msg_signature, timestamp, nonce }, { encrypt }), keys.token);
    expect(decryptCallback(encrypt, keys.aesKey, OWNER)).toBe('success');
  });

  it.each([0, 1, 11, 12, 13, 31, 32, 33, 200])('holds a message of %s bytes', (length) => {
    const message = 'x'.repeat(length);
    expect(decryptCallback(encryptAnswer(keys, OWNER, message).encrypt, keys.aesKey, OWNER)).toBe(message);
  });

  it('is never the same', () => {
    expect(encryptAnswer(keys, OWNER).encrypt).not.toBe(encryptAnswer(keys, OWNER).encrypt);
  });
});

describe('new keys', () => {
  it('are letters and digits, as long as DingTalk’s console wants them, and never the same', () => {
    const made = Array.from({ length: 50 }, () => createCallbackKeys());
    expect(made.every(({ token }) => /^[\dA-Za-z]{32}$/.test(token))).toBe(true);
    expect(made.every(({ aesKey }) => /^[\dA-Za-z]{43}$/.test(aesKey))).toBe(true);
    expect(new Set(made.flatMap(({ token, aesKey }) => [token, aesKey])).size).toBe(100);
  });

  it('are base64 of exactly 32 bytes, which every decoder takes', () => {
    const { aesKey } = createCallbackKeys();
    const bytes = Buffer.from(`${aesKey}=`, 'base64');
    expect(bytes.length).toBe(32);
    expect(bytes.toString('base64')).toBe(`${aesKey}=`);
  });
});
