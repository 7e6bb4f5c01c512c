import { packPlugin } from '../dev/pack';
import { readPackageJson, ROOT, type PackageJson } from '../dev/paths';
import type { Account } from '../emulator';
import { AccountPage, addUserWithPassword, signInWithPassword } from '../testing/browser/account-page';
import { clients } from '../testing/browser/clients';
import { openFirst } from '../testing/browser/first-visit';
import { PluginManager, uploadAndEnable } from '../testing/browser/plugin-manager';
import { hasPreviousVersion, packPreviousVersion, PREVIOUS } from '../testing/browser/previous-version';
import { becomeAdministrator } from '../testing/browser/settings-page';
import { Visitor } from '../testing/browser/visitor';
import { keepWorld, visits } from '../testing/browser/visits';
import { addAuthenticator, addPerson, addUser, startWorld } from '../testing/browser/world';

const TITLE = 'Harbour Tech';
const AUTHENTICATOR = 'harbour';
const OLD_ACTIONS = ['getAuthUrl', 'getState', 'redirect', 'checkConfiguration'];
const NEW_ACTIONS = ['getLinks', 'getLinkUrl', 'link', 'unlink', 'getLinkedUsers', 'unlinkUser'];
const ACTIONS = [...OLD_ACTIONS, ...NEW_ACTIONS];

const [v1] = clients;
const plugin = readPackageJson(ROOT);
const previous = { ...plugin, version: PREVIOUS.version };
const { version } = plugin;

