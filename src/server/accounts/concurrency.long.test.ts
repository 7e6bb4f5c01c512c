import { atATime } from '../../../testing/nocobase/at-a-time';
import { describeOnEachDatabase } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { signIn } from '../../../testing/nocobase/sign-in';

describeOnEachDatabase('many sign-ins at once', (dialect) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase(dialect);
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  it('of 300 new accounts, 20 at a time, create 300 users', async () => {
    const accounts = Array.from({ length: 300 }, () => dingtalk.addAccount());
    const users = await nocobase.countUsers();
    const outcomes = await atATime(20, accounts, ({ id }) => signIn(nocobase, dingtalk, { account: id }));
    expect(outcomes.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await nocobase.countUsers()).toBe(users + 300);
  }, 300_000);

  it('of one new account, 50 at once, create one user', async () => {
    const { id } = dingtalk.addAccount();
    const users = await nocobase.countUsers();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => signIn(nocobase, dingtalk, { account: id })));
    expect(new Set(outcomes.map(({ user }) => user?.id)).size).toBe(1);
    expect(await nocobase.countUsers()).toBe(users + 1);
  }, 120_000);
});
