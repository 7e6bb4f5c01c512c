import { packPlugin } from '../dev/pack';
import { readPackageJson, ROOT } from '../dev/paths';
import { INDEPENDENT_NAME, packRenamedCopy } from '../dev/renamed-copy';
import { FRESH } from '../dev/template';
import type { Account } from '../emulator';
import { clients } from '../testing/browser/clients';
import { PluginManager, uploadAndEnable } from '../testing/browser/plugin-manager';
import { becomeAdministrator } from '../testing/browser/settings-page';
import { plainTemplate } from '../testing/browser/templates';
import type { Visitor } from '../testing/browser/visitor';
import { keepWorld, shareWorld, visits } from '../testing/browser/visits';
import { addAuthenticator, addAccount, addUser, startWorld } from '../testing/browser/world';
import { describeNightly, inTurn } from '../testing/nightly';

const [v1] = clients;

describe('the archive', () => {
  const plugin = readPackageJson(ROOT);
  const { name } = plugin;
  // As NocoBase installs itself: with all of its plugins, and never opened before.
  const world = shareWorld(() => startWorld('package', undefined, { template: FRESH }));

  visits(world, v1)('is uploaded and enabled in the plugin manager', async (visitor) => {
    await becomeAdministrator(visitor);
    await uploadAndEnable(visitor, await packPlugin(), plugin);
  });

  for (const client of clients) {
    const { inV2 } = inTurn(client, visits(world, client));
    inV2(`${client.client}: puts the button on the sign-in page`, async (visitor) => {
      await addAuthenticator(world(), { title: 'DingTalk' });
      await visitor.opens('/signin');
      await visitor.button('DingTalk').waitFor();
    });
  }

  it('has a Chinese name and description in the plugin manager', async () => {
    const { token, nocobase } = world();
    const headers = { 'X-Locale': 'zh-CN' };
    const { body } = await nocobase.request<object[]>('pm:list', { token, headers });
    expect(body.data).toContainEqual(
      expect.objectContaining({
        packageName: name,
        displayName: '钉钉',
        description: plugin['description.zh-CN'],
      }),
    );
  });

  it('keeps its server code to itself', async () => {
    const { url } = world().nocobase;
    const served = async (file: string) => (await fetch(`${url}/static/plugins/${name}/${file}`)).text();
    expect(await served('dist/client/index.js')).toContain('define(');
    const paths = [
      'dist/server/index.js',
      'dist/server%2Findex.js',
      'dist%2Fserver%2Findex.js',
      'src/server/plugin.ts',
    ];
    for (const path of paths) {
      expect(await served(path)).toMatch(/^\s*<!DOCTYPE html>/i);
    }
    expect(await served('server.js')).toMatch(/^module\.exports = require\('[^']+'\);\s*$/);
  });
});

// With each push `constants.test.ts` holds that the name is written in one line alone.
describeNightly('the archive for a NocoBase with a license key', () => {
  const documented = readPackageJson(ROOT);
  const independent = { ...documented, name: INDEPENDENT_NAME };
  const world = keepWorld(async () => startWorld('moved', await packPlugin(), { template: await plainTemplate() }));
  let account: Account;
  let user: { id: number };

  async function clicksTheButton(visitor: Visitor) {
    await visitor.opens('/signin');
    await visitor.button('Sign in via DingTalk').click();
    await visitor.approves(account);
    await visitor.arrivesAt('/admin');
    expect(await visitor.user()).toMatchObject({ id: user.id });
  }

  visits(world, v1)('a user signs in with the other one', async (visitor) => {
    await addAuthenticator(world());
    account = addAccount(world());
    user = await addUser(world(), account);
    await clicksTheButton(visitor);
  });

  visits(world, v1)('takes the place of the other one, which is disabled and removed first', async (visitor) => {
    // From now on only the binding leads to the user.
    await world().api(`users:update?filterByTk=${user.id}`, { phone: null });
    await becomeAdministrator(visitor);
    const manager = new PluginManager(visitor);
    await manager.open();
    await manager.disable(await manager.card('DingTalk', 'Authentication'), documented);
    await manager.open();
    await manager.remove(await manager.card('DingTalk', 'Authentication'), documented);
    await uploadAndEnable(visitor, await packRenamedCopy(INDEPENDENT_NAME), independent);
  });

  for (const client of clients) {
    visits(world, client)(`${client.client}: signs in whom the other one knew, with its settings`, clicksTheButton);
  }
});
