import { setTimeout } from 'node:timers/promises';
import vm from 'node:vm';
import { describeOnSqliteAnd } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import { signIn } from '../../../testing/nocobase/sign-in';

interface Message {
  userId: number | string;
  title: string;
  content: string;
  channelName: string;
  options: { url: string };
}

interface Manager {
  send(params: object): Promise<{ status: string }>;
}

/** Objects as NocoBase's own code makes them: it compiles no template in one of the realm of a test. */
const ofNocoBase: (json: string) => object = vm.runInThisContext('JSON.parse');

describeOnSqliteAnd('postgres')('a user whom an account was bound to', (dialect) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase(dialect, { plugins: ['notification-manager', 'notification-in-app-message'] });
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
    const send = manager().send.bind(manager());
    manager().send = (params) => send(ofNocoBase(JSON.stringify(params)));
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  const manager = () => nocobase.app.pm.get('notification-manager') as unknown as Manager;

  const messages = async (): Promise<Message[]> =>
    (await nocobase.db.getModel('notificationInAppMessages').findAll({ order: ['receiveTimestamp'] })).map((row) =>
      row.toJSON(),
    );

  /** The messages that come within a while. */
  async function messagesOf(userId: unknown, expected = 1): Promise<Message[]> {
    const own = async () => (await messages()).filter((message) => String(message.userId) === String(userId));
    for (const deadline = Date.now() + 5000; (await own()).length < expected && Date.now() < deadline;) {
      await setTimeout(20);
    }
    return own();
  }

  /** An existing user with the phone number of a new account. */
  async function knownUser(nick: string, values = {}) {
    const account = dingtalk.addAccount({ nick });
    return { account, user: await nocobase.addUser({ nickname: 'Known', phone: account.mobile, ...values }) };
  }

  it('is not told where no channel exists, and is signed in', async () => {
    const { account, user } = await knownUser('Wei');
    expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({ status: 200 });
    await setTimeout(300);
    expect(await messages()).toEqual([]);
    expect(await nocobase.logs.outcomes(1, 'DingTalk binding')).toEqual([
      expect.objectContaining({ outcome: 'BOUND', authenticator: 'dingtalk', userId: String(user.get('id')), rule: 5 }),
    ]);
  });

  describe('where a channel exists', () => {
    beforeAll(() =>
      nocobase.db
        .getRepository('notificationChannels')
        .create({ values: { name: 'inside', title: 'Inside', notificationType: 'in-app-message' } }),
    );

    it('is told which account, when, why and how to undo it', async () => {
      const { account, user } = await knownUser('张伟🐱');
      const other = await nocobase.addUser({ nickname: 'Somebody else' });
      await signIn(nocobase, dingtalk, { account: account.id });

      const [message, ...more] = await messagesOf(user.get('id'));
      expect(more).toEqual([]);
      expect(message).toMatchObject({ channelName: 'inside', options: { url: '/admin/dingtalk' } });
      expect(message.title).toBe('A DingTalk account can now sign in as you');
      expect(message.content).toContain('“张伟🐱”');
      expect(message.content).toContain(`(dingtalk, `);
      expect(message.content).toContain(String(new Date().getFullYear()));
      expect(message.content).toContain('UTC');
      expect(message.content).toContain('the same phone number');
      expect(message.content).toContain('unlink it');
      expect(message.content).not.toContain(String(account.mobile));
      expect(await messagesOf(other.get('id'), 0)).toEqual([]);
    });

    it('is told once, and not at the next sign-in', async () => {
      const { account, user } = await knownUser('Wei');
      await signIn(nocobase, dingtalk, { account: account.id });
      await signIn(nocobase, dingtalk, { account: account.id });
      await setTimeout(300);
      expect(await messagesOf(user.get('id'))).toHaveLength(1);
    });

    it('is told in the own language, if NocoBase offers it', async () => {
      const settings = await nocobase.db.getRepository('systemSettings').findOne();
      await settings.update({ enabledLanguages: ['en-US', 'zh-CN'] });
      const chinese = await knownUser('Wei', { appLang: 'zh-CN' });
      const german = await knownUser('Wei', { appLang: 'de-DE' });
      await signIn(nocobase, dingtalk, { account: chinese.account.id });
      await signIn(nocobase, dingtalk, { account: german.account.id });
      expect((await messagesOf(chinese.user.get('id')))[0]).toMatchObject({
        title: '您的用户已绑定钉钉账号',
        content: expect.stringMatching(/「Wei」.*年.*手机号.*解除绑定/),
      });
      expect((await messagesOf(german.user.get('id')))[0].title).toBe('A DingTalk account can now sign in as you');
    });

    it('is told of a binding by a key of the plugin before, by that rule', async () => {
      const account = dingtalk.addAccount();
      const user = await nocobase.addUser({ nickname: 'Bound long ago' });
      await nocobase.db
        .getRepository('usersAuthenticators')
        .create({ values: { authenticator: 'dingtalk', userId: user.get('id'), uuid: account.openId } });
      await signIn(nocobase, dingtalk, { account: account.id });
      expect((await messagesOf(user.get('id')))[0].content).toContain('plugin that was used before');
    });

    it('is told of a link that was confirmed, by that', async () => {
      const user = await nocobase.addUser({ nickname: 'Links' });
      const session = await Session.of(nocobase, user);
      expect(await session.link(dingtalk, dingtalk.addAccount({ nick: 'Wei' }).id)).toMatchObject({ status: 200 });
      expect((await messagesOf(user.get('id')))[0].content).toMatch(/“Wei”.*confirmed the link/);
    });

    it('is not told of having been created just now', async () => {
      const { user } = await signIn(nocobase, dingtalk, { account: dingtalk.addAccount().id });
      await setTimeout(300);
      expect(await messagesOf(user?.id, 0)).toEqual([]);
    });

    it.each([
      '{{#if}}',
      '{{$user.password}}',
      '{{title}}',
      '{{{content}}}',
      '<b>"Wei" & \'Wu\'</b>',
      '$t(LINK_FIRST)',
      '{{account}}',
    ])('T58: the nickname %s is shown as it is', async (nick) => {
      const { account, user } = await knownUser(nick);
      expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({ status: 200 });
      expect((await messagesOf(user.get('id')))[0].content).toContain(`“${nick}”`);
    });

    it.each(['{{#if}}', '{{title}}', '<b>"Wei"</b>'])(
      'T58: the nickname %s in a template is lost, or changed',
      async (nick) => {
        const user = await nocobase.addUser({ nickname: 'Naive' });
        const sent = manager().send({
          channelName: 'inside',
          message: { title: 'Linked', content: nick === '<b>"Wei"</b>' ? '{{nick}}' : `Linked: ${nick}` },
          data: { title: 'other', nick },
          receivers: { type: 'userId', value: [user.get('id')] },
          triggerFrom: 'test',
        });
        await Promise.allSettled([sent]);
        const told = await messagesOf(user.get('id'), 0);
        expect(told.filter(({ content }) => content.includes(nick))).toEqual([]);
      },
    );

    describe('T59: a notice that', () => {
      afterEach(() => jest.restoreAllMocks());

      it.each([
        ['fails', () => Promise.resolve({ status: 'failure' })],
        ['is refused', () => Promise.reject(new Error('the secret of the mail server'))],
        ['cannot be handed over', () => undefined as never],
        [
          'throws',
          () => {
            throw new Error('the secret of the mail server');
          },
        ],
      ])('%s fails no sign-in, and is logged without what it says', async (_, send) => {
        await nocobase.logs.outcomes(0, 'DingTalk binding');
        jest.spyOn(manager(), 'send').mockImplementation(send);
        const { account } = await knownUser('Wei');
        expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({ status: 200 });
        const lines = await nocobase.logs.outcomes(2, 'DingTalk binding');
        expect(lines.map(({ outcome }) => outcome)).toEqual(['BOUND', 'NOTICE_FAILED']);
        expect(JSON.stringify(lines)).not.toMatch(/secret|Wei/);
      });

      it('hangs delays no sign-in, neither this one nor another', async () => {
        const hanging = jest.spyOn(manager(), 'send').mockImplementation(() => new Promise(() => undefined));
        const [one, two] = [await knownUser('Wei'), await knownUser('Wu')];
        expect(await signIn(nocobase, dingtalk, { account: one.account.id })).toMatchObject({ status: 200 });
        expect(await signIn(nocobase, dingtalk, { account: two.account.id })).toMatchObject({ status: 200 });
        await setTimeout(300);
        expect(hanging).toHaveBeenCalledTimes(2);
      });

      it('has no place to go, because the plugins are off, is none', async () => {
        const send = jest.spyOn(manager(), 'send');
        const plugin = nocobase.app.pm.get('notification-in-app-message');
        plugin.enabled = false;
        const { account } = await knownUser('Wei');
        expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({ status: 200 });
        await setTimeout(300);
        plugin.enabled = true;
        expect(send).not.toHaveBeenCalled();
      });
    });

    it('all get one, also when many sign in at once', async () => {
      const known: Awaited<ReturnType<typeof knownUser>>[] = [];
      for (let index = 0; index < 10; index++) {
        known.push(await knownUser('Wei'));
      }
      const outcomes = await Promise.all(
        known.map(({ account }) => signIn(nocobase, dingtalk, { account: account.id })),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(known.map(() => 200));
      for (const { user } of known) {
        expect(await messagesOf(user.get('id'))).toHaveLength(1);
      }
    }, 30_000);

    it('is in the audit log, by the rule', async () => {
      const entries: { action: string; targetRecordUK?: string; metadata?: object }[] = [];
      nocobase.app.auditManager.setLogger({ log: async (entry) => void entries.push(entry) });
      const { account, user } = await knownUser('Wei');
      await signIn(nocobase, dingtalk, { account: account.id });
      await setTimeout(300);
      expect(entries.filter(({ action }) => action === 'bind')).toMatchObject([
        {
          resource: 'dingtalk',
          targetCollection: 'users',
          targetRecordUK: String(user.get('id')),
          metadata: { request: { body: { authenticator: 'dingtalk', rule: 5 } } },
        },
      ]);
      expect(JSON.stringify(entries.filter(({ action }) => action === 'bind'))).not.toContain(account.mobile);
    });
  });
});
