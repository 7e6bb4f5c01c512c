import type { Context } from '@nocobase/actions';
import type { Plugin } from '@nocobase/server';
import { tval } from '@nocobase/utils';
import { AUTH_TYPE, PACKAGE_NAME } from '../../shared/constants';
import { redirect } from '../authorization/redirect-action';
import { publicOptionsIn } from '../configuration/authenticators';
import { registerActions } from '../http/actions';
import { auditedAction, withSecretAnswer } from '../http/audit';
import { loggedFields } from '../http/privacy';
import { getAuthUrl, getState } from './actions';
import { AuthDingTalk } from './auth-dingtalk';
import { getTestResult, testSignIn } from './test-actions';

/** Signing in with a DingTalk account, and testing that. */
export function registerSignIn({ app }: Plugin): void {
  app.authManager.registerTypes(AUTH_TYPE, {
    auth: AuthDingTalk,
    title: tval('DingTalk', { ns: PACKAGE_NAME }),
    getPublicOptions: (options) => publicOptionsIn(app, options),
  });
  registerActions(app, 'public', [getAuthUrl, getState, redirect]);
  registerActions(app, 'testers', [testSignIn, getTestResult]);
  const testedAuthenticator = (ctx: Context) => loggedFields(ctx).authenticator;
  // The answer has a state.
  app.auditManager.registerActions([
    withSecretAnswer(auditedAction('testSignIn', testedAuthenticator, 'authenticators')),
  ]);
}
