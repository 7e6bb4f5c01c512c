// First: NocoBase reads its environment when it is first required.
import { CLIENT_ID, CLIENT_SECRET, type NocoBase, startNocoBase } from '../../testing/nocobase/nocobase';
import { inspect } from 'node:util';
import type { Context } from '@nocobase/actions';
import type { Account } from '../../emulator';
import { Browser } from '../../testing/nocobase/browser';
import { type DingTalk, startDingTalk } from '../../testing/nocobase/dingtalk';
import { addNaiveSignIn } from '../../testing/nocobase/naive-sign-in';
import { finish, type Outcome } from '../../testing/nocobase/sign-in';
import { withStub } from '../../testing/nocobase/stub';
import { follow, naive, ours, type Target } from '../../testing/nocobase/targets';

/** Each attack works on a sign-in that nothing protects, and then fails on ours: the same steps, in the same NocoBase. */
describe('attacks', () => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase();
    addNaiveSignIn(nocobase.app);
    const { corpId } = dingtalk;
    for (const { authType } of [naive, ours]) {
      await nocobase.addAuthenticator(`${authType}-open`, { authType, autoSignup: true });
      await nocobase.addAuthenticator(`${authType}-known-only`, { authType });
      await nocobase.addAuthenticator(`${authType}-one-organization`, { authType, autoSignup: true, corpId });
      await nocobase.addAuthenticator(`${authType}-inside`, { authType, autoSignup: true, autoSignIn: true, corpId });
    }
    await nocobase.addUser({ nickname: 'Mallory', username: 'mallory', password: 'of-mallory' });
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  beforeEach(() => {
    dingtalk.data.faults = [];
    return nocobase.app.cache.reset();
  });

  afterEach(() => jest.restoreAllMocks());

  /** What the attacker does last, after the scene was set; and how that ends. */
  type Strike = () => Promise<unknown>;
  type Scene = (target: Target) => Promise<Strike>;

  const calls = (path = '') => dingtalk.calls.filter((call) => call.path.endsWith(path)).length;

  /** The same on both; how it ends may differ. */
  function compare(name: string, scene: Scene, endings: { unprotected: unknown; ours: unknown }) {
    describe(name, () => {
      it('on something unprotected', async () => {
        const strike = await scene(naive);
        // NocoBase prints a database error.
        jest.spyOn(console, 'error').mockReturnValue();
        expect(await strike()).toEqual(endings.unprotected);
      });

      it('on ours', async () => {
        const strike = await scene(ours);
        expect(await strike()).toEqual(endings.ours);
      });
    });
  }

  /** As `compare`, where ours is a refusal: nothing is changed, and DingTalk is asked so often and no more. */
  function attack(name: string, scene: Scene, endings: { gained: string; refused: string; calls?: number }) {
    const watched: Scene = async (target) => {
      const strike = await scene(target);
      const [before, asked] = [await nocobase.everything(), calls()];
      return async () => {
        const ending = await strike();
        const changed = (await nocobase.everything()) !== before;
        return target === ours ? { ending, changed, calls: calls() - asked } : ending;
      };
    };
    const { gained, refused, calls: times = 0 } = endings;
    compare(name, watched, { unprotected: gained, ours: { ending: refused, changed: false, calls: times } });
  }

  const newBrowser = (origin = nocobase.url) => new Browser(origin, 'en-US', nocobase.url);
  const nameOf = ({ authType }: Target, name: string) => `${authType}-${name}`;

  let born = 0;
  /** Eight digits of a phone number that nobody has. */
  const digits = () => String(70_000_000 + ++born);

  const person = (nick: string, values: Partial<Account> = {}) => dingtalk.addPerson({ nick, ...values });

  /** Approves on DingTalk's page: the link that leads back. Whoever approves may change what the address asks for. */
  function approve(page: URL, account: Account, changed: { scope?: string; corpId?: string } = {}): URL {
    const { redirect_uri, state, scope, corpId } = Object.fromEntries(page.searchParams);
    const code = dingtalk.authorize({ clientId: CLIENT_ID, account: account.id, scope, corpId, ...changed });
    const link = new URL(redirect_uri);
    for (const [name, value] of Object.entries({ code, authCode: code, state })) {
      link.searchParams.append(name, value);
    }
    return link;
  }

  async function whoIs(token: string): Promise<string> {
    const response = await fetch(`${nocobase.url}/api/auth:check`, { headers: { authorization: `Bearer ${token}` } });
    return (await response.json()).data.nickname;
  }

  const endOf = async ({ token, code, status }: Outcome) =>
    token ? `signed in as ${await whoIs(token)}` : (code ?? `refused with ${status}`);

  /** The whole way of a sign-in. */
  async function signIn(target: Target, authenticator: string, account: Account) {
    const browser = newBrowser();
    const page = await target.begin(browser, nameOf(target, authenticator));
    return endOf(await follow(browser, approve(page, account)));
  }

  const signInInside = async (target: Target, account: Account) => {
    const code = dingtalk.jsapiCode({ clientId: CLIENT_ID, account: account.id, corpId: dingtalk.corpId });
    return endOf(await target.finishInside(newBrowser(), nameOf(target, 'inside'), code));
  };

  /** The link that leads somebody back from DingTalk, not yet opened, and the browser that it is for. */
  async function onTheWayBack(target: Target, account: Account, origin?: string) {
    const browser = newBrowser(origin);
    return { browser, link: approve(await target.begin(browser, nameOf(target, 'open')), account) };
  }

  const codeOf = (link: URL) => link.searchParams.get('code') ?? '';

  describe('login CSRF', () => {
    attack(
      'a link of the attacker',
      async (target) => {
        const { link } = await onTheWayBack(target, person('Attacker'));
        return async () => endOf(await follow(newBrowser(), link));
      },
      { gained: 'signed in as Attacker', refused: 'STATE_INVALID' },
    );

    /** The attacker’s link, and before it the attacker’s cookies, from a page of a sibling domain. */
    const withCookies =
      (origin: string): Scene =>
      async (target) => {
        const { link, browser } = await onTheWayBack(target, person('Attacker'), origin);
        const victim = newBrowser(origin);
        for (const [name, value] of browser.cookies) {
          [name, name.replace('__Host-', '')].forEach((planted) => victim.plant(planted, value));
        }
        return async () => endOf(await follow(victim, link));
      };

    attack('a link and cookies of the attacker, from a sibling domain, over https', withCookies('https://nb.example'), {
      gained: 'signed in as Attacker',
      refused: 'STATE_INVALID',
    });

    compare('the same over plain http, where no cookie is safe: it works here too', withCookies('http://nb.example'), {
      unprotected: 'signed in as Attacker',
      ours: 'signed in as Attacker',
    });
  });

  describe('replay', () => {
    attack(
      'a link back from DingTalk, intercepted before its browser opened it',
      async (target) => {
        const { link } = await onTheWayBack(target, person('Victim'));
        return async () => endOf(await follow(newBrowser(), link));
      },
      { gained: 'signed in as Victim', refused: 'STATE_INVALID' },
    );

    attack(
      'a state that was used, with another code and the cookies of the first time',
      async (target) => {
        const { link, browser } = await onTheWayBack(target, person('Victim'));
        const restored = newBrowser();
        browser.cookies.forEach((value, name) => restored.cookies.set(name, value));
        await follow(browser, link);
        const other = codeOf((await onTheWayBack(target, person('Attacker'))).link);
        link.searchParams.set('code', other);
        link.searchParams.set('authCode', other);
        return async () => endOf(await follow(restored, link));
      },
      { gained: 'signed in as Attacker', refused: 'STATE_INVALID' },
    );

    compare(
      'one link twenty times at once: how often DingTalk is asked',
      async (target) => {
        const { link, browser } = await onTheWayBack(target, person('Victim'));
        return async () => {
          const before = calls('/userAccessToken');
          await Promise.all(Array.from({ length: 20 }, () => follow(browser, link)));
          return calls('/userAccessToken') - before;
        };
      },
      { unprotected: 20, ours: 1 },
    );
  });

  describe('a second door', () => {
    attack(
      'a stolen code, straight to auth:signIn',
      async (target) => {
        const { link } = await onTheWayBack(target, person('Victim'));
        const authenticator = nameOf(target, 'open');
        return async () => endOf(await finish(newBrowser(), { authenticator, code: codeOf(link) }));
      },
      { gained: 'signed in as Victim', refused: 'REQUEST_INVALID' },
    );

    attack(
      'a link to auth:signIn, where a cookie names the authenticator',
      async (target) => {
        const { link, browser } = await onTheWayBack(target, person('Attacker'));
        browser.plant('nb_authenticator_main', nameOf(target, 'open'));
        return async () => {
          const response = await browser.fetch(`/api/auth:signIn${link.search}`);
          const { data, errors } = await response.json();
          return endOf({ ...data, ...errors?.[0] });
        };
      },
      { gained: 'signed in as Attacker', refused: 'AUTHENTICATOR_UNAVAILABLE' },
    );

    attack(
      'a link that signs in with the attacker’s password, past NocoBase’s check of the origin',
      async (target) => {
        const link = new URL(`/api/${target.resource}:redirect`, nocobase.url);
        // NocoBase hands out the first authenticator for a name that is none.
        const values = { authenticator: 'nobody', account: 'mallory', password: 'of-mallory' };
        link.search = new URLSearchParams({ ...values, redirect: '/admin', state: 'A'.repeat(43) }).toString();
        return async () => endOf(await follow(newBrowser(), link));
      },
      { gained: 'signed in as Mallory', refused: 'STATE_INVALID' },
    );

    attack(
      'an action that was added later, by nobody in particular',
      async ({ resource }) => {
        const later = (ctx: object, next: () => Promise<unknown>) => {
          Object.assign(ctx, { body: 'for administrators' });
          return next();
        };
        nocobase.app.resourceManager.getResource(resource).addAction('later', later);
        return async () => {
          const { data, errors } = await (await newBrowser().fetch(`/api/${resource}:later`)).json();
          return data ?? errors[0].code;
        };
      },
      { gained: 'for administrators', refused: 'EMPTY_TOKEN' },
    );
  });

  describe('a target elsewhere', () => {
    const whereTo = async ({ address, redirect, ...outcome }: Outcome & { address: URL }) => {
      const { host, searchParams } = new URL(redirect ?? address, nocobase.url);
      const elsewhere = searchParams.has('token') ? `${host} has the token` : `led to ${host}`;
      return host === 'evil.example' ? elsewhere : endOf(outcome);
    };

    attack(
      'a link to DingTalk’s own page, whose way back names the target',
      async (target) => {
        const browser = newBrowser();
        const page = await target.begin(newBrowser(), nameOf(target, 'open'));
        const back = new URL(page.searchParams.get('redirect_uri') ?? '');
        back.searchParams.set('redirect', '//evil.example');
        page.searchParams.set('redirect_uri', back.href);
        return async () => whereTo(await follow(browser, approve(page, person('Victim'))));
      },
      { gained: 'evil.example has the token', refused: 'STATE_INVALID' },
    );

    compare(
      'a link to the sign-in page that names it',
      async (target) => {
        const browser = newBrowser();
        const page = await target.begin(browser, nameOf(target, 'open'), '//evil.example');
        return async () => whereTo(await follow(browser, approve(page, person('Victim'))));
      },
      { unprotected: 'evil.example has the token', ours: 'signed in as Victim' },
    );
  });

  compare(
    'a look at the browser’s history finds the token',
    async (target) => {
      const { link, browser } = await onTheWayBack(target, person('Victim'));
      return async () => {
        const { address, token = 'none' } = await follow(browser, link);
        return [await whoIs(token), [link, address].some(({ href }) => href.includes(token))];
      };
    },
    { unprotected: ['Victim', true], ours: ['Victim', false] },
  );

  attack(
    'a mix-up: a sign-in that began with one authenticator and ends with another',
    async (target) => {
      const { link, browser } = await onTheWayBack(target, person('Attacker'));
      const other = nameOf(target, 'one-organization');
      link.searchParams.set('authenticator', other);
      return async () => endOf(await follow(browser, link, other));
    },
    { gained: 'signed in as Attacker', refused: 'STATE_INVALID' },
  );

  describe('takeover by phone number', () => {
    const bySignIn = (
      values: () => Partial<Account>,
      before?: (target: Target, account: Account) => Promise<unknown>,
    ) =>
      (async (target) => {
        const account = person('Attacker', values());
        await before?.(target, account);
        return () => signIn(target, 'known-only', account);
      }) satisfies Scene;

    attack(
      'a DingTalk account without a number, while an administrator has none either',
      bySignIn(() => ({ mobile: undefined, stateCode: undefined })),
      { gained: 'signed in as Root', refused: 'PHONE_UNAVAILABLE', calls: 2 },
    );

    attack(
      'a German number with the digits of a Chinese one',
      bySignIn(
        () => ({ stateCode: '49', mobile: `152${digits()}` }),
        (_, { mobile }) => nocobase.addUser({ nickname: 'Victim', phone: mobile }),
      ),
      { gained: 'signed in as Victim', refused: 'USER_NOT_FOUND', calls: 2 },
    );

    attack(
      'a masked number, of which there are many',
      bySignIn(
        () => ({ mobile: `${200 + ++born}****3240` }),
        (_, { mobile }) => nocobase.addUser({ nickname: 'Victim', phone: mobile }),
      ),
      { gained: 'signed in as Victim', refused: 'PHONE_UNAVAILABLE', calls: 2 },
    );

    attack(
      'a number that the carrier took from somebody else',
      bySignIn(
        () => ({}),
        async (target, { mobile }) => {
          await nocobase.addUser({ nickname: 'Victim', phone: mobile });
          expect(await signIn(target, 'known-only', person('Owner', { mobile }))).toBe('signed in as Victim');
        },
      ),
      { gained: 'signed in as Victim', refused: 'ACCOUNT_ALREADY_LINKED', calls: 2 },
    );

    attack(
      'a user who entered somebody else’s number, and whom that person is to be taken for',
      async (target) => {
        const victim = person('Victim');
        await nocobase.addUser({ nickname: 'Victim', phone: victim.mobile?.replace(/^(...)(....)/, '$1.$2.') });
        await nocobase.addUser({ nickname: 'Impostor', phone: victim.mobile });
        return () => signIn(target, 'known-only', victim);
      },
      { gained: 'signed in as Impostor', refused: 'PHONE_AMBIGUOUS', calls: 2 },
    );

    attack(
      'an e-mail address that is somebody else’s in NocoBase',
      bySignIn(
        () => ({ email: `victim${++born}@example.com` }),
        (_, { email }) => nocobase.addUser({ nickname: 'Victim', email }),
      ),
      { gained: 'signed in as Victim', refused: 'USER_NOT_FOUND', calls: 2 },
    );
  });

  describe('the wrong organization', () => {
    const byOrganization =
      (changed: () => { scope?: string; corpId?: string }): Scene =>
      async (target) => {
        const browser = newBrowser();
        const page = await target.begin(browser, nameOf(target, 'one-organization'));
        return async () => endOf(await follow(browser, approve(page, person('Stranger'), changed())));
      };

    attack(
      'an address of DingTalk’s page from which the organization was taken out',
      byOrganization(() => ({ scope: 'openid' })),
      { gained: 'signed in as Stranger', refused: 'WRONG_ORGANIZATION', calls: 1 },
    );

    attack(
      'an address that names another organization',
      byOrganization(() => ({ corpId: dingtalk.data.organizations[1].corpId })),
      { gained: 'signed in as Stranger', refused: 'WRONG_ORGANIZATION', calls: 1 },
    );

    attack(
      'an external contact, inside DingTalk',
      async (target) => {
        const stranger = person('Stranger');
        Object.assign(stranger.memberships[0], { contact_type: 1, name: 'Stranger' });
        return () => signInInside(target, stranger);
      },
      { gained: 'signed in as Stranger', refused: 'NOT_A_MEMBER', calls: 3 },
    );
  });

  describe('what DingTalk answers', () => {
    attack(
      'a ban, taken for a person',
      async (target) => {
        dingtalk.data.faults = [{ endpoint: 'users/me', fault: 'jsonBan' }];
        return () => signIn(target, 'open', person('Banned'));
      },
      { gained: 'signed in as Root', refused: 'DINGTALK_BUSY', calls: 2 },
    );

    compare(
      'more of a person than there is: the roles that the user gets',
      async (target) => {
        const [browser, account] = [newBrowser(), person('Attacker')];
        const link = approve(await target.begin(browser, nameOf(target, 'open')), account);
        const { unionId, nick, mobile } = account;
        const profile = { unionId, nick, mobile, roles: ['admin'], id: 1_000 * (900 + ++born), meta: { a: 1 } };
        return () =>
          withStub(
            ({ method }, response) => response.end(JSON.stringify(method === 'POST' ? { accessToken: 'x' } : profile)),
            async () => {
              const { token } = await follow(browser, link);

              expect(await whoIs(token ?? '')).toBe('Attacker');
              const user = await nocobase.db
                .getRepository('users')
                .findOne({ filter: { phone: String(mobile) }, appends: ['roles'] });
              return [user.roles.map(({ name }: { name: string }) => name), user.id === profile.id];
            },
          );
      },
      { unprotected: [['admin'], true], ours: [['member'], false] },
    );

    compare(
      'numbers as texts: whether people get in',
      async (target) => {
        dingtalk.data.faults = [{ endpoint: 'v2/user/getuserinfo', fault: 'numbersAsStrings' }];
        const colleague = person('Colleague');
        colleague.memberships[0].name = 'Colleague';
        return () => signInInside(target, colleague);
      },
      { unprotected: 'refused with 401', ours: 'signed in as Colleague' },
    );

    compare(
      'the code under the other of its two names: whether people get in',
      async (target) => {
        const { link, browser } = await onTheWayBack(target, person('Colleague'));
        link.searchParams.delete('code');
        return async () => endOf(await follow(browser, link));
      },
      { unprotected: 'ERR_BAD_REQUEST', ours: 'signed in as Colleague' },
    );

    compare(
      'a refusal of the person: where they end up',
      async (target) => {
        const { link, browser } = await onTheWayBack(target, person('Colleague'));
        link.searchParams.delete('code');
        link.searchParams.delete('authCode');
        link.searchParams.set('error', 'access_denied');
        return async () => {
          const { address, code } = await follow(browser, link);
          return [address.pathname, code];
        };
      },
      {
        unprotected: ['/api/naive:redirect', 'ERR_BAD_REQUEST'],
        ours: ['/signin/dingtalk', 'ACCESS_DENIED'],
      },
    );

    compare(
      'a colleague of the same name elsewhere: whether the second gets in',
      async (target) => {
        const name = `zhang${++born}`;
        await signIn(target, 'open', person('Zhang', { email: `${name}@one.example` }));
        return () => signIn(target, 'open', person('Other Zhang', { email: `${name}@other.example` }));
      },
      { unprotected: 'refused with 400', ours: 'signed in as Other Zhang' },
    );

    compare(
      'the page first wanted, when it has a query',
      async (target) => {
        const browser = newBrowser();
        const page = await target.begin(browser, nameOf(target, 'open'), '/admin?x=1');
        return async () => {
          const { address, redirect = address.href } = await follow(browser, approve(page, person('Colleague')));
          return new URL(redirect, nocobase.url).searchParams.get('x');
        };
      },
      { unprotected: expect.stringContaining('1?authenticator='), ours: '1' },
    );

    compare(
      'the meta of the binding',
      async (target) => {
        const account = person('Colleague');
        return async () => {
          await signIn(target, 'open', account);
          const binding = (await nocobase.bindings()).find(({ uuid }) => uuid === account.unionId);
          return binding?.meta;
        };
      },
      { unprotected: {}, ours: { unionId: expect.any(String), openId: expect.any(String) } },
    );
  });

  describe('secrets', () => {
    /** As an error handler of another plugin may do it. */
    async function answeringAllOfAnError<T>(work: () => Promise<T>): Promise<T> {
      const { errorHandler } = nocobase.app.pm.get('error-handler') as unknown as {
        errorHandler: { handlers: unknown[] };
      };
      const render = (error: object, ctx: Context) => {
        ctx.body = { errors: [{ message: inspect({ ...error }, { depth: 5 }) }] };
      };
      errorHandler.handlers.unshift({ guard: () => true, render });
      return work().finally(() => errorHandler.handlers.shift());
    }

    const marks = { secret: CLIENT_SECRET, endpoint: '/v1.0/contact/users/me', dingTalkCode: 'Forbidden.AccessDenied' };
    const found = (text: string) =>
      Object.entries(marks).flatMap(([name, mark]) => (text.includes(mark) ? [name] : []));

    const refusedByDingTalk =
      (endpoint: 'userAccessToken' | 'users/me'): Scene =>
      async (target) => {
        dingtalk.data.faults = [{ endpoint, fault: 'permission403' }];
        const browser = newBrowser();
        const { link } = await onTheWayBack(target, person('Colleague'));
        const page = await target.begin(browser, nameOf(target, 'open'));
        link.searchParams.set('state', page.searchParams.get('state') ?? '');
        return () => answeringAllOfAnError(async () => found(JSON.stringify(await follow(browser, link))));
      };

    compare('in an error, of the first call to DingTalk', refusedByDingTalk('userAccessToken'), {
      unprotected: ['secret', 'dingTalkCode'],
      ours: [],
    });

    compare('in an error, of the second call', refusedByDingTalk('users/me'), {
      unprotected: ['endpoint', 'dingTalkCode'],
      ours: [],
    });

    compare(
      'in the sentence that people read: DingTalk’s own words',
      async (target) => {
        dingtalk.data.faults = [{ endpoint: 'users/me', fault: 'permission403' }];
        const { link, browser } = await onTheWayBack(target, person('Colleague'));
        return async () => (await follow(browser, link)).message;
      },
      {
        unprotected: expect.stringContaining('权限'),
        ours: expect.stringMatching(/^The DingTalk app lacks a permission\. .*\(PERMISSION_MISSING\)$/),
      },
    );

    compare(
      'in the log',
      async (target) => {
        dingtalk.data.faults = [{ endpoint: 'userAccessToken', fault: 'reset' }];
        const { link, browser } = await onTheWayBack(target, person('Colleague'));
        const times = async () => (await nocobase.logs.text()).split(CLIENT_SECRET).length;
        const before = await times();
        return async () => {
          await follow(browser, link);
          return (await times()) > before;
        };
      },
      { unprotected: true, ours: false },
    );

    compare(
      'in what everybody may read of an authenticator',
      async (target) => async () => {
        const { data } = await (await newBrowser().fetch('/api/authenticators:publicList')).json();
        const { options } = data.find(({ name }: { name: string }) => name === nameOf(target, 'open'));
        return found(JSON.stringify(options));
      },
      { unprotected: ['secret'], ours: [] },
    );
  });

  attack(
    'a forged host, to which DingTalk is to send the code',
    async (target) => {
      class Poisoned extends Browser {
        override fetch(...[path, init]: Parameters<Browser['fetch']>) {
          return super.fetch(path, { ...init, headers: { ...init?.headers, 'x-forwarded-host': 'evil.example' } });
        }
      }
      return async () => {
        const page = await target.begin(new Poisoned(nocobase.url), nameOf(target, 'open')).catch(String);
        return page instanceof URL ? `code for ${new URL(page.searchParams.get('redirect_uri') ?? '').host}` : page;
      };
    },
    { gained: 'code for evil.example', refused: 'Error: ORIGIN_NOT_TRUSTED' },
  );

  compare(
    'a session of the attacker, in the browser before the victim signs in',
    async (target) => {
      const attacker = newBrowser();
      await finish(attacker, { authenticator: 'basic', account: 'mallory', password: 'of-mallory' });
      const { browser, link } = await onTheWayBack(target, person('Victim'));
      attacker.cookies.forEach((value, name) => browser.plant(name, value));
      return async () => {
        await follow(browser, link);
        return whoIs(browser.cookies.get('nb_auth_token_main') ?? '');
      };
    },
    { unprotected: 'Mallory', ours: 'Victim' },
  );

  describe('calls to DingTalk', () => {
    compare(
      'that twenty made-up links cost',
      async (target) => async () => {
        const before = calls();
        for (let i = 0; i < 20; i++) {
          const link = new URL(`/api/${target.resource}:redirect`, nocobase.url);
          link.search = new URLSearchParams({
            authenticator: nameOf(target, 'open'),
            code: `made-up-${i}`,
            state: String(i).padStart(43, 'A'),
          }).toString();
          await follow(newBrowser(), link);
        }
        return calls() - before;
      },
      { unprotected: 20, ours: 0 },
    );

    compare(
      'for the app’s token, that three sign-ins inside DingTalk cost',
      async (target) => async () => {
        const before = calls('/accessToken');
        for (let i = 0; i < 3; i++) {
          await signInInside(target, person('Colleague'));
        }
        return calls('/accessToken') - before;
      },
      { unprotected: 3, ours: 1 },
    );
  });

  compare(
    'ten first sign-ins of one person at once: how many succeed',
    async (target) => {
      const account = person('Colleague');
      const browsers = await Promise.all(Array.from({ length: 10 }, () => onTheWayBack(target, account)));
      return async () => {
        const outcomes = await Promise.all(browsers.map(({ browser, link }) => follow(browser, link)));
        return outcomes.filter(({ token }) => token).length === 10;
      };
    },
    { unprotected: false, ours: true },
  );
});
