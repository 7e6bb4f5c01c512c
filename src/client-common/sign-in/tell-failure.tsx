import { loadBundle } from '../bundles';
import type { Callback } from '../callback';
import type { ClientPlugin } from '../nocobase';

/**
 * What tells a failure: a plain sentence where the bundle that tells it better cannot be loaded.
 *
 * @param where the callback, or the authenticator whose button was pressed
 */
export const tellFailure = (plugin: ClientPlugin, error: unknown, where: Callback | string) =>
  loadBundle<typeof import('./CallbackFailure')>(plugin, 'CallbackFailure')
    .then((failureOf) => failureOf(error, where))
    .catch(() => <p role="alert">{plugin.t('SIGN_IN_FAILED')}</p>);
