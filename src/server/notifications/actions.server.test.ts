import type { Model } from '@nocobase/database';
import { Channels, inboxOf } from '../../../testing/nocobase/channels';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { Session } from '../../../testing/nocobase/session';
import type { LinkedUsers } from '../../shared/contract';
import type { MessagePreview, NotificationState, TestResult } from '../../shared/messages';

const AGENT_ID = '836390886';

describe('the actions of channels', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let channels: Channels;
  let users = 0;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase('sqlite', { plugins: ['notification-manager', 'api-keys'] });
    channels = new Channels(nocobase);
    await nocobase.addAuthenticator('dingtalk', { corpId: dingtalk.corpId, agentId: AGENT_ID });
    await channels.add('ding', { quota: 100 });
  }, 120_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  afterEach(() => {
    delete process.env.DINGTALK_DIRECTORY;
    dingtalk.notifications.clear();
  });

  /** A user whose role has these snippets. */
  async function sessionWith(snippets: string[], account?: ReturnType<DingTalk['addAccount']>): Promise<Session> {
    const name = `role${++users}`;
    await nocobase.db.getRepository('roles').create({ values: { name, title: name, snippets } });
    const user: Model = await nocobase.addUser({ username: `user${users}`, roles: [name] });
    if (account) {
      await channels.link(user, account);
    }
    return Session.of(nocobase, user);
  }

  const manager = (account?: ReturnType<DingTalk['addAccount']>) => sessionWith(['pm.notification.channels'], account);

  describe('sendTest', () => {
    it('sends a fixed text to oneself, and answers with DingTalk’s result', async () => {
      const account = dingtalk.addAccount();
      const { data } = await (await manager(account)).call<TestResult>('sendTest', { channel: 'ding' });
      expect(data).toEqual({
        code: 'MESSAGE_DELIVERED',
        outcome: 'ok',
        message: expect.stringContaining('1 of 1'),
        task: expect.stringMatching(/^\d+$/),
      });
      expect(inboxOf(dingtalk, account)).toEqual([expect.stringContaining('This channel works')]);
    });

    it('sends by options that are not saved, to another linked user', async () => {
      const account = dingtalk.addAccount();
      const user = await channels.linkedUser(account);
      const options = { authenticator: 'dingtalk', links: 'browser' };
      const answer = await (await manager()).call<TestResult>('sendTest', { options, user: user.get('id') });
      expect(answer.data).toMatchObject({ outcome: 'ok' });
      expect(inboxOf(dingtalk, account)).toHaveLength(1);
    });

    it('says what is wrong', async () => {
      const alone = await manager();
      expect((await alone.call<TestResult>('sendTest', { channel: 'ding' })).data).toMatchObject({
        code: 'NO_ACCOUNT',
        outcome: 'error',
        message: expect.stringContaining('(NO_ACCOUNT)'),
      });
      const session = () => manager(dingtalk.addAccount());
      expect(await (await session()).call('sendTest', { channel: 'none' })).toMatchObject({
        status: 404,
        code: 'CHANNEL_UNAVAILABLE',
      });
      expect(await (await session()).call('sendTest', { options: { authenticator: 'none' } })).toMatchObject({
        code: 'AUTHENTICATOR_UNAVAILABLE',
      });
      process.env.DINGTALK_DIRECTORY = 'off';
      expect(await (await session()).call('sendTest', { channel: 'ding' })).toMatchObject({ code: 'MESSAGES_OFF' });
    });

    it('says what DingTalk lost', async () => {
      dingtalk.notifications.settings.forbiddenWords = ['channel'];
      const { data } = await (await manager(dingtalk.addAccount())).call<TestResult>('sendTest', { channel: 'ding' });
      expect(data).toMatchObject({ code: 'LOST_FORBIDDEN_WORDS', outcome: 'error' });
      expect(data?.message).toContain('[1430002]');
    });

    it('T104: is possible once in ten seconds, saved or not', async () => {
      const account = dingtalk.addAccount();
      const session = await manager(account);
      const answers = await Promise.all([
        session.call('sendTest', { channel: 'ding' }),
        session.call('sendTest', { options: { authenticator: 'dingtalk' } }),
        session.call('sendTest', { channel: 'ding' }),
      ]);
      expect(answers.map(({ status, code }) => code ?? status).sort()).toEqual([200, 'TEST_TOO_SOON', 'TEST_TOO_SOON']);
      expect(inboxOf(dingtalk, account)).toHaveLength(1);
    });

    it('T104: has no text of whoever sends it, and is told to the audit log', async () => {
      const entries: { action: string; metadata: unknown; targetRecordUK?: string }[] = [];
      nocobase.app.auditManager.setLogger({ log: async (entry) => void entries.push(entry as never) });
      const account = dingtalk.addAccount();
      const session = await manager(account);
      await session.call('sendTest', { channel: 'ding', text: 'Evil', content: 'Evil', message: { title: 'Evil' } });
      expect(inboxOf(dingtalk, account)[0]).not.toContain('Evil');
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(entries.filter(({ action }) => action === 'sendTest')).toMatchObject([
        { targetRecordUK: String(session.id) },
      ]);
    });

    it('T104: takes no API key', async () => {
      const account = dingtalk.addAccount();
      const session = await manager(account);
      const token = nocobase.app.authManager.jwt.sign({ userId: session.id, roleName: `role${users}` });
      const key = new Session(session.browser, session.id, token);
      expect((await key.call('sendTest', { channel: 'ding' })).status).toBeGreaterThanOrEqual(401);
      expect(inboxOf(dingtalk, account)).toEqual([]);
    });
  });

  describe('getReceivers', () => {
    const namesOf = async (session: Session, search: string) => {
      const { data } = await session.call<LinkedUsers>('getReceivers', { authenticator: 'dingtalk', search });
      return data?.users.map(({ nickname }) => nickname);
    };

    it('finds linked users for who may not list users', async () => {
      const account = dingtalk.addAccount({ nick: 'Sought after' });
      await channels.linkedUser(account, { phone: '13800007777' });
      await nocobase.addUser({ nickname: 'Sought without a link' });
      const session = await manager();
      const headers = { authorization: `Bearer ${session.token}` };
      expect((await session.browser.fetch('/api/users:list', { headers })).status).toBe(403);
      expect(await namesOf(session, 'sought')).toEqual(['Sought after']);
      expect(await namesOf(session, '13800007777')).toEqual(['Sought after']);
      expect(await namesOf(session, '1380000777')).toEqual([]);
      expect(await session.call('getReceivers', { authenticator: 'none' })).toMatchObject({
        status: 404,
        code: 'AUTHENTICATOR_UNAVAILABLE',
      });
    });

    it('T104: names no privileged user to who could not take them over, nor does a test tell of them', async () => {
      const account = dingtalk.addAccount();
      const boss = await channels.linkedUser(account, { nickname: 'Sought boss', roles: ['admin'] });
      const root = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
      expect(await namesOf(await Session.of(nocobase, root), 'sought boss')).toEqual(['Sought boss']);
      const session = await manager();
      expect(await namesOf(session, 'sought boss')).toEqual([]);
      const free = await nocobase.addUser({ nickname: 'Free' });
      const ofFree = await (await manager()).call('sendTest', { channel: 'ding', user: free.get('id') });
      expect(await session.call('sendTest', { channel: 'ding', user: boss.get('id') })).toEqual(ofFree);
      expect(inboxOf(dingtalk, account)).toEqual([]);
    });
  });

  it('T105: options tell no secret variable, whoever writes them', async () => {
    nocobase.app.environment.setVariable('CRM_PASSWORD', 'of-the-crm', { isSecret: true });
    nocobase.app.environment.setVariable('OWN_HOST', 'nb.example', { isSecret: false });
    const secret = { authenticator: 'dingtalk', address: 'https://x.example/{{$env.CRM_PASSWORD}}' };
    const opened = { authenticator: 'dingtalk', address: 'https://{{$env.OWN_HOST}}' };
    const naive = nocobase.app.environment.renderJsonTemplate(secret);
    expect(naive.address).toContain('of-the-crm');
    const session = await sessionWith(['pm.workflow.workflows']);
    const content = { type: 'markdown', text: '[x](/admin)' };
    await channels.add('leaking', secret);
    for (const named of [{ options: secret }, { channel: 'leaking' }]) {
      const answer = await session.call('previewMessage', { ...named, content });
      expect(JSON.stringify(answer)).not.toContain('of-the-crm');
    }
    const account = dingtalk.addAccount();
    const user = await channels.linkedUser(account);
    await channels.send('leaking', content, [user.get('id')]);
    expect(JSON.stringify(inboxOf(dingtalk, account))).not.toContain('of-the-crm');
    await nocobase.addAuthenticator('careless', { corpId: '{{$env.CRM_PASSWORD}}', agentId: AGENT_ID });
    const careless = { authenticator: 'careless', address: 'https://nb.example' };
    expect(await session.call('previewMessage', { options: careless, content })).toMatchObject({
      code: 'NOT_CONFIGURED',
    });
    const { data } = await session.call<MessagePreview>('previewMessage', { options: opened, content });
    expect(JSON.stringify(data)).toContain(encodeURIComponent('https://nb.example/admin'));
  });

  it('getNotificationState tells the calls of the month', async () => {
    const session = await manager(dingtalk.addAccount());
    const state = async (json: object) => (await session.call<NotificationState>('getNotificationState', json)).data;
    const before = await state({ channel: 'ding' });
    await session.call('sendTest', { channel: 'ding' });
    expect(await state({ channel: 'ding' })).toEqual({
      month: expect.stringMatching(/^\d{4}-\d\d$/),
      // The message, and its result.
      calls: (before?.calls ?? 0) + 2,
      quota: 100,
      hasAgentId: true,
      isOff: false,
    });
    expect(await state({ authenticator: 'dingtalk' })).toMatchObject({ quota: 5000 });
    expect(await session.call('getNotificationState', {})).toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('previewMessage shows what DingTalk would get, and sends nothing', async () => {
    const session = await sessionWith(['pm.workflow.workflows']);
    const content = { type: 'markdown', title: 'T', text: '[x](/admin) [y](https://evil.example)' };
    const { data } = await session.call<MessagePreview>('previewMessage', { channel: 'ding', content });
    expect(data).toMatchObject({
      message: { msgtype: 'markdown', markdown: { text: expect.stringContaining('action/openapp') } },
      maxBytes: 2048,
      notes: [expect.stringContaining('plain text: 1')],
    });
    expect(data?.bytes).toBe(Buffer.byteLength(JSON.stringify(data?.message)));
    expect(dingtalk.notifications.all()).toEqual([]);
  });

  it.each(['sendTest', 'getReceivers', 'getNotificationState', 'previewMessage'])(
    'T104: %s is for those who manage channels alone, and for no other site',
    async (action) => {
      const body = { channel: 'ding', authenticator: 'dingtalk', content: { text: 'x' } };
      const member = await sessionWith([]);
      expect(await member.call(action, body)).toMatchObject({ status: 403 });
      const session = await manager(dingtalk.addAccount());
      const answer = await session.call(action, body, { origin: 'https://evil.example' });
      expect(answer).toMatchObject({ status: 403, code: 'ORIGIN_NOT_TRUSTED' });
      expect(dingtalk.notifications.all()).toEqual([]);
    },
  );
});
