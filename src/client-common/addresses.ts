import { REDIRECT_ACTION } from '../shared/constants';
import type { ClientApp } from './nocobase';

/** Address of an action of NocoBase's API. In a sub-application the path names it, as no header can in a plain link. */
export const apiUrl = (app: ClientApp, action: string) =>
  app.getApiUrl((app.name === 'main' ? '' : `__app/${app.name}/`) + action);

/**
 * The Redirect URL: the settings form shows it, and DingTalk compares it with the registered one. The button sends it without
 * a sub-application, which the server adds: so none of this is in the sign-in page's bundle.
 */
export const redirectUri = (app: ClientApp) => apiUrl(app, REDIRECT_ACTION);

/** What stands before every path of this client: nothing, `/v`, `/nocobase/apps/a`. */
export const basePath = (app: ClientApp) => (app.router.basename ?? '').replace(/\/$/, '');

/** Absolute address of the page of this client that finishes what DingTalk was asked for. */
export const callbackUri = (app: ClientApp, path: string) => location.origin + basePath(app) + path;
