import { createHash } from 'node:crypto';
import { APP_TOKEN_PATH, type DingTalkApp, getAppToken } from './api';
import { DingTalkError, retryOnce } from './errors';

/** A token counts as expired this long before its end, so that none expires between two calls. */
const MARGIN_S = 5 * 60;

/** The part of NocoBase's cache that keeps the tokens; all nodes may share it. */
export interface TokenCache {
  get<T>(key: string): Promise<T | undefined>;
  set(key: string, value: unknown, ttlMs: number): Promise<void>;
  del(key: string): Promise<void>;
}

interface AppTokenOptions {
  app: DingTalkApp;
  cache: TokenCache;
  /** The deadline of the caller, who waits no longer for a token. */
  signal: AbortSignal;
  /** The time limit of a new token's request. It is not the caller's own, as later callers may join in waiting for it. */
  renewalMs: number;
}

const pending = new Map<string, Promise<string>>();

/**
 * Calls DingTalk in the name of the app. Where DingTalk refuses the token, it is renewed and the call repeated, once.
 *
 * @throws DingTalkError
 */
export async function withAppToken<T>(
  { app, cache, signal, renewalMs }: AppTokenOptions,
  call: (appToken: string) => Promise<T>,
): Promise<T> {
  const key = cacheKeyOf(app);
  const currentToken = () => untilAborted(signal, readToken(app, cache, key, renewalMs));
  const token = await currentToken();
  try {
    return await call(token);
  } catch (error) {
    if (!(error instanceof DingTalkError) || error.kind !== 'token') {
      throw error;
    }
    // Another request may have renewed it already: its token must stay.
    if ((await cache.get(key)) === token) {
      await cache.del(key);
    }
    return call(await currentToken());
  }
}

/** Requests that need a token at the same time share one call to DingTalk. */
async function readToken(app: DingTalkApp, cache: TokenCache, key: string, renewalMs: number): Promise<string> {
  const cached = await cache.get<string>(key);
  if (cached) {
    return cached;
  }
  const renewal = pending.get(key) ?? renew(app, cache, key, renewalMs).finally(() => pending.delete(key));
  pending.set(key, renewal);
  return renewal;
}

async function renew(app: DingTalkApp, cache: TokenCache, key: string, renewalMs: number): Promise<string> {
  const signal = AbortSignal.timeout(renewalMs);
  const { accessToken, expireIn } = await retryOnce(() => getAppToken(app, signal));
  if (expireIn > MARGIN_S) {
    await cache.set(key, accessToken, (expireIn - MARGIN_S) * 1000);
  }
  return accessToken;
}

function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () =>
      reject(new DingTalkError('unreachable', { endpoint: APP_TOKEN_PATH, reason: 'no answer in time' }));
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) {
      end();
    }
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

/**
 * The secret is part of the key, so that a new secret gets a new token, and the organization, for which older apps get
 * theirs; hashed, so that the secret does not stand in Redis.
 */
function cacheKeyOf({ clientId, clientSecret, corpId }: DingTalkApp): string {
  return `dingtalk-app-token:${createHash('sha256')
    .update(JSON.stringify([clientId, clientSecret, corpId]))
    .digest('hex')}`;
}
