import type { Route } from 'playwright-core';
import { clients, languages } from '../testing/browser/clients';
import { DEEP_LINK, failures } from '../testing/browser/failures';
import { startOpenedWorld } from '../testing/browser/first-visit';
import { CALLBACK_PAGE, Visitor } from '../testing/browser/visitor';
import { shareWorld, visits } from '../testing/browser/visits';
import { addAuthenticator, addPerson, addUser } from '../testing/browser/world';

const world = shareWorld(() => startOpenedWorld('sign-in'));

/** Requests of NocoBase to DingTalk, the browser's not counted. */
const callsToDingTalk = () => world().emulator.calls.filter(({ path }) => !path.startsWith('/oauth2/'));

describe.each(clients)('$client', (client) => {
  describe.each(languages)('the button, in %s', (language) => {
    visits(
      world,
      client,
      language,
    )('stands under the form, with a title and without', async (visitor) => {
      await addAuthenticator(world(), { title: 'Harbour Tech 员工' });
      await addAuthenticator(world());
      await visitor.opens('/signin');
      await visitor.button('Harbour Tech 员工').waitFor();
      await visitor.button({ 'en-US': 'Sign in via DingTalk', 'zh-CN': '钉钉登录' }[language]).waitFor();
      const password = await visitor.page.locator('input[type=password]').boundingBox();
      const button = await visitor.button('Harbour Tech 员工').boundingBox();
      expect(button?.y).toBeGreaterThan(password?.y ?? Infinity);
      expect(button?.width).toBe(320);
      await visitor.screenshot(`sign-in-page ${client.client} ${language}`);
    });
  });

  describe('signing in', () => {
    const visit = visits(world, client);

    visit('leads to the page first wanted, and leaves no code behind', async (visitor) => {
      await addAuthenticator(world(), { title: 'DingTalk' });
      const person = addPerson(world());
      const user = await addUser(world(), person, 'admin');

      await visitor.opens(DEEP_LINK);
      await visitor.button('DingTalk').click();
      await visitor.approves(person);
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
    });

    visit('recognises somebody who comes back', async (visitor) => {
      const authenticator = await addAuthenticator(world());
      const person = addPerson(world());
      const user = await addUser(world(), person);
      for (const time of [1, 2]) {
        await visitor.context.clearCookies();
        await visitor.leavesForDingTalk(authenticator);
        await visitor.approves(person);
        await visitor.arrivesAt('/admin');
        expect(await visitor.user()).toMatchObject({ id: user.id });
        expect(callsToDingTalk()).toHaveLength(2 * time);
      }
    });

    visit('makes somebody new a user where that is allowed', async (visitor) => {
      const authenticator = await addAuthenticator(world(), { autoSignup: true });
      const person = addPerson(world(), { nick: '小伟 🌸' });
      await visitor.leavesForDingTalk(authenticator);
      await visitor.approves(person);
      await visitor.arrivesAt('/admin');
      await visitor.seesNocoBase();
      expect(await visitor.user()).toMatchObject({ nickname: '小伟 🌸', phone: person.mobile });
    });

    visit('is not disturbed by what somebody else left in the browser', async (visitor) => {
      const authenticator = await addAuthenticator(world());
      const person = addPerson(world());
      const user = await addUser(world(), person);
      await visitor.page.goto(`${world().nocobase.apiUrl}/__health_check`);
      await visitor.page.evaluate((token) => {
        localStorage.setItem('NOCOBASE_ROLE', 'root');
        localStorage.setItem('NOCOBASE_TOKEN', token);
        localStorage.setItem('NOCOBASE_AUTH', 'basic');
      }, world().token);
      await visitor.leavesForDingTalk(authenticator);
      await visitor.approves(person);
      await visitor.arrivesAt('/admin');
      await visitor.seesNocoBase();
      expect(await visitor.user()).toMatchObject({ id: user.id });
      expect(await visitor.remembers('NOCOBASE_ROLE')).toBe('member');
    });

    visit('works in two tabs at once', async (visitor) => {
      await addAuthenticator(world(), { title: 'DingTalk' });
      const person = addPerson(world());
      await addUser(world(), person);
      const tabs = [visitor.page, await visitor.context.newPage()];
      for (const tab of tabs) {
        await visitor.opens('/signin', tab);
        await visitor.button('DingTalk', tab).click();
        await visitor.choosesAccount(person, tab);
      }
      for (const tab of tabs) {
        await visitor.agrees(tab);
        await visitor.arrivesAt('/admin', tab);
      }
      expect(await visitor.user()).toMatchObject({ phone: person.mobile });
    });

    visit('says what it does while DingTalk is slow', async (visitor) => {
      const authenticator = await addAuthenticator(world(), { autoSignup: true });
      const person = addPerson(world());
      await visitor.leavesForDingTalk(authenticator);
      await visitor.choosesAccount(person);
      world().emulator.data.settings.latencyMs = 1500;
      await visitor.agrees();
      await visitor.page.getByText(visitor.words('Signing in with DingTalk…')).waitFor();
      expect(visitor.page.url()).toBe(visitor.url(CALLBACK_PAGE));
      await visitor.screenshot(`slow ${client.client}`);
      await visitor.arrivesAt('/admin');
    });

    visit('can be begun again after the way back from DingTalk', async (visitor) => {
      await addAuthenticator(world(), { title: 'DingTalk', autoSignup: true });
      const person = addPerson(world());
      await visitor.opens('/signin');
      await visitor.button('DingTalk').click();
      await visitor.page.locator('[data-account]').first().waitFor();
      await visitor.page.goBack({ waitUntil: 'commit' });
      await visitor.button('DingTalk').click();
      await visitor.approves(person);
      await visitor.arrivesAt('/admin');
    });
  });

  describe.each(languages)('a failure is told in words, in %s', (language) => {
    const visit = visits(world, client, language);

    for (const { when, code, prepare, authenticator, decide } of failures) {
      visit(when, async (visitor) => {
        const name = await addAuthenticator(world(), authenticator);
        const person = addPerson(world());
        prepare?.(world().emulator);
        await visitor.leavesForDingTalk(name);
        await visitor.choosesAccount(person);
        await decide(visitor);
        await visitor.isTold(code);
        expect(await visitor.user()).toEqual({});
        await visitor.screenshot(`${code} ${client.client} ${language}`);
      });
    }
  });

  describe('after a failure', () => {
    const visit = visits(world, client);

    visit('the way back leads to the sign-in page as it was', async (visitor) => {
      await addAuthenticator(world(), { title: 'DingTalk' });
      const person = addPerson(world());
      await visitor.opens(DEEP_LINK);
      await visitor.button('DingTalk').click();
      const signInPage = await leftPage(visitor);
      await visitor.approves(person);
      await visitor.isTold('USER_NOT_FOUND');

      await addUser(world(), person, 'admin');
      await visitor.page.getByRole('link', { name: visitor.words('Back to sign-in') }).click();
      await visitor.button('DingTalk').waitFor();
      expect(visitor.page.url()).toBe(signInPage);
      await visitor.button('DingTalk').click();
      await visitor.approves(person);
      await visitor.arrivesAt(DEEP_LINK);
    });

    visit('the button tells why it cannot leave for DingTalk', async (visitor) => {
      await addAuthenticator(world(), { title: 'DingTalk', clientSecret: '' });
      await visitor.opens('/signin');
      await visitor.button('DingTalk').click();
      await visitor.isTold('NOT_CONFIGURED');
      expect(await visitor.button('DingTalk').isEnabled()).toBe(true);
      await visitor.screenshot(`button-failure ${client.client}`);
    });

    const noAnswers: [string, (route: Route) => Promise<void>][] = [
      ['nothing', (route) => route.abort()],
      ['a page of a proxy', (route) => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>502</h1>' })],
    ];
    for (const [what, answer] of noAnswers) {
      visit(`people are told where the server answers with ${what}`, async (visitor) => {
        await addAuthenticator(world(), { title: 'DingTalk' });
        const told = visitor.page.getByRole('alert').filter({ hasText: visitor.words('SIGN_IN_FAILED') });

        await visitor.page.route('**/dingtalk:getAuthUrl', answer);
        await visitor.opens('/signin');
        await visitor.button('DingTalk').click();
        await told.waitFor();
        expect(await visitor.button('DingTalk').isEnabled()).toBe(true);

        await visitor.page.route('**/auth:signIn', answer);
        await visitor.opens(`${CALLBACK_PAGE}#authenticator=dingtalk&code=x&state=x`);
        await told.waitFor();
      });
    }

    visit('a Redirect URL that was used is refused, and so is the callback page', async (visitor) => {
      const authenticator = await addAuthenticator(world());
      const person = addPerson(world());
      const user = await addUser(world(), person);
      await visitor.leavesForDingTalk(authenticator);
      await visitor.approves(person);
      await visitor.arrivesAt('/admin');

      const [used] = visitor.watch.redirectUrls;
      await visitor.page.goto(used.href);
      await visitor.isTold('STATE_INVALID');
      await visitor.opens(CALLBACK_PAGE);
      await visitor.isTold('STATE_INVALID');
      expect(callsToDingTalk()).toHaveLength(2);
      expect(await visitor.user()).toMatchObject({ id: user.id });
    });
  });

  describe('a link of an attacker', () => {
    const visit = visits(world, client);

    for (const words of ['Call +1 555 0100 <img src=x onerror=alert(1)>', 'CALL_EVIL_COM', 'constructor']) {
      visit(`puts no words on the callback page: ${words}`, async (visitor) => {
        await visitor.opens(`${CALLBACK_PAGE}#error=${encodeURIComponent(words)}`);
        await visitor.isTold('SIGN_IN_FAILED');
        expect(await visitor.page.locator('body').innerText()).not.toMatch(/call|555|constructor/i);
        expect(visitor.page.url()).toBe(visitor.url(CALLBACK_PAGE));
      });
    }

    const elsewhere = [
      '//evil.com',
      '/\\evil.com',
      'https://evil.com',
      '/.//evil.com',
      '/%09/evil.com',
      'javascript:alert(1)',
      '/admin?token=x',
      '\\\\evil.com',
    ];
    for (const target of elsewhere) {
      visit(`leads nobody away: ${target}`, async (visitor) => {
        await addAuthenticator(world(), { title: 'DingTalk', autoSignup: true });
        const { origin } = new URL(world().nocobase.url);
        const person = addPerson(world());
        world().emulator.data.settings.consent = 'never';
        await visitor.opens(`/signin?redirect=${encodeURIComponent(target)}`);
        await visitor.button('DingTalk').click();
        await visitor.choosesAccount(person);
        await visitor.page.waitForURL((url) => url.origin === origin && !url.pathname.includes('/signin'), {
          waitUntil: 'commit',
        });
        expect(visitor.page.url()).not.toContain('token');
        expect(await visitor.user()).toHaveProperty('id');
      });
    }
  });
});

/** The page from which the visitor went to DingTalk. */
async function leftPage(visitor: Visitor): Promise<string | undefined> {
  await visitor.page.locator('[data-account]').first().waitFor();
  return (await visitor.history()).reverse().find((address) => address.includes('/signin'));
}
