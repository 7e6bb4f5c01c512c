import { describeOnSqliteAnd } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { signIn } from '../../../testing/nocobase/sign-in';

describeOnSqliteAnd('mysql')('the role of a user who signs up', (dialect) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;

  const roles = () => nocobase.db.getRepository('roles');

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase(dialect);
    await roles().create({ values: { name: 'clerk', title: 'Clerk' } });
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
    const clerk = { autoSignup: true, defaultRole: 'clerk' };
    await nocobase.addAuthenticator('clerks', clerk);
    await nocobase.addAuthenticator('protecting', { ...clerk, protectedRoles: ['clerk'] });
    await nocobase.addAuthenticator('capitals', { ...clerk, defaultRole: 'CLERK' });
    await nocobase.addAuthenticator('deleted', { ...clerk, defaultRole: 'was-deleted' });
    await nocobase.addAuthenticator('admins', { ...clerk, defaultRole: 'admin' });
    await nocobase.addAuthenticator('roots', { ...clerk, defaultRole: 'root' });
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  const rolesOf = async (userId: unknown): Promise<string[]> =>
    (await nocobase.db.getModel('rolesUsers').findAll({ where: { userId } })).map((row) => String(row.get('roleName')));

  async function signUp(authenticator: string) {
    const { status, code, user } = await signIn(nocobase, dingtalk, {
      authenticator,
      account: dingtalk.addAccount().id,
    });
    return { status, code, roles: user ? await rolesOf(user.id) : [] };
  }

  it('is NocoBase’s default role, where none is chosen', async () => {
    expect(await signUp('dingtalk')).toMatchObject({ status: 200, roles: ['member'] });
  });

  it('is the chosen one, and no other', async () => {
    expect(await signUp('clerks')).toMatchObject({ status: 200, roles: ['clerk'] });
  });

  it.each(['admins', 'roots', 'protecting', 'capitals', 'deleted'])(
    'T111: is NocoBase’s default role in place of one that gives more, or is none (%s), and the log says so',
    async (authenticator) => {
      await nocobase.logs.outcomes(0, 'DingTalk new user');
      expect(await signUp(authenticator)).toMatchObject({ status: 200, roles: ['member'] });
      expect(await nocobase.logs.outcomes(1, 'DingTalk new user')).toMatchObject([
        {
          outcome: 'DEFAULT_ROLE_UNUSED',
          authenticator,
          reason: authenticator === 'deleted' || authenticator === 'capitals' ? 'unknown' : 'privileged',
        },
      ]);
    },
  );

  it('T111: is NocoBase’s default role from the moment at which the chosen one becomes privileged', async () => {
    // NocoBase itself gives whatever role is named.
    const naive = await nocobase.addUser({ nickname: 'Naive', roles: ['admin'] });
    expect(await rolesOf(naive.get('id'))).toEqual(['admin']);
    await roles().update({ filterByTk: 'clerk', values: { snippets: ['pm.users'] } });
    expect(await signUp('clerks')).toMatchObject({ status: 200, roles: ['member'] });
    await roles().update({ filterByTk: 'clerk', values: { snippets: [] } });
    expect(await signUp('clerks')).toMatchObject({ status: 200, roles: ['clerk'] });
  });

  it('T111: nobody signs up where NocoBase’s default role, which would stand in, is privileged as well', async () => {
    await roles().update({ filterByTk: 'admin', values: { default: true } });
    try {
      expect(await signUp('deleted')).toMatchObject({ code: 'USER_NOT_FOUND' });
      expect(await signUp('dingtalk')).toMatchObject({ code: 'USER_NOT_FOUND' });
      // The control: with a role that can be given.
      expect(await signUp('clerks')).toMatchObject({ status: 200, roles: ['clerk'] });
    } finally {
      await roles().update({ filterByTk: 'member', values: { default: true } });
    }
  });
});
