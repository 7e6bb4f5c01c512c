import { clients, DEEP_LINK } from '../testing/browser/clients';
import { startSharedWorld } from '../testing/browser/shared-world';
import { CALLBACK_PAGE, Visitor } from '../testing/browser/visitor';
import { shareWorld, visits } from '../testing/browser/visits';
import { addAccount, addAdministrator, addAuthenticator, addUser } from '../testing/browser/world';
import { inTurn } from '../testing/nightly';

const world = shareWorld(startSharedWorld);

/** Requests of NocoBase to DingTalk, without those of the browser. */
const callsToDingTalk = () => world().emulator.calls.filter(({ path }) => !path.startsWith('/oauth2/'));

describe.each(clients)('$client', (client) => {
  const { inV1, inV2 } = inTurn(client, visits(world, client));
  /** One language a client: unit tests have every sentence in every language. */
  const inLanguage = inTurn(client, visits(world, client, ({ v1: 'zh-CN', v2: 'en-US' } as const)[client.client]));

  inV1('T05: leads to the page first wanted, leaves no code behind, and takes no code twice', async (visitor) => {
    const authenticator = await addAuthenticator(world(), { title: 'DingTalk' });
    const account = addAccount(world());
    const user = await addAdministrator(world(), account, authenticator);

    await visitor.opens(DEEP_LINK);
    await visitor.button('DingTalk').click();
    await visitor.approves(account);
    await visitor.arrivesAt(DEEP_LINK);
    await visitor.seesNocoBase();

    expect(await visitor.user()).toMatchObject({ id: user.id });
    expect(callsToDingTalk()).toHaveLength(2);
    expect(visitor.watch.codes).toHaveLength(1);
    const [code] = visitor.watch.codes;
    for (const address of await visitor.history()) {
      expect(address).not.toContain(code);
      expect(address).not.toMatch(/eyJ|[?&#](code|authCode|token)=/);
    }
    await visitor.screenshot(`signed-in ${client.client}`);

    const [used] = visitor.watch.redirectUrls;
    await visitor.page.goto(used.href);
    await visitor.isTold('STATE_INVALID');
    expect(callsToDingTalk()).toHaveLength(2);
    expect(await visitor.user()).toMatchObject({ id: user.id });
    await visitor.page.getByRole('link', { name: visitor.words('Continue') }).click();
    await visitor.arrivesAt(DEEP_LINK);
  });

  // In both with each push: v1 is told to read who is signed in, v2 reads it by itself.
  visits(world, client)('NocoBase’s pages are loaded once after the approval, and know who came', async (visitor) => {
    const authenticator = await addAuthenticator(world());
    const account = addAccount(world());
    const user = await addAdministrator(world(), account, authenticator);
    await visitor.leavesForDingTalk(authenticator, `${client.base}${DEEP_LINK}`);
    const loaded: string[] = [];
    visitor.page.on('request', (request) => {
      const { origin, pathname } = new URL(request.url());
      const isOurs = origin === new URL(visitor.url('/')).origin && !pathname.endsWith('/dingtalk:redirect');
      if (isOurs && request.isNavigationRequest()) {
        loaded.push(pathname);
      }
    });
    await visitor.approves(account);
    await visitor.arrivesAt(DEEP_LINK);
    await visitor.seesNocoBase();
    expect(loaded).toEqual([`${client.base}${CALLBACK_PAGE}`]);
    expect(await visitor.user()).toMatchObject({ id: user.id });
    expect(await visitor.remembers('NOCOBASE_ROLE')).toBeTruthy();
  });

  inV2('T51: a stranger’s callback link leaves role, token, authenticator and page alone', async (visitor) => {
    const authenticator = await addAuthenticator(world());
    const account = addAccount(world());
    await addAdministrator(world(), account, authenticator);
    await visitor.leavesForDingTalk(authenticator);
    await visitor.approves(account);
    await visitor.arrivesAt('/admin');
    await visitor.seesNocoBase();
    const keys = ['NOCOBASE_ROLE', 'NOCOBASE_TOKEN', 'NOCOBASE_AUTH'];
    const session = () => Promise.all(keys.map((key) => visitor.remembers(key)));
    const before = await session();
    expect(before).not.toContain(null);
    await visitor.opens(`${CALLBACK_PAGE}#authenticator=${authenticator}&flow=${'A'.repeat(16)}`);
    await visitor.isTold('STATE_INVALID');
    expect(await session()).toEqual(before);
    await visitor.page.getByRole('link', { name: visitor.words('Continue') }).click();
    await visitor.seesNocoBase();
    expect(await session()).toEqual(before);
  });

  inLanguage.inV2('tells a failure in words, and leads back to the sign-in page as it was', async (visitor) => {
    const authenticator = await addAuthenticator(world(), { title: 'Harbour Tech 员工' });
    await addAuthenticator(world());
    const account = addAccount(world());
    await visitor.opens(DEEP_LINK);
    const button = visitor.button('Harbour Tech 员工');
    await button.waitFor();
    await visitor.button(visitor.words('Sign in via DingTalk')).waitFor();
    const password = await visitor.page.locator('input[type=password]').boundingBox();
    const box = await button.boundingBox();
    expect(box?.y).toBeGreaterThan(password?.y ?? Infinity);
    expect(box?.width).toBe(320);

    await button.click();
    const signInPage = await leftPage(visitor);
    await visitor.approves(account);
    await visitor.isTold('USER_NOT_FOUND');
    const [page, fragment] = visitor.page.url().split('#');
    expect(page).toBe(visitor.url(CALLBACK_PAGE));
    expect(fragment).toMatch(/^authenticator=[^&]+&flow=[\w-]{16}$/);
    expect(await visitor.user()).toEqual({});

    await addAdministrator(world(), account, authenticator);
    await visitor.page.getByRole('link', { name: visitor.words('Back to sign-in') }).click();
    await button.waitFor();
    expect(visitor.page.url()).toBe(signInPage);
    await button.click();
    await visitor.approves(account);
    await visitor.arrivesAt(DEEP_LINK);
  });

  const others = (visitor: Visitor) =>
    visitor.page.getByRole('button', { name: visitor.words('Other ways to sign in') });
  const password = (visitor: Visitor) => visitor.page.locator('input[type=password]');

  inV1('T110: DingTalk stands alone, the form is behind a link, and one address shows it at once', async (visitor) => {
    await addAuthenticator(world(), { title: 'DingTalk', first: 'button' });
    await visitor.opens('/signin');
    await others(visitor).waitFor();
    expect(await password(visitor).isVisible()).toBe(false);
    expect(await visitor.button('DingTalk').isVisible()).toBe(true);
    await visitor.screenshot(`first ${client.client}`);

    await others(visitor).click();
    await password(visitor).waitFor();
    await visitor.page.locator('form input:focus').waitFor();
    expect(await others(visitor).count()).toBe(0);

    await visitor.opens('/signin?method=password');
    await password(visitor).waitFor();
    await visitor.page.waitForLoadState('networkidle');
    expect(await password(visitor).isVisible()).toBe(true);
  });

  // To a page in a browser where another one of NocoBase's is open, its user may come from there.
  const firstVisit = inTurn(client, visits(world, client, 'en-US', Visitor.arriveForTheFirstTime));
  firstVisit.inV2(
    'T109: leaves at once, but after a refusal or a sign-out, and for a password, it stays',
    async (visitor) => {
      const authenticator = await addAuthenticator(world(), { title: 'DingTalk', first: 'atOnce' });
      const account = addAccount(world());
      await addAdministrator(world(), account, authenticator);
      // Without a look at the page meanwhile: what a test evaluates in it counts as an act of its user.
      const leaves = async (path: string) => {
        const { origin } = new URL(world().emulator.url);
        await Promise.all([visitor.page.waitForURL(`${origin}/**`), visitor.opens(path)]);
      };
      const stays = async () => {
        await others(visitor).waitFor();
        await visitor.page.waitForLoadState('networkidle');
        expect(new URL(visitor.page.url()).origin).toBe(new URL(visitor.url('/')).origin);
        expect(await password(visitor).isVisible()).toBe(false);
      };
      await leaves(DEEP_LINK);
      await visitor.choosesAccount(account);
      await visitor.refuses();
      await visitor.isTold('ACCESS_DENIED');
      await visitor.page.getByRole('link', { name: visitor.words('Back to sign-in') }).click();
      await stays();

      await visitor.comesAgain();
      await leaves(DEEP_LINK);
      await visitor.approves(account);
      await visitor.arrivesAt(DEEP_LINK);
      await visitor.seesNocoBase();

      // In a tab that has not left for DingTalk, so that only its session says that it must not.
      await visitor.comesAgain();
      await visitor.opens('/admin');
      await visitor.seesNocoBase();
      await visitor.signsOut();
      await stays();
      await visitor.page.reload();
      await stays();

      await visitor.comesAgain();
      await visitor.opens('/signin?method=password');
      await password(visitor).waitFor();
      await visitor.page.waitForLoadState('networkidle');
      expect(await password(visitor).isVisible()).toBe(true);
      await visitor.opens('/signin');
      await stays();
    },
  );

  inV1(
    'T04: begins again after the way back from DingTalk, and no link leads a new user elsewhere',
    async (visitor) => {
      await addAuthenticator(world(), { title: 'DingTalk', autoSignup: true });
      const account = addAccount(world(), { nick: '小伟 🌸' });
      await visitor.opens(`/signin?redirect=${encodeURIComponent('//evil.com')}`);
      await visitor.button('DingTalk').click();
      await visitor.page.locator('[data-account]').first().waitFor();
      await visitor.page.goBack({ waitUntil: 'commit' });
      await visitor.button('DingTalk').click();
      await visitor.approves(account);
      await visitor.arrivesAt('/admin');
      expect(await visitor.user()).toMatchObject({ nickname: '小伟 🌸', phone: account.mobile });
    },
  );

  inV1('T17: is not disturbed by what another user left in the browser', async (visitor) => {
    const authenticator = await addAuthenticator(world());
    const account = addAccount(world());
    const user = await addUser(world(), account);
    await visitor.page.goto(`${world().nocobase.apiUrl}/__health_check`);
    await visitor.page.evaluate((token) => {
      localStorage.setItem('NOCOBASE_ROLE', 'root');
      localStorage.setItem('NOCOBASE_TOKEN', token);
      localStorage.setItem('NOCOBASE_AUTH', 'basic');
    }, world().token);
    await visitor.leavesForDingTalk(authenticator);
    await visitor.approves(account);
    await visitor.arrivesAt('/admin');
    await visitor.seesNocoBase();
    expect(await visitor.user()).toMatchObject({ id: user.id });
    expect(await visitor.remembers('NOCOBASE_ROLE')).toBe('member');
  });

  inV2('works in two tabs at once', async (visitor) => {
    const authenticator = await addAuthenticator(world());
    const account = addAccount(world());
    await addUser(world(), account);
    const tabs = [visitor.page, await visitor.context.newPage()];
    for (const tab of tabs) {
      visitor.page = tab;
      await visitor.leavesForDingTalk(authenticator);
      await visitor.choosesAccount(account);
    }
    for (const tab of tabs) {
      await visitor.agrees(tab);
      await visitor.arrivesAt('/admin', tab);
    }
    expect(await visitor.user()).toMatchObject({ phone: account.mobile });
  });
});

/** The page from which the visitor went to DingTalk. */
async function leftPage(visitor: Visitor): Promise<string | undefined> {
  await visitor.page.locator('[data-account]').first().waitFor();
  return (await visitor.history()).reverse().find((address) => address.includes('/signin'));
}
