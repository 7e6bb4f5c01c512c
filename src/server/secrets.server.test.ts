// First: NocoBase reads its environment when it is first required.
import { type AuthenticatorOptions, type NocoBase, startNocoBase } from '../../testing/nocobase/nocobase';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { UniqueConstraintError } from '@nocobase/database';
import axios from 'axios';
import type { FaultRule } from '../../emulator';
import type { ErrorCode } from '../shared/codes';
import { Browser } from '../../testing/nocobase/browser';
import { type DingTalk, startDingTalk, withShortDeadlines } from '../../testing/nocobase/dingtalk';
import { begin, comeBack, finish, type Outcome, signIn } from '../../testing/nocobase/sign-in';

const SECRET = 'S3CRET-9c2f1e7ab04d5836-of-the-app';

/** A browser that notes everything that it was ever told. */
class RecordingBrowser extends Browser {
  readonly told: string[] = [];
  /** The flow cookies, and with them what is in them. */
  readonly flowCookies: string[] = [];

  override async fetch(...request: Parameters<Browser['fetch']>) {
    const response = await super.fetch(...request);
    const text = await response.clone().text();
    this.told.push(JSON.stringify([response.status, [...response.headers], response.headers.getSetCookie(), text]));
    for (const [name, value] of this.cookies) {
      if (name.startsWith('nb_dingtalk_')) {
        this.flowCookies.push(value);
        this.told.push(Buffer.from(value.split('.')[0], 'base64url').toString());
      }
    }
    return response;
  }
}

