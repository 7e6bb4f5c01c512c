import { createHash } from 'node:crypto';
import type { Context } from '@nocobase/actions';
import { phoneOf, possiblePhone } from './phone';
import { phoneFingerprint } from './phone-fingerprint';

const ctx = ({ secret = 'an APP_KEY', name = 'main' } = {}) =>
  ({ app: { name, authManager: { jwt: { getSecret: () => secret } } } }) as unknown as Context;
const phone = (text = '13800138000') => possiblePhone(text) ?? fail();
const fail = () => {
  throw new Error('no phone number');
};

const ours = phoneFingerprint(ctx(), 'dingtalk', phone());

it('is the same for a number in each spelling, of a user, of an account and as an old key', () => {
  const ofAccount = phoneOf({ mobile: '13800138000', stateCode: '86' }) ?? fail();
  for (const same of [phone('+86 138-0013-8000'), phone('８６１３８００１３８０００'), ofAccount]) {
    expect(phoneFingerprint(ctx(), 'dingtalk', same)).toBe(ours);
  }
});

it.each<[string, string]>([
  ['number', phoneFingerprint(ctx(), 'dingtalk', phone('13800138001'))],
  ['country', phoneFingerprint(ctx(), 'dingtalk', phone('+1 415 555 0100'))],
  ['authenticator', phoneFingerprint(ctx(), 'second', phone())],
  ['application', phoneFingerprint(ctx({ name: 'sub' }), 'dingtalk', phone())],
  ['APP_KEY', phoneFingerprint(ctx({ secret: 'another' }), 'dingtalk', phone())],
])('is another one for another %s', (_, other) => {
  expect(other).toMatch(/^[\da-f]{64}$/);
  expect(other).not.toBe(ours);
});

it('T60: does not tell the number to whoever has the table alone, and tries every number', () => {
  const wanted = ({ number }: { number: string }, prefix = '') =>
    createHash('sha256')
      .update(prefix + number)
      .digest('hex');
  // The control: a hash without a key is found at once.
  const plain = wanted(phone());
  const guesses = ['13800137999', '13800138000', '13800138001'].map((text) => phone(text));
  expect(guesses.filter((guess) => wanted(guess) === plain)).toHaveLength(1);
  expect(guesses.flatMap((guess) => [wanted(guess), wanted(guess, 'dingtalk.')])).not.toContain(ours);
});

it.each(['16463212345678901', '0164632123456789', 'manager1234', '12345', ''])(
  'T34: the userid %j is no phone number: it is kept as it is',
  (userid) => {
    expect(possiblePhone(userid)).toBeUndefined();
  },
);
