import { withAppToken } from '../../dingtalk/app-token';
import type { Reader } from './calls';

const TIMEOUT_MS = 10_000;

/**
 * One call for a form, in the pace of the app: runs go on meanwhile.
 *
 * @param endpoint its name, as `Pace` counts it
 * @throws DingTalkError
 */
export function ask<T>(
  { app, cache, pace, signal, timeoutMs = TIMEOUT_MS }: Reader,
  endpoint: string,
  call: (appToken: string, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return pace.run(
    endpoint,
    () => {
      const both = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      return withAppToken({ app, cache, signal: both, renewalMs: timeoutMs }, (token) => call(token, both));
    },
    signal,
  );
}