/** DingTalk, seen through a window: the tokens that it gives out are noted. */
async function startWindow(target: string) {
  const tokens: string[] = [];
  const server = http.createServer((request, response) => {
    const { method, url, headers } = request;
    const onward = http.request(new URL(url ?? '', target), { method, headers }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) {
        chunks.push(chunk);
      }
      const body = Buffer.concat(chunks);
      tokens.push(...[...body.toString().matchAll(/"(?:access|refresh)Token":"([^"]+)"/g)].map(([, token]) => token));
      response.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { tokens, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

const absent = (text: string, marks: string[]) => expect(marks.filter((mark) => text.includes(mark))).toEqual([]);

/** Every way in which a sign-in ends, and then: where did the secrets go? */
describe('T14: secrets', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let window: Awaited<ReturnType<typeof startWindow>>;
  const printed: string[] = [];
  const browsers: RecordingBrowser[] = [];
  const phones: string[] = [];
  const codes: string[] = [];
  const states: string[] = [];

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    window = await startWindow(dingtalk.url);
    process.env.DINGTALK_API_URL = window.url;
    dingtalk.data.apps[0].clientSecret = SECRET;
    nocobase = await startNocoBase();
    const add = (name: string, options: AuthenticatorOptions) =>
      nocobase.addAuthenticator(name, { clientSecret: SECRET, ...options });
    await add('dingtalk', { autoSignup: true });
    await add('known-only', {});
    await add('one-organization', { corpId: dingtalk.corpId });
    await add('half-configured', { clientId: '' });
    await add('wrong-secret', { clientSecret: `${SECRET}-not` });
    for (const stream of [process.stdout, process.stderr]) {
      const { write } = stream;
      jest.spyOn(stream, 'write').mockImplementation((chunk, ...rest) => {
        printed.push(String(chunk));
        return write.call(stream, chunk, ...(rest as []));
      });
    }
    for (const method of ['log', 'warn', 'error', 'info', 'debug'] as const) {
      jest.spyOn(console, method).mockImplementation((...values) => void printed.push(inspect(values, { depth: 9 })));
    }
  }, 60_000);

  afterAll(async () => {
    jest.restoreAllMocks();
    await nocobase?.stop();
    window?.close();
    await dingtalk?.close();
  });

  afterEach(() => {
    dingtalk.data.faults = [];
    process.env.DINGTALK_API_URL = window.url;
  });

  const newBrowser = () => {
    const browser = new RecordingBrowser(nocobase.url);
    browsers.push(browser);
    return browser;
  };

  const newAccount = (...[values]: Parameters<DingTalk['addAccount']>) => {
    const account = dingtalk.addAccount(values);
    phones.push(account.mobile ?? '');
    return account;
  };

  /** Comes as far as the callback page, and notes code and state. */
  async function cameBack(authenticator = 'dingtalk', account = newAccount().id) {
    const browser = newBrowser();
    const asked = new URL((await begin(browser, authenticator)).url).searchParams;
    const state = asked.get('state') ?? '';
    const clientId = asked.get('client_id') ?? '';
    const code = dingtalk.authorize({ clientId, account, scope: asked.get('scope') ?? '' });
    codes.push(code);
    states.push(state);
    const { fragment } = await comeBack(browser, { code, authCode: code, state });
    return { browser, state, code, fragment };
  }

  async function attempt(authenticator?: string, account?: string): Promise<Outcome> {
    const { browser, fragment } = await cameBack(authenticator, account);
    return finish(browser, fragment);
  }

  const withFault = (fault: FaultRule['fault'], endpoint: FaultRule['endpoint']) => {
    dingtalk.data.faults = [{ endpoint, fault }];
    return fault === 'consumeThenHang' ? withShortDeadlines(() => attempt()) : attempt();
  };

  /** The first statement that makes a user fails, with what databases say then. */
  const withDatabaseError = (error: Error) => {
    const users = nocobase.db.getRepository('users');
    const create = jest.spyOn(users, 'create').mockRejectedValue(error);
    return attempt().finally(() => create.mockRestore());
  };

  const ways: [string, () => Promise<Outcome | { code?: string }>, ErrorCode | undefined][] = [
    ['a good sign-in', () => attempt(), undefined],
    [
      'a used code',
      async () => {
        const { browser, code, fragment } = await cameBack();
        await signIn(nocobase, dingtalk, { account: newAccount().id });
        await axios.post(`${dingtalk.url}/v1.0/oauth2/userAccessToken`, {
          clientId: dingtalk.data.apps[0].clientId,
          clientSecret: SECRET,
          code,
          grantType: 'authorization_code',
        });
        return finish(browser, fragment);
      },
      'CODE_INVALID',
    ],
    ['a wrong Client Secret', () => attempt('wrong-secret'), 'CREDENTIALS_INVALID'],
    [
      'another organization',
      () => {
        const other = dingtalk.data.organizations[1].corpId;
        const account = newAccount();
        account.memberships = [{ ...account.memberships[0], corpId: other }];
        dingtalk.data.settings.membersOnly = false;
        return cameBackAs('one-organization', account.id, other);
      },
      'WRONG_ORGANIZATION',
    ],
    [
      'no phone number',
      () => attempt('dingtalk', newAccount({ mobile: undefined, stateCode: undefined }).id),
      'PHONE_UNAVAILABLE',
    ],
    ['no user with the phone number', () => attempt('known-only'), 'USER_NOT_FOUND'],
    [
      'two users with the phone number',
      async () => {
        const account = newAccount();
        await nocobase.addUser({ nickname: 'One', phone: account.mobile });
        await nocobase.addUser({ nickname: 'Two', phone: `+86 ${account.mobile}` });
        return attempt('dingtalk', account.id);
      },
      'PHONE_AMBIGUOUS',
    ],
    [
      'a phone number of a bound user',
      async () => {
        const first = newAccount();
        await attempt('dingtalk', first.id);
        return attempt('dingtalk', newAccount({ mobile: first.mobile }).id);
      },
      'ACCOUNT_ALREADY_LINKED',
    ],
    [
      'a user who declines in DingTalk',
      async () => {
        const browser = newBrowser();
        const state = new URL((await begin(browser)).url).searchParams.get('state') ?? '';
        states.push(state);
        const { fragment } = await comeBack(browser, { error: 'access_denied', state });
        return { code: fragment.error };
      },
      'ACCESS_DENIED',
    ],
    [
      'another browser',
      async () => {
        const { fragment } = await cameBack();
        return finish(newBrowser(), fragment);
      },
      'STATE_INVALID',
    ],
    [
      'a flow that is a list',
      async () => {
        const { browser, fragment } = await cameBack();
        return finish(browser, { ...fragment, flow: [fragment.flow] });
      },
      'REQUEST_INVALID',
    ],
    [
      'an authenticator that a cookie names',
      async () => {
        const { browser, fragment } = await cameBack();
        browser.setCookie('nb_authenticator_main', 'dingtalk');
        return finish(browser, { ...fragment, authenticator: '' });
      },
      'AUTHENTICATOR_UNAVAILABLE',
    ],
    [
      'an authenticator that is half configured',
      async () => {
        const { error } = await begin(newBrowser(), 'half-configured');
        return { code: error?.code };
      },
      'NOT_CONFIGURED',
    ],
    [
      'a database error with the phone number',
      () => withDatabaseError(new Error(`'${phones.at(-1)}' ${SECRET}`)),
      'SIGN_IN_FAILED',
    ],
    [
      'a row that came between',
      () => {
        const parent = Object.assign(new Error(`Key (phone)=(${phones.at(-1)})`), { sql: `INSERT '${phones.at(-1)}'` });
        return withDatabaseError(
          new UniqueConstraintError({ parent: parent as never, fields: { phone: phones.at(-1) } }),
        );
      },
      'SIGN_IN_FAILED',
    ],
    [
      'a host whose name cannot be resolved',
      () => {
        process.env.DINGTALK_API_URL = 'https://dingtalk.invalid';
        return attempt();
      },
      'DINGTALK_UNAVAILABLE',
    ],
    [
      'a host that must not be',
      () => {
        process.env.DINGTALK_API_URL = 'http://dingtalk.invalid';
        return attempt();
      },
      'DINGTALK_UNAVAILABLE',
    ],
    // One fault for each way in which a failed call to DingTalk ends; all of them are in `dingtalk/faults.test.ts`.
    ...(
      [
        ['userAccessToken', 'consumeThenHang', 'DINGTALK_UNAVAILABLE'],
        ['users/me', 'reset', 'DINGTALK_UNAVAILABLE'],
        ['userAccessToken', 'redirect307', 'DINGTALK_UNAVAILABLE'],
        ['users/me', 'wrongTypes', 'DINGTALK_UNAVAILABLE'],
        ['userAccessToken', 'throttle403', 'DINGTALK_BUSY'],
        ['users/me', 'permission403', 'PERMISSION_MISSING'],
        ['userAccessToken', 'ipNotAllowed403', 'IP_NOT_ALLOWED'],
      ] as [FaultRule['endpoint'], FaultRule['fault'], ErrorCode][]
    ).map(([endpoint, fault, code]): (typeof ways)[number] => [
      `${fault} at ${endpoint}`,
      () => withFault(fault, endpoint),
      code,
    ]),
  ];

  async function cameBackAs(authenticator: string, account: string, corpId: string) {
    const browser = newBrowser();
    const asked = new URL((await begin(browser, authenticator)).url).searchParams;
    const [clientId, state] = [asked.get('client_id') ?? '', asked.get('state') ?? ''];
    const code = dingtalk.authorize({ clientId, account, scope: 'openid corpid', corpId });
    codes.push(code);
    states.push(state);
    return finish(browser, (await comeBack(browser, { code, state })).fragment);
  }

  it.each(ways)(
    '%s ends as it should',
    async (_, way, code) => {
      expect((await way()).code).toBe(code);
    },
    15_000,
  );

  describe('afterwards', () => {
    const flowCookies = () => browsers.flatMap((browser) => browser.flowCookies);

    it('there is something to search for', async () => {
      expect(codes.length).toBeGreaterThan(15);
      expect(window.tokens.length).toBeGreaterThan(15);
      expect(flowCookies().length).toBeGreaterThan(15);
      const log = await nocobase.logs.text();
      expect(log.match(/"message":"DingTalk sign-in"/g)?.length).toBeGreaterThanOrEqual(ways.length);
    });

    it('no log file and no output has the Client Secret, a token, a phone number or a flow cookie', async () => {
      const text = (await nocobase.logs.text()) + printed.join('\n');
      absent(text, [SECRET, ...window.tokens, ...phones.filter(Boolean), ...flowCookies()]);
    });

    it('no answer, header, cookie or address has the Client Secret, a token or, after a refusal, the phone number', () => {
      const told = browsers.flatMap((browser) => browser.told);
      absent(told.join('\n'), [SECRET, ...window.tokens]);
      const toRefused = told.filter((answer) => !answer.includes('\\"token\\":'));
      absent(toRefused.join('\n'), phones.filter(Boolean));
    });

    it('authenticators:publicList has neither Client Secret nor Client ID', async () => {
      const text = await (await newBrowser().fetch('/api/authenticators:publicList')).text();
      expect(text).toContain('one-organization');
      absent(text, [SECRET, dingtalk.data.apps[0].clientId, dingtalk.corpId]);
    });

    it('an error of axios has the Client Secret', async () => {
      const error = await axios.post('http://127.0.0.1:9', { clientSecret: SECRET }).catch((thrown) => thrown);
      expect(JSON.stringify(error)).toContain(SECRET);
    });

    describe('codes and states', () => {
      const linesWith = async (marks: string[]) =>
        (await nocobase.logs.text()).split('\n').filter((line) => marks.some((mark) => line.includes(mark)));

      it('are logged by NocoBase with every other sign-in', async () => {
        await newBrowser().fetch('/api/auth:signIn', {
          json: { account: 'root', password: 'x', code: 'marked-code' },
          headers: { 'x-authenticator': 'basic' },
        });
        expect((await linesWith(['marked-code'])).join()).toContain('"values":{"account":"root","code":"marked-code"}');
      });

      it('stay in its request log as part of the Redirect URL, and nowhere else', async () => {
        const lines = await linesWith([...codes, ...states]);
        expect(lines.length).toBeGreaterThan(0);
        const elsewhere = lines.filter((line) => !JSON.parse(line).path?.startsWith('/api/dingtalk:redirect?'));
        expect(elsewhere).toEqual([]);
      });

      it('are of no more use there, not even to the browser that they were for', async () => {
        const browser = newBrowser();
        const state = new URL((await begin(browser)).url).searchParams.get('state') ?? '';
        const code = dingtalk.authorize({ clientId: dingtalk.data.apps[0].clientId, account: newAccount().id });
        const { cookies } = browser;
        const { fragment } = await comeBack(browser, { code, state });
        expect(await finish(browser, fragment)).toMatchObject({ status: 200 });

        const [line] = await linesWith([state]);
        browser.setCookies(cookies);
        const before = dingtalk.calls.length;
        const replayed = await comeBack(browser, new URL(JSON.parse(line).path, nocobase.url).search.slice(1));
        expect(replayed.fragment).toEqual({ error: 'STATE_INVALID', request: expect.any(String) });
        expect(await finish(browser, fragment)).toMatchObject({ status: 401, code: 'STATE_INVALID' });
        expect(dingtalk.calls.length).toBe(before);
      });
    });
  });
});
