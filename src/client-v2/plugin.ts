import { Plugin } from '@nocobase/client-v2';
import { buttonForHere } from '../client-common/button-for-here';
import { callbackPage } from '../client-common/CallbackPage';
import { loadBeside } from '../client-common/load-beside';
import { AUTH_TYPE, CALLBACK_PATH } from '../constants';

export default class PluginAuthDingTalkClientV2 extends Plugin {
  override async load() {
    const button = { default: await buttonForHere(this) };
    this.app.pm.get('@nocobase/plugin-auth').registerType(AUTH_TYPE, {
      signInButtonLoader: async () => button,
      adminSettingsFormLoader: () => loadBeside<typeof import('./SettingsForm')>(this.app, 'SettingsForm.js'),
    });
    this.app.router.add('auth.dingtalk', { path: CALLBACK_PATH, skipAuthCheck: true, Component: callbackPage(this) });
  }
}
