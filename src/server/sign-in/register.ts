import type { Plugin } from '@nocobase/server';
import { tval } from '@nocobase/utils';
import { AUTH_TYPE, PACKAGE_NAME } from '../../shared/constants';
import { redirect } from '../authorization/redirect-action';
import { publicOptionsOf } from '../configuration/settings';
import { registerActions } from '../http/actions';
import { getAuthUrl, getState } from './actions';
import { AuthDingTalk } from './auth-dingtalk';

/** Signing in with a DingTalk account. */
export function registerSignIn({ app, db }: Plugin): void {
  app.authManager.registerTypes(AUTH_TYPE, {
    auth: AuthDingTalk,
    title: tval('DingTalk', { ns: PACKAGE_NAME }),
    getPublicOptions: (options) => publicOptionsOf(app.environment.renderJsonTemplate(options)),
  });
  // Each sign-in searches a unionId, for which NocoBase has no index: 130 ms with a million users.
  db.getCollection('usersAuthenticators').addIndex('uuid');
  registerActions(app, 'public', [getAuthUrl, getState, redirect]);
}
