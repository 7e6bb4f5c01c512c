import path from 'node:path';
import { expectOk } from '../../../dev/api';
import { type NocoBaseProcess, startNocoBaseProcess } from '../../../dev/nocobase-process';
import { packPlugin } from '../../../dev/pack';
import { STATE } from '../../../dev/paths';
import { FEW_PLUGINS } from '../../../testing/browser/few-plugins';
import { createDatabase, type TestDatabase } from '../../../testing/nocobase/databases';
import { Browser } from '../../../testing/nocobase/browser';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { CLIENT_ID, CLIENT_SECRET } from '../../../testing/nocobase/nocobase';
import { begin, comeBack, finish, signIn } from '../../../testing/nocobase/sign-in';

const redis = process.env.TEST_REDIS_URL;
const reachable = Boolean(redis && process.env.TEST_POSTGRES_URL);

/** Two NocoBase processes on one PostgreSQL and one Redis, as behind a load balancer. */
(reachable ? describe : describe.skip)('two nodes', () => {
  let database: TestDatabase;
  let dingtalk: DingTalk;
  let nodes: NocoBaseProcess[] = [];

  const startNode = async (name: string) => {
    const { host, port, username, password, database: db } = database.options;
    const node = await startNocoBaseProcess({
      dir: path.join(STATE, `test-node-${name}`),
      plugin: await packPlugin(),
      plugins: FEW_PLUGINS,
      env: {
        DB_DIALECT: 'postgres',
        DB_HOST: String(host),
        DB_PORT: String(port ?? 5432),
        DB_USER: String(username),
        DB_PASSWORD: String(password),
        DB_DATABASE: String(db),
        CACHE_DEFAULT_STORE: 'redis',
        CACHE_REDIS_URL: String(redis),
        DINGTALK_LOGIN_URL: dingtalk.url,
        DINGTALK_API_URL: dingtalk.url,
      },
    });
    nodes.push(node);
    return node;
  };

  const configure = async (node: NocoBaseProcess, action: string, clientSecret: string) =>
    expectOk(
      action,
      node.request(`authenticators:${action}`, {
        token: await node.signInAsRoot(),
        values: {
          name: 'dingtalk',
          authType: 'dingtalk',
          enabled: true,
          options: { public: { autoSignup: true }, dingtalk: { clientId: CLIENT_ID, clientSecret } },
        },
      }),
    );

  const countUsers = async (nickname: string) => {
    const [node] = nodes;
    const filter = encodeURIComponent(JSON.stringify({ nickname }));
    const found = await node.request<object[]>(`users:list?filter=${filter}`, { token: await node.signInAsRoot() });
    return found.body.data.length;
  };

  beforeAll(async () => {
    database = await createDatabase('postgres');
    dingtalk = await startDingTalk();
    await configure(await startNode('a'), 'create', CLIENT_SECRET);
    await startNode('b');
  }, 240_000);

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    nodes = [];
    await dingtalk?.close();
    await database?.drop();
  }, 60_000);

  it('finish a sign-in that began on the other one', async () => {
    const [a, b] = nodes;
    const account = dingtalk.addAccount();
    const browser = new Browser(a.url);
    const state = new URL((await begin(browser)).url).searchParams.get('state') ?? '';
    const code = dingtalk.authorize({ clientId: CLIENT_ID, account: account.id });
    const { fragment } = await comeBack(browser.through(b.url), { code, state });
    expect(await finish(browser.through(b.url), fragment)).toMatchObject({
      status: 200,
      user: { nickname: account.nick },
    });
  });

  it('create one user of an account that signs in on both at once', async () => {
    const account = dingtalk.addAccount();
    const attempts = Array.from({ length: 20 }, (_, index) => nodes[index % 2]);
    const outcomes = await Promise.all(attempts.map((node) => signIn(node, dingtalk, { account: account.id })));
    expect(outcomes.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(outcomes.map(({ user }) => user?.id)).size).toBe(1);
    expect(await countUsers(account.nick)).toBe(1);
  }, 30_000);

  it('bind one of two accounts with the same phone number, which sign in on one node each', async () => {
    for (let round = 0; round < 5; round++) {
      const one = dingtalk.addAccount();
      const two = dingtalk.addAccount({ mobile: one.mobile });
      const outcomes = await Promise.all(
        [one, two].map(({ id }, index) => signIn(nodes[index], dingtalk, { account: id })),
      );
      expect(outcomes.map(({ code }) => code).sort()).toEqual(['ACCOUNT_ALREADY_LINKED', undefined]);
    }
  }, 30_000);

  it('honor a Client Secret that was changed on the other one', async () => {
    const [a, b] = nodes;
    const account = dingtalk.addAccount();
    dingtalk.data.apps[0].clientSecret = 'a new secret';
    expect(await signIn(b, dingtalk, { account: account.id })).toMatchObject({ code: 'CREDENTIALS_INVALID' });

    await configure(a, 'update?filter={"name":"dingtalk"}', 'a new secret');

    expect(await signIn(b, dingtalk, { account: account.id })).toMatchObject({ status: 200 });
  });
});
