import type { Application } from '@nocobase/server';
import { z } from 'zod';

/** Of NocoBase's messages between nodes, beside those of whole plugins. */
const CHANNEL = 'auth-dingtalk.departments';

/** As many IDs as one message holds. */
const MOST = 500;

const messageSchema = z.object({ userIds: z.array(z.string().regex(/^\d{1,19}$/)).max(MOST) });

type Node = Pick<Application, 'cache' | 'pubSubManager' | 'syncMessageManager'>;

/**
 * Has all nodes read the departments of users anew, and with them the roles that come by departments: NocoBase keeps them
 * in memory, and each node has its own where there is no Redis. Call it after the commit.
 *
 * @throws where other nodes cannot be told, after this one has forgotten them
 */
export async function forgetDepartments(app: Node, userIds: string[]): Promise<void> {
  await forget(app, userIds);
  // A single node has nobody to tell, and NocoBase would warn of that.
  if (await app.pubSubManager.isConnected()) {
    for (let begin = 0; begin < userIds.length; begin += MOST) {
      await app.syncMessageManager.publish(CHANNEL, { userIds: userIds.slice(begin, begin + MOST) });
    }
  }
}

/** Does what another node asks for. */
export async function obeyForgetting(app: Node): Promise<void> {
  await app.syncMessageManager.subscribe(CHANNEL, async (message: unknown) => {
    const { data } = messageSchema.safeParse(message);
    await forget(app, data?.userIds ?? []);
  });
}

async function forget({ cache }: Node, userIds: string[]): Promise<void> {
  for (const userId of userIds) {
    await cache.del(`departments:${userId}`);
  }
}
