import type { Plugin } from '@nocobase/server';
import { registerActions } from '../http/actions';
import { checkConfiguration, getRoles, takeForm } from './actions';
import { checkAuthenticators } from './saving';

/** Checking the settings of an authenticator, for administrators. */
export function registerConfiguration({ app }: Plugin): void {
  registerActions(app, 'administrators', [checkConfiguration, getRoles]);
  app.dataSourceManager.use(takeForm, { before: 'auth' });
  app.dataSourceManager.use(checkAuthenticators, { after: 'acl' });
}
