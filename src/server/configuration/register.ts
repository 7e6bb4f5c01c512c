import type { Plugin } from '@nocobase/server';
import { registerActions } from '../http/actions';
import { checkConfiguration, takeForm } from './actions';

/** Checking the settings of an authenticator, for administrators. */
export function registerConfiguration({ app }: Plugin): void {
  registerActions(app, 'administrators', [checkConfiguration]);
  app.dataSourceManager.use(takeForm, { before: 'auth' });
}
