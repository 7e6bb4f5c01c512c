import { Scene } from '../../../testing/directory/scene';
import { signIn } from '../../../testing/nocobase/sign-in';

describe('where NocoBase has no departments', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.start({ hosts: ['user-data-sync'] });
  }, 120_000);

  afterAll(() => scene?.stop());

  it('members become users who sign in, and an unchanged run writes nothing', async () => {
    expect(await scene.run()).toMatchObject({ status: 'success', message: expect.stringMatching(/^12 created/) });
    expect(await scene.nocobase.bindings()).toHaveLength(12);
    // The last of a company has the number of the first, which neither of them gets.
    const before = await scene.content();
    expect(await scene.run()).toMatchObject({ status: 'success', message: '2 skipped' });
    expect(await scene.content()).toEqual(before);
    const [account] = scene.dingtalk.data.accounts;
    const outcome = await signIn(scene.nocobase, scene.dingtalk, { authenticator: 'dingtalk', account: account.id });
    expect(outcome).toMatchObject({ status: 200 });
  });
});
