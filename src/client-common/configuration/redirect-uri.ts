import { REDIRECT_ACTION } from '../../shared/constants';
import type { ClientApp } from '../nocobase';

/** Address of an action of NocoBase's API. It names a sub-application. */
export const apiUrl = (app: ClientApp, action: string) =>
  app.getApiUrl((app.name === 'main' ? '' : `__app/${app.name}/`) + action);

/** The Redirect URL: what the settings form shows, the button sends, and DingTalk compares. */
export const redirectUri = (app: ClientApp) => apiUrl(app, REDIRECT_ACTION);
