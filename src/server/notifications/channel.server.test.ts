import type { Model } from '@nocobase/database';
import { until } from '../../../dev/until';
import type { Account } from '../../../emulator';
import { Channels, inboxOf, useridOf } from '../../../testing/nocobase/channels';
import { type DingTalk, startDingTalk, withShortDeadlines } from '../../../testing/nocobase/dingtalk';
import { CLIENT_ID, CLIENT_SECRET, type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { withStub } from '../../../testing/nocobase/stub';
import { COUNTS, monthOf, readCalls, warnOfQuota } from './counts';
import { limitsOf } from './send';

const AGENT_ID = '836390886';
const SEND = '/topapi/message/corpconversation/asyncsend_v2';
const DAY = 24 * 3_600_000;

describe('a channel', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let channels: Channels;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase('sqlite', {
      plugins: ['notification-manager', 'notification-in-app-message', 'user-data-sync'],
    });
    channels = new Channels(nocobase);
    await nocobase.addAuthenticator('dingtalk', { corpId: dingtalk.corpId, agentId: AGENT_ID });
    await channels.add('ding');
    await channels.add('asking', { asksResult: true });
    await channels.add('strict', { tooLong: 'refuse', appendsTime: false });
  }, 120_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  afterEach(async () => {
    dingtalk.data.faults = [];
    dingtalk.notifications.clear();
    delete process.env.DINGTALK_DIRECTORY;
    await setAuthenticator({});
  });

  const idOf = (user: Model) => user.get('id');
  const text = (written: string) => ({ type: 'text', text: written });
  const sends = () => dingtalk.calls.filter(({ path }) => path === SEND).length;
  const lookUps = () => dingtalk.calls.filter(({ path }) => path.endsWith('/getbyunionid')).length;

  async function linked(nick = 'Ada'): Promise<{ account: Account; user: Model }> {
    const account = dingtalk.addAccount({ nick });
    return { account, user: await channels.linkedUser(account) };
  }

  async function setAuthenticator(more: object, values: object = {}) {
    const authenticator: Model | null = await nocobase.db
      .getModel('authenticators')
      .findOne({ where: { name: 'dingtalk' } });
    const own = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, corpId: dingtalk.corpId, agentId: AGENT_ID };
    await authenticator?.update({ enabled: true, ...values, options: { dingtalk: { ...own, ...more } } });
  }

  describe('sends', () => {
    it('a message to whoever is linked, and says in the log for whom DingTalk took it over', async () => {
      const [ada, ben] = [await linked('Ada'), await linked('Ben')];
      const answer = await channels.send('ding', text('Hello'), [idOf(ada.user), idOf(ben.user)]);
      expect(answer).toMatchObject({ status: 'success', queued: false });
      expect(answer.reason).toMatch(/^DingTalk accepted the message for 2 of 2 people \(task \d+\)\.$/);
      expect((await channels.log('ding')).at(-1)).toMatchObject({ status: 'success', reason: answer.reason });
      for (const { account } of [ada, ben]) {
        expect(inboxOf(dingtalk, account)).toEqual([expect.stringContaining('Hello')]);
      }
      const lines = await nocobase.logs.outcomes(1, 'DingTalk message');
      expect(lines.at(-1)).toMatchObject({ outcome: 'SENT', channel: 'ding', all: 2, accepted: 2 });
      expect(JSON.stringify(lines)).not.toMatch(/Ada|Ben|Hello/);
    });

    it('to those who are named by `receivers`, as approvals do', async () => {
      const { account, user } = await linked();
      const receivers = { type: 'userId', value: [idOf(user)] };
      expect(await channels.send('ding', text('Approve'), undefined, { receivers })).toMatchObject({
        status: 'success',
      });
      expect(inboxOf(dingtalk, account)).toHaveLength(1);
    });

    it('the same twice, as two messages', async () => {
      const { account, user } = await linked();
      await channels.send('ding', text('Again'), [idOf(user)]);
      await channels.send('ding', text('Again'), [idOf(user)]);
      expect(inboxOf(dingtalk, account)).toHaveLength(2);
    });

    it('to a privileged user as to others', async () => {
      const account = dingtalk.addAccount();
      const root = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
      await channels.link(root, account);
      expect(await channels.send('ding', text('x'), [idOf(root)])).toMatchObject({ status: 'success' });
      expect(inboxOf(dingtalk, account)).toHaveLength(1);
    });

    it('asks for a userid once, and keeps it', async () => {
      const { account, user } = await linked();
      const before = lookUps();
      await channels.send('ding', text('1'), [idOf(user)]);
      await channels.kept(user, useridOf(account));
      await channels.send('ding', text('2'), [idOf(user)]);
      expect(lookUps() - before).toBe(1);
    });

    it('to 250 people by three calls, each of them once', async () => {
      const accounts = Array.from({ length: 250 }, () => dingtalk.addAccount());
      const { db } = nocobase;
      const values = accounts.map((_, person) => ({ username: `many${person}`, nickname: 'Many' }));
      const users = await db.getModel('users').bulkCreate(values, { hooks: false });
      const bindings = accounts.map((account, person) => ({
        authenticator: 'dingtalk',
        userId: idOf(users[person]),
        uuid: account.unionId,
        meta: {
          unionId: account.unionId,
          userid: useridOf(account),
          useridOf: CLIENT_ID,
          useridAt: Date.now(),
        },
      }));
      await db.getModel('usersAuthenticators').bulkCreate(bindings, { hooks: false });
      const before = sends();
      const receivers = [{ filter: { nickname: 'Many' } }];
      expect(await channels.send('ding', text('All'), receivers)).toMatchObject({ status: 'success' });
      expect(sends() - before).toBe(3);
      expect(accounts.filter((account) => inboxOf(dingtalk, account).length !== 1)).toEqual([]);
    });

    it('counts the calls of the month, and warns once when they are nearly used up', async () => {
      const { user } = await linked();
      const before = await readCalls(nocobase.db, CLIENT_ID);
      await channels.send('ding', text('1'), [idOf(user)]);
      await channels.send('ding', text('2'), [idOf(user)]);
      const counted = async () => (await readCalls(nocobase.db, CLIENT_ID)) - before;
      await until('both calls are counted', async () => (await counted()) >= 2);
      expect(await counted()).toBe(2);
      const calls = before + 2;
      await nocobase.db
        .getRepository('notificationChannels')
        .create({ values: { name: 'in-app', title: 'In-app', notificationType: 'in-app-message' } });
      const warnings = () => nocobase.db.getModel('notificationInAppMessages').count();
      const quota = Math.floor(calls / 0.8);
      for (const [times, limit] of [2 * calls, quota, quota, quota - 1].entries()) {
        await warnOfQuota(nocobase.app, CLIENT_ID, limit, Date.now() + times * 60_000);
      }
      expect(await warnings()).toBe(1);
      const [warning] = await nocobase.db.getModel('notificationInAppMessages').findAll();
      expect(warning.get('content')).toContain(`${calls} of ${quota} counted calls`);
      expect(warning.get('content')).toContain(monthOf());
    });
  });

  it('a message whose calls cannot be counted is no failure, after which it would be sent again', async () => {
    const { account, user } = await linked();
    const update = jest.spyOn(nocobase.db.getModel(COUNTS), 'update').mockRejectedValue(new Error('no connection'));
    try {
      expect(await channels.send('ding', text('x'), [idOf(user)])).toMatchObject({ status: 'success' });
      await until('the calls are to be counted', () => Promise.resolve(update.mock.calls.length > 0));
    } finally {
      update.mockRestore();
    }
    expect(inboxOf(dingtalk, account)).toHaveLength(1);
  });

  describe('says who was not reached, and why:', () => {
    it('a user without DingTalk', async () => {
      const { user } = await linked();
      const free = await nocobase.addUser({ nickname: 'Free' });
      const { status, reason } = await channels.send('ding', text('x'), [idOf(user), idOf(free), 999_999]);
      expect(status).toBe('success');
      expect(reason).toContain('1 of 3 people');
      expect(reason).toMatch(/1 not reached: Free\. .*\(NO_ACCOUNT\)/);
      expect(reason).toMatch(/1 not reached: 999999\. .*\(USER_UNKNOWN\)/);
    });

    it('nobody at all', async () => {
      for (const nobody of [[], undefined, [{ filter: { nickname: 'Nobody' } }]]) {
        expect(await channels.send('ding', text('x'), nobody)).toMatchObject({
          status: 'failure',
          reason: expect.stringContaining('(NO_RECEIVERS)'),
        });
      }
      const free = await nocobase.addUser({ nickname: 'Alone' });
      expect(await channels.send('ding', text('x'), [idOf(free)])).toMatchObject({ status: 'failure' });
    });

    it('T103: an external contact, and a member of another organization', async () => {
      const [external, other] = [await linked('External'), await linked('Other')];
      external.account.memberships[0].contact_type = 1;
      other.account.memberships[0].corpId = dingtalk.data.organizations[1].corpId;
      const { status, reason } = await channels.send('ding', text('x'), [idOf(external.user), idOf(other.user)]);
      expect(status).toBe('failure');
      expect(reason).toMatch(/External\. .*\(EXTERNAL_CONTACT\)/);
      expect(reason).toMatch(/Other\. .*\(NOT_OF_ORGANIZATION\)/);
      expect(dingtalk.notifications.all()).toEqual([]);
    });

    it.each<[string, string, object]>([
      ['the app may not read members', 'PERMISSION_MISSING', { endpoint: 'user/getbyunionid', fault: 'permission88' }],
      ['the address is not allowed', 'IP_NOT_ALLOWED', { endpoint: 'user/getbyunionid', fault: 'ipNotAllowed88' }],
    ])('where %s', async (_, code, fault) => {
      dingtalk.data.faults = [fault as never];
      const people = [await linked(), await linked(), await linked()];
      const { status, reason } = await channels.send(
        'ding',
        text('x'),
        people.map(({ user }) => idOf(user)),
      );
      expect(status).toBe('failure');
      expect(reason).toContain(`(${code})`);
    });
  });

  describe('says what is wrong, and sends nothing:', () => {
    const sender = async () => [idOf((await linked()).user)];

    it.each<[string, () => unknown, string]>([
      ['the server is a copy', () => (process.env.DINGTALK_DIRECTORY = 'off'), 'MESSAGES_OFF'],
      ['there is no Agent ID', () => setAuthenticator({ agentId: null }), 'AGENT_ID_REQUIRED'],
      ['the Agent ID is none', () => setAuthenticator({ agentId: 'dingx' }), 'AGENT_ID_REQUIRED'],
      ['the Agent ID is another one', () => setAuthenticator({ agentId: '2839445214' }), 'AGENT_ID_WRONG'],
      ['the authenticator is disabled', () => setAuthenticator({}, { enabled: false }), 'AUTHENTICATOR_UNAVAILABLE'],
      [
        'the authenticator is of another type',
        () => setAuthenticator({}, { authType: 'x' }),
        'AUTHENTICATOR_UNAVAILABLE',
      ],
      ['the secret is wrong', () => setAuthenticator({ clientSecret: 'wrong' }), 'CREDENTIALS_INVALID'],
      ['there is no secret', () => setAuthenticator({ clientSecret: '' }), 'NOT_CONFIGURED'],
    ])('%s', async (_, given, code) => {
      const receivers = await sender();
      await given();
      const { status, reason } = await channels.send('ding', text('x'), receivers);
      await setAuthenticator({}, { authType: 'dingtalk' });
      expect({ status, reason }).toEqual({ status: 'failure', reason: expect.stringContaining(`(${code})`) });
      expect(dingtalk.notifications.all()).toEqual([]);
    });

    it.each<[string, string, unknown]>([
      ['is too long', 'MESSAGE_TOO_LONG', { type: 'text', text: '汉'.repeat(3000) }],
      ['is empty', 'MESSAGE_EMPTY', { type: 'markdown', text: '' }],
      ['is none', 'MESSAGE_INVALID', { type: 'voice' }],
      ['is missing', 'MESSAGE_INVALID', undefined],
    ])('the message %s', async (_, code, content) => {
      const { status, reason } = await channels.send('strict', content, await sender());
      expect({ status, reason }).toEqual({ status: 'failure', reason: expect.stringContaining(`(${code})`) });
    });

    it('the channel is not set up, or the query for users asks for what there is not', async () => {
      await channels.add('empty', { authenticator: '' });
      await channels.add('gone', { authenticator: 'gone' });
      const receivers = await sender();
      expect((await channels.send('empty', text('x'), receivers)).reason).toContain('(CHANNEL_INVALID)');
      expect((await channels.send('gone', text('x'), receivers)).reason).toContain('(AUTHENTICATOR_UNAVAILABLE)');
      const query = [{ filter: { gone: 1 } }];
      expect((await channels.send('ding', text('x'), query)).reason).toContain('(RECEIVERS_INVALID)');
    });

    it('the organization has used up the calls of the month: nobody else is asked', async () => {
      const receivers = await sender();
      dingtalk.notifications.settings.callsAMonth = 0;
      const before = sends();
      const { status, reason } = await channels.send('ding', text('x'), receivers);
      expect({ status, reason }).toEqual({
        status: 'failure',
        reason: expect.stringContaining('(QUOTA_USED_UP) [90020]'),
      });
      expect(sends() - before).toBe(1);
    });

    it('the app may not send', async () => {
      const receivers = await sender();
      dingtalk.data.faults = [{ endpoint: 'message/corpconversation/asyncsend_v2', fault: 'permission88' }];
      expect((await channels.send('ding', text('x'), receivers)).reason).toContain('(MESSAGE_PERMISSION)');
    });
  });

  it('a new secret, and a new Agent ID, count at once', async () => {
    const { account, user } = await linked();
    await setAuthenticator({ clientSecret: 'wrong', agentId: '1' });
    expect(await channels.send('ding', text('1'), [idOf(user)])).toMatchObject({ status: 'failure' });
    await setAuthenticator({ agentId: '1' });
    expect((await channels.send('ding', text('2'), [idOf(user)])).reason).toContain('AGENT_ID_WRONG');
    await setAuthenticator({});
    expect(await channels.send('ding', text('3'), [idOf(user)])).toMatchObject({ status: 'success' });
    expect(inboxOf(dingtalk, account)).toEqual([expect.stringContaining('3')]);
  });

  it('what another node changes counts at once: NocoBase has a copy of channels in each process', async () => {
    const [ada, ben] = [await linked(), await linked()];
    await channels.add('shared');
    const link = { type: 'markdown', text: '[x](/admin)' };
    await channels.send('shared', link, [idOf(ada.user)]);
    expect(inboxOf(dingtalk, ada.account)[0]).toContain('nb.example');
    const where = { name: 'shared' };
    const model = nocobase.db.getModel('notificationChannels');
    // No hook: that is what this process sees of it.
    await model.update(
      { options: { authenticator: 'dingtalk', address: 'https://other.example' } },
      { where, hooks: false },
    );
    await channels.send('shared', link, [idOf(ben.user)]);
    expect(inboxOf(dingtalk, ben.account)[0]).toContain('other.example');
    await model.destroy({ where, hooks: false });
    expect((await channels.send('shared', link, [idOf(ben.user)])).reason).toContain('(CHANNEL_UNAVAILABLE)');
    expect(inboxOf(dingtalk, ben.account)).toHaveLength(1);
  });

  it('content is data: templates, HTML, quotes and emoji arrive as they are', async () => {
    const { account, user } = await linked();
    const strange = '{{#if}} {{x}} {{{y}}} <b>"A" & \'B\'</b> 😀 $t(z)';
    await channels.send('ding', text('{{{text}}}'), [idOf(user)], { data: { text: strange } });
    expect(inboxOf(dingtalk, account)[0]).toContain(JSON.stringify(strange).slice(1, -1));
  });

  it('a template that does not parse is NocoBase’s to refuse, and the next message is sent', async () => {
    const { user } = await linked();
    await expect(channels.send('ding', text('{{#if'), [idOf(user)])).rejects.toThrow();
    expect(await channels.send('ding', text('x'), [idOf(user)])).toMatchObject({ status: 'success' });
  });

  describe('never sends twice, and never hangs:', () => {
    const failing = { endpoint: 'message/corpconversation/asyncsend_v2' } as const;

    it('a DingTalk that does not answer may have sent it', async () => {
      const { user } = await linked();
      await channels.send('ding', text('first'), [idOf(user)]);
      dingtalk.data.faults = [{ ...failing, fault: 'hang' }];
      const before = sends();
      const { status, reason } = await withShortDeadlines(() => channels.send('ding', text('x'), [idOf(user)]));
      expect({ status, reason }).toEqual({ status: 'failure', reason: expect.stringContaining('(MAY_HAVE_ARRIVED)') });
      expect(sends() - before).toBe(1);
    });

    it('two messages without an answer, and the next ones hold up nothing else', async () => {
      const { account, user } = await linked();
      await channels.send('ding', text('first'), [idOf(user)]);
      dingtalk.data.faults = [{ ...failing, fault: 'hang' }];
      await withShortDeadlines(async () => {
        for (const unanswered of ['2', '3']) {
          const { reason } = await channels.send('ding', text(unanswered), [idOf(user)]);
          expect(reason).toContain('(MAY_HAVE_ARRIVED)');
        }
      });
      dingtalk.data.faults = [];
      const before = sends();
      const began = Date.now();
      expect((await channels.send('ding', text('4'), [idOf(user)])).reason).toContain('(MESSAGES_PAUSED)');
      expect(Date.now() - began).toBeLessThan(1000);
      expect(sends() - before).toBe(0);
      limitsOf(CLIENT_ID).silence.note({ answered: 1, unanswered: 0 });
      await channels.send('ding', text('5'), [idOf(user)]);
      expect(inboxOf(dingtalk, account).at(-1)).toContain('5');
    });

    it.each(['reset', 'error500', 'busyMinus1', 'truncatedJson', 'jsonNull', 'empty204'] as const)(
      'an answer that says nothing (%s) is no refusal',
      async (fault) => {
        const { user } = await linked();
        await channels.send('ding', text('first'), [idOf(user)]);
        dingtalk.data.faults = [{ ...failing, fault }];
        const before = sends();
        const { reason } = await channels.send('ding', text('x'), [idOf(user)]);
        expect(reason).toContain('(MAY_HAVE_ARRIVED)');
        expect(sends() - before).toBe(1);
      },
    );

    it('what DingTalk was too busy to take is sent again', async () => {
      const { account, user } = await linked();
      dingtalk.data.faults = [{ ...failing, fault: 'throttle88', times: 1 }];
      const before = sends();
      expect(await channels.send('ding', text('x'), [idOf(user)])).toMatchObject({ status: 'success' });
      expect(sends() - before).toBe(2);
      expect(inboxOf(dingtalk, account)).toHaveLength(1);
    });

    it('a token that DingTalk forgot is renewed', async () => {
      const { account, user } = await linked();
      await channels.send('ding', text('first'), [idOf(user)]);
      dingtalk.data.faults = [{ ...failing, fault: 'token88', times: 1 }];
      expect(await channels.send('ding', text('x'), [idOf(user)])).toMatchObject({ status: 'success' });
      expect(inboxOf(dingtalk, account)).toHaveLength(2);
    });

    it('whoever cannot be looked up in time is named, and the others get it', async () => {
      const [ada, ben] = [await linked('Ada'), await linked('Ben')];
      await channels.send('ding', text('first'), [idOf(ada.user)]);
      await channels.kept(ada.user, useridOf(ada.account));
      dingtalk.data.faults = [{ endpoint: 'user/getbyunionid', fault: 'hang' }];
      const { status, reason } = await withShortDeadlines(() =>
        channels.send('ding', text('x'), [idOf(ada.user), idOf(ben.user)]),
      );
      expect(status).toBe('success');
      expect(reason).toMatch(/1 not reached: Ben\. .*\(NOT_LOOKED_UP\)/);
      expect(inboxOf(dingtalk, ada.account)).toHaveLength(2);
    });

    it('more people than DingTalk delivers to in a minute are not sent to', async () => {
      const { people } = limitsOf(CLIENT_ID);
      const { user } = await linked();
      const left = people.left();
      people.take(left);
      const { status, reason } = await channels.send('ding', text('x'), [idOf(user)]);
      people.take(-left);
      expect({ status, reason }).toEqual({ status: 'failure', reason: expect.stringContaining('(TOO_MANY_A_MINUTE)') });
    });

    it('a userid that would be a list of two is none', async () => {
      const { user, account } = await linked();
      const victim = await linked('Victim');
      const kept = { userid: `x,${useridOf(victim.account)}`, useridOf: CLIENT_ID, useridAt: Date.now() };
      await channels.setMeta(user, { unionId: account.unionId, ...kept });
      expect((await channels.send('ding', text('x'), [idOf(user)])).reason).toContain('(RECEIVER_REFUSED)');
      expect(dingtalk.notifications.all()).toEqual([]);
    });
  });

  describe('where the result is asked, the log says what became of a message:', () => {
    const settled = async (code: RegExp) => {
      const told = async () => code.test((await channels.log('asking')).at(-1)?.reason ?? '');
      await until(`the log says ${code}`, told, { seconds: 20, everyMs: 100 });
      return (await channels.log('asking')).at(-1);
    };

    it('it was delivered', async () => {
      const { user } = await linked();
      const answer = await channels.send('asking', text('x'), [idOf(user)]);
      expect(answer.reason).toContain('asked in some seconds');
      expect(await settled(/^DingTalk delivered the message to 1 of 1 people/)).toMatchObject({ status: 'success' });
    }, 30_000);

    it('it was lost, for each of them why', async () => {
      const [ada, ben] = [await linked('Ada'), await linked('Ben')];
      dingtalk.notifications.settings.forbiddenWords = ['secret'];
      await channels.send('asking', text('secret'), [idOf(ada.user), idOf(ben.user)]);
      expect(await settled(/LOST_FORBIDDEN_WORDS/)).toMatchObject({
        status: 'failure',
        reason: expect.stringMatching(/to 0 of 2[\s\S]*2 not reached: Ada, Ben\. .*\[1430002\]/),
      });
    }, 30_000);
  });

  describe('T100: the author of a record leads the company elsewhere', () => {
    const evil =
      '[Sign in again](https://evil.example/login) dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fevil.example';

    /** What a plugin would send that takes a text as it is. */
    async function sendNaively(userid: string, markdown: string) {
      const app = { appKey: CLIENT_ID, appSecret: CLIENT_SECRET };
      const post = (path: string, body: object) =>
        fetch(dingtalk.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }).then((response) => response.json());
      const { accessToken } = await post('/v1.0/oauth2/accessToken', app);
      const msg = { msgtype: 'markdown', markdown: { title: 'T', text: markdown } };
      return post(`${SEND}?access_token=${accessToken}`, { agent_id: Number(AGENT_ID), userid_list: userid, msg });
    }

    it('CONTROL: as it is, it reaches the member with its links', async () => {
      const { account } = await linked();
      await sendNaively(useridOf(account), evil);
      expect(inboxOf(dingtalk, account)[0]).toContain('(https://evil.example/login)');
    });

    it('arrives as plain text, with the host in sight', async () => {
      const { account, user } = await linked();
      const content = { type: 'markdown', title: '{{{title}}}', text: '{{{title}}}' };
      const { reason } = await channels.send('ding', content, [idOf(user)], { data: { title: evil } });
      const [got] = inboxOf(dingtalk, account);
      expect(got).toContain('Sign in again (evil.example/login)');
      expect(got).not.toMatch(/https:\/\/evil|dingtalk:\/\//);
      expect(reason).toContain('plain text: ');
    });

    describe('T101: a userid of before, which the organization gave to a stranger', () => {
      it('CONTROL: whoever keeps it for ever sends the message to the stranger', async () => {
        const { account } = await linked();
        const kept = useridOf(account);
        dingtalk.leave(account);
        const stranger = dingtalk.addMember({ userid: kept, name: 'Stranger' });
        await sendNaively(kept, 'Your salary');
        expect(inboxOf(dingtalk, stranger)).toHaveLength(1);
      });

      it('is asked again after a day, and the stranger gets nothing', async () => {
        const { account, user } = await linked();
        const kept = useridOf(account);
        dingtalk.leave(account);
        const stranger = dingtalk.addMember({ userid: kept, name: 'Stranger' });
        const asked = { userid: kept, useridOf: CLIENT_ID, useridAt: Date.now() - DAY };
        await channels.setMeta(user, { unionId: account.unionId, ...asked });
        const { reason } = await channels.send('ding', text('Your salary'), [idOf(user)]);
        expect(reason).toContain('(NOT_OF_ORGANIZATION)');
        expect(inboxOf(dingtalk, stranger)).toEqual([]);
      });

      it('counts for no other app', async () => {
        const { account, user } = await linked();
        const stranger = await linked('Stranger');
        const asked = { userid: useridOf(stranger.account), useridOf: 'dingotherapp', useridAt: Date.now() };
        await channels.setMeta(user, { unionId: account.unionId, ...asked });
        await channels.send('ding', text('Your salary'), [idOf(user)]);
        expect(inboxOf(dingtalk, stranger.account)).toEqual([]);
        expect(inboxOf(dingtalk, account)).toHaveLength(1);
      });
    });

    describe('T102: somebody who was blocked, or has left', () => {
      it.each(['blocked', 'left'])('CONTROL and defense: %s', async (reason) => {
        const { account, user } = await linked();
        await sendNaively(useridOf(account), 'Plans');
        expect(inboxOf(dingtalk, account)).toHaveLength(1);
        const excluded = { authenticator: 'dingtalk', reason, unionId: account.unionId, account: '', since: 1 };
        await nocobase.db.getModel('dingtalkExclusions').create(excluded);
        expect(await channels.send('ding', text('Plans'), [idOf(user)])).toMatchObject({ status: 'failure' });
        expect(inboxOf(dingtalk, account)).toHaveLength(1);
      });
    });
  });

  it('the request names members alone, never departments or all', async () => {
    const { user, account } = await linked();
    const kept = { userid: useridOf(account), useridOf: CLIENT_ID, useridAt: Date.now() };
    await channels.setMeta(user, { unionId: account.unionId, ...kept });
    const bodies: Record<string, unknown>[] = [];
    await withStub(
      (request, response, body) => {
        if (request.url?.startsWith(SEND)) {
          bodies.push(JSON.parse(body));
        }
        response.end(JSON.stringify({ errcode: 0, task_id: 5, accessToken: 't', expireIn: 7200 }));
      },
      () => channels.send('ding', text('x'), [idOf(user)]),
    );
    expect(bodies).toEqual([
      { agent_id: Number(AGENT_ID), userid_list: useridOf(account), msg: expect.objectContaining({ msgtype: 'text' }) },
    ]);
  });
});
