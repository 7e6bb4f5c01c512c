import { packPlugin } from '../dev/pack';
import type { Account, FaultKind } from '../emulator';
import type { DingTalkClient, DingTalkClientOptions } from '../emulator/client/playwright';
import { clients } from '../testing/browser/clients';
import { DEEP_LINK } from '../testing/browser/failures';
import { takeScreenshot } from '../testing/browser/screenshots';
import { Visitor } from '../testing/browser/visitor';
import { shareWorld } from '../testing/browser/visits';
import type { Words } from '../testing/browser/words';
import { addAuthenticator, addPerson, addUser, startWorld } from '../testing/browser/world';

const world = shareWorld(async () => startWorld('inside-dingtalk', await packPlugin()));

const callsToDingTalk = () =>
  world()
    .emulator.calls.filter(({ path }) => !path.startsWith('/oauth2/') && !path.startsWith('/client/'))
    .map(({ path }) => path);

/** Codes that the DingTalk app gave to pages. */
const codesGiven = () => world().emulator.calls.filter(({ path }) => path.startsWith('/client/')).length;

const corpId = () => world().emulator.data.organizations[0].corpId;

const addSilentAuthenticator = (options = {}) =>
  addAuthenticator(world(), { autoSignIn: true, corpId: corpId(), ...options });

const DETAILS = '/topapi/v2/user/get';
const WHO = '/topapi/v2/user/getuserinfo';

