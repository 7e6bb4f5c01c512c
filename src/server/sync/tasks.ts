import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { withWriteLock } from '../accounts/lock';
import { sentenceOf } from './messages';

/** NocoBase's table of tasks, which its plugin for synchronization has. */
export const TASKS = 'userDataSyncTasks';

/** The column of the message has this many characters: PostgreSQL refuses more, and the task would never end. */
const MAX_MESSAGE = 255;

/** By characters, as databases count them: half of one would be refused. */
export function cut(text: string): string {
  const characters = [...text];
  return characters.length <= MAX_MESSAGE ? text : `${characters.slice(0, MAX_MESSAGE - 1).join('')}…`;
}

/**
 * Sets the tasks to failed that processes left which ended in the middle: NocoBase lets nobody retry another one. To be
 * called while no other process works on the source.
 *
 * @param but the ID of the task that is alive
 * @param since for how many milliseconds nothing was written of it
 */
export async function endStaleTasks(
  ctx: Context,
  sourceId: string,
  { but, since = 0 }: { but?: string; since?: number } = {},
): Promise<void> {
  const model = ctx.db.getModel(TASKS);
  const where = { sourceId, status: ['init', 'processing'] };
  const tasks: Model[] = await model.findAll({ attributes: ['id', 'updatedAt'], where });
  const isStale = (task: Model) =>
    String(task.get('id')) !== but && Date.now() - new Date(task.get('updatedAt')).getTime() >= since;
  const stale = tasks.filter(isStale).map((task) => task.get('id'));
  if (stale.length) {
    const values = { status: 'failed', message: cut(sentenceOf(ctx, 'SYNC_INTERRUPTED')) };
    await withWriteLock(ctx, () => model.update(values, { where: { id: stale }, hooks: false }));
  }
}
