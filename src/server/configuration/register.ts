import type { Plugin } from '@nocobase/server';
import { registerActions } from '../http/actions';
import { checkConfiguration, getRoles, takeForm } from './actions';
import { checkDefaultRole } from './default-role';
import { checkAuthUid } from './saving';

/** Checking the settings of an authenticator, for administrators. */
export function registerConfiguration({ app }: Plugin): void {
  registerActions(app, 'administrators', [checkConfiguration, getRoles]);
  app.dataSourceManager.use(takeForm, { before: 'auth' });
  app.dataSourceManager.use(checkAuthUid, { after: 'acl' });
  app.dataSourceManager.use(checkDefaultRole, { after: 'acl' });
}
