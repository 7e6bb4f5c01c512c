import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Context } from '@nocobase/actions';
import { LIFETIME_MS } from '../authorization/signed-cookie';
import { keepForm, takeForm, type WaitingForm } from './waiting-form';

const STATE = 's'.repeat(43);
const form: WaitingForm = {
  name: 'dingtalk',
  options: { dingtalk: { clientId: 'ding1', clientSecret: 'S3CRET' } },
  session: 1,
};

/** NocoBase's cache and its encryption, as far as a form that waits needs them; `kept` is what others could read. */
function nocobase() {
  const kept = new Map<string, unknown>();
  const lifetimes: (number | undefined)[] = [];
  const [key, iv] = [randomBytes(32), randomBytes(16)];
  const app = {
    cache: {
      get: async (name: string) => kept.get(name),
      set: async (name: string, value: unknown, ttl?: number) => {
        lifetimes.push(ttl);
        kept.set(name, value);
      },
      del: async (name: string) => void kept.delete(name),
    },
    aesEncryptor: {
      async encrypt(text: string) {
        const cipher = createCipheriv('aes-256-cbc', key, iv);
        return cipher.update(text, 'utf8', 'hex') + cipher.final('hex');
      },
      async decrypt(text: string) {
        const decipher = createDecipheriv('aes-256-cbc', key, iv);
        return decipher.update(text, 'hex', 'utf8') + decipher.final('utf8');
      },
    },
  };
  return { ctx: { app } as unknown as Context, kept, lifetimes };
}

describe('a form that waits', () => {
  it('comes back with its state, once', async () => {
    const { ctx } = nocobase();
    await keepForm(ctx, STATE, form);
    expect(await takeForm(ctx, STATE)).toEqual(form);
    await expect(takeForm(ctx, STATE)).rejects.toThrow('TEST_GONE');
  });

  it('does not come back with another state, nor on another node', async () => {
    const [one, other] = [nocobase(), nocobase()];
    await keepForm(one.ctx, STATE, form);
    await expect(takeForm(one.ctx, 't'.repeat(43))).rejects.toThrow('TEST_GONE');
    await expect(takeForm(other.ctx, STATE)).rejects.toThrow('TEST_GONE');
    expect(await takeForm(one.ctx, STATE)).toEqual(form);
  });

  it('T108: waits for ten minutes at the most', async () => {
    const { ctx, lifetimes } = nocobase();
    await keepForm(ctx, STATE, form);
    expect(lifetimes).toEqual([10 * 60 * 1000]);
    expect(lifetimes).toEqual([LIFETIME_MS]);
  });

  it('T108: tells who reads the cache neither the secret nor the state', async () => {
    const { ctx, kept } = nocobase();
    // The control: what is written as it is can be read.
    kept.set('naive', JSON.stringify(form));
    expect(JSON.stringify([...kept])).toContain('S3CRET');
    kept.clear();
    await keepForm(ctx, STATE, form);
    expect(kept.size).toBe(1);
    expect(JSON.stringify([...kept])).not.toMatch(/S3CRET|ding1|s{43}/);
  });

  it('T108: is gone from the cache once it was taken', async () => {
    const { ctx, kept } = nocobase();
    await keepForm(ctx, STATE, form);
    await takeForm(ctx, STATE);
    expect(kept.size).toBe(0);
  });
});
