import { lazy, Plugin } from '@nocobase/client';
import { buttonForHere } from '../client-common/button-for-here';
import { callbackPage } from '../client-common/CallbackPage';
import { loadBeside } from '../client-common/load-beside';
import { AUTH_TYPE, CALLBACK_PATH } from '../constants';

export default class PluginAuthDingTalkClient extends Plugin {
  override async load() {
    this.app.pm.get('@nocobase/plugin-auth').registerType(AUTH_TYPE, {
      components: {
        SignInButton: await buttonForHere(this),
        AdminSettingsForm: lazy(() => loadBeside<typeof import('./SettingsForm')>(this.app, 'SettingsForm.js')),
      },
    });
    this.app.router.add('auth.dingtalk', { path: CALLBACK_PATH, skipAuthCheck: true, Component: callbackPage(this) });
  }
}
