import { Plugin } from '@nocobase/client-v2';
import { loadBundle } from '../client-common/bundles';
import { callbackPage } from '../client-common/sign-in/CallbackPage';
import { signInButtonForHere } from '../client-common/sign-in/SignInButton';
import { ACCOUNT_PATH, AUTH_TYPE, CALLBACK_PATH, CHANNEL_TYPE, LINK_PATH, SOURCE_TYPE } from '../shared/constants';

/** A page has this plugin once. */
let callback: ReturnType<typeof callbackPage>;

export default class PluginAuthDingTalkClientV2 extends Plugin {
  /** While other plugins are loaded, who wait for the server as well. */
  override async beforeLoad() {
    callback = callbackPage(this);
  }

  override async load() {
    await callback.ready;
    const button = { default: await signInButtonForHere(this) };
    this.app.pm.get('@nocobase/plugin-auth').registerType(AUTH_TYPE, {
      signInButtonLoader: async () => button,
      adminSettingsFormLoader: () => loadBundle<typeof import('./SettingsForm')>(this, 'SettingsForm'),
    });
    this.app.pm.get('user-data-sync')?.registerType(SOURCE_TYPE, {
      components: {
        AdminSettingsFormLoader: () => loadBundle<typeof import('./SourceForm')>(this, 'SourceForm'),
      },
    });
    this.app.pm.get('notification-manager')?.registerChannelType({
      type: CHANNEL_TYPE,
      title: this.t('DingTalk'),
      components: {
        ChannelConfigFormLoader: () => loadBundle<typeof import('./ChannelConfigForm')>(this, 'ChannelConfigForm'),
        MessageConfigFormLoader: () => loadBundle<typeof import('./MessageConfigForm')>(this, 'MessageConfigForm'),
        ContentConfigFormLoader: () => loadBundle<typeof import('./ContentConfigForm')>(this, 'ContentConfigForm'),
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
    this.app.flowEngine.registerModelLoaders({
      DingTalkAccountItemModel: {
        extends: 'UserCenterItemModel',
        loader: () => loadBundle<typeof import('./AccountItem')>(this, 'AccountItem'),
      },
    });
  }
}
