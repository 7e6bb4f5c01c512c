import type { Model } from '@nocobase/database';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { type Answer, Session } from '../../../testing/nocobase/session';
import type { ChannelOptions } from '../../shared/messages';

describe('a channel is saved', () => {
  let nocobase: NocoBase;
  let manager: Session;

  beforeAll(async () => {
    nocobase = await startNocoBase('sqlite', { plugins: ['notification-manager', 'notification-in-app-message'] });
    await nocobase.addAuthenticator('dingtalk', {});
    await nocobase.addAuthenticator('disabled', { enabled: false });
    await nocobase.addAuthenticator('basic-like', { authType: 'Email/Password' });
    manager = await sessionWith('manager', ['pm.notification.channels']);
  }, 120_000);

  afterAll(() => nocobase?.stop());

  afterEach(() => nocobase.db.getModel('notificationChannels').destroy({ where: {} }));

  async function sessionWith(role: string, snippets: string[]): Promise<Session> {
    await nocobase.db.getRepository('roles').create({ values: { name: role, title: role, snippets } });
    return Session.of(nocobase, await nocobase.addUser({ username: role, roles: [role] }));
  }

  /** What a page of NocoBase sends. */
  async function send(action: string, json: object, session = manager): Promise<Answer> {
    const headers = { authorization: `Bearer ${session.token}` };
    const response = await session.browser.fetch(`/api/notificationChannels:${action}`, { json, headers });
    const body = await response.json().catch(() => ({}));
    return { status: response.status, ...body.errors?.[0] };
  }

  const create = (options?: ChannelOptions | object, more: object = {}, session = manager) =>
    send('create', { name: 'ding', title: 'DingTalk', notificationType: 'dingtalk', options, ...more }, session);

  const update = (values: object) => send('update?filterByTk=ding', values);

  async function optionsOf(name: string): Promise<unknown> {
    const row: Model | null = await nocobase.db.getModel('notificationChannels').findOne({ where: { name } });
    return row?.get('options');
  }

  const OPTIONS = { authenticator: 'dingtalk', links: 'panel', hosts: ['ok.example'], address: 'https://nb.example/v' };

  it('with its options, and without what is none of them, such as a secret', async () => {
    expect(await create({ ...OPTIONS, clientSecret: 'of-the-app', agentId: '1' })).toMatchObject({ status: 200 });
    expect(await optionsOf('ding')).toEqual(OPTIONS);
    expect(await update({ options: { ...OPTIONS, links: 'app', token: 'of-the-app' } })).toMatchObject({ status: 200 });
    expect(await optionsOf('ding')).toEqual({ ...OPTIONS, links: 'app' });
  });

  it('with a variable as it was written', async () => {
    nocobase.app.environment.setVariable('OWN_HOST', 'nb.example', { isSecret: false });
    const options = { authenticator: 'dingtalk', address: 'https://{{$env.OWN_HOST}}' };
    expect(await create(options)).toMatchObject({ status: 200 });
    expect(await optionsOf('ding')).toEqual(options);
  });

  it.each<[string, unknown, string, number]>([
    ['nothing', undefined, 'CHANNEL_INVALID', 400],
    ['no authenticator', {}, 'CHANNEL_INVALID', 400],
    ['options that are none', 'dingtalk', 'CHANNEL_INVALID', 400],
    ['another place for links', { ...OPTIONS, links: 'window' }, 'CHANNEL_INVALID', 400],
    ['an address of a program', { ...OPTIONS, address: 'dingtalk://x' }, 'CHANNEL_INVALID', 400],
    ['a quota of nothing', { ...OPTIONS, quota: 0 }, 'CHANNEL_INVALID', 400],
    ['an authenticator that is unknown', { authenticator: 'none' }, 'AUTHENTICATOR_UNAVAILABLE', 404],
    ['one that is disabled', { authenticator: 'disabled' }, 'AUTHENTICATOR_UNAVAILABLE', 404],
    ['one of another type', { authenticator: 'basic-like' }, 'AUTHENTICATOR_UNAVAILABLE', 404],
  ])('not with %s', async (_, options, code, status) => {
    const refusal = { status, code, message: expect.stringContaining(`(${code})`) };
    expect(await create(options as object)).toMatchObject(refusal);
    expect(await optionsOf('ding')).toBeUndefined();
    await create(OPTIONS);
    if (options !== undefined) {
      expect(await update({ options })).toMatchObject(refusal);
    }
    expect(await optionsOf('ding')).toEqual(OPTIONS);
  });

  it('as one of another type only where that one may become one', async () => {
    await create({ anything: 1 }, { notificationType: 'in-app-message' });
    expect(await optionsOf('ding')).toEqual({ anything: 1 });
    expect(await update({ notificationType: 'dingtalk' })).toMatchObject({ code: 'CHANNEL_INVALID' });
    expect(await update({ notificationType: 'dingtalk', options: OPTIONS })).toMatchObject({ status: 200 });
  });

  it('under another title, also where its authenticator is gone', async () => {
    await create(OPTIONS);
    const where = { name: 'dingtalk' };
    await nocobase.db.getModel('authenticators').update({ enabled: false }, { where });
    expect(await update({ title: 'Other' })).toMatchObject({ status: 200 });
    expect(await update({ title: 'Other', options: OPTIONS })).toMatchObject({ status: 200 });
    await nocobase.db.getModel('authenticators').update({ enabled: true }, { where });
  });

  it('by nobody else, who is not told which authenticators there are', async () => {
    const member = await sessionWith('other', []);
    const answers = [await create(OPTIONS, {}, member), await create({ authenticator: 'none' }, {}, member)];
    expect(answers).toEqual([answers[1], answers[0]]);
    expect(answers[0].status).toBe(403);
  });
});
