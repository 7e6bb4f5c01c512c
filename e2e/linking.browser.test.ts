import { AccountPage, addUserWithPassword, signInWithPassword } from '../testing/browser/account-page';
import { clients } from '../testing/browser/clients';
import { startSharedWorld } from '../testing/browser/shared-world';
import { becomeAdministrator, SettingsPage } from '../testing/browser/settings-page';
import { press } from '../testing/browser/stillness';
import { Visitor } from '../testing/browser/visitor';
import { shareWorld, visits } from '../testing/browser/visits';
import { addAuthenticator, addAccount } from '../testing/browser/world';

const TITLE = 'Harbour Tech';

const world = shareWorld(startSharedWorld);

describe.each(clients)('$client', (client) => {
  const visit = visits(world, client);
  /** One language a client: unit tests have every sentence in every language. */
  const visitInLanguage = visits(world, client, ({ v1: 'en-US', v2: 'zh-CN' } as const)[client.client]);

  /** A user who is signed in with a password, on the account page. */
  async function openAccountPage(visitor: Visitor) {
    const user = await addUserWithPassword(world());
    await signInWithPassword(visitor, user);
    const page = new AccountPage(visitor);
    await page.open();
    return { user, page };
  }

  visitInLanguage('a user links a DingTalk account, signs in with it, and unlinks it', async (visitor) => {
    const authenticator = await addAuthenticator(world(), { title: TITLE });
    const account = addAccount(world(), { nick: '<b>小伟</b> 🌸' });
    const user = await addUserWithPassword(world());
    await signInWithPassword(visitor, user);
    const page = new AccountPage(visitor);

    await page.openFromMenu();
    await page.row(TITLE).getByText(visitor.words('Not linked'), { exact: true }).waitFor();
    await page.link(TITLE).click();
    await visitor.approves(account);
    await page.isShown();
    await page.says(visitor.words('Your DingTalk account is linked.'));
    await page.row(TITLE).getByText('<b>小伟</b> 🌸', { exact: true }).waitFor();
    await visitor.screenshot(`account-linked ${client.client}`);
    expect((await visitor.user()).id).toBe(user.id);

    await visitor.page.evaluate(() => localStorage.clear());
    await visitor.context.clearCookies();
    await visitor.leavesForDingTalk(authenticator, `${client.base}/admin/dingtalk`);
    await visitor.approves(account);
    await page.isShown();
    expect((await visitor.user()).id).toBe(user.id);
    await page.unlink(TITLE).click();
    await page.confirms();
    await page.says(visitor.words('The DingTalk account is no longer linked.'));
    await page.link(TITLE).waitFor();
    await visitor.leavesForDingTalk(authenticator);
    await visitor.approves(account);
    await visitor.isTold('USER_NOT_FOUND');
  });

  visit(
    'T05: with the keyboard on a phone; a refusal is told once, and no session’s end leaves a code',
    async (visitor) => {
      await visitor.page.setViewportSize({ width: 390, height: 844 });
      await addAuthenticator(world(), { title: TITLE });
      const account = addAccount(world(), {
        nick: 'A name that is so long that it does not fit on any phone 🌸'.repeat(2),
      });
      const { page } = await openAccountPage(visitor);
      await page.link(TITLE).focus();
      await visitor.page.keyboard.press('Enter');
      await visitor.choosesAccount(account);
      await visitor.refuses();
      await visitor.isTold('ACCESS_DENIED');
      await page.isShown();
      await visitor.page.reload();
      await page.link(TITLE).waitFor();
      expect(await visitor.page.getByRole('alert').count()).toBe(0);

      await page.link(TITLE).focus();
      await visitor.page.keyboard.press('Enter');
      await visitor.approves(account);
      await page.unlink(TITLE).focus();
      expect(await visitor.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
      await visitor.page.keyboard.press('Enter');
      await visitor.page.getByRole('dialog').locator(':focus').waitFor({ state: 'attached' });
      await page.confirms();
      await page.link(TITLE).waitFor();
      for (const address of await visitor.history()) {
        expect(address).not.toMatch(/[?&#](code|authCode)=/);
      }

      await page.link(TITLE).click();
      await visitor.choosesAccount(account);
      await visitor.context.addInitScript(() => localStorage.removeItem('NOCOBASE_TOKEN'));
      await visitor.agrees();
      await visitor.button(TITLE).waitFor();
      const code = visitor.watch.codes.at(-1) ?? '';
      expect(code).not.toBe('');
      expect(visitor.page.url()).not.toContain(code);
    },
  );

  visit('an administrator finds a linked user in the settings, and unlinks them', async (visitor) => {
    await addAuthenticator(world(), { title: TITLE });
    const account = addAccount(world());
    const guest = await Visitor.arrive(world(), client, 'en-US');
    const { page, user } = await openAccountPage(guest);
    await page.link(TITLE).click();
    await guest.approves(account);
    await page.unlink(TITLE).waitFor();

    await becomeAdministrator(visitor);
    const settings = new SettingsPage(visitor);
    await settings.open();
    await settings.configure(TITLE);
    await settings.page.getByText(visitor.words('Linked users')).click();
    await settings.page.getByText(account.nick, { exact: true }).waitFor();
    const search = settings.page.getByRole('searchbox');
    await search.fill('nobody of this name');
    await settings.page.keyboard.press('Enter');
    await settings.page.getByText(visitor.words('No linked user found.')).waitFor();
    await search.fill(user.username);
    await settings.page.keyboard.press('Enter');
    await settings.page.getByRole('button', { name: new RegExp(`^Unlink: .*${user.username}`) }).click();
    await press(settings.page.getByRole('dialog').getByRole('button', { name: 'Unlink', exact: true }));
    await settings.page.getByText(visitor.words('No linked user found.')).waitFor();
    await visitor.screenshot(`linked-users ${client.client}`);
    await guest.leave();
  });
});
