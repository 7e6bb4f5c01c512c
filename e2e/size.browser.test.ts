import { AccountPage, addUserWithPassword, signInWithPassword } from '../testing/browser/account-page';
import { Bundles } from '../testing/browser/bundles';
import { clients } from '../testing/browser/clients';
import { startOpenedWorld } from '../testing/browser/first-visit';
import { becomeAdministrator, SettingsPage } from '../testing/browser/settings-page';
import { CALLBACK_PAGE, Visitor } from '../testing/browser/visitor';
import { shareWorld, visits } from '../testing/browser/visits';
import { addAuthenticator, addPerson, addUser } from '../testing/browser/world';

/** The most that anybody who signs in may ever have to load of this plugin, in bytes. */
const MOST_GZIP = 1536;

/** What was reached, in bytes. To grow by more than 5 % takes a new figure here, and a reason. */
const reached = {
  v1: { gzip: 1530, brotli: 1329 },
  v2: { gzip: 1512, brotli: 1312 },
};

const world = shareWorld(() => startOpenedWorld('size'));

describe.each(clients)('$client', (client) => {
  const visit = visits(world, client);
  const folder = { v1: 'dist/client', v2: 'dist/client-v2' }[client.client];
  const entry = `${folder}/index.js`;

  visit('the sign-in page loads one small bundle', async (visitor) => {
    await addAuthenticator(world(), { title: 'DingTalk' });
    const bundles = new Bundles(visitor.page);
    await visitor.opens('/signin');
    await visitor.button('DingTalk').waitFor();
    await visitor.page.waitForLoadState('networkidle');

    expect(bundles.files()).toEqual([entry]);
    const { gzip, brotli } = await bundles.sizes();
    expect(gzip).toBeLessThanOrEqual(Math.min(MOST_GZIP, reached[client.client].gzip * 1.05));
    expect(brotli).toBeLessThanOrEqual(reached[client.client].brotli * 1.05);
  });

  visit('a sign-in needs no other to its end', async (visitor) => {
    await addAuthenticator(world(), { title: 'DingTalk' });
    const person = addPerson(world());
    await addUser(world(), person);
    const bundles = new Bundles(visitor.page);
    await visitor.opens('/signin');
    await visitor.button('DingTalk').click();
    await visitor.approves(person);
    await visitor.arrivesAt('/admin');
    await visitor.seesNocoBase();

    expect(bundles.files(/\/signin$/)).toEqual([entry]);
    expect(new Set(bundles.files(/\/signin\/dingtalk$/))).toEqual(new Set([entry]));
  });

  visit('the settings form comes when it is opened', async (visitor) => {
    await addAuthenticator(world(), { title: 'DingTalk' });
    await becomeAdministrator(visitor);
    const bundles = new Bundles(visitor.page);
    const settings = new SettingsPage(visitor);
    await settings.open();
    expect(bundles.files()).toContain(entry);
    expect(bundles.files()).not.toContain(`${folder}/SettingsForm.js`);
    await settings.configure('DingTalk');
    expect(bundles.files()).toContain(`${folder}/SettingsForm.js`);
  });

  visit('the page for linking comes when it is opened', async (visitor) => {
    await addAuthenticator(world(), { title: 'DingTalk' });
    const person = addPerson(world());
    await signInWithPassword(visitor, await addUserWithPassword(world()));
    const bundles = new Bundles(visitor.page);
    await visitor.opens('/admin');
    await visitor.seesNocoBase();
    expect(bundles.files()).not.toContain(`${folder}/AccountPage.js`);

    const page = new AccountPage(visitor);
    await page.open();
    expect(bundles.files()).toContain(`${folder}/AccountPage.js`);
    expect(bundles.files()).not.toContain(`${folder}/LinkPage.js`);
    await page.link('DingTalk').click();
    await visitor.approves(person);
    await page.isShown();
    expect(bundles.files(/\/signin\/dingtalk\/link$/)).toContain(`${folder}/LinkPage.js`);
  });

  visit('a failure brings its words along', async (visitor) => {
    const bundles = new Bundles(visitor.page);
    await visitor.opens(`${CALLBACK_PAGE}#error=CODE_INVALID`);
    await visitor.isTold('CODE_INVALID');
    expect(bundles.files()).toEqual([entry, `${folder}/CallbackFailure.js`]);
  });

  test('what speaks to the DingTalk app comes there alone', async () => {
    await addAuthenticator(world(), { autoSignIn: true, corpId: world().emulator.data.organizations[0].corpId });
    const person = addPerson(world());
    await addUser(world(), person);
    const { visitor } = await Visitor.insideDingTalk(world(), client, 'en-US', { device: 'pc', account: person.id });
    try {
      const bundles = new Bundles(visitor.page);
      await visitor.opens('/signin');
      await visitor.seesNocoBase();
      expect(bundles.files(/\/signin$/)).toEqual([entry, `${folder}/InsideDingTalk.js`, `${folder}/DingTalkJsapi.js`]);
    } finally {
      await visitor.leave();
    }
  });
});
