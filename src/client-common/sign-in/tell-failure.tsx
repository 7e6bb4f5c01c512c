import { loadBundle } from '../bundles';
import type { Callback } from '../callback';
import type { ClientPlugin } from '../nocobase';

/** What tells a failure: a plain sentence where the bundle that tells it better cannot be loaded. */
export const tellFailure = (plugin: ClientPlugin, error: unknown, callback?: Callback) =>
  loadBundle<typeof import('./CallbackFailure')>(plugin, 'CallbackFailure')
    .then((failureOf) => failureOf(error, callback))
    .catch(() => <p role="alert">{plugin.t('SIGN_IN_FAILED')}</p>);
