import { decrypt, encrypt, sign } from './crypto';

/** Documented with its result. */
const documented = {
  token: '123456',
  aesKey: '1234567890123456789012345678901234567890123',
  owner: 'dingsnotzck6pm5veliw',
  timestamp: '1614767836',
  nonce: 'A7Co0cJLMzIDtMMI',
  signature: '9a95a004dd16f5c307e849b994173f76aa26e5eb',
  encrypted: 'YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==',
};
const { token, aesKey, owner, timestamp, nonce, signature, encrypted } = documented;

it('reads and signs what is documented', () => {
  expect(decrypt(encrypted, aesKey)).toEqual({ message: 'success', owner });
  expect(sign(token, timestamp, nonce, encrypted)).toBe(signature);
});

it.each([0, 1, 8, 31, 32, 1000])('encrypts %i bytes more, each time differently', (length) => {
  const message = `张${'x'.repeat(length)}`;
  const texts = [encrypt(message, aesKey, owner), encrypt(message, aesKey, owner)];
  expect(texts[0]).not.toBe(texts[1]);
  expect(texts.map((text) => decrypt(text, aesKey))).toEqual([
    { message, owner },
    { message, owner },
  ]);
  expect(Buffer.from(texts[0], 'base64').length % 32).toBe(0);
});

it('another key reads nothing', () => {
  const other = aesKey.replace('1', '2');
  for (let attempt = 0; attempt < 20; attempt++) {
    const text = encrypt('success', aesKey, owner);
    expect(() => decrypt(text, other)).toThrow();
  }
});
