import type { Model } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { CodedError } from '../http/coded-error';
import { backgroundContext } from '../http/background';
import { findHost } from './host';
import type { DingTalkTask } from './source';

/**
 * Runs a source as NocoBase does it when somebody presses Sync: there is a task of it in its list.
 *
 * @throws CodedError why the run failed
 */
export async function scheduledRun(app: Application, row: Model): Promise<void> {
  const host = findHost(app);
  if (!host) {
    throw new CodedError('SOURCE_UNAVAILABLE');
  }
  const ctx = backgroundContext(app);
  const source = host.sourceManager.create(row, ctx) as DingTalkTask;
  source.trigger = 'schedule';
  try {
    const task = (await source.newTask()) as Model;
    await source.beginTask(Number(task.get('id')));
    await host.syncService.runSync(source, task, ctx);
  } catch (error) {
    // A request would have been answered with a sentence.
    throw source.failure ?? error;
  }
  if (source.failure) {
    throw source.failure;
  }
}
