import { clients } from '../testing/browser/clients';
import { becomeAdministrator, otherClient, SettingsPage } from '../testing/browser/settings-page';
import { startSharedWorld } from '../testing/browser/shared-world';
import { Visitor } from '../testing/browser/visitor';
import { shareWorld, visits } from '../testing/browser/visits';
import { addAccount } from '../testing/browser/world';
import { inTurn } from '../testing/nightly';

const VARIABLE = 'DINGTALK_CLIENT_ID';
const TITLE = 'Harbour Tech';
const REQUIRED = /required|Please enter/;

const world = shareWorld(async () => {
  const started = await startSharedWorld();
  const [{ clientId }] = started.emulator.data.apps;
  await started.api('environmentVariables:create', { name: VARIABLE, type: 'default', value: clientId });
  return started;
});

describe.each(clients)('$client', (client) => {
  const { inV1 } = inTurn(client, visits(world, client));
  const { inV2: inChinese } = inTurn(client, visits(world, client, 'zh-CN'));

  // Ends in the form of the other client. What a form lacks is noticed by the unit test of each form, too.
  inV1('what was saved comes back, survives the other client, and users can sign in', async (visitor) => {
    const [{ clientId, clientSecret }] = world().emulator.data.apps;
    const [{ corpId }] = world().emulator.data.organizations;
    const saved = {
      public: { autoSignup: true },
      dingtalk: {
        clientId: expect.stringMatching(/^\{\{ ?\$env\.DINGTALK_CLIENT_ID ?\}\}$/),
        clientSecret,
        corpId,
        matchByPhone: 'confirm',
        emailDomains: ['harbour.example'],
        signUpWithoutPhone: true,
      },
    };
    expect(clientId).toBeTruthy();

    await becomeAdministrator(visitor);
    await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const settings = new SettingsPage(visitor);
    await settings.open();
    await settings.addNew();
    expect(await settings.autoSignup.isChecked()).toBe(false);
    // In v2 NocoBase's form does not catch the list of invalid fields: an error without words.
    visitor.watch.allowError(/authenticators: $/);
    await settings.submit();
    for (const label of ['Client ID', 'Client Secret']) {
      await settings.item(label).getByText(REQUIRED).waitFor();
    }
    expect(await settings.item('Corp ID').getByText(REQUIRED).count()).toBe(0);

    const redirectUrl = `${world().nocobase.url}/api/dingtalk:redirect`;
    expect(await settings.redirectUrl.inputValue()).toBe(redirectUrl);
    expect(await settings.redirectUrl.isEditable()).toBe(false);
    await settings.copyRedirectUrl();
    expect(await settings.pasteInto('Title')).toBe(redirectUrl);
    await settings.input('Title').fill('');

    await settings.enter('Title', TITLE);
    await settings.item('Enabled').getByRole('checkbox').check();
    const warning = settings.page.getByText('Without a Corp ID, anyone with a DingTalk account can register.');
    expect(await warning.count()).toBe(0);
    await settings.autoSignup.check();
    await warning.waitFor();
    await settings.pickVariable('Client ID', VARIABLE);
    await settings.enter('Client Secret', clientSecret);
    expect(await settings.input('Client Secret').getAttribute('type')).toBe('password');
    await settings.enter('Corp ID', corpId);
    await warning.waitFor({ state: 'detached' });
    await settings.page.getByRole('radio', { name: new RegExp(`^${visitor.words('Confirm')}`) }).check();
    await settings.page.getByText(visitor.words('More settings')).click();
    await settings.page.getByText(visitor.words('Always protected:')).getByText('Root').waitFor();
    await settings.page.getByRole('combobox', { name: visitor.words('E-mail domains') }).fill('Harbour.example');
    await settings.page.keyboard.press('Enter');
    await settings.page.getByRole('checkbox', { name: visitor.words('Sign up users without a phone number') }).check();
    await visitor.screenshot(`settings-filled ${client.client}`);
    await settings.submitAndClose();
    expect(await storedOptions()).toEqual(saved);

    for (const [index, next] of [client, otherClient(client)].entries()) {
      await settings.open(next);
      await settings.configure(TITLE);
      await settings.item('Client ID').getByText(VARIABLE).waitFor();
      expect(await settings.autoSignup.isChecked()).toBe(true);
      expect(await settings.input('Client Secret').getAttribute('type')).toBe('password');
      expect(await settings.input('Client Secret').inputValue()).toBe(clientSecret);
      expect(await settings.input('Corp ID').inputValue()).toBe(corpId);
      expect(await settings.page.getByRole('radio', { name: /^Confirm/ }).isChecked()).toBe(true);
      await settings.enter('Description', `Edit ${index}`);
      await settings.submitAndClose();
      expect(await storedOptions()).toEqual(saved);
    }

    const account = addAccount(world());
    const guest = await Visitor.arrive(world(), client, 'en-US');
    try {
      await guest.opens('/signin');
      await guest.button(TITLE).click();
      await guest.approves(account);
      await guest.arrivesAt('/admin');
      expect(await guest.user()).toMatchObject({ phone: account.mobile });
      expect(await guest.watch.faults()).toEqual([]);
    } finally {
      await guest.leave();
    }
  });

  inV1('tests a sign-in by what is not saved, in another tab, and signs nobody in', async (visitor) => {
    const [{ clientSecret, corpId }] = world().emulator.data.apps;
    await becomeAdministrator(visitor);
    const settings = new SettingsPage(visitor);
    await settings.open();
    await settings.addNew();
    await settings.pickVariable('Client ID', VARIABLE);
    await settings.enter('Client Secret', clientSecret);
    await settings.enter('Corp ID', corpId);
    await settings.autoSignup.check();
    const administrator = await visitor.user();
    // Before DingTalk's page is opened, which lists the accounts.
    const account = addAccount(world());
    const before = await world().api('users:list');
    const opened = visitor.context.waitForEvent('page');
    await settings.testButton.click();
    const tab = await opened;
    await settings.page
      .getByText(visitor.words('DingTalk is open in another tab. Approve there: the result appears in that tab.'))
      .waitFor();
    await visitor.approves(account, tab);
    const result = settings.findingsIn(tab);
    for (const code of ['TEST_REDIRECT_URL', 'TEST_ORGANIZATION', 'TEST_NAME', 'TEST_PHONE', 'TEST_CREATED'] as const) {
      await result.filter({ hasText: visitor.words(code).split('{')[0] }).waitFor();
    }
    expect(tab.url()).not.toMatch(/[?&#](code|authCode|state)=/);
    expect(await tab.evaluate(() => window.opener)).toBeNull();
    expect(await settings.input('Client Secret').inputValue()).toBe(clientSecret);
    expect(await visitor.user(tab)).toEqual(administrator);
    expect(await world().api('users:list')).toEqual(before);
  });

  inChinese('asks DingTalk in Chinese whether the values work, and copies without a clipboard', async (visitor) => {
    const [{ clientSecret, corpId }] = world().emulator.data.apps;
    await becomeAdministrator(visitor);
    await visitor.context.addInitScript(() => {
      // As on plain http.
      Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined });
    });
    const settings = new SettingsPage(visitor);
    await settings.open();
    await settings.addNew();
    await settings.item('重定向 URL').waitFor();
    await settings.page.getByText('用户不存在时自动注册').waitFor();
    expect(await settings.page.locator('.ant-drawer-content').innerText()).toContain('安全设置');
    await settings.copyRedirectUrl();
    await settings.pickVariable('Client ID', VARIABLE);
    expect(await settings.pasteInto('Corp ID')).toBe(`${world().nocobase.url}/api/dingtalk:redirect`);
    await settings.input('Corp ID').fill('');
    expect(await settings.checkButton.isEnabled()).toBe(false);
    await settings.enter('Client Secret', 'wrong');
    await settings.autoSignup.check();
    await settings.check();
    await settings
      .finding('CREDENTIALS_REFUSED')
      .getByRole('img', { name: visitor.words('Error') })
      .waitFor();
    await settings
      .finding('ANYONE_CAN_REGISTER')
      .getByRole('img', { name: visitor.words('Warning') })
      .waitFor();
    await visitor.screenshot(`settings-check-wrong ${client.client}`);

    await settings.input('Client Secret').fill(clientSecret);
    await settings.findings.first().waitFor({ state: 'detached' });
    await settings.enter('Corp ID', corpId);
    await settings.check();
    for (const code of ['CREDENTIALS_ACCEPTED', 'CORP_ID_CONFIRMED', 'REDIRECT_URL_TRUSTED'] as const) {
      await settings
        .finding(code)
        .getByRole('img', { name: visitor.words('In order') })
        .waitFor();
    }
    await visitor.screenshot(`settings-check-right ${client.client}`);
    // The basic authenticator alone.
    expect(await world().api<unknown[]>('authenticators:list')).toHaveLength(1);
  });
});

async function storedOptions(): Promise<unknown> {
  const filter = encodeURIComponent(JSON.stringify({ title: TITLE }));
  const [authenticator] = await world().api<{ options: unknown }[]>(`authenticators:list?filter=${filter}`);
  return authenticator.options;
}
