import { type DingTalk, startDingTalk } from '../../testing/nocobase/dingtalk';
import { floods, startFlood } from '../../testing/nocobase/flood';
import { type NocoBase, startNocoBase } from '../../testing/nocobase/nocobase';

describe('a flood of requests', () => {
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

  it.each(floods)('T22, T23: to %s makes no call to DingTalk and changes nothing', async (action, status) => {
    const before = await nocobase.everything();
    expect(await flood.send(200, action)).toEqual(new Set([status]));
    expect(dingtalk.calls).toEqual([]);
    expect(await nocobase.everything()).toBe(before);
  });
});
