import { atATime } from '../../../testing/nocobase/at-a-time';
import { describeOnEachDatabase } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { type Outcome, signIn } from '../../../testing/nocobase/sign-in';

const failuresOf = (outcomes: Outcome[]) => outcomes.filter(({ status }) => status !== 200);

describeOnEachDatabase('sign-ins at once', (dialect) => {
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

  it('of 40 new accounts create 40 users', async () => {
    const accounts = Array.from({ length: 40 }, () => dingtalk.addAccount());
    const [users, rows] = [await nocobase.countUsers(), (await nocobase.bindings()).length];

    const outcomes = await atATime(10, accounts, ({ id }) => signIn(nocobase, dingtalk, { account: id }));

    expect(failuresOf(outcomes)).toEqual([]);
    expect(await nocobase.countUsers()).toBe(users + 40);
    expect(await nocobase.bindings()).toHaveLength(rows + 40);
  });

  it('of one new account create one user', async () => {
    const { id } = dingtalk.addAccount();
    const users = await nocobase.countUsers();

    const outcomes = await Promise.all(Array.from({ length: 20 }, () => signIn(nocobase, dingtalk, { account: id })));

    expect(failuresOf(outcomes)).toEqual([]);
    expect(new Set(outcomes.map(({ user }) => user?.id)).size).toBe(1);
    expect(await nocobase.countUsers()).toBe(users + 1);
  });

  it('of two accounts with the phone number of one user bind one of them', async () => {
    const one = dingtalk.addAccount();
    const two = dingtalk.addAccount({ mobile: one.mobile });
    await nocobase.addUser({ nickname: 'One number', phone: one.mobile });

    const outcomes = await Promise.all([one, two].map(({ id }) => signIn(nocobase, dingtalk, { account: id })));

    expect(outcomes.map(({ code }) => code).sort()).toEqual(['ACCOUNT_ALREADY_LINKED', undefined]);
  });
});