describe.each(clients)('$client', (client) => {
  interface Visit {
    visitor: Visitor;
    dingtalk: DingTalkClient;
    person: Account & { mobile: string };
  }

  /** As `test`, for somebody with the DingTalk app. */
  function inside(name: string, run: (visit: Visit) => Promise<void>, app: Partial<DingTalkClientOptions> = {}) {
    test(name, async () => {
      const person = addPerson(world());
      const options = { device: 'pc' as const, account: person.id, ...app };
      const { visitor, dingtalk } = await Visitor.insideDingTalk(world(), client, 'en-US', options);
      try {
        await run({ visitor, dingtalk, person });
        expect(await visitor.watch.faults()).toEqual([]);
      } catch (error) {
        await takeScreenshot(visitor.page, `failed-${expect.getState().currentTestName}`).catch(() => undefined);
        throw error;
      } finally {
        await visitor.leave();
      }
    });
  }

  const isSignedInAs = async (visitor: Visitor, { mobile }: Pick<Account, 'mobile'>) => {
    await visitor.seesNocoBase();
    expect(await visitor.user()).toMatchObject({ phone: mobile });
  };

  const isNotSignedIn = async (visitor: Visitor) => {
    await visitor.page.locator('input[type=password]').waitFor();
    expect(await visitor.user()).toEqual({});
  };

  /** On the sign-in page, where nothing happens by itself. */
  const staysAt = async (visitor: Visitor) => {
    const requested: string[] = [];
    const note = (request: { url(): string }) => requested.push(request.url());
    visitor.page.on('request', note);
    // An attempt begins with the button: its curtain would be in the way, and its request under way.
    await visitor.button('DingTalk').click({ trial: true });
    expect(requested.filter((url) => /dingtalk:get|requestAuthCode/.test(url))).toEqual([]);
    visitor.page.off('request', note);
  };

  describe.each(['android', 'ios', 'pc'] as const)('on %s', (device) => {
    inside(
      'signs in without a click, on the page that was opened',
      async ({ visitor, dingtalk, person }) => {
        await addSilentAuthenticator();
        const user = await addUser(world(), person, 'admin');
        world().emulator.data.settings.latencyMs = 700;
        await visitor.opens(DEEP_LINK);
        await visitor.page
          .getByRole('status')
          .filter({ hasText: visitor.words('Signing in with DingTalk…') })
          .waitFor();
        await visitor.screenshot(`inside ${client.client} ${device} 1 signing in`);
        await visitor.arrivesAt(DEEP_LINK);
        await visitor.seesNocoBase();
        await visitor.screenshot(`inside ${client.client} ${device} 2 signed in`);
        expect(await visitor.user()).toMatchObject({ id: user.id });
        expect(callsToDingTalk()).toEqual(expect.arrayContaining([WHO, DETAILS]));
        await expect(dingtalk.titleAbove(visitor.page)).resolves.not.toMatch(/loading|^$/i);
        for (const address of await visitor.history()) {
          expect(address).not.toMatch(/eyJ|[?&#](code|authCode|token)=/);
        }
      },
      { device },
    );
  });

  inside('asks DingTalk once about somebody known, twice about somebody new', async ({ visitor, dingtalk, person }) => {
    await addSilentAuthenticator({ autoSignup: true });
    const other = addPerson(world());
    await visitor.opens('/admin');
    await isSignedInAs(visitor, person);
    // The token is warm from now on.
    for (const [account, calls] of [
      [other, [WHO, DETAILS]],
      [person, [WHO]],
    ] as const) {
      const before = callsToDingTalk().length;
      await visitor.context.clearCookies();
      await visitor.page.evaluate(() => localStorage.clear());
      await dingtalk.switchAccount(account.id);
      await visitor.comesAgain();
      await visitor.opens('/admin');
      await isSignedInAs(visitor, account);
      expect(callsToDingTalk().slice(before)).toEqual(calls);
    }
  });

  inside('shows the client’s bar a title on every page', async ({ visitor, dingtalk }) => {
    await addSilentAuthenticator({ autoSignup: true });
    await visitor.opens(DEEP_LINK);
    await visitor.seesNocoBase();
    await visitor.page.reload();
    await visitor.seesNocoBase();
    expect(await dingtalk.titleAbove(visitor.page)).not.toMatch(/loading|^$/i);
    await visitor.signsOut();
    await isNotSignedIn(visitor);
    expect(await dingtalk.titleAbove(visitor.page)).not.toMatch(/loading|^$/i);
  });

  inside('leaves people signed out in that visit, and signs them in at the next', async ({ visitor, person }) => {
    await addSilentAuthenticator({ autoSignup: true });
    await visitor.opens('/admin');
    await isSignedInAs(visitor, person);
    await visitor.signsOut();
    await isNotSignedIn(visitor);
    await visitor.page.reload();
    await isNotSignedIn(visitor);
    await visitor.screenshot(`inside ${client.client} signed out`);
    expect(codesGiven()).toBe(1);
    await visitor.comesAgain();
    await visitor.opens('/admin');
    await isSignedInAs(visitor, person);
  });

  inside('gives another person on the device a session of their own', async ({ visitor, dingtalk, person }) => {
    await addSilentAuthenticator();
    await addUser(world(), person, 'admin');
    const other = addPerson(world());
    await addUser(world(), other);
    await visitor.opens('/admin');
    await isSignedInAs(visitor, person);
    const token = (await visitor.remembers('NOCOBASE_TOKEN')) ?? '';
    expect(await visitor.remembers('NOCOBASE_ROLE')).toBe('admin');

    await dingtalk.switchAccount(other.id);
    await visitor.comesAgain();
    await visitor.opens('/admin');
    await isSignedInAs(visitor, other);

    expect(await visitor.remembers('NOCOBASE_ROLE')).toBe('member');
    const cookies = await visitor.context.cookies();
    expect(cookies.map(({ value }) => value)).not.toContain(token);
    expect(cookies.find(({ name }) => name.startsWith('nb_role'))?.value ?? 'member').toBe('member');
    const { status } = await world().nocobase.request('users:list', { token });
    expect(status).toBe(401);
  });

  inside('lets the same person go on, with the role that was chosen', async ({ visitor, person }) => {
    await addSilentAuthenticator();
    await world().api('users:create', {
      username: person.id,
      nickname: person.nick,
      phone: person.mobile,
      roles: [{ name: 'member' }, { name: 'admin' }],
    });
    await visitor.opens('/admin');
    await isSignedInAs(visitor, person);
    await visitor.page.evaluate(() => localStorage.setItem('NOCOBASE_ROLE', 'admin'));
    await visitor.comesAgain();
    await visitor.opens(DEEP_LINK);
    await isSignedInAs(visitor, person);
    expect(await visitor.remembers('NOCOBASE_ROLE')).toBe('admin');
    expect(callsToDingTalk().at(-1)).toBe(WHO);
  });

  inside('ends the session for a stranger, and says why', async ({ visitor, dingtalk, person }) => {
    await addSilentAuthenticator();
    await addUser(world(), person);
    await visitor.opens('/admin');
    await isSignedInAs(visitor, person);
    const token = (await visitor.remembers('NOCOBASE_TOKEN')) ?? '';

    await dingtalk.switchAccount(addPerson(world()).id);
    await visitor.comesAgain();
    await visitor.opens('/admin');
    await visitor.isTold('USER_NOT_FOUND');
    await isNotSignedIn(visitor);
    expect(await visitor.remembers('NOCOBASE_ROLE')).toBeFalsy();
    expect((await visitor.context.cookies()).map(({ value }) => value)).not.toContain(token);
    expect((await world().nocobase.request('users:list', { token })).status).toBe(401);
  });

  inside('leaves everybody signed in while DingTalk is away', async ({ visitor, person }) => {
    await addSilentAuthenticator();
    await addUser(world(), person);
    await visitor.opens('/admin');
    await isSignedInAs(visitor, person);
    const before = callsToDingTalk().length;
    world().emulator.data.faults.push({ endpoint: 'v2/user/getuserinfo', fault: 'throttle88' });
    await visitor.comesAgain();
    await visitor.opens('/admin');
    await isSignedInAs(visitor, person);
    expect(callsToDingTalk().slice(before)).toEqual([WHO]);
  });

  inside('leaves everybody signed in where a proxy refuses the request', async ({ visitor, person }) => {
    await addSilentAuthenticator();
    await addUser(world(), person);
    await visitor.opens('/admin');
    await isSignedInAs(visitor, person);
    await visitor.context.route('**/dingtalk:getState', (route) => route.fulfill({ status: 429, body: 'too many' }));
    await visitor.comesAgain();
    await visitor.opens('/admin');
    await isSignedInAs(visitor, person);
  });

  inside('asks again where the page was loaded anew before the answer', async ({ visitor, dingtalk, person }) => {
    await addSilentAuthenticator();
    await addUser(world(), person);
    const other = addPerson(world());
    await addUser(world(), other);
    await visitor.opens('/admin');
    await isSignedInAs(visitor, person);
    await dingtalk.switchAccount(other.id);
    await visitor.comesAgain();
    let held = 0;
    await visitor.context.route('**/dingtalk:getState', (route) => (held++ ? route.continue() : undefined));
    const asked = visitor.page.waitForRequest('**/dingtalk:getState');
    await visitor.opens('/admin');
    await asked;
    await visitor.page.reload();
    await isSignedInAs(visitor, other);
  });

  inside('asks also where the role of the one before was taken away', async ({ visitor, dingtalk, person }) => {
    await addSilentAuthenticator();
    await addUser(world(), person);
    const other = addPerson(world());
    await addUser(world(), other);
    await visitor.opens('/admin');
    await isSignedInAs(visitor, person);
    await visitor.page.evaluate(() => localStorage.setItem('NOCOBASE_ROLE', 'admin'));
    await dingtalk.switchAccount(other.id);
    await visitor.comesAgain();
    await visitor.opens('/admin');
    await isSignedInAs(visitor, other);
  });

  inside('leaves somebody alone who signed in with a password', async ({ visitor }) => {
    await addSilentAuthenticator({ autoSignup: true });
    const { token, nocobase } = world();
    await visitor.page.goto(`${nocobase.apiUrl}/__health_check`);
    await visitor.page.evaluate((value) => {
      localStorage.setItem('NOCOBASE_TOKEN', value);
      localStorage.setItem('NOCOBASE_AUTH', 'basic');
    }, token);
    await visitor.comesAgain();
    await visitor.opens('/admin');
    await visitor.seesNocoBase();
    expect(await visitor.user()).toMatchObject({ id: 1 });
    expect(codesGiven()).toBe(0);
  });

  describe('falls back to the sign-in page, with a sentence,', () => {
    const failures: [string, FaultKind, Words][] = [
      ['the page’s domain is not registered', 'jsapiDomain', 'DOMAIN_NOT_REGISTERED'],
      ['the Corp ID is wrong', 'jsapiCorpId', 'CORP_ID_INVALID'],
      ['the person cancels', 'jsapiCancelled', 'ACCESS_DENIED'],
      ['the client refuses', 'jsapiDenied', 'CLIENT_REFUSES'],
      ['the client does not know the call', 'jsapiAbsent', 'CLIENT_TOO_OLD'],
      ['the client does not answer', 'hang', 'CLIENT_SILENT'],
    ];

    test.each(failures)('when %s', async (_, fault, code) => {
      await addSilentAuthenticator({ title: 'DingTalk', autoSignup: true });
      world().emulator.data.faults.push({ endpoint: 'requestAuthCode', fault });
      world().emulator.data.settings.jsapiErrorCode = fault === 'jsapiDomain' ? 'number' : 'string';
      const person = addPerson(world());
      const { visitor } = await Visitor.insideDingTalk(world(), client, 'en-US', {
        device: 'pc',
        account: person.id,
      });
      await visitor.opens(DEEP_LINK);
      await visitor.isTold(code);
      await visitor.screenshot(`inside ${client.client} ${code}`);
      // Neither a loop nor a dead end.
      await staysAt(visitor);
      await visitor.page.reload();
      await staysAt(visitor);
      expect(await visitor.watch.faults()).toEqual([]);
      await visitor.leave();
    });

    inside('when the person is not in the organization', async ({ visitor, person }) => {
      await addSilentAuthenticator({ autoSignup: true });
      world().emulator.data.settings.membersOnly = false;
      person.memberships = [];
      await visitor.opens(DEEP_LINK);
      await visitor.isTold('NOT_A_MEMBER');
    });

    inside('and the button still signs in', async ({ visitor, person }) => {
      await addSilentAuthenticator({ title: 'DingTalk', autoSignup: true });
      world().emulator.data.faults.push({ endpoint: 'requestAuthCode', fault: 'jsapiDomain', times: 1 });
      await visitor.opens(DEEP_LINK);
      await visitor.isTold('DOMAIN_NOT_REGISTERED');
      await visitor.button('DingTalk').click();
      await visitor.approves(person);
      await visitor.arrivesAt(DEEP_LINK);
      await visitor.seesNocoBase();
    });
  });

  inside(
    'signs in with an old client too',
    async ({ visitor, person }) => {
      await addSilentAuthenticator({ autoSignup: true });
      await visitor.opens('/admin');
      await isSignedInAs(visitor, person);
    },
    { clientVersion: '6.5.20' },
  );

  describe('without a Corp ID', () => {
    inside('goes to DingTalk’s approval once, and comes back to the page', async ({ visitor, person }) => {
      await addSilentAuthenticator({ corpId: '', autoSignup: true });
      await visitor.opens(DEEP_LINK);
      await visitor.approves(person);
      await visitor.arrivesAt(DEEP_LINK);
      await visitor.seesNocoBase();
      expect(codesGiven()).toBe(0);
    });

    inside('does not go there again after a refusal', async ({ visitor, person }) => {
      await addSilentAuthenticator({ title: 'DingTalk', corpId: '', autoSignup: true });
      await visitor.opens('/admin');
      await visitor.choosesAccount(person);
      await visitor.refuses();
      await visitor.isTold('ACCESS_DENIED');
      await visitor.page.getByText(visitor.words('Back to sign-in')).click();
      await staysAt(visitor);
    });

    inside('can be left there by the button Back', async ({ visitor }) => {
      await addSilentAuthenticator({ title: 'DingTalk', corpId: '', autoSignup: true });
      await visitor.opens('/admin');
      await visitor.page.locator('button[data-account]').first().waitFor();
      await visitor.page.goBack({ waitUntil: 'commit' });
      await visitor.button('DingTalk').click({ trial: true });
    });
  });

  inside('acts with the first of several authenticators', async ({ visitor, person }) => {
    await addAuthenticator(world(), { title: 'Off', autoSignup: true, corpId: corpId() });
    const first = await addSilentAuthenticator({ title: 'First', autoSignup: true });
    await addSilentAuthenticator({ title: 'Second', autoSignup: true });
    await visitor.opens('/admin');
    await isSignedInAs(visitor, person);
    expect(await visitor.remembers('NOCOBASE_AUTH')).toBe(first);
    expect(codesGiven()).toBe(1);
  });

  inside('does nothing where it is off', async ({ visitor }) => {
    await addAuthenticator(world(), { title: 'DingTalk', corpId: corpId(), autoSignup: true });
    const requested: string[] = [];
    visitor.page.on('request', (request) => requested.push(request.url()));
    await visitor.opens('/admin');
    await visitor.button('DingTalk').waitFor();
    expect(requested.filter((url) => /DingTalkJsapi|dingtalk:/.test(url))).toEqual([]);
    expect(codesGiven()).toBe(0);
  });

  test('changes nothing outside of DingTalk', async () => {
    await addSilentAuthenticator({ title: 'DingTalk', autoSignup: true });
    const visitor = await Visitor.arrive(world(), client, 'en-US');
    const requested: string[] = [];
    visitor.page.on('request', (request) => requested.push(request.url()));
    await visitor.opens('/admin');
    await visitor.button('DingTalk').waitFor();
    const ours = requested.filter((url) => /auth-dingtalk|dingtalk:/.test(url)).map((url) => new URL(url).pathname);
    expect(ours).toEqual([expect.stringMatching(/\/dist\/client(-v2)?\/index\.js$/)]);
    await visitor.leave();
  });
});
