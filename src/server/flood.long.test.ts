import { setTimeout } from 'node:timers/promises';
import { collectGarbage, MiB } from '../../testing/memory';
import { type DingTalk, startDingTalk } from '../../testing/nocobase/dingtalk';
import { floods, startFlood } from '../../testing/nocobase/flood';
import { type NocoBase, startNocoBase } from '../../testing/nocobase/nocobase';

const TIMES = 10_000;

describe('the memory after a flood', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let flood: ReturnType<typeof startFlood>;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase();
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
    flood = startFlood(nocobase);
  }, 60_000);

  afterAll(async () => {
    flood?.stop();
    await nocobase?.stop();
    await dingtalk?.close();
  });

  /** Bytes that stay when everything that can be forgotten is forgotten. */
  const heap = async () => {
    // NocoBase writes its logs a little later.
    await setTimeout(1000);
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };

  it.each(floods)(
    `T22: of ${TIMES} requests to %s has grown by less than 2 MiB`,
    async (action, status) => {
      await flood.send(500, action);
      const before = await heap();
      expect(await flood.send(TIMES, action)).toEqual(new Set([status]));
      const bytes = (await heap()) - before;
      process.stdout.write(`${TIMES} × ${action}: ${(bytes / MiB).toFixed(2)} MiB\n`);
      expect(bytes).toBeLessThan(2 * MiB);
      expect(dingtalk.calls).toHaveLength(0);
    },
    600_000,
  );
});
