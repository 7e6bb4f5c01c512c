import { createHash } from 'node:crypto';
import { SignInError } from '../http/errors';
import { TIMEOUT_MS } from './agents';
import { appTokenAnswer, judge } from './answers';
import { dingTalkUrl } from './hosts';
import type { DingTalkApp } from './person';
import { sendToDingTalk } from './request';
import { twiceAtMost } from './retry';

/** A token is taken for over this long before its end. */
const MARGIN_S = 5 * 60;

/** What DingTalk's old API says of a token that it does not know, or no longer. */
const INVALID = new Set(['40014', '42001']);

/** The part of NocoBase's cache that keeps the tokens; all nodes may share it. */
export interface TokenCache {
  get<T>(key: string): Promise<T | undefined>;
  set(key: string, value: unknown, ttlMs: number): Promise<void>;
  del(key: string): Promise<void>;
}

const underWay = new Map<string, Promise<string>>();

/**
 * Calls DingTalk in the name of the app. A token that DingTalk no longer knows is renewed, once.
 *
 * @throws SignInError
 */
export async function asApp<T>(
  app: DingTalkApp,
  cache: TokenCache,
  signal: AbortSignal,
  call: (token: string) => Promise<T>,
): Promise<T> {
  const key = keyOf(app);
  const token = () => Promise.race([tokenOf(app, cache, key), endOf(signal)]);
  const first = await token();
  try {
    return await call(first);
  } catch (error) {
    if (!(error instanceof SignInError) || !INVALID.has(error.detail.dingTalkCode ?? '')) {
      throw error;
    }
    // Another request may have renewed it already.
    if ((await cache.get(key)) === first) {
      await cache.del(key);
    }
    return call(await token());
  }
}

/**
 * A new token of the app, or the current one, with the seconds that it lasts. DingTalk document:
 * `obtain-the-access-token-of-an-internal-app`.
 *
 * @throws SignInError
 */
export async function requestAppToken({ clientId, clientSecret }: DingTalkApp, signal: AbortSignal) {
  const response = await sendToDingTalk({
    method: 'POST',
    url: dingTalkUrl('DINGTALK_API_URL', '/v1.0/oauth2/accessToken'),
    body: { appKey: clientId, appSecret: clientSecret },
    signal,
  });
  return judge(response, appTokenAnswer);
}

/** One request for however many need the token at once. */
async function tokenOf(app: DingTalkApp, cache: TokenCache, key: string): Promise<string> {
  const cached = await cache.get<string>(key);
  if (cached) {
    return cached;
  }
  const request = underWay.get(key) ?? renew(app, cache, key).finally(() => underWay.delete(key));
  underWay.set(key, request);
  return request;
}

async function renew(app: DingTalkApp, cache: TokenCache, key: string): Promise<string> {
  // Its own time: whoever joins late is not to end with whoever asked first.
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const { accessToken, expireIn } = await twiceAtMost(() => requestAppToken(app, signal));
  if (expireIn > MARGIN_S) {
    await cache.set(key, accessToken, (expireIn - MARGIN_S) * 1000);
  }
  return accessToken;
}

function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(new SignInError('DINGTALK_UNAVAILABLE', { reason: 'no answer in time' }));
    signal.addEventListener('abort', end, { once: true });
  });
}

/** The secret is part of it: whoever enters a new one gets a new token. */
function keyOf({ clientId, clientSecret }: DingTalkApp): string {
  return `dingtalk-app-token:${createHash('sha256')
    .update(JSON.stringify([clientId, clientSecret]))
    .digest('hex')}`;
}
