import { isEnabled } from '../dev/nocobase-process';
import { packPlugin } from '../dev/pack';
import { readPackageJson, ROOT, type PackageJson } from '../dev/paths';
import { until } from '../dev/until';
import type { Account } from '../emulator';
import type { ExclusionsFound } from '../src/shared/contract';
import { AccountPage, addUserWithPassword } from '../testing/browser/account-page';
import { clients } from '../testing/browser/clients';
import { linkOverHttp, passwordSignIn, signInOverHttp } from '../testing/browser/over-http';
import { PluginManager, uploadAndEnable } from '../testing/browser/plugin-manager';
import { hasPreviousVersion, packPreviousVersion, PREVIOUS } from '../testing/browser/previous-version';
import { becomeAdministrator } from '../testing/browser/settings-page';
import { plainTemplate } from '../testing/browser/templates';
import { Visitor } from '../testing/browser/visitor';
import { keepWorld, visits } from '../testing/browser/visits';
import { addAuthenticator, addAccount, addUser, startWorld } from '../testing/browser/world';
import { describeNightly, inTurn, isLongLane } from '../testing/nightly';

const TITLE = 'Harbour Tech';
const AUTHENTICATOR = 'harbour';
const OLD_LINKING = ['getLinks', 'getLinkUrl', 'link', 'unlink', 'getLinkedUsers', 'unlinkUser'];
const OLD_ACTIONS = ['getAuthUrl', 'getState', 'redirect', 'checkConfiguration', ...OLD_LINKING];
const NEW_LINKING = ['getPendingLink', 'confirmLink', 'declineLink'];
const NEW_ACTIONS = [...NEW_LINKING, 'blockUser', 'unblock', 'getBlocked', 'getRoles', 'testSignIn', 'getTestResult'];
const ACTIONS = [...OLD_ACTIONS, ...NEW_ACTIONS];

const [v1] = clients;
const plugin = readPackageJson(ROOT);
const previous = { ...plugin, version: PREVIOUS.version };
const { version } = plugin;

