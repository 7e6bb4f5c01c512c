import type { Plugin } from '@nocobase/server';
import { CHANNEL_TYPE } from '../../shared/constants';
import { registerCollections } from '../accounts/collections';
import { listAuthenticators } from '../configuration/actions';
import { registerActions } from '../http/actions';
import { auditedAction, currentUser, namedUser } from '../http/audit';
import { defineTest, getNotificationState, getReceivers, previewMessage } from './actions';
import { Afterwards } from './afterwards';
import { defineChannel } from './channel';
import { countCollections } from './counts';
import { findHost } from './host';
import { checkChannels } from './saving';

/**
 * Channels of the type `dingtalk` in NocoBase's notifications. Where the plugin for that is missing or off, there are none.
 */
export function registerNotifications({ app }: Plugin): void {
  registerCollections(app, countCollections);
  const host = findHost(app);
  if (!host) {
    return;
  }
  const afterwards = new Afterwards(app);
  // Directly, not by NocoBase's queue: that is one for all channels, and shows a failure as a success.
  host.registerChannelType({ type: CHANNEL_TYPE, Channel: defineChannel(afterwards), useQueue: false });
  app.dataSourceManager.use(checkChannels, { after: 'acl' });
  registerActions(app, 'choosers', [listAuthenticators]);
  registerActions(app, 'channels', [getNotificationState, getReceivers]);
  registerActions(app, 'writers', [previewMessage]);
  registerActions(app, 'senders', [defineTest(afterwards)]);
  app.auditManager.registerActions([auditedAction('sendTest', (ctx) => namedUser(ctx) ?? currentUser(ctx))]);
}
