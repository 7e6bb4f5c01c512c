import type { Model } from '@nocobase/database';
import type { Plugin } from '@nocobase/server';
import { PACKAGE_NAME, SOURCE_TYPE } from '../../shared/constants';
import { listAuthenticators } from '../configuration/actions';
import { registerActions } from '../http/actions';
import { auditedAction, namedUser } from '../http/audit';
import { loggedFields } from '../http/privacy';
import { HOST_SOURCES } from '../directory/source';
import { MEMBERS } from '../directory/store/collections';
import { ActiveRuns } from './active-runs';
import * as members from './member-actions';
import * as sources from './source-actions';
import { findHost } from './host';
import { checkSources, followSources } from './saving';
import { Scheduler } from './schedule';
import { defineSource } from './source';
import { scheduledRun } from './scheduled-run';

/**
 * Sources of the type `dingtalk` in NocoBase's synchronization, and what their form shows. Where the plugin for that is
 * missing or off, there are none.
 */
export function registerSync({ app }: Plugin): void {
  const host = findHost(app);
  if (!host) {
    return;
  }
  const syncSource = defineSource(new ActiveRuns(app));
  host.sourceManager.registerType(SOURCE_TYPE, { syncSource, title: `{{t("DingTalk", {"ns":"${PACKAGE_NAME}"})}}` });
  app.dataSourceManager.use(checkSources, { after: 'acl' });
  followSources(app);
  new Scheduler(app, (row: Model) => scheduledRun(app, row));

  const { countMembers, ...ofSources } = sources;
  registerActions(app, 'choosers', [listAuthenticators]);
  registerActions(app, 'administrators', [countMembers]);
  registerActions(app, 'sources', [...Object.values(ofSources), ...Object.values(members)]);
  app.auditManager.registerActions([
    ...(['allowStop', 'discardStop', 'confirmNewStart'] as const).map((name) =>
      auditedAction(name, (ctx) => loggedFields(ctx).source, HOST_SOURCES),
    ),
    ...(['linkMember', 'endWaysIn'] as const).map((name) => auditedAction(name, namedUser)),
    ...(['leaveOut', 'allowMember', 'confirmMembership'] as const).map((name) =>
      auditedAction(name, (ctx) => loggedFields(ctx).row, MEMBERS),
    ),
  ]);
}