/** The life of an installation: each test begins with what the one before left. */
(hasPreviousVersion() ? describe : describe.skip)(`${PREVIOUS.version}, ${version}, and back`, () => {
  const world = keepWorld(async () =>
    startWorld('upgrade', await packPreviousVersion(), { template: await plainTemplate() }),
  );
  const visit = visits(world, v1);

  /** Users whose browsers were open all the time, and keep what they can: with a push in v1, in the long lane in both. */
  const colleagues: { visitor: Visitor; account: Account; userId: number }[] = [];
  afterAll(() => Promise.all(colleagues.map(({ visitor }) => visitor.leave())));

  let kept: Awaited<ReturnType<typeof stored>>;

  /** What an administrator has entered, and whom NocoBase knows by it. */
  async function stored() {
    const filter = encodeURIComponent(JSON.stringify({ authType: 'dingtalk' }));
    const authenticators = await world().api<Authenticator[]>(`authenticators:list?filter=${filter}&appends[]=users`);
    const users = await world().api<{ id: number }[]>('users:list?paginate=false&sort=id');
    return {
      users: users.map(({ id }) => id),
      authenticators: authenticators.map(({ users: bound, ...settings }) => ({
        ...settings,
        bindings: bound.map(({ id, usersAuthenticators: { uuid, createdAt } }) => ({ id, uuid, createdAt })),
      })),
    };
  }

  /** Whatever the pages are: the server takes its users for whom it took them before. */
  async function everybodyIsKnown() {
    for (const { account, userId } of colleagues) {
      expect(await signInOverHttp(world(), AUTHENTICATOR, account)).toBe(userId);
    }
    expect(await stored()).toEqual(kept);
  }

  async function colleaguesClickTheButton() {
    for (const { visitor, account, userId } of colleagues) {
      await visitor.comesAgain();
      await signsOut(visitor);
      await clicksTheButton(visitor, account);
      expect((await visitor.user()).id).toBe(userId);
    }
    expect(await stored()).toEqual(kept);
  }

  /** Without NocoBase's pages, which do not expect what happens here to the server. */
  async function signsOut(visitor: Visitor) {
    await visitor.page.goto(`${world().nocobase.apiUrl}/__health_check`);
    await visitor.page.evaluate(() => localStorage.clear());
    await visitor.context.clearCookies();
  }

  async function clicksTheButton(visitor: Visitor, account: Account) {
    await visitor.opens('/signin');
    await visitor.button(TITLE).click();
    await visitor.approves(account);
    await visitor.arrivesAt('/admin');
  }

  /** A first sign-in creates one user, with one binding. */
  async function newcomerSignsIn(signIn: (account: Account) => Promise<number | undefined>) {
    const id = await signIn(addAccount(world()));
    const now = await stored();
    expect(now.users).toEqual([...kept.users, id]);
    expect(now.authenticators[0].bindings).toHaveLength(kept.authenticators[0].bindings.length + 1);
    kept = now;
  }

  const newcomerSignsInOverHttp = () => newcomerSignsIn((account) => signInOverHttp(world(), AUTHENTICATOR, account));

  async function pluginManager(visitor: Visitor) {
    await becomeAdministrator(visitor);
    const manager = new PluginManager(visitor);
    await manager.open();
    return { manager, card: await manager.card('DingTalk', 'Authentication') };
  }

  async function upload(visitor: Visitor, archive: string, what: PackageJson) {
    const { manager } = await pluginManager(visitor);
    await manager.upload(archive, what);
    // NocoBase's page would see the restart after it, and throws errors without words.
    await visitor.comesAgain();
  }

  async function versionShown(visitor: Visitor): Promise<string> {
    const { manager, card } = await pluginManager(visitor);
    return manager.versionOf(card);
  }

  /** Those of the plugin's actions of which NocoBase knows nothing. */
  async function unknown(actions: string[]): Promise<string[]> {
    const { nocobase, token } = world();
    const asked = actions.map((action) => nocobase.request(`dingtalk:${action}`, { token, values: {} }));
    const answers = await Promise.all(asked);
    return actions.filter((_, index) => answers[index].status === 404 && !answers[index].body.errors);
  }

  it(`${PREVIOUS.version} is installed, and users sign in`, async () => {
    expect(await unknown(ACTIONS)).toEqual(NEW_ACTIONS);

    const [{ corpId }] = world().emulator.data.apps;
    await addAuthenticator(world(), { name: AUTHENTICATOR, title: TITLE, corpId, autoSignup: true });
    for (const client of isLongLane ? clients : [v1]) {
      const account = addAccount(world());
      const { id: userId } = await addUser(world(), account);
      colleagues.push({ visitor: await Visitor.arriveForTheFirstTime(world(), client, 'en-US'), account, userId });
    }
    for (const { visitor: colleague, account, userId } of colleagues) {
      await colleague.opens('/signin');
      await colleague.button(TITLE).waitFor();
      expect(await signInOverHttp(world(), AUTHENTICATOR, account)).toBe(userId);
    }
    kept = await stored();
    expect(kept.authenticators[0].bindings.map(({ id }) => id)).toEqual(colleagues.map(({ userId }) => userId));
  });

  visit(`the files are those of ${version}, and until NocoBase restarts users get in`, async (visitor) => {
    await upload(visitor, await packPlugin(), plugin);
    expect(await unknown(ACTIONS)).toEqual(NEW_ACTIONS);
    await colleaguesClickTheButton();
  });

  for (const client of clients) {
    inTurn(client, it).inV2(
      `${client.client}: a browser that was never here has the new pages by then, and gets in as well`,
      async () => {
        const visitor = await Visitor.arriveForTheFirstTime(world(), client, 'en-US');
        try {
          await newcomerSignsIn(async (account) => {
            await clicksTheButton(visitor, account);
            return (await visitor.user()).id;
          });
          // Where the server of the previous version put it, the new page takes it out of the address again.
          const faults = (await visitor.watch.faults()).filter((fault) => !/^page with a secret.*#auth/.test(fault));
          expect(faults).toEqual([]);
        } finally {
          await visitor.leave();
        }
      },
    );
  }

  it(`after a restart it is ${version}, and has kept everything`, async () => {
    await world().nocobase.restart();
    expect(await stored()).toEqual(kept);
    expect(await unknown(ACTIONS)).toEqual([]);
    await everybodyIsKnown();
    await newcomerSignsInOverHttp();
    for (const { visitor: colleague, account } of colleagues) {
      await colleague.comesAgain();
      const page = new AccountPage(colleague);
      await page.openFromMenu();
      await page.row(TITLE).filter({ hasText: account.nick }).waitFor();
    }
  });

  /** What the plugin's own tables hold, as the administrator sees it. */
  const blocked = async () => {
    const { exclusions } = await world().api<ExclusionsFound>('dingtalk:getBlocked', {
      authenticator: AUTHENTICATOR,
      list: 'blocked',
    });
    return exclusions.map(({ user, reason }) => ({ user: user?.id, reason }));
  };

  it('its tables are there, though NocoBase’s own upgrade was not run', async () => {
    expect(await blocked()).toEqual([]);
    const user = await addUserWithPassword(world());
    const token = await passwordSignIn(world(), user);
    await world().api('dingtalk:blockUser', { authenticator: AUTHENTICATOR, user: user.id });
    expect(await blocked()).toEqual([{ user: user.id, reason: 'blocked' }]);
    const { status } = await world().nocobase.request('auth:check', { token });
    expect(status).toBe(401);
    kept = await stored();
  });

  const linked = { account: {} as Account, userId: 0 };

  it('a user with a password links an account', async () => {
    const user = await addUserWithPassword(world());
    linked.account = addAccount(world());
    linked.userId = user.id;
    await linkOverHttp(world(), AUTHENTICATOR, linked.account, await passwordSignIn(world(), user));
    kept = await stored();
    expect(kept.authenticators[0].bindings.map(({ id }) => id)).toContain(user.id);
  });

  it('disabled, it answers nothing any more, and passwords still work', async () => {
    await world().api(`pm:disable?filterByTk=${plugin.name}&awaitResponse=true`, {});
    await until('the plugin disabled', async () => !(await isEnabled(world().nocobase.request, plugin.name)));
    expect(await unknown(ACTIONS)).toEqual(ACTIONS);
    expect(await stored()).toEqual(kept);
    const user = await addUserWithPassword(world());
    expect(await passwordSignIn(world(), user)).toBeTruthy();
    kept = await stored();
  });

  for (const client of clients) {
    const { inV2 } = inTurn(client, visits(world, client));
    inV2(`${client.client}: disabled, its button is gone from the sign-in page`, async (visitor) => {
      await visitor.opens('/signin');
      await visitor.page.locator('input[type=password]').waitFor();
      expect(await visitor.page.locator('.anticon-dingtalk').count()).toBe(0);
    });
  }

  // When NocoBase removes a plugin, nothing of the plugin runs. That the two versions understand what each other stored is
  // held by `src/server/accounts/upgrade.server.test.ts` with each push, without pages.
  describeNightly('and then', () => {
    visit('removed, installed and enabled again, it is as it was', async (visitor) => {
      const { manager, card } = await pluginManager(visitor);
      await manager.remove(card, plugin);
      expect(await unknown(ACTIONS)).toEqual(ACTIONS);
      expect(await stored()).toEqual(kept);

      await uploadAndEnable(visitor, await packPlugin(), plugin);
      expect(await unknown(ACTIONS)).toEqual([]);
      await everybodyIsKnown();
      // Its tables stay when the plugin is removed.
      expect(await blocked()).toHaveLength(1);
    });

    visit('switched off and on again in the plugin manager, it answers again', async (visitor) => {
      const off = await pluginManager(visitor);
      await off.manager.disable(off.card, plugin);
      expect(await unknown(ACTIONS)).toEqual(ACTIONS);
      const on = await pluginManager(visitor);
      await on.manager.enable(on.card, plugin);
      expect(await unknown(ACTIONS)).toEqual([]);
      await everybodyIsKnown();
    });

    visit(`back at ${PREVIOUS.version}, what ${version} stored is understood`, async (visitor) => {
      await upload(visitor, await packPreviousVersion(), previous);
      await world().nocobase.restart();
      expect(await versionShown(visitor)).toBe(PREVIOUS.version);
      expect(await unknown(ACTIONS)).toEqual(NEW_ACTIONS);
      await colleaguesClickTheButton();
      for (const { visitor: colleague, account } of colleagues) {
        await colleague.comesAgain();
        const page = new AccountPage(colleague);
        await page.openFromMenu();
        await page.row(TITLE).filter({ hasText: account.nick }).waitFor();
      }
      expect(await signInOverHttp(world(), AUTHENTICATOR, linked.account)).toBe(linked.userId);
      await newcomerSignsInOverHttp();
    });

    visit(`forward again, ${version} still knows whom it had blocked`, async (visitor) => {
      await upload(visitor, await packPlugin(), plugin);
      await world().nocobase.restart();
      await everybodyIsKnown();
      expect(await blocked()).toHaveLength(1);
    });
  });
});

interface Authenticator {
  users: { id: number; usersAuthenticators: { uuid: string; createdAt: string } }[];
}
