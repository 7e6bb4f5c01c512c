import { Plugin } from '@nocobase/client-v2';
import { callbackPage } from '../client-common/CallbackPage';
import { loadBeside } from '../client-common/load-beside';
import { signInButton } from '../client-common/SignInButton';
import { AUTH_TYPE, CALLBACK_PATH } from '../constants';

export default class PluginAuthDingTalkClientV2 extends Plugin {
  override async load() {
    this.app.pm.get('@nocobase/plugin-auth').registerType(AUTH_TYPE, {
      signInButtonLoader: async () => ({ default: signInButton(this) }),
      adminSettingsFormLoader: () => loadBeside<typeof import('./SettingsForm')>(this.app, 'SettingsForm.js'),
    });
    this.app.router.add('auth.dingtalk', { path: CALLBACK_PATH, skipAuthCheck: true, Component: callbackPage(this) });
  }
}
