import type { Plugin } from '@nocobase/server';
import { tval } from '@nocobase/utils';
import { AUTH_TYPE, PACKAGE_NAME } from '../../shared/constants';
import { redirect } from '../authorization/redirect-action';
import { publicOptionsIn } from '../configuration/authenticators';
import { registerActions } from '../http/actions';
import { getAuthUrl, getState } from './actions';
import { AuthDingTalk } from './auth-dingtalk';

/** Signing in with a DingTalk account. */
export function registerSignIn({ app }: Plugin): void {
  app.authManager.registerTypes(AUTH_TYPE, {
    auth: AuthDingTalk,
    title: tval('DingTalk', { ns: PACKAGE_NAME }),
    getPublicOptions: (options) => publicOptionsIn(app, options),
  });
  registerActions(app, 'public', [getAuthUrl, getState, redirect]);
}
