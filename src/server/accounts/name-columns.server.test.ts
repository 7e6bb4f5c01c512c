import { describeOnMysql } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { signIn } from '../../../testing/nocobase/sign-in';
import { EXCLUSIONS } from './collections';
import { Exclusions } from './exclusions';
import { storableName } from './name-columns';

describeOnMysql('a database of MySQL with the character set utf8', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase('mysql', { charset: 'utf8mb3' });
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  const linkedNames = async (unionId: string) =>
    (await nocobase.bindings()).filter(({ uuid }) => uuid === unionId).map(({ nickname }) => nickname);

  it('refuses a picture and a rare Han character in each of the columns', async () => {
    const refused = { message: expect.stringContaining('Incorrect string value') };
    const user = await nocobase.addUser({ nickname: 'Wei' });
    for (const name of ['张伟🐱', '\u{20BB7}野家']) {
      await expect(nocobase.addUser({ nickname: name })).rejects.toMatchObject(refused);
      await expect(
        nocobase.db.getRepository('usersAuthenticators').create({
          values: { authenticator: 'dingtalk', userId: user.get('id'), uuid: 'u', nickname: name },
        }),
      ).rejects.toMatchObject(refused);
      await expect(
        nocobase.db.getModel(EXCLUSIONS).create({ authenticator: 'dingtalk', reason: 'blocked', account: name }),
      ).rejects.toMatchObject(refused);
    }
  });

  it.each([
    ['张伟🐱', '张伟'],
    ['👨‍👩‍👧 \u{20BB7}野家', '野家'],
  ])('signs in the new user %s', async (nick, name) => {
    const account = dingtalk.addAccount({ nick });
    const outcome = await signIn(nocobase, dingtalk, { account: account.id });
    expect(outcome).toMatchObject({ status: 200, user: { nickname: name } });
    expect(await linkedNames(account.unionId)).toEqual([name]);
  });

  it('signs in a new user of whose nickname nothing is left, as one without', async () => {
    const account = dingtalk.addAccount({ nick: '🐱🐱' });
    const outcome = await signIn(nocobase, dingtalk, { account: account.id });
    expect(outcome).toMatchObject({ status: 200, user: { nickname: account.mobile } });
    expect(await linkedNames(account.unionId)).toEqual(['']);
  });

  it('signs in an existing user, and links one', async () => {
    const known = dingtalk.addAccount({ nick: '张伟🐱' });
    const user = await nocobase.addUser({ nickname: 'Wei', phone: known.mobile });
    expect(await signIn(nocobase, dingtalk, { account: known.id })).toMatchObject({ user: { id: user.get('id') } });
    expect(await linkedNames(known.unionId)).toEqual(['张伟']);

    const other = dingtalk.addAccount({ nick: '\u{20BB7}野家🐱' });
    const session = await Session.of(nocobase, await nocobase.addUser({ nickname: 'Links' }));
    expect(await session.link(dingtalk, other.id)).toMatchObject({ status: 200 });
    expect(await linkedNames(other.unionId)).toEqual(['野家']);
  });

  it('keeps whom it blocks', async () => {
    await new Exclusions(nocobase.db, 'dingtalk').add('blocked', { unionId: 'blocked', account: '张伟🐱' });
    expect(await new Exclusions(nocobase.db, 'dingtalk').list('blocked', { limit: 1, offset: 0 })).toMatchObject([
      { account: '张伟' },
    ]);
  });

  it('is asked of nothing but a name that needs it', async () => {
    const query = jest.spyOn(nocobase.db.sequelize, 'query');
    expect(await storableName(nocobase.db, ['users', 'nickname'], '张伟')).toBe('张伟');
    expect(query).not.toHaveBeenCalled();
    expect(await storableName(nocobase.db, ['users', 'nickname'], '张伟🐱')).toBe('张伟');
    expect(query).toHaveBeenCalledTimes(1);
    query.mockRestore();
  });
});

describeOnMysql('a database of MySQL that holds every character', () => {
  it('keeps the picture in a name', async () => {
    const dingtalk = await startDingTalk();
    const nocobase = await startNocoBase('mysql');
    try {
      await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
      const account = dingtalk.addAccount({ nick: '张伟🐱' });
      expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({ user: { nickname: '张伟🐱' } });
      expect((await nocobase.bindings()).map(({ nickname }) => nickname)).toEqual(['张伟🐱']);
    } finally {
      await nocobase.stop();
      await dingtalk.close();
    }
  }, 60_000);
});
