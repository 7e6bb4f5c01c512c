import type { Model, Transaction } from '@nocobase/database';
import type { Plugin } from '@nocobase/server';
import { SOURCE_TYPE } from '../../shared/constants';
import { registerCollections } from '../accounts/collections';
import { followChanges } from '../directory/follow';
import { HOST_SOURCES } from '../directory/source';
import { registerActions } from '../http/actions';
import { auditedAction, withSecretAnswer } from '../http/audit';
import { loggedFields } from '../http/privacy';
import { defineCallback } from './callback-action';
import { keepParserFromCallbacks } from './callback-body';
import { eventCollections } from './collections';
import { forgetEvents } from './event-source';
import { Events } from './events';
import { defineGetEventState, defineRenewCallback } from './state-actions';

/**
 * What DingTalk reports of changes, by Stream and by HTTP. Without NocoBase's plugin for synchronization there are no
 * sources, and nothing is listened for.
 */
export function registerEvents({ app }: Plugin): void {
  registerCollections(app, eventCollections);
  const events = new Events(app, followChanges);

  keepParserFromCallbacks(app);
  registerActions(app, 'public', [defineCallback(events)]);
  registerActions(app, 'sources', [defineGetEventState(events.streams), defineRenewCallback(() => events.changed())]);
  app.auditManager.registerActions([
    withSecretAnswer(auditedAction('renewCallback', (ctx) => loggedFields(ctx).source, HOST_SOURCES)),
  ]);

  app.db.on(`${HOST_SOURCES}.afterDestroy`, async (model: Model, { transaction }: { transaction?: Transaction }) => {
    if (model.get('sourceType') === SOURCE_TYPE) {
      await forgetEvents(app.db, String(model.get('id')), transaction);
    }
  });
}
