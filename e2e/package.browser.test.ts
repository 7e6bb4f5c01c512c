import { packPlugin } from '../dev/pack';
import { readPackageJson, ROOT } from '../dev/paths';
import { FRESH } from '../dev/template';
import { clients } from '../testing/browser/clients';
import { uploadAndEnable } from '../testing/browser/plugin-manager';
import { packRenamedCopy } from '../testing/browser/renamed-copy';
import { becomeAdministrator } from '../testing/browser/settings-page';
import { plainTemplate } from '../testing/browser/templates';
import { shareWorld, visits } from '../testing/browser/visits';
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
        description: '使用钉钉账号登录 NocoBase。将钉钉的部门和人员同步到 NocoBase。',
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
describeNightly('a copy under another name', () => {
  const world = shareWorld(async () =>
    startWorld('renamed', await packRenamedCopy('@acme/plugin-dingtalk'), { template: await plainTemplate() }),
  );

  for (const client of clients) {
    visits(world, client)(`${client.client}: signs users in`, async (visitor) => {
      await addAuthenticator(world());
      const account = addAccount(world());
      const user = await addUser(world(), account);
      await visitor.opens('/signin');
      await visitor.button('Sign in via DingTalk').click();
      await visitor.approves(account);
      await visitor.arrivesAt('/admin');
      expect(await visitor.user()).toMatchObject({ id: user.id });
    });
  }
});
