// First: NocoBase reads its environment when it is first required.
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import type { Model, Transaction } from '@nocobase/database';
import { getAuthCookieName } from '@nocobase/utils';
import { sign } from 'jsonwebtoken';
import { setTimeout } from 'node:timers/promises';
import { Browser } from '../../../testing/nocobase/browser';
import { describeOnEachDatabase } from '../../../testing/nocobase/databases';
import { Session } from '../../../testing/nocobase/session';
import { ENDED_SESSIONS } from './collections';
import { endSessions } from './sessions';

const HOUR = 3_600_000;

describeOnEachDatabase('an ended session', (dialect) => {
  /** Two nodes, which share the database alone. */
  let a: NocoBase;
  let b: NocoBase;
  let user: Model;

  beforeAll(async () => {
    a = await startNocoBase(dialect, { plugins: ['api-keys'] });
    b = await startNocoBase(dialect, { plugins: ['api-keys'], on: a.database, isInstalled: true });
  }, 120_000);

  afterAll(async () => {
    await b?.stop();
    await a?.stop();
  });

  beforeEach(async () => {
    user = await a.addUser({ nickname: 'Li', roles: [{ name: 'admin' }] });
  });

  const idOf = (model: Model) => String(model.get('id'));
  const end = (given: Parameters<typeof endSessions>[2] = { apiKeys: false }) => endSessions(a.db, idOf(user), given);

  async function ask(node: NocoBase, token: string, path = 'auth:check', headers = {}) {
    const response = await new Browser(node.url).fetch(`/api/${path}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
    });
    const body = response.headers.get('content-type')?.includes('json') ? await response.json() : {};
    return { status: response.status, code: body.errors?.[0]?.code as string | undefined, response, data: body.data };
  }

  const statuses = async (token: string) => Promise.all([a, b].map(async (node) => (await ask(node, token)).status));

  /** As NocoBase's own page makes it. */
  async function makeApiKey(token: string): Promise<string> {
    const response = await new Browser(a.url).fetch('/api/apiKeys:create', {
      json: { name: 'key', role: { name: 'admin' }, expiresIn: '1d' },
      headers: { authorization: `Bearer ${token}`, 'x-role': 'admin' },
    });
    return (await response.json()).data.token;
  }

  /** A session that began earlier, and whose token is to be renewed. */
  async function sessionOf(began: number, { expired = false } = {}): Promise<string> {
    const { tokenController, jwt } = a.app.authManager;
    const { jti } = await tokenController.add({ userId: user.get('id') as number, authenticator: 'basic' });
    await a.db.getModel('issuedTokens').update({ signInTime: began, issuedTime: began }, { where: { jti } });
    const now = Math.floor(Date.now() / 1000);
    const times = { signInTime: began, iat: Math.floor(began / 1000), exp: expired ? now - 60 : now + 3600 };
    return sign({ userId: user.get('id'), temp: true, jti, ...times }, jwt.getSecret() as string);
  }

  describe('T45: control, what ends no session', () => {
    it('the rows of issued tokens: without them the token is accepted', async () => {
      const { token } = await Session.of(a, user);
      await a.db.getModel('issuedTokens').destroy({ where: { userId: user.get('id') } });
      expect(await statuses(token)).toEqual([200, 200]);
    });

    it('NocoBase’s list of blocked tokens: the other node does not hear of it', async () => {
      const { token } = await Session.of(a, user);
      await a.app.authManager.jwt.block(token);
      expect(await statuses(token)).toEqual([401, 200]);
    });

    it('a change of the password: the other node has the user in its memory', async () => {
      const { token } = await Session.of(a, user);
      expect(await statuses(token)).toEqual([200, 200]);
      await user.update({ passwordChangeTz: Date.now() + 1000 });
      expect(await statuses(token)).toEqual([401, 200]);
    });
  });

  it('T45: is refused on both nodes with the code by which the pages open the sign-in page', async () => {
    const { token } = await Session.of(a, user);
    expect(await statuses(token)).toEqual([200, 200]);
    await end();
    for (const node of [a, b]) {
      expect(await ask(node, token)).toMatchObject({ status: 401, code: 'BLOCKED_TOKEN' });
      expect(await ask(node, token, 'users:list', { 'x-data-source': 'main' })).toMatchObject({ status: 401 });
      expect(await ask(node, token, 'auth:check', { 'x-authenticator': 'nobody' })).toMatchObject({ status: 401 });
      expect(await ask(node, '', `auth:check?token=${token}`)).toMatchObject({ status: 401 });
    }
  });

  it('T45: is not renewed, and what was renewed before is ended with it', async () => {
    const began = Date.now() - HOUR;
    const expired = await sessionOf(began, { expired: true });
    const renewed = (await ask(a, expired)).response.headers.get('x-new-token') ?? '';
    expect(renewed.split('.')).toHaveLength(3);
    expect(await statuses(renewed)).toEqual([200, 200]);

    const other = await sessionOf(began, { expired: true });
    await end();
    for (const token of [renewed, expired, other]) {
      for (const node of [a, b]) {
        const { status, response } = await ask(node, token);
        expect([status, response.headers.get('x-new-token')]).toEqual([401, null]);
      }
    }
  });

  it('T45: opens no file by its cookie', async () => {
    const { token } = await Session.of(a, user);
    const file = async () => {
      const browser = new Browser(b.url);
      browser.setCookie(getAuthCookieName('authToken', 'main'), token);
      return (await browser.fetch('/storage/uploads/no-such-file.txt')).status;
    };
    expect(await file()).toBe(404);
    await end();
    expect(await file()).toBe(401);
  });

  it('T45: gets no messages by a web socket', async () => {
    const { token } = await Session.of(a, user);
    const open = async () => {
      const tags: string[] = [];
      const told = new Promise<void>((resolve) => {
        b.app.once('ws:setTag', () => void resolve(void tags.push('set')));
        b.app.once('ws:removeTag', () => void resolve(void tags.push('removed')));
      });
      b.app.emit('ws:message:auth:token', { clientId: 'x', payload: { token, authenticator: 'basic' } });
      await told;
      b.app.removeAllListeners('ws:setTag');
      b.app.removeAllListeners('ws:removeTag');
      return tags;
    };
    expect(await open()).toEqual(['set']);
    await end();
    expect(await open()).toEqual(['removed']);
  });

  it('leaves alone the sessions of others, and those that begin afterwards, also within the same second', async () => {
    const other = await Session.of(a, await a.addUser({ nickname: 'Wang' }));
    const before = await Session.of(a, user);
    await end();
    await setTimeout(2);
    const after = await Session.of(a, user);
    expect(await statuses(before.token)).toEqual([401, 401]);
    expect(await statuses(after.token)).toEqual([200, 200]);
    expect(await statuses(other.token)).toEqual([200, 200]);
  });

  it('T45: an API key ends with the sessions where that is asked, and one that is made later works', async () => {
    const session = await Session.of(a, user);
    const key = await makeApiKey(session.token);
    expect(await statuses(key)).toEqual([200, 200]);
    await end({ apiKeys: false });
    expect(await statuses(key)).toEqual([200, 200]);
    await end({ apiKeys: true });
    expect(await statuses(key)).toEqual([401, 401]);

    await setTimeout(1000);
    const { token } = await Session.of(a, user);
    expect(await statuses(await makeApiKey(token))).toEqual([200, 200]);
    expect(await statuses(key)).toEqual([401, 401]);
  });

  it('stays ended: an ending by a clock that is behind takes nothing back', async () => {
    const { token } = await Session.of(a, user);
    await end({ apiKeys: true });
    const row = () => a.db.getModel(ENDED_SESSIONS).findByPk(idOf(user), { raw: true });
    const before = await row();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() - HOUR);
    await end({ apiKeys: true });
    clock.mockRestore();
    expect(await row()).toEqual(before);
    expect(await statuses(token)).toEqual([401, 401]);
  });

  it('ends with twenty endings at once, of several users, in transactions of two nodes', async () => {
    const users: Model[] = [];
    const sessions: Session[] = [];
    for (const nickname of ['Chen', 'Zhao', 'Sun', 'Zhou']) {
      const one = await a.addUser({ nickname });
      users.push(one);
      sessions.push(await Session.of(a, one));
    }
    const nodes = dialect === 'sqlite' ? [a] : [a, b];
    const endings = Array.from({ length: 20 }, (_, n) => {
      const { db } = nodes[n % nodes.length];
      const work = (transaction?: Transaction) =>
        endSessions(db, idOf(users[n % 4]), { apiKeys: n % 3 === 0 }, transaction);
      // SQLite has one writer, for which our own transactions wait in `withBindingLock`.
      return dialect === 'sqlite' ? work() : db.sequelize.transaction(work);
    });
    await Promise.all(endings);
    for (const { token } of sessions) {
      expect(await statuses(token)).toEqual([401, 401]);
    }
  });

  it('costs a signed-in request one statement, by primary key, and an anonymous one none', async () => {
    const { token } = await Session.of(a, user);
    await ask(a, token);
    const { sequelize } = a.db;
    const query = jest.spyOn(sequelize, 'query');
    const ours = () =>
      query.mock.calls
        .map(([sql]) => String(typeof sql === 'object' ? sql.query : sql))
        .filter((sql) => sql.includes(ENDED_SESSIONS));
    await ask(a, token);
    const [statement, ...others] = ours();
    expect(others).toEqual([]);
    query.mockClear();
    await ask(a, '');
    await new Browser(a.url).fetch('/api/authenticators:publicList');
    await ask(a, `${token}x`);
    expect(ours()).toEqual([]);
    query.mockRestore();

    await end();
    await a.db.getModel(ENDED_SESSIONS).bulkCreate(
      Array.from({ length: 2000 }, (_, n) => ({ userId: 1_000_000 + n })),
      { ignoreDuplicates: true },
    );
    if (dialect === 'postgres') {
      await sequelize.query(`ANALYZE "${ENDED_SESSIONS}"`);
    }
    const [plan] = await sequelize.query(`EXPLAIN ${dialect === 'sqlite' ? 'QUERY PLAN ' : ''}${statement}`);
    expect(JSON.stringify(plan)).toMatch(
      {
        sqlite: /USING INTEGER PRIMARY KEY/,
        postgres: /Index Scan using .*pkey/,
        mysql: /"type":"const".*"key":"PRIMARY"/,
      }[dialect],
    );
  });
});
