import { lazy, Plugin } from '@nocobase/client';
import { loadBundle } from '../client-common/bundles';
import { callbackPage } from '../client-common/sign-in/CallbackPage';
import { signInButtonForHere } from '../client-common/sign-in/SignInButton';
import { ACCOUNT_PATH, AUTH_TYPE, CALLBACK_PATH, CHANNEL_TYPE, LINK_PATH, SOURCE_TYPE } from '../shared/constants';

/** A page has this plugin once. */
let callback: ReturnType<typeof callbackPage>;

export default class PluginAuthDingTalkClient extends Plugin {
  /** Before NocoBase has a handler of refusals: it would look for the router, which is not there yet. */
  override async beforeLoad() {
    callback = callbackPage(this);
  }

  override async load() {
    await callback.ready;
    this.app.pm.get('@nocobase/plugin-auth').registerType(AUTH_TYPE, {
      components: {
        SignInButton: await signInButtonForHere(this),
        AdminSettingsForm: lazy(() => loadBundle<typeof import('./SettingsForm')>(this, 'SettingsForm')),
      },
    });
    this.app.pm.get('user-data-sync')?.registerType(SOURCE_TYPE, {
      components: { AdminSettingsForm: lazy(() => loadBundle<typeof import('./SourceForm')>(this, 'SourceForm')) },
    });
    this.app.pm.get('notification-manager')?.registerChannelType({
      type: CHANNEL_TYPE,
      title: this.t('DingTalk'),
      components: {
        ChannelConfigForm: lazy(() => loadBundle<typeof import('./ChannelConfigForm')>(this, 'ChannelConfigForm')),
        MessageConfigFormLoader: () =>
          loadBundle<typeof import('../client-v2/MessageConfigForm')>(this, 'MessageConfigForm'),
        ContentConfigForm: lazy(() => loadBundle<typeof import('./ContentConfigForm')>(this, 'ContentConfigForm')),
      },
    });
    this.app.router.add('auth.dingtalk', { path: CALLBACK_PATH, skipAuthCheck: true, Component: callback.Page });
    this.app.router.add('auth.dingtalkLink', {
      path: LINK_PATH,
      skipAuthCheck: true,
      componentLoader: () => loadBundle<typeof import('../client-common/linking/LinkPage')>(this, 'LinkPage'),
    });
    this.app.router.add('admin.dingtalk', {
      path: ACCOUNT_PATH,
      componentLoader: () => loadBundle<typeof import('../client-common/linking/AccountPage')>(this, 'AccountPage'),
    });
    this.app.addUserCenterSettingsItem({
      name: 'dingtalk',
      type: 'item',
      sort: 120,
      componentProps: {
        title: this.t('DingTalk account'),
        onClick: () => this.app.router.navigate(ACCOUNT_PATH),
      },
    });
  }
}
