import { type Model, Op } from '@nocobase/database';
import type { Application } from '@nocobase/server';
import { z } from 'zod';
import type { Entry } from '../../shared/directory';
import { RUNS } from './store/collections';
import { readMembers } from './store/members';
import { chunksOf, jsonOf } from './store/rows';
import { MAX_ENTRIES, takeBegunHere } from './store/runs';

type Node = Pick<Application, 'cache' | 'db' | 'pubSubManager' | 'syncMessageManager'>;

/** Of NocoBase's messages between nodes, beside those of whole plugins. */
const CHANNEL = 'auth-dingtalk.departments';

/** As many IDs as one message holds. */
const MOST = 500;

const messageSchema = z.object({ userIds: z.array(z.string().regex(/^\d{1,19}$/)).max(MOST) });

/** Runs that ended within so long before the last look are looked at: the clocks of nodes differ. */
const WINDOW_MS = 15 * 60_000;

const isMoved = ({ joined, left, action }: Entry) => Boolean(joined ?? left) || action === 'deleted';

/**
 * Makes nodes read the departments of moved users anew. NocoBase keeps those of a user in the cache, without an end, and
 * each node has a cache of its own unless Redis is set up for it: a role by a department that was taken away would go on.
 *
 * Nodes are told in two ways, as neither does for the other. A message arrives with the commit, where a report comes at the
 * end of a run that may take minutes. But NocoBase has no messages between nodes unless a plugin brings them, and loses
 * those of a moment without a connection; what reports say heals that.
 */
export class MovedUsers {
  private handled = new Set<string>();
  private looked = Date.now();

  constructor(private readonly app: Node) {}

  /**
   * Call it after the commit.
   *
   * @throws where other nodes cannot be told, after this one has forgotten them
   */
  async forget(userIds: string[]): Promise<void> {
    const { pubSubManager, syncMessageManager } = this.app;
    await this.forgetHere(userIds);
    // NocoBase would warn of a message that it cannot send.
    if (await pubSubManager.isConnected()) {
      for (const some of chunksOf(userIds, MOST)) {
        await syncMessageManager.publish(CHANNEL, { userIds: some });
      }
    }
  }

  /** Forgets from now on whom another node tells it to. */
  async listen(): Promise<void> {
    await this.app.syncMessageManager.subscribe(CHANNEL, async (message: unknown) => {
      const { data } = messageSchema.safeParse(message);
      await this.forgetHere(data?.userIds ?? []);
    });
  }

  /** Forgets whom runs of other nodes moved, by their reports. To be called again and again. */
  async catchUp(): Promise<void> {
    const { db } = this.app;
    const since = this.looked - WINDOW_MS;
    this.looked = Date.now();
    const runs: Model[] = await db
      .getModel(RUNS)
      .findAll({ attributes: ['id'], where: { ended: { [Op.gte]: since } } });
    const ids = runs.map((run) => String(run.get('id')));
    // What this process wrote, it has forgotten as it wrote.
    for (const id of ids.filter((one) => !takeBegunHere(db, one) && !this.handled.has(one))) {
      await this.forgetHere(await this.movedBy(id));
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

  private async forgetHere(userIds: string[]): Promise<void> {
    for (const userId of userIds) {
      await this.app.cache.del(`departments:${userId}`);
    }
  }
}
