import type { ErrorCode } from '../shared/codes';
import type { ClientPlugin } from './nocobase';
import { sentenceOf } from './request';

/** Takes what `dingtalk:redirect` handed over in the fragment, and removes it from the address bar and the history. */
export function takeCallback(): URLSearchParams {
  const callback = new URLSearchParams(location.hash.slice(1));
  history.replaceState(history.state, '', location.pathname);
  return callback;
}

/**
 * Why a callback page could not finish.
 *
 * @param error of the server, which is asked only with an authorization code. Without one the callback itself tells the
 * code of an error.
 */
export function sentenceOfCallback(
  plugin: Pick<ClientPlugin, 't'>,
  callback: URLSearchParams,
  error: unknown,
  otherwise?: ErrorCode,
): string {
  if (callback.get('code')) {
    return sentenceOf(error, plugin, otherwise);
  }
  const given = callback.get('error') || 'STATE_INVALID';
  // Anybody can make a link with any fragment: only codes that have a sentence are shown, never the link's own words.
  const code = /^[A-Z_]+$/.test(given) && plugin.t(given) !== given ? given : 'SIGN_IN_FAILED';
  return `${plugin.t(code)} (${code})`;
}
