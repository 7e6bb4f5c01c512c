import { atATime } from '../../../testing/nocobase/at-a-time';
import { dialects } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { type Outcome, signIn } from '../../../testing/nocobase/sign-in';

const failuresOf = (outcomes: Outcome[]) => outcomes.filter(({ status }) => status !== 200);

describe.each(dialects())('many sign-ins at once, on %s', (dialect) => {
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

  const [people, limit] = dialect === 'sqlite' ? [60, 5] : [300, 20];

  it(`makes ${people} users of ${people} people, ${limit} at a time`, async () => {
    const persons = Array.from({ length: people }, () => dingtalk.addPerson());
    const [users, rows] = [await nocobase.countUsers(), (await nocobase.bindings()).length];

    const outcomes = await atATime(limit, persons, ({ id }) => signIn(nocobase, dingtalk, { account: id }));

    expect(failuresOf(outcomes)).toEqual([]);
    expect(await nocobase.countUsers()).toBe(users + people);
    expect(await nocobase.bindings()).toHaveLength(rows + people);
  }, 120_000);

  it('makes one user of one person who signs in fifty times at once', async () => {
    const { id } = dingtalk.addPerson();
    const users = await nocobase.countUsers();

    const outcomes = await Promise.all(Array.from({ length: 50 }, () => signIn(nocobase, dingtalk, { account: id })));

    expect(failuresOf(outcomes)).toEqual([]);
    expect(new Set(outcomes.map(({ user }) => user?.id)).size).toBe(1);
    expect(await nocobase.countUsers()).toBe(users + 1);
  }, 60_000);

  it('binds one of two people whose phone number is the same user’s', async () => {
    const one = dingtalk.addPerson();
    const two = dingtalk.addPerson({ mobile: one.mobile });
    await nocobase.addUser({ nickname: 'One number', phone: one.mobile });

    const outcomes = await Promise.all([one, two].map(({ id }) => signIn(nocobase, dingtalk, { account: id })));

    expect(outcomes.map(({ code }) => code).sort()).toEqual(['ACCOUNT_ALREADY_LINKED', undefined]);
  });
});
