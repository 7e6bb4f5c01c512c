import { AccountPage, addUserWithPassword, signInWithPassword } from '../testing/browser/account-page';
import { clients } from '../testing/browser/clients';
import { startSharedWorld } from '../testing/browser/shared-world';
import { becomeAdministrator, SettingsPage } from '../testing/browser/settings-page';
import { press } from '../testing/browser/stillness';
import { Visitor } from '../testing/browser/visitor';
import { shareWorld, visits } from '../testing/browser/visits';
import { addAuthenticator, addAccount } from '../testing/browser/world';
import { inTurn } from '../testing/nightly';

const TITLE = 'Harbour Tech';

const world = shareWorld(startSharedWorld);

/** NocoBase's own form, which opens the page that its address names. */
async function fillPasswordForm({ page }: Visitor, user: { username: string; password: string }): Promise<void> {
  await page.locator('input:not([type=password])').first().fill(user.username);
  await page.locator('input[type=password]').fill(user.password);
  await page.locator('input[type=password]').press('Enter');
}

describe.each(clients)('$client', (client) => {
  const { inV1, inV2 } = inTurn(client, visits(world, client));
  /** One language a client: unit tests have every sentence in every language. */
  const inLanguage = inTurn(client, visits(world, client, ({ v1: 'en-US', v2: 'zh-CN' } as const)[client.client]));

  /** A user who is signed in with a password, on the account page. */
  async function openAccountPage(visitor: Visitor) {
    const user = await addUserWithPassword(world());
    await signInWithPassword(visitor, user);
    const page = new AccountPage(visitor);
    await page.open();
    return { user, page };
  }

  inLanguage.inV1('a user links a DingTalk account, signs in with it, and unlinks it', async (visitor) => {
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
    await page.confirmsLink(account.nick);
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
    await visitor.isTold('LINK_FIRST');
  });

  inLanguage.inV2(
    'T52: a user whose number matches signs in another way, is asked, and is signed in by DingTalk from then on',
    async (visitor) => {
      const authenticator = await addAuthenticator(world(), { title: TITLE, matchByPhone: 'confirm' });
      const account = addAccount(world(), { nick: '小伟 🌸' });
      const user = await addUserWithPassword(world(), { phone: account.mobile });
      const page = new AccountPage(visitor);
      await visitor.leavesForDingTalk(authenticator);
      await visitor.approves(account);
      await visitor.isTold('LINK_FIRST');
      await visitor.screenshot(`link-first ${client.client}`);
      await visitor.page.getByRole('link', { name: visitor.words('Sign in another way') }).click();
      await fillPasswordForm(visitor, user);

      await page.isShown();
      await page.question().getByText('小伟 🌸', { exact: true }).waitFor();
      await visitor.screenshot(`account-pending ${client.client}`);
      expect((await visitor.user()).id).toBe(user.id);
      // Nothing is linked by the question alone.
      await visitor.page.reload();
      await page.isShown();
      await page.confirmsLink('小伟 🌸');
      await page.says(visitor.words('Your DingTalk account is linked.'));
      await page.unlink(TITLE).waitFor();
      await visitor.page.reload();
      await page.unlink(TITLE).waitFor();
      expect(await page.question().count()).toBe(0);

      await visitor.page.evaluate(() => localStorage.clear());
      await visitor.context.clearCookies();
      await visitor.leavesForDingTalk(authenticator);
      await visitor.approves(account);
      await visitor.arrivesAt('/admin');
      expect((await visitor.user()).id).toBe(user.id);
    },
  );

  inV2(
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
      await page.question().locator(':focus').waitFor({ state: 'attached' });
      await visitor.page.keyboard.press('Escape');
      await page.question().waitFor({ state: 'detached' });
      await page.link(TITLE).waitFor();
      await visitor.page.reload();
      await page.question().locator('.ant-btn-primary').focus();
      await visitor.page.keyboard.press('Enter');
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

  inV1('an administrator finds a linked user in the settings, blocks them, and unblocks them', async (visitor) => {
    await addAuthenticator(world(), { title: TITLE });
    const account = addAccount(world());
    const guest = await Visitor.arrive(world(), client, 'en-US');
    const { page, user } = await openAccountPage(guest);
    await page.link(TITLE).click();
    await guest.approves(account);
    await page.confirmsLink(account.nick);
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
    const row = (action: string) =>
      settings.page.getByRole('button', { name: new RegExp(`^${action}: .*${user.username}`) });
    const agrees = (action: string) =>
      press(settings.page.getByRole('dialog').getByRole('button', { name: action, exact: true }));
    await row('Block').click();
    await agrees('Block');
    await settings.page
      .getByRole('status')
      .filter({ hasText: user.username })
      .getByText('Password', { exact: true })
      .waitFor();
    await visitor.screenshot(`just-blocked ${client.client}`);
    expect((await guest.user()).id).toBeUndefined();

    await settings.page.getByRole('tab', { name: visitor.words('Blocked') }).click();
    await row('Unblock').click();
    await agrees('Unblock');
    await settings.page.getByText(visitor.words('No user or account found.')).waitFor();
    await visitor.screenshot(`linked-users ${client.client}`);
    await guest.leave();
  });
});
