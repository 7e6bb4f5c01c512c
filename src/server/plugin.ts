import { Plugin } from '@nocobase/server';
import { tval } from '@nocobase/utils';
import { AUTH_TYPE, CHECK_ACTION, PACKAGE_NAME, RESOURCE } from '../shared/constants';
import { audited } from './linking/audit';
import { checkConfiguration, takeForm } from './configuration/actions';
import { getAuthUrl } from './sign-in/get-auth-url';
import { getState } from './sign-in/get-state';
import * as links from './linking/actions';
import { redirect } from './authorization/redirect';
import { AuthDingTalk } from './sign-in/auth-dingtalk';
import { publicOptionsOf } from './configuration/settings';

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
      actions: { checkConfiguration, getAuthUrl, getState, redirect, ...links },
    });
    this.app.acl.allow(RESOURCE, ['getAuthUrl', 'getState', 'redirect'], 'public');
    this.app.acl.allow(RESOURCE, ['getLinks', 'getLinkUrl', 'link', 'unlink'], 'loggedIn');
    // Whoever may open the settings form.
    const actions = [CHECK_ACTION, `${RESOURCE}:getLinkedUsers`, `${RESOURCE}:unlinkUser`];
    this.app.acl.registerSnippet({ name: 'pm.auth.authenticators', actions });
    this.app.dataSourceManager.use(takeForm, { before: 'auth' });
    this.app.auditManager.registerActions(audited);
  }
}

export default PluginAuthDingTalkServer;
