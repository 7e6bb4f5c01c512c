import { AccountPage, addUserWithPassword, signInWithPassword } from '../testing/browser/account-page';
import { clients, languages } from '../testing/browser/clients';
import { startOpenedWorld } from '../testing/browser/first-visit';
import { becomeAdministrator, SettingsPage } from '../testing/browser/settings-page';
import { press } from '../testing/browser/stillness';
import { Visitor } from '../testing/browser/visitor';
import { shareWorld, visits } from '../testing/browser/visits';
import { addAuthenticator, addPerson } from '../testing/browser/world';

const TITLE = 'Harbour Tech';

const world = shareWorld(() => startOpenedWorld('linking'));

describe.each(clients)('$client', (client) => {
  const visit = visits(world, client);

  /** A user who is signed in, and looks at the page. */
  async function looksAtThePage(visitor: Visitor) {
    const user = await addUserWithPassword(world());
    await signInWithPassword(visitor, user);
    const page = new AccountPage(visitor);
    await page.open();
    return { user, page };
  }

  /** A user who is about to link an account, and has only to agree. */
  async function choosesAccountToLink(visitor: Visitor) {
    await addAuthenticator(world(), { title: TITLE });
    const person = addPerson(world());
    const { page } = await looksAtThePage(visitor);
    await page.link(TITLE).click();
    await visitor.choosesAccount(person);
    return page;
  }

  describe.each(languages)('in %s', (language) => {
    visits(
      world,
      client,
      language,
    )('a user links a DingTalk account, signs in with it, and unlinks it', async (visitor) => {
      const authenticator = await addAuthenticator(world(), { title: TITLE });
      const person = addPerson(world(), { nick: '<b>小伟</b> 🌸' });
      const user = await addUserWithPassword(world());
      await signInWithPassword(visitor, user);
      const page = new AccountPage(visitor);

      await page.openFromMenu();
      await page.row(TITLE).getByText(visitor.words('Not linked'), { exact: true }).waitFor();
      await visitor.screenshot(`account-not-linked ${client.client} ${language}`);
      await page.link(TITLE).click();
      await visitor.approves(person);
      await page.isShown();
      await page.says(visitor.words('Your DingTalk account is linked.'));
      await page.row(TITLE).getByText('<b>小伟</b> 🌸', { exact: true }).waitFor();
      await visitor.screenshot(`account-linked ${client.client} ${language}`);
      expect((await visitor.user()).id).toBe(user.id);

      await visitor.page.evaluate(() => localStorage.clear());
      await visitor.context.clearCookies();
      await visitor.opens('/signin');
      await visitor.button(TITLE).click();
      await visitor.approves(person);
      await visitor.arrivesAt('/admin');
      expect((await visitor.user()).id).toBe(user.id);

      await page.open();
      await page.unlink(TITLE).click();
      await visitor.page.getByText(visitor.words('Unlink this DingTalk account?')).hover();
      await visitor.screenshot(`account-unlink ${client.client} ${language}`);
      await page.confirms();
      await page.says(visitor.words('The DingTalk account is no longer linked.'));
      await page.link(TITLE).waitFor();
      await visitor.leavesForDingTalk(authenticator);
      await visitor.approves(person);
      await visitor.isTold('USER_NOT_FOUND');
    });
  });

  visit('what was refused is told on the page, and leaves no code behind', async (visitor) => {
    await addAuthenticator(world(), { title: TITLE });
    const person = addPerson(world());
    const owner = await Visitor.arrive(world(), client, 'en-US');
    const { page: page1 } = await looksAtThePage(owner);
    await page1.link(TITLE).click();
    await owner.approves(person);
    await page1.unlink(TITLE).waitFor();
    await owner.leave();

    const { page } = await looksAtThePage(visitor);
    await page.link(TITLE).click();
    await visitor.approves(person);
    await visitor.isTold('DINGTALK_ACCOUNT_TAKEN');
    await page.isShown();
    await visitor.screenshot(`account-taken ${client.client}`);

    await page.link(TITLE).click();
    await visitor.choosesAccount(person);
    await visitor.refuses();
    await visitor.isTold('ACCESS_DENIED');
    await page.isShown();

    await visitor.page.reload();
    await page.link(TITLE).waitFor();
    expect(await visitor.page.getByRole('alert').count()).toBe(0);
    for (const address of await visitor.history()) {
      expect(address).not.toMatch(/[?&#](code|authCode)=/);
    }
  });

  visit('the only way in cannot be unlinked, and it says why', async (visitor) => {
    const authenticator = await addAuthenticator(world(), { title: TITLE, autoSignup: true });
    const person = addPerson(world());
    await visitor.leavesForDingTalk(authenticator);
    await visitor.approves(person);
    await visitor.arrivesAt('/admin');
    const page = new AccountPage(visitor);
    await page.open();
    expect(await page.unlink(TITLE).isDisabled()).toBe(true);
    await visitor.page.getByText(visitor.words('This is your only way to sign in.')).waitFor();
    await visitor.screenshot(`account-only-way ${client.client}`);
  });

  visit('a session that ends in the middle leaves no code in an address', async (visitor) => {
    await choosesAccountToLink(visitor);
    await visitor.context.addInitScript(() => localStorage.removeItem('NOCOBASE_TOKEN'));
    await visitor.agrees();
    await visitor.button(TITLE).waitFor();
    expect(visitor.watch.codes).toHaveLength(1);
    expect(visitor.page.url()).not.toContain(visitor.watch.codes[0]);
  });

  visit('a session that ends in the middle leaves no message for whoever signs in next', async (visitor) => {
    const page = await choosesAccountToLink(visitor);
    await visitor.page.route('**/dingtalk:link', (route) =>
      route.continue({ headers: { ...route.request().headers(), authorization: '' } }),
    );
    await visitor.agrees();
    await visitor.button(TITLE).waitFor();

    const next = await addUserWithPassword(world());
    await signInWithPassword(visitor, next);
    await page.open();
    await page.link(TITLE).waitFor();
    expect(await visitor.page.getByRole('alert').count()).toBe(0);
  });

  visit('works with the keyboard, on a phone', async (visitor) => {
    await visitor.page.setViewportSize({ width: 390, height: 844 });
    await addAuthenticator(world(), { title: TITLE });
    await addAuthenticator(world());
    const person = addPerson(world(), {
      nick: 'A name that is so long that it does not fit on any phone 🌸'.repeat(2),
    });
    const { page } = await looksAtThePage(visitor);
    await page.link(TITLE).focus();
    await visitor.page.keyboard.press('Enter');
    await visitor.approves(person);
    await page.unlink(TITLE).focus();
    await visitor.screenshot(`account-phone ${client.client}`);
    const wide = await visitor.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(wide).toBe(false);
    await visitor.page.keyboard.press('Enter');
    await visitor.page.getByRole('dialog').locator(':focus').waitFor({ state: 'attached' });
    await visitor.page.keyboard.press('Escape');
    await visitor.page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.unlink(TITLE).isEnabled()).toBe(true);
  });

  visit('an administrator finds a linked user in the authenticator’s settings, and unlinks them', async (visitor) => {
    await addAuthenticator(world(), { title: TITLE });
    const person = addPerson(world());
    const guest = await Visitor.arrive(world(), client, 'en-US');
    const { page, user } = await looksAtThePage(guest);
    await page.link(TITLE).click();
    await guest.approves(person);
    await page.unlink(TITLE).waitFor();

    await becomeAdministrator(visitor);
    const settings = new SettingsPage(visitor);
    await settings.open();
    await settings.configure(TITLE);
    await settings.page.getByText(visitor.words('Linked users')).click();
    await settings.page.getByRole('searchbox').fill(user.username);
    await settings.page.keyboard.press('Enter');
    await settings.page.getByText(person.nick, { exact: true }).waitFor();
    await visitor.screenshot(`linked-users ${client.client}`);
    await settings.page.getByRole('button', { name: new RegExp(`^Unlink: .*${user.username}`) }).click();
    await press(settings.page.getByRole('dialog').getByRole('button', { name: 'Unlink', exact: true }));
    await settings.page.getByText(visitor.words('No linked user found.')).waitFor();

    await page.open();
    await page.link(TITLE).waitFor();
    await guest.leave();
  });
});
