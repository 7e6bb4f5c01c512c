import { Plugin } from '@nocobase/server';
import { tval } from '@nocobase/utils';
import { AUTH_TYPE, CHECK_ACTION, PACKAGE_NAME, RESOURCE } from '../constants';
import { checkConfiguration, takeForm } from './actions/check-configuration';
import { getAuthUrl } from './actions/get-auth-url';
import { getState } from './actions/get-state';
import { redirect } from './actions/redirect';
import { AuthDingTalk } from './auth-dingtalk';
import { publicOptionsOf } from './settings';

export class PluginAuthDingTalkServer extends Plugin {
  override async load() {
    this.app.authManager.registerTypes(AUTH_TYPE, {
      auth: AuthDingTalk,
      title: tval('DingTalk', { ns: PACKAGE_NAME }),
      getPublicOptions: (options) => publicOptionsOf(this.app.environment.renderJsonTemplate(options)),
    });
    // Each sign-in seeks a unionId here, and NocoBase has no index for it: 130 ms among a million users.
    this.db.getCollection('usersAuthenticators').addIndex('uuid');
    this.app.resourceManager.define({
      name: RESOURCE,
      actions: { checkConfiguration, getAuthUrl, getState, redirect },
    });
    this.app.acl.allow(RESOURCE, ['getAuthUrl', 'getState', 'redirect'], 'public');
    // Whoever may open the settings form.
    this.app.acl.registerSnippet({ name: 'pm.auth.authenticators', actions: [CHECK_ACTION] });
    this.app.dataSourceManager.use(takeForm, { before: 'auth' });
  }
}

export default PluginAuthDingTalkServer;
