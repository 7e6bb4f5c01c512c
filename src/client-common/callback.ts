import type { ErrorCode } from '../shared/codes';
import type { ClientPlugin } from './nocobase';
import { sentenceOf } from './request';

/** What stands in the fragment of a callback page. Anybody can make a link with any. */
export type Callback = Partial<Record<'authenticator' | 'flow' | 'error', string>>;

/**
 * What `dingtalk:redirect` handed over: a flow, or the code of an error. Neither is a secret, so that the address bar may keep
 * it: a flow is finished once, and only in the browser that has its cookies.
 */
export const readCallback = (): Callback => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

/**
 * Why a callback page could not finish.
 *
 * @param error of the server, which is asked only about a flow. Without one the callback itself tells the
 * code of an error.
 */
export function sentenceOfCallback(
  plugin: Pick<ClientPlugin, 't'>,
  callback: Callback,
  error: unknown,
  otherwise?: ErrorCode,
): string {
  if (callback.flow) {
    return sentenceOf(error, plugin, otherwise);
  }
  const given = callback.error || 'STATE_INVALID';
  // Anybody can make a link with any fragment: only codes that have a sentence are shown, never the link's own words.
  const code = /^[A-Z_]+$/.test(given) && plugin.t(given) !== given ? given : 'SIGN_IN_FAILED';
  return `${plugin.t(code)} (${code})`;
}