/** The life of an installation: each test begins with what the one before left. */
(hasPreviousVersion() ? describe : describe.skip)(`${PREVIOUS.version}, ${version}, and back`, () => {
  const world = keepWorld(() => startWorld('upgrade'));
  const visit = visits(world, v1);

  /** People whose browsers were open all the time, and keep what they can. */
  const colleagues: { visitor: Visitor; person: Account; userId: number }[] = [];
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

  async function colleaguesSignIn() {
    for (const { visitor, person, userId } of colleagues) {
      await signsOut(visitor);
      await visitor.opens('/signin');
      await visitor.button(TITLE).click();
      await visitor.approves(person);
      await visitor.arrivesAt('/admin');
      await visitor.seesNocoBase();
      expect((await visitor.user()).id).toBe(userId);
    }
    expect(await stored()).toEqual(kept);
  }

  /** Without NocoBase's pages, which do not expect what happens here to the server. */
  async function signsOut(visitor: Visitor) {
    await visitor.comesAgain();
    await visitor.page.goto(`${world().nocobase.apiUrl}/__health_check`);
    await visitor.page.evaluate(() => localStorage.clear());
    await visitor.context.clearCookies();
  }

  async function newcomerSignsIn(visitor: Visitor) {
    const person = addPerson(world());
    await visitor.opens('/signin');
    await visitor.button(TITLE).click();
    await visitor.approves(person);
    await visitor.arrivesAt('/admin');
    const { id } = await visitor.user();
    const [authenticator] = kept.authenticators;
    const now = await stored();
    expect(now.users).toEqual([...kept.users, id]);
    expect(now.authenticators[0].bindings).toHaveLength(authenticator.bindings.length + 1);
    kept = now;
  }

  async function pluginManager(visitor: Visitor) {
    await becomeAdministrator(visitor);
    const manager = new PluginManager(visitor);
    await manager.open();
    return { manager, card: await manager.card('DingTalk', 'Authentication') };
  }

  async function upload(visitor: Visitor, archive: string, what: PackageJson) {
    const { manager } = await pluginManager(visitor);
    await manager.upload(archive, what);
  }

  async function versionShown(visitor: Visitor): Promise<string> {
    const { manager, card } = await pluginManager(visitor);
    return manager.versionOf(card);
  }

  async function disable(visitor: Visitor) {
    const { manager, card } = await pluginManager(visitor);
    await manager.disable(card, plugin);
  }

  /** Those of the plugin's actions of which NocoBase knows nothing. */
  async function unknown(actions: string[]): Promise<string[]> {
    const { nocobase, token } = world();
    const asked = actions.map((action) => nocobase.request(`dingtalk:${action}`, { token, values: {} }));
    const answers = await Promise.all(asked);
    return actions.filter((_, index) => answers[index].status === 404 && !answers[index].body.errors);
  }

  visit(`${PREVIOUS.version} is installed, and people sign in`, async (visitor) => {
    await becomeAdministrator(visitor);
    await uploadAndEnable(visitor, await packPreviousVersion(), previous);
    expect(await versionShown(visitor)).toBe(PREVIOUS.version);
    expect(await unknown(ACTIONS)).toEqual(NEW_ACTIONS);

    await openFirst(world());
    const [{ corpId }] = world().emulator.data.apps;
    await addAuthenticator(world(), { name: AUTHENTICATOR, title: TITLE, corpId, autoSignup: true });
    for (const client of clients) {
      const person = addPerson(world());
      const { id: userId } = await addUser(world(), person);
      colleagues.push({ visitor: await Visitor.arrive(world(), client, 'en-US'), person, userId });
    }
    kept = await stored();
    for (const { visitor: colleague, person } of colleagues) {
      await colleague.leavesForDingTalk(AUTHENTICATOR);
      await colleague.approves(person);
      await colleague.arrivesAt('/admin');
    }
    const before = kept;
    kept = await stored();
    expect(kept.users).toEqual(before.users);
    expect(kept.authenticators[0].bindings.map(({ id }) => id)).toEqual(colleagues.map(({ userId }) => userId));
    await colleaguesSignIn();
  });

  visit(`the files are those of ${version}, and until NocoBase restarts people get in`, async (visitor) => {
    await upload(visitor, await packPlugin(), plugin);
    expect(await versionShown(visitor)).toBe(PREVIOUS.version);
    await colleaguesSignIn();
  });

  for (const client of clients) {
    const title = `${client.client}: a browser that was never here has the new pages by then, and gets in as well`;
    visits(world, client)(title, newcomerSignsIn);
  }

  visit(`after a restart it is ${version}, and has kept everything`, async (visitor) => {
    await world().nocobase.restart();
    expect(await versionShown(visitor)).toBe(version);
    expect(await stored()).toEqual(kept);
    await colleaguesSignIn();
    expect(await unknown(ACTIONS)).toEqual([]);
    for (const { visitor: colleague, person } of colleagues) {
      const page = new AccountPage(colleague);
      await page.openFromMenu();
      await page.row(TITLE).filter({ hasText: person.nick }).waitFor();
    }
  });

  visit('somebody new gets in', newcomerSignsIn);

  const linked = { person: {} as Account, userId: 0 };

  visit('somebody with a password links an account', async (visitor) => {
    const user = await addUserWithPassword(world());
    linked.person = addPerson(world());
    linked.userId = user.id;
    await signInWithPassword(visitor, user);
    const page = new AccountPage(visitor);
    await page.open();
    await page.link(TITLE).click();
    await visitor.approves(linked.person);
    await page.unlink(TITLE).waitFor();
    kept = await stored();
    expect(kept.authenticators[0].bindings.map(({ id }) => id)).toContain(user.id);
  });

  describe('disabled', () => {
    visit('it answers nothing any more', async (visitor) => {
      await disable(visitor);
      expect(await unknown(ACTIONS)).toEqual(ACTIONS);
      expect(await stored()).toEqual(kept);
    });

    for (const client of clients) {
      visits(world, client)(
        `${client.client}: the button is gone, and a password still lets people in`,
        async (visitor) => {
          const { page } = visitor;
          const { username, password } = await addUserWithPassword(world());
          kept = await stored();
          await visitor.opens('/signin');
          await page.locator('input[type=password]').waitFor();
          expect(await page.locator('.anticon-dingtalk').count()).toBe(0);
          await page.locator('input[type=text]').first().fill(username);
          await page.locator('input[type=password]').fill(password);
          await page.keyboard.press('Enter');
          await visitor.seesNocoBase();
        },
      );
    }

    visit('enabled again, it is as it was', async (visitor) => {
      const { manager, card } = await pluginManager(visitor);
      await manager.enable(card, plugin);
      await colleaguesSignIn();
      expect(await unknown(ACTIONS)).toEqual([]);
    });
  });

  visit('removed and installed again, it is as it was', async (visitor) => {
    await disable(visitor);
    const { manager, card } = await pluginManager(visitor);
    await manager.remove(card, plugin);
    expect(await unknown(ACTIONS)).toEqual(ACTIONS);
    expect(await stored()).toEqual(kept);

    await uploadAndEnable(visitor, await packPlugin(), plugin);
    await colleaguesSignIn();
    expect(await unknown(ACTIONS)).toEqual([]);
  });

  visit(`back at ${PREVIOUS.version}, what ${version} stored is understood`, async (visitor) => {
    await upload(visitor, await packPreviousVersion(), previous);
    await world().nocobase.restart();
    expect(await versionShown(visitor)).toBe(PREVIOUS.version);
    expect(await unknown(ACTIONS)).toEqual(NEW_ACTIONS);
    await colleaguesSignIn();
    for (const { visitor: colleague } of colleagues) {
      await colleague.page.getByTestId('user-center-button').first().hover();
      await colleague.page.getByText('Sign out', { exact: true }).waitFor();
      expect(await colleague.page.getByText(colleague.words('DingTalk account')).count()).toBe(0);
    }
  });

  visit('who linked an account signs in with it', async (visitor) => {
    await visitor.leavesForDingTalk(AUTHENTICATOR);
    await visitor.approves(linked.person);
    await visitor.arrivesAt('/admin');
    expect((await visitor.user()).id).toBe(linked.userId);
    expect(await stored()).toEqual(kept);
  });

  visit('somebody new still gets in', newcomerSignsIn);
});

interface Authenticator {
  users: { id: number; usersAuthenticators: { uuid: string; createdAt: string } }[];
}
