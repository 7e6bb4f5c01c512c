import type { Plugin } from '@nocobase/server';
import { tval } from '@nocobase/utils';
import { AUTH_TYPE, PACKAGE_NAME } from '../../shared/constants';
import { redirect } from '../authorization/redirect-action';
import { secretsOf } from '../configuration/authenticators';
import { publicOptionsOf } from '../configuration/settings';
import { registerActions } from '../http/actions';
import { getAuthUrl, getState } from './actions';
import { AuthDingTalk } from './auth-dingtalk';

/** Signing in with a DingTalk account. */
export function registerSignIn({ app }: Plugin): void {
  app.authManager.registerTypes(AUTH_TYPE, {
    auth: AuthDingTalk,
    title: tval('DingTalk', { ns: PACKAGE_NAME }),
    getPublicOptions: (options) => publicOptionsOf(app.environment.renderJsonTemplate(options), secretsOf(app)),
  });
  registerActions(app, 'public', [getAuthUrl, getState, redirect]);
}
