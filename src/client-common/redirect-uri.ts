import { REDIRECT_ACTION } from '../constants';
import type { ClientApp } from './nocobase';

/** The Redirect URL: what the settings form shows, the button sends, and DingTalk compares. It names a sub-application. */
export const redirectUri = (app: ClientApp) =>
  app.getApiUrl((app.name === 'main' ? '' : `__app/${app.name}/`) + REDIRECT_ACTION);
