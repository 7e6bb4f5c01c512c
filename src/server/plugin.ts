import { Plugin } from '@nocobase/server';
import { registerAccounts } from './accounts/register';
import { registerConfiguration } from './configuration/register';
import { registerDirectory } from './directory/register';
import { registerEvents } from './events/register';
import { registerLinking } from './linking/register';
import { registerNotifications } from './notifications/register';
import { registerSignIn } from './sign-in/register';
import { registerSync } from './sync/register';

export class PluginAuthDingTalkServer extends Plugin {
  override async load() {
    registerAccounts(this);
    await registerDirectory(this);
    registerSignIn(this);
    registerLinking(this);
    registerConfiguration(this);
    registerSync(this);
    registerEvents(this);
    registerNotifications(this);
  }
}

export default PluginAuthDingTalkServer;
