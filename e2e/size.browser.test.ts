import { AccountPage } from '../testing/browser/account-page';
import { Bundles } from '../testing/browser/bundles';
import { clients } from '../testing/browser/clients';
import { SettingsPage } from '../testing/browser/settings-page';
import { startSharedWorld } from '../testing/browser/shared-world';
import { CALLBACK_PAGE, Visitor } from '../testing/browser/visitor';
import { shareWorld, visits } from '../testing/browser/visits';
import { addAccount, addAdministrator, addAuthenticator, addUser } from '../testing/browser/world';
import { inTurn } from '../testing/nightly';

/** The most that anybody who signs in may ever have to load of this plugin, in bytes. */
const MOST_GZIP = 1536;

/** What was reached, in bytes. To grow by more than 5 % takes a new figure here, and a reason. */
const reached = {
  v1: { gzip: 1508, brotli: 1297 },
  v2: { gzip: 1492, brotli: 1278 },
};

const TITLE = 'Harbour Tech';

const world = shareWorld(startSharedWorld);

for (const client of clients) {
  const name = client.client;
  const { inV1, inV2 } = inTurn(client, visits(world, client));
  const folder = { v1: 'dist/client', v2: 'dist/client-v2' }[name];
  const entry = `${folder}/index.js`;

  it(`${name}: the sign-in page loads one small bundle, and a sign-in needs no other to its end`, async () => {
    await addAuthenticator(world(), { title: TITLE });
    const account = addAccount(world());
    await addUser(world(), account);
    const visitor = await Visitor.arriveForTheFirstTime(world(), client, 'en-US');
    try {
      const bundles = new Bundles(visitor.page);
      await visitor.opens('/signin');
      await visitor.button(TITLE).waitFor();
      await visitor.page.waitForLoadState('networkidle');

      expect(bundles.files()).toEqual([entry]);
      const { gzip, brotli } = await bundles.sizes();
      expect(gzip).toBeLessThanOrEqual(Math.min(MOST_GZIP, reached[name].gzip * 1.05));
      expect(brotli).toBeLessThanOrEqual(reached[name].brotli * 1.05);

      await visitor.button(TITLE).click();
      await visitor.approves(account);
      await visitor.arrivesAt('/admin');
      expect(new Set(bundles.files(/\/signin\/dingtalk$/))).toEqual(new Set([entry]));
    } finally {
      await visitor.leave();
    }
  });

  inV1(`${name}: the pages for linking and the settings form come when they are opened`, async (visitor) => {
    const authenticator = await addAuthenticator(world(), { title: TITLE });
    const account = addAccount(world());
    await addAdministrator(world(), account, authenticator);
    await visitor.leavesForDingTalk(authenticator);
    await visitor.approves(account);
    await visitor.arrivesAt('/admin');
    const bundles = new Bundles(visitor.page);
    await visitor.seesNocoBase();
    expect(bundles.files()).not.toContain(`${folder}/AccountPage.js`);

    await new AccountPage(visitor).openFromHere();
    expect(bundles.files()).toContain(`${folder}/AccountPage.js`);
    expect(bundles.files()).not.toContain(`${folder}/LinkPage.js`);
    await visitor.opens(`${CALLBACK_PAGE}/link#error=ACCESS_DENIED`);
    await visitor.isTold('ACCESS_DENIED');
    expect(bundles.files(/\/signin\/dingtalk\/link$/)).toContain(`${folder}/LinkPage.js`);

    const settings = new SettingsPage(visitor);
    await settings.open();
    expect(bundles.files()).not.toContain(`${folder}/SettingsForm.js`);
    await settings.configure(TITLE);
    expect(bundles.files()).toContain(`${folder}/SettingsForm.js`);
    expect(bundles.files()).not.toContain(`${folder}/SourceForm.js`);
  });

  inV2(`${name}: a failure brings its words along`, async (visitor) => {
    const bundles = new Bundles(visitor.page);
    await visitor.opens(`${CALLBACK_PAGE}#error=CODE_INVALID`);
    await visitor.isTold('CODE_INVALID');
    expect(bundles.files()).toEqual([entry, `${folder}/CallbackFailure.js`]);
  });

  inTurn(client, it).inV2(`${name}: what speaks to the DingTalk app comes there alone`, async () => {
    await addAuthenticator(world(), { autoSignIn: true, corpId: world().emulator.data.organizations[0].corpId });
    const account = addAccount(world());
    await addUser(world(), account);
    const { visitor } = await Visitor.insideDingTalk(world(), client, 'en-US', { device: 'pc', account: account.id });
    try {
      const bundles = new Bundles(visitor.page);
      await visitor.opens('/signin');
      await visitor.arrivesAt('/admin');
      expect(bundles.files(/\/signin$/)).toEqual([entry, `${folder}/InsideDingTalk.js`, `${folder}/DingTalkJsapi.js`]);
    } finally {
      await visitor.leave();
    }
  });
}
