import { createHash } from 'node:crypto';
import type { Application } from '@nocobase/server';
import { comparable, fingerprintOf } from './fingerprint';

const app = (secret: string) =>
  ({ name: 'main', authManager: { jwt: { getSecret: () => secret } } }) as unknown as Application;

describe('the fingerprint of a value', () => {
  const fingerprint = fingerprintOf(app('a secret'), '1');

  it('is the same of a phone number in another spelling, and of nothing else that differs', () => {
    expect(fingerprint('phone', '+86 138-0013-8000')).toBe(fingerprint('phone', '13800138000'));
    const others = [
      fingerprint('phone', '13800138001'),
      fingerprint('job', '13800138000'),
      fingerprint('job', '+86 138-0013-8000'),
      fingerprint('nickname', 'Ada'),
      fingerprint('nickname', 'ada'),
    ];
    expect(new Set([fingerprint('phone', '13800138000'), ...others]).size).toBe(6);
  });

  it('is found by nobody who tries all numbers without the key, as that of a plain hash is', () => {
    const plain = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22);
    const findNumber = (wanted: string) =>
      Array.from({ length: 100 }, (_, index) => String(13800138000 + index)).find((number) =>
        [number, `+86${number}`, `phone.+86${number}`].some((text) => plain(text) === wanted),
      );
    expect(findNumber(plain('phone.+8613800138000'))).toBe('13800138000');
    expect(findNumber(fingerprint('phone', '13800138000'))).toBeUndefined();
  });

  it('is another one of another source, and with another APP_KEY', () => {
    const all = [fingerprint, fingerprintOf(app('a secret'), '2'), fingerprintOf(app('another'), '1')];
    expect(new Set(all.map((one) => one('nickname', 'Ada'))).size).toBe(3);
    expect(fingerprintOf(app('a secret'), '1')('nickname', 'Ada')).toBe(fingerprint('nickname', 'Ada'));
  });

  it('compares numbers as numbers, and what is none as it is', () => {
    expect([comparable('phone', '138 0013 8000'), comparable('phone', 'none'), comparable('job', '1')]).toEqual([
      '+8613800138000',
      'none',
      '1',
    ]);
  });
});
