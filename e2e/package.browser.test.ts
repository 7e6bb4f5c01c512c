import { packPlugin } from '../dev/pack';
import { readPackageJson, ROOT } from '../dev/paths';
import { clients } from '../testing/browser/clients';
import { PluginManager, uploadAndEnable } from '../testing/browser/plugin-manager';
import { packRenamedCopy } from '../testing/browser/renamed-copy';
import { becomeAdministrator } from '../testing/browser/settings-page';
import { shareWorld, visits } from '../testing/browser/visits';
import { addAuthenticator, addPerson, addUser, startWorld } from '../testing/browser/world';

const [v1] = clients;

describe('the archive', () => {
  const plugin = readPackageJson(ROOT);
  const { name } = plugin;
  const world = shareWorld(() => startWorld('package'));

  visits(world, v1)('is uploaded and enabled in the plugin manager', async (visitor) => {
    await becomeAdministrator(visitor);
    await uploadAndEnable(visitor, await packPlugin(), plugin);
  });

  visits(
    world,
    v1,
    'zh-CN',
  )('has a Chinese name and description', async (visitor) => {
    await becomeAdministrator(visitor);
    const manager = new PluginManager(visitor);
    await manager.open();
    const card = await manager.card('钉钉', '用户认证');
    expect(await card.innerText()).toContain('使用钉钉账号登录 NocoBase');
    await visitor.screenshot('plugin-manager zh-CN');
  });

  describe.each(clients)('$client', (client) => {
    visits(world, client)('puts the button on the sign-in page', async (visitor) => {
      await addAuthenticator(world(), { title: 'DingTalk' });
      await visitor.opens('/signin');
      await visitor.button('DingTalk').waitFor();
    });
  });

  test('keeps its server code to itself', async () => {
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

describe('a copy under another name', () => {
  const name = '@acme/plugin-dingtalk';
  const { version } = readPackageJson(ROOT);
  const world = shareWorld(() => startWorld('renamed'));

  visits(world, v1)('is uploaded and enabled as well', async (visitor) => {
    await becomeAdministrator(visitor);
    await uploadAndEnable(visitor, await packRenamedCopy(name), { name, version });
  });

  describe.each(clients)('$client', (client) => {
    visits(world, client)('lets people in', async (visitor) => {
      await addAuthenticator(world());
      const person = addPerson(world());
      const user = await addUser(world(), person);
      await visitor.opens('/signin');
      await visitor.button('Sign in via DingTalk').click();
      await visitor.approves(person);
      await visitor.arrivesAt('/admin');
      expect(await visitor.user()).toMatchObject({ id: user.id });
    });
  });
});
