import { Browser } from '../../testing/nocobase/browser';
import { type DingTalk, startDingTalk } from '../../testing/nocobase/dingtalk';
import { Session } from '../../testing/nocobase/session';
import { CLIENT_SECRET, type NocoBase, startNocoBase } from '../../testing/nocobase/nocobase';
import { begin, comeBack, finish, signIn } from '../../testing/nocobase/sign-in';
import { withStub } from '../../testing/nocobase/stub';
import type { PendingLink } from '../shared/contract';

describe('operations', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase();
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
    await nocobase.addAuthenticator('known-only');
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  beforeEach(async () => {
    dingtalk.data.faults = [];
    await nocobase.logs.outcomes(0);
  });

  const attempt = (authenticator = 'dingtalk', account = dingtalk.addAccount().id) =>
    signIn(nocobase, dingtalk, { authenticator, account });

  /** A browser that has come back from DingTalk. */
  async function cameBack(authenticator: string, account = dingtalk.addAccount().id) {
    const browser = new Browser(nocobase.url);
    const asked = new URL((await begin(browser, authenticator)).url).searchParams;
    const code = dingtalk.authorize({ clientId: asked.get('client_id') ?? '', account });
    const state = asked.get('state') ?? '';
    const { fragment } = await comeBack(browser, { code, state });
    return { browser, code, state, fragment, finish: () => finish(browser, fragment) };
  }

  describe('the log', () => {
    it('has one line for a successful sign-in', async () => {
      const account = dingtalk.addAccount().id;
      const userId = String((await attempt('dingtalk', account)).user?.id);
      const line = { outcome: 'SIGNED_IN', authenticator: 'dingtalk', userId };
      expect(await nocobase.logs.outcomes()).toEqual([{ ...line, rule: 8 }]);
      await attempt('dingtalk', account);
      expect(await nocobase.logs.outcomes()).toEqual([{ ...line, rule: 2 }]);
    });

    it('has one line for a sign-in that we refuse', async () => {
      const account = dingtalk.addAccount();
      await attempt('known-only', account.id);
      expect(await nocobase.logs.outcomes()).toEqual([{ outcome: 'USER_NOT_FOUND', authenticator: 'known-only' }]);
      expect(await nocobase.logs.text()).not.toContain(account.mobile);
    });

    it('has one line for a sign-in that DingTalk refuses, with what DingTalk’s support asks for', async () => {
      dingtalk.data.faults = [{ endpoint: 'users/me', fault: 'permission403' }];
      await attempt();
      expect(await nocobase.logs.outcomes()).toEqual([
        {
          outcome: 'PERMISSION_MISSING',
          authenticator: 'dingtalk',
          endpoint: '/v1.0/contact/users/me',
          httpStatus: 403,
          dingTalkCode: 'Forbidden.AccessDenied.AccessTokenPermissionDenied',
          requestId: expect.stringMatching(/^[0-9A-F-]{36}$/),
          reason: 'refused by DingTalk',
        },
      ]);
    });

    it('has one line for a browser that comes back with nothing', async () => {
      await comeBack(new Browser(nocobase.url), {});
      expect(await nocobase.logs.outcomes()).toEqual([{ outcome: 'STATE_INVALID' }]);
    });

    it('has one line for a link that is made, refused, or taken away', async () => {
      const account = dingtalk.addAccount();
      const addMember = async (username: string) =>
        Session.of(nocobase, await nocobase.addUser({ username, password: 'a good password' }));
      const [owner, other] = [await addMember('owner'), await addMember('other')];
      await owner.link(dingtalk, account.id);
      await other.link(dingtalk, account.id);
      await owner.call('unlink', { authenticator: 'dingtalk' });
      const [ofOwner, ofOther] = [owner, other].map(({ id }) => ({ authenticator: 'dingtalk', userId: String(id) }));
      expect(await nocobase.logs.outcomes(3, 'DingTalk link')).toEqual([
        { outcome: 'LINKED', rule: 'confirmed', ...ofOwner },
        { outcome: 'DINGTALK_ACCOUNT_TAKEN', ...ofOther },
        { outcome: 'UNLINKED', ...ofOwner },
      ]);
      const lines = (await nocobase.logs.text())
        .split('\n')
        .filter((line) => line.includes('"message":"DingTalk link"'));
      expect(lines.map((line) => JSON.parse(line).level).slice(-3)).toEqual(['warn', 'warn', 'info']);
      expect(await nocobase.logs.outcomes(0)).toEqual([]);
    });

    it('T14: has code and state of a link as part of the Redirect URL, and nowhere else', async () => {
      const user = await nocobase.addUser({ username: 'linker', password: 'a good password' });
      const member = await Session.of(nocobase, user);
      const { code, state, flow } = await member.approve(dingtalk, dingtalk.addAccount().id);
      expect(await member.call('link', { flow })).toMatchObject({ status: 200 });

      const lines = (await nocobase.logs.text())
        .split('\n')
        .filter((line) => line.includes(state) || line.includes(code));
      expect(lines.length).toBeGreaterThan(0);
      const elsewhere = lines.filter((line) => !JSON.parse(line).path?.startsWith('/api/dingtalk:redirect?'));
      expect(elsewhere).toEqual([]);
    });

    it('T15: has of DingTalk’s answer no more than a code and an ID', async () => {
      const code = 'x\n{"level":"info","message":"DingTalk sign-in","extra":{"outcome":"SIGNED_IN"}}';
      const answer = JSON.stringify({ code, requestid: 'y'.repeat(60_000), message: 'z' });
      await withStub((_, response) => response.writeHead(400).end(answer), attempt);
      expect(await nocobase.logs.outcomes()).toEqual([
        {
          outcome: 'DINGTALK_UNAVAILABLE',
          authenticator: 'dingtalk',
          endpoint: '/v1.0/oauth2/userAccessToken',
          httpStatus: 400,
          reason: 'not an answer of DingTalk',
        },
      ]);
    });
  });

  it.each(['constructor', '__proto__', 'toString'])(
    'T21: reads DingTalk’s code %s as no other than it is',
    async (code) => {
      const answer = JSON.stringify({ code, message: 'z' });
      const outcome = await withStub((_, response) => response.writeHead(400).end(answer), attempt);
      expect(outcome).toMatchObject({ status: 424, code: 'DINGTALK_UNAVAILABLE' });
      expect(await nocobase.logs.outcomes()).toMatchObject([{ outcome: 'DINGTALK_UNAVAILABLE', dingTalkCode: code }]);
    },
  );

  describe('T14: the audit manager', () => {
    interface Entry {
      resource: string;
      action: string;
      userId?: unknown;
      status: number;
      metadata: { request: { body: unknown } };
    }
    const entries: Entry[] = [];

    beforeAll(() => nocobase.app.auditManager.setLogger({ log: async (entry) => void entries.push(entry as never) }));
    beforeEach(() => (entries.length = 0));

    const entriesAfter = async (work: () => Promise<unknown>) => {
      await work();
      // NocoBase writes the entry after it has answered.
      await new Promise((resolve) => setTimeout(resolve, 300));
      return entries;
    };

    it('is told of every password sign-in what came in', async () => {
      const [entry] = await entriesAfter(() =>
        new Browser(nocobase.url).fetch('/api/auth:signIn', {
          json: { account: 'root', password: 'root-password', code: 'marked' },
          headers: { 'x-authenticator': 'basic' },
        }),
      );
      expect(entry.metadata.request.body).toMatchObject({ account: 'root', code: 'marked' });
    });

    it('is told who signed in with DingTalk, and not with what', async () => {
      const { finish, code, state } = await cameBack('dingtalk');
      const told = await entriesAfter(async () => expect(await finish()).toMatchObject({ status: 200 }));
      expect(told).toMatchObject([{ resource: 'auth', action: 'signIn', status: 200, userId: expect.anything() }]);
      const text = JSON.stringify(told);
      expect([code, state, CLIENT_SECRET].filter((mark) => text.includes(mark))).toEqual([]);
    });

    it('is told that a sign-in was refused, and not with what', async () => {
      const { finish, code, state } = await cameBack('known-only');
      const told = await entriesAfter(async () => expect(await finish()).toMatchObject({ code: 'USER_NOT_FOUND' }));
      expect(told).toMatchObject([{ resource: 'auth', action: 'signIn' }]);
      const text = JSON.stringify(told);
      expect([code, state, CLIENT_SECRET].filter((mark) => text.includes(mark))).toEqual([]);
    });

    it('is told who linked, unlinked, and whom an administrator unlinked, and not with what', async () => {
      const [account, root] = [dingtalk.addAccount(), nocobase.db.getRepository('users')];
      const administrator = await Session.of(nocobase, await root.findOne({ filter: { username: 'root' } }));
      const user = await nocobase.addUser({ username: 'links', password: 'a good password' });
      const member = await Session.of(nocobase, user);
      const authenticator = 'dingtalk';
      let confirmation = '';

      const { code, state, flow } = await member.approve(dingtalk, account.id);
      const told = await entriesAfter(async () => {
        const { data } = await member.call<PendingLink>('link', { flow });
        confirmation = data?.confirmation ?? '';
        await member.confirm(confirmation);
        await member.confirm(confirmation);
        await member.call('unlink', { authenticator });
        await administrator.call('blockUser', { authenticator, user: member.id });
        const [{ id }] = (await administrator.exclusions('blocked')).exclusions;
        await administrator.call('unblock', { authenticator, id });
        await administrator.call('unlinkUser', { authenticator, user: member.id });
        await new Session(member.browser, member.id, '').confirm(confirmation);
      });

      const body = { authenticator: 'dingtalk' };
      const target = { targetCollection: 'users', targetRecordUK: String(member.id) };
      expect(told.filter(({ resource }) => resource === 'dingtalk')).toMatchObject([
        {
          action: 'confirmLink',
          status: 200,
          userId: member.id,
          metadata: { request: { body }, response: { body: { data: { authenticator } } } },
          ...target,
        },
        {
          action: 'confirmLink',
          userId: member.id,
          metadata: { response: { body: { errors: [{ code: 'STATE_INVALID' }] } } },
          ...target,
        },
        { action: 'unlink', status: 200, userId: member.id, metadata: { request: { body } }, ...target },
        { action: 'blockUser', status: 200, userId: administrator.id, metadata: { request: { body } }, ...target },
        { action: 'unblock', status: 200, userId: administrator.id, metadata: { request: { body } }, ...target },
        { action: 'unlinkUser', userId: administrator.id, metadata: { request: { body } }, ...target },
        // NocoBase refused this one itself.
        { action: 'confirmLink' },
      ]);
      const text = JSON.stringify(told);
      const secrets = [code, state, confirmation, CLIENT_SECRET, member.token];
      expect(secrets.filter((mark) => text.includes(mark))).toEqual([]);
    });

    it.each<[string, unknown]>([
      ['another user', 1],
      ['what is no text', { toString: 1 }],
    ])('is not led to blame %s, nor to be silent', async (_, user) => {
      const username = `accused ${JSON.stringify(user)}`;
      const member = await Session.of(nocobase, await nocobase.addUser({ username, password: 'a good password' }));
      const { confirmation } = (await member.bring(dingtalk, dingtalk.addAccount().id)).data ?? {};

      const told = await entriesAfter(async () => {
        expect(await member.call('confirmLink', { confirmation, user, authenticator: 'known-only' })).toMatchObject({
          status: 200,
        });
        expect(await member.call('unlink', { authenticator: 'dingtalk', user })).toMatchObject({ status: 200 });
        expect(await member.call('unlinkUser', { authenticator: 'dingtalk', user })).toMatchObject({ status: 403 });
        const signedOut = new Session(member.browser, member.id, '');
        expect(await signedOut.call('unlink', { authenticator: 'dingtalk', user })).toMatchObject({ status: 401 });
      });

      const itself = { userId: member.id, targetRecordUK: String(member.id) };
      expect(told.filter(({ resource }) => resource === 'dingtalk')).toMatchObject([
        { action: 'confirmLink', ...itself },
        { action: 'unlink', ...itself },
        { action: 'unlinkUser', status: 403, userId: member.id, targetRecordUK: user === 1 ? '1' : '' },
        { action: 'unlink', status: 401, targetRecordUK: '' },
      ]);
      const bodies = told.slice(0, 2).map(({ metadata }) => metadata.request.body);
      expect(bodies).toEqual([{ authenticator: 'dingtalk' }, { authenticator: 'dingtalk' }]);
    });
  });

  describe('T24: other ways to sign in still work', () => {
    const publicList = async () => {
      const response = await new Browser(nocobase.url).fetch('/api/authenticators:publicList');
      expect(response.status).toBe(200);
      return (await response.json()).data.map(({ name }: { name: string }) => name) as string[];
    };
    const withPassword = async () => {
      const response = await new Browser(nocobase.url).fetch('/api/auth:signIn', {
        json: { account: 'root', password: 'root-password' },
        headers: { 'x-authenticator': 'basic' },
      });
      return response.status;
    };
    const update = (name: string, values: object) =>
      nocobase.db.getRepository('authenticators').update({ filter: { name }, values });
    const remove = (name: string) => nocobase.db.getRepository('authenticators').destroy({ filter: { name } });

    async function othersWork(others = ['dingtalk']) {
      expect(await publicList()).toEqual(expect.arrayContaining(['basic', ...others]));
      expect(await withPassword()).toBe(200);
      for (const name of others) {
        expect(await attempt(name)).toMatchObject({ status: 200 });
      }
    }

    it.each<[string, (name: string) => Promise<unknown>]>([
      ['disabled', (name) => update(name, { enabled: false })],
      ['deleted', remove],
      ['renamed', (name) => update(name, { name: `${name}-new` })],
    ])('while an authenticator is %s in the middle of a sign-in', async (how, change) => {
      const name = `to-be-${how}`;
      await nocobase.addAuthenticator(name, { autoSignup: true });
      const control = await cameBack(name);
      expect(await control.finish()).toMatchObject({ status: 200 });

      const late = await cameBack(name);
      const calls = dingtalk.calls.length;
      await change(name);
      const outcome = await late.finish();
      expect(outcome.status).toBeGreaterThanOrEqual(400);
      expect(outcome.status).toBeLessThan(500);
      expect(outcome).not.toHaveProperty('token');
      expect(dingtalk.calls).toHaveLength(calls);
      expect((await begin(new Browser(nocobase.url), name)).error?.code).toBe('AUTHENTICATOR_UNAVAILABLE');
      await othersWork();
    });

    it.each<[string, unknown]>([
      ['nothing', {}],
      ['null inside', { dingtalk: null, public: null }],
      ['no Client Secret', { dingtalk: { clientId: 'x' } }],
      ['blanks', { dingtalk: { clientId: ' ', clientSecret: ' ' } }],
      ['other types', { dingtalk: { clientId: 1, clientSecret: ['x'] }, public: 'yes' }],
      [
        'a Corp ID from an environment variable that is not there',
        { dingtalk: { clientId: 'x', clientSecret: 'x', corpId: '{{$env.NO}}' } },
      ],
      ['an environment variable that is not there', { dingtalk: { clientId: '{{$env.NO}}', clientSecret: 'x' } }],
    ])('beside an authenticator whose options are %s', async (what, options) => {
      const name = `options ${what}`;
      await nocobase.addAuthenticator(name);
      await nocobase.db.getModel('authenticators').update({ options }, { where: { name } });
      const { error, response } = await begin(new Browser(nocobase.url), name);
      expect([response.status, error?.code]).toEqual([424, 'NOT_CONFIGURED']);
      expect(await publicList()).toContain(name);
      await othersWork();
      await remove(name);
    });

    it('after the plugin was disabled in the middle of a sign-in, and with it when it is back', async () => {
      const { app } = nocobase;
      const late = await cameBack('dingtalk');
      const calls = dingtalk.calls.length;
      const { plugins } = app.pm.options;
      app.pm.options.plugins = plugins?.filter((plugin) => typeof plugin === 'string');
      await app.restart();
      expect(app.authManager.getAuthConfig('dingtalk')).toBeUndefined();

      const outcome = await late.finish();
      expect(outcome.status).toBeGreaterThanOrEqual(400);
      expect(outcome).not.toHaveProperty('token');
      expect(dingtalk.calls).toHaveLength(calls);
      await othersWork([]);

      app.pm.options.plugins = plugins;
      await app.restart();
      await othersWork();
    }, 60_000);
  });
});
