import { type Model, Op } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import type { Entry } from '../../shared/directory';
import { RUNS } from '../directory/store/collections';
import { readMembers } from '../directory/store/members';
import { jsonOf } from '../directory/store/rows';
import { MAX_ENTRIES } from '../directory/store/runs';

/** Runs that ended within so long are looked at: the clocks of nodes differ. */
const WINDOW_MS = 15 * 60_000;

const isMoved = ({ joined, left, action }: Entry) => Boolean(joined ?? left) || action === 'deleted';

/**
 * What a process forgets of users whom a run on another node moved. NocoBase keeps the departments of a user in the cache,
 * without an end: where each node has a cache of its own, a role by a department that was taken away would go on there.
 */
export class MovedUsers {
  private handled = new Set<string>();

  constructor(private readonly app: Application) {}

  async forget(): Promise<void> {
    const runs: Model[] = await this.app.db
      .getModel(RUNS)
      .findAll({ attributes: ['id'], where: { ended: { [Op.gte]: Date.now() - WINDOW_MS } } });
    const ids = runs.map((run) => String(run.get('id')));
    for (const id of ids.filter((one) => !this.handled.has(one))) {
      for (const userId of await this.movedBy(id)) {
        await this.app.cache.del(`departments:${userId}`);
      }
    }
    this.handled = new Set(ids);
  }

  private async movedBy(id: string): Promise<string[]> {
    const { db } = this.app;
    const run: Model | null = await db.getModel(RUNS).findByPk(id, { attributes: ['sourceId', 'outcome', 'entries'] });
    const entries = jsonOf<Entry[]>(run?.get('entries')) ?? [];
    // Of a run that was killed, or that has more lines than are kept, nobody knows whom it moved.
    const isWhole = entries.length < MAX_ENTRIES && (entries.length > 0 || run?.get('outcome') === 'success');
    const moved = isWhole ? entries.filter(isMoved) : await readMembers(db, String(run?.get('sourceId')));
    return moved.flatMap(({ userId }) => userId ?? []);
  }
}
