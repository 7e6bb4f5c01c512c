import type { Account } from '../emulator';
import type { DingTalkClient, DingTalkClientOptions } from '../emulator/client/playwright';
import { clients, DEEP_LINK } from '../testing/browser/clients';
import { takeScreenshot } from '../testing/browser/screenshots';
import { startSharedWorld } from '../testing/browser/shared-world';
import { Visitor } from '../testing/browser/visitor';
import { shareWorld } from '../testing/browser/visits';
import { addAccount, addAdministrator, addAuthenticator, addUser } from '../testing/browser/world';
import { inTurn } from '../testing/nightly';

const world = shareWorld(startSharedWorld);

const callsToDingTalk = () =>
  world()
    .emulator.calls.filter(({ path }) => !path.startsWith('/oauth2/') && !path.startsWith('/client/'))
    .map(({ path }) => path);

/** Codes that the DingTalk app gave to pages. */
const codesGiven = () => world().emulator.calls.filter(({ path }) => path.startsWith('/client/')).length;

const corpId = () => world().emulator.data.organizations[0].corpId;

const addSilentAuthenticator = (options = {}) =>
  addAuthenticator(world(), { autoSignIn: true, corpId: corpId(), ...options });

const WHO = '/topapi/v2/user/getuserinfo';

describe.each(clients)('$client', (client) => {
  interface Visit {
    visitor: Visitor;
    dingtalk: DingTalkClient;
    account: Account & { mobile: string };
  }

  /** As `test`, for a user of the DingTalk client. */
  function inside(name: string, run: (visit: Visit) => Promise<void>, app: Partial<DingTalkClientOptions> = {}) {
    it(name, async () => {
      const account = addAccount(world());
      const options = { device: 'pc' as const, account: account.id, ...app };
      const { visitor, dingtalk } = await Visitor.insideDingTalk(world(), client, 'en-US', options);
      try {
        await run({ visitor, dingtalk, account });
        expect(await visitor.watch.faults()).toEqual([]);
      } catch (error) {
        await takeScreenshot(visitor.page, `failed-${expect.getState().currentTestName}`).catch(() => undefined);
        throw error;
      } finally {
        await visitor.leave();
      }
    });
  }

  const { inV1, inV2 } = inTurn(client, inside);

  const isSignedInAs = async (visitor: Visitor, { mobile }: Pick<Account, 'mobile'>) => {
    // Without a session, v1 shows its header for an instant before it leads to the sign-in page.
    await visitor.page.waitForFunction(() => localStorage.getItem('NOCOBASE_TOKEN'));
    await visitor.seesNocoBase();
    expect(await visitor.user()).toMatchObject({ phone: mobile });
  };

  const isNotSignedIn = async (visitor: Visitor) => {
    await visitor.page.locator('input[type=password]').waitFor();
    expect(await visitor.user()).toEqual({});
  };

  /** Is on the sign-in page, where nothing happens without a click. */
  const staysAt = async (visitor: Visitor) => {
    const requested: string[] = [];
    const note = (request: { url(): string }) => requested.push(request.url());
    visitor.page.on('request', note);
    // An attempt begins when the button appears: its curtain would be in the way, and its request under way.
    await visitor.button('DingTalk').click({ trial: true });
    expect(requested.filter((url) => /dingtalk:get|requestAuthCode/.test(url))).toEqual([]);
    visitor.page.off('request', note);
  };

  const showsTitle = async (visitor: Visitor, dingtalk: DingTalkClient) =>
    expect(await dingtalk.titleAbove(visitor.page)).not.toMatch(/loading|^$/i);

  const tokenOf = async (visitor: Visitor) => (await visitor.remembers('NOCOBASE_TOKEN')) ?? '';

  /** Neither the server nor a cookie knows this session any more. */
  const isOver = async (visitor: Visitor, token: string) => {
    expect((await visitor.context.cookies()).map(({ value }) => value)).not.toContain(token);
    expect((await world().nocobase.request('users:list', { token })).status).toBe(401);
  };

  inV1(
    'signs in without a click on the page that was opened, and not again after signing out in that visit',
    async ({ visitor, dingtalk, account }) => {
      await addAdministrator(world(), account, await addSilentAuthenticator());
      world().emulator.data.settings.latencyMs = 700;
      await visitor.opens(DEEP_LINK);
      await visitor.page
        .getByRole('status')
        .filter({ hasText: visitor.words('Signing in with DingTalk…') })
        .waitFor();
      await visitor.screenshot(`inside ${client.client} 1 signing in`);
      await visitor.arrivesAt(DEEP_LINK);
      await isSignedInAs(visitor, account);
      await visitor.screenshot(`inside ${client.client} 2 signed in`);
      expect(callsToDingTalk()).toContain(WHO);
      await showsTitle(visitor, dingtalk);
      for (const address of await visitor.history()) {
        expect(address).not.toMatch(/eyJ|[?&#](code|authCode|token)=/);
      }

      await visitor.signsOut();
      await isNotSignedIn(visitor);
      await visitor.page.reload();
      await isNotSignedIn(visitor);
      await showsTitle(visitor, dingtalk);
      expect(codesGiven()).toBe(1);

      world().emulator.data.settings.latencyMs = 0;
      const calls = callsToDingTalk().length;
      await visitor.comesAgain();
      await visitor.opens('/admin');
      await isSignedInAs(visitor, account);
      expect(callsToDingTalk().slice(calls)).toEqual([WHO]);
    },
  );

  inV2('T26: gives another user of the device a session of their own, and none to a stranger', async (inTheClient) => {
    const { visitor, dingtalk, account } = inTheClient;
    await addAdministrator(world(), account, await addSilentAuthenticator());
    const other = addAccount(world());
    await addUser(world(), other);
    await visitor.opens('/admin');
    await isSignedInAs(visitor, account);
    expect(await visitor.remembers('NOCOBASE_ROLE')).toBe('admin');
    const token = await tokenOf(visitor);

    await dingtalk.switchAccount(other.id);
    await visitor.comesAgain();
    await visitor.opens('/admin');
    await isSignedInAs(visitor, other);
    expect(await visitor.remembers('NOCOBASE_ROLE')).toBe('member');
    const cookies = await visitor.context.cookies();
    expect(cookies.find(({ name }) => name.startsWith('nb_role'))?.value ?? 'member').toBe('member');
    await isOver(visitor, token);

    const otherToken = await tokenOf(visitor);
    await dingtalk.switchAccount(addAccount(world()).id);
    await visitor.comesAgain();
    await visitor.opens('/admin');
    await visitor.isTold('USER_NOT_FOUND');
    await isNotSignedIn(visitor);
    expect(await visitor.remembers('NOCOBASE_ROLE')).toBeFalsy();
    await isOver(visitor, otherToken);
  });

  inV1(
    'lets the same user on a phone go on, with the role that was chosen, and while DingTalk is away',
    async (inTheClient) => {
      const { visitor, account } = inTheClient;
      await addAdministrator(world(), account, await addSilentAuthenticator(), 'member');
      await visitor.opens('/admin');
      await isSignedInAs(visitor, account);
      await visitor.page.evaluate(() => localStorage.setItem('NOCOBASE_ROLE', 'admin'));
      for (const away of [false, true]) {
        if (away) {
          world().emulator.data.faults.push({ endpoint: 'v2/user/getuserinfo', fault: 'throttle88' });
        }
        await visitor.comesAgain();
        await visitor.opens(DEEP_LINK);
        await isSignedInAs(visitor, account);
        expect(await visitor.remembers('NOCOBASE_ROLE')).toBe('admin');
        expect(callsToDingTalk().at(-1)).toBe(WHO);
      }
    },
    { device: ({ v1: 'ios', v2: 'android' } as const)[client.client] },
  );

  inV2(
    'tells why there is no sign-in without a click, does not try again, and the button signs in',
    async (inTheClient) => {
      const { visitor, account } = inTheClient;
      await addSilentAuthenticator({ title: 'DingTalk', autoSignup: true });
      world().emulator.data.faults.push({ endpoint: 'requestAuthCode', fault: 'jsapiDomain', times: 1 });
      await visitor.opens(DEEP_LINK);
      await visitor.isTold('DOMAIN_NOT_REGISTERED');
      await visitor.page.reload();
      await staysAt(visitor);
      await visitor.button('DingTalk').click();
      await visitor.approves(account);
      await visitor.arrivesAt(DEEP_LINK);
    },
  );

  inV1('goes to DingTalk’s approval once without a Corp ID, and can be left there by Back', async (inTheClient) => {
    const { visitor, account } = inTheClient;
    await addSilentAuthenticator({ title: 'DingTalk', corpId: '', autoSignup: true });
    await visitor.opens('/admin');
    await visitor.page.locator('button[data-account]').first().waitFor();
    await visitor.page.goBack({ waitUntil: 'commit' });
    await staysAt(visitor);
    expect(codesGiven()).toBe(0);

    await visitor.comesAgain();
    await visitor.opens(DEEP_LINK);
    await visitor.approves(account);
    await visitor.arrivesAt(DEEP_LINK);
  });

  inTurn(client, it).inV2('T29: changes nothing outside of DingTalk', async () => {
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
