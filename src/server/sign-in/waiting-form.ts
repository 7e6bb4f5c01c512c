import { createHash } from 'node:crypto';
import type { Context } from '@nocobase/actions';
import { z } from 'zod';
import { LIFETIME_MS } from '../authorization/signed-cookie';
import { CodedError } from '../http/coded-error';

const formSchema = z.object({
  /** Name of the authenticator, saved or not. */
  name: z.string(),
  options: z.record(z.string(), z.unknown()),
  /** When the session began in which the test did; milliseconds since 1970. */
  session: z.number(),
});

/** A settings form that is not saved, while its administrator is at DingTalk. */
export type WaitingForm = z.infer<typeof formSchema>;

/**
 * Keeps a form, with its Client Secret, in the server's cache alone: what a browser or an address carries may be read
 * there. It is encrypted, as the cache may be a Redis that others use, and is found by nobody who has not the state.
 */
export async function keepForm({ app }: Context, state: string, form: WaitingForm): Promise<void> {
  await app.cache.set(cacheKeyOf(state), await app.aesEncryptor.encrypt(JSON.stringify(form)), LIFETIME_MS);
}

/**
 * The form of a flow, which is gone from the cache then.
 *
 * @throws CodedError TEST_GONE: another node has it, or it waited for too long
 */
export async function takeForm({ app }: Context, state: string): Promise<WaitingForm> {
  const key = cacheKeyOf(state);
  const kept: string | undefined = await app.cache.get(key);
  if (!kept) {
    throw new CodedError('TEST_GONE');
  }
  await app.cache.del(key);
  return formSchema.parse(JSON.parse(await app.aesEncryptor.decrypt(kept)));
}

/** Hashed, so that who reads the cache has no state either. */
const cacheKeyOf = (state: string) => `dingtalk-sign-in-test:${createHash('sha256').update(state).digest('hex')}`;
