import { Button } from 'antd';
import { failureAlert } from './failure-alert';
import type { ClientPlugin } from '../nocobase';
import { sentenceOf, signInPage } from './sign-in';

/** Why a sign-in was not finished, and the way back. Loaded only then. */
export default (plugin: ClientPlugin) => (callback: URLSearchParams, error: unknown) => (
  <>
    {failureAlert(sentenceOfCallback(plugin, callback, error))}
    <Button block href={signInPage(plugin)}>
      {plugin.t('Back to sign-in')}
    </Button>
  </>
);

/** @param error of the server, where it was asked; without a code to ask it with there is what the Redirect URL says */
export function sentenceOfCallback(
  plugin: ClientPlugin,
  callback: URLSearchParams,
  error: unknown,
  otherwise?: string,
): string {
  if (callback.get('code')) {
    return sentenceOf(error, plugin, otherwise);
  }
  // Only a code that has a sentence: nobody puts words on a page by a link.
  const given = callback.get('error') || 'STATE_INVALID';
  const code = /^[A-Z_]+$/.test(given) && plugin.t(given) !== given ? given : 'SIGN_IN_FAILED';
  return `${plugin.t(code)} (${code})`;
}
