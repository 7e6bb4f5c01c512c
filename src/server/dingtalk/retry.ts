import { SignInError } from '../http/errors';

/** Repeats, once, what only asks: where that may help. */
export function twiceAtMost<T>(ask: () => Promise<T>): Promise<T> {
  return ask().catch((error) => (passesSoon(error) ? ask() : Promise.reject(error)));
}

/**
 * A broken connection, or a fault of DingTalk's own (in its old API: `-1`). To repeat what is throttled or forbidden
 * makes it worse.
 */
function passesSoon(error: unknown): boolean {
  if (!(error instanceof SignInError) || error.code !== 'DINGTALK_UNAVAILABLE') {
    return false;
  }
  const { networkCode, httpStatus = 0, dingTalkCode } = error.detail;
  return networkCode === 'ECONNRESET' || httpStatus >= 500 || dingTalkCode === '-1';
}
