import { type DingTalk, startDingTalk } from '../../testing/nocobase/dingtalk';
import { Logs } from '../../testing/nocobase/logs';
import { type NocoBase, startNocoBase } from '../../testing/nocobase/nocobase';
import { Session } from '../../testing/nocobase/session';
import { signIn } from '../../testing/nocobase/sign-in';

const HOSTS = ['user-data-sync', 'departments', 'notification-manager', 'notification-in-app-message', 'api-keys'];
const without = (name: string) => HOSTS.filter((host) => host !== name);
const disabled = (name: string): [string, { enabled: boolean }] => [name, { enabled: false }];

const hasChannels = (plugins: unknown[]) => plugins.includes('notification-manager');

/** Law 4: nobody who signs in notices that a plugin of NocoBase is not there which only other capabilities use. */
describe.each<[string, (string | [string, { enabled: boolean }])[], boolean]>([
  ['none of them is installed', [], false],
  ['all of them are disabled', HOSTS.map(disabled), false],
  ['the one that synchronizes is missing', ['departments', 'notification-manager'], false],
  ['the one that synchronizes is disabled', [...without('user-data-sync'), disabled('user-data-sync')], false],
  ['the one that has departments is missing', without('departments'), true],
  ['the one that has departments is disabled', [...without('departments'), disabled('departments')], true],
  ['the one that notifies is missing', ['user-data-sync', 'departments'], true],
  ['all of them are there', HOSTS, true],
])('where %s', (_, plugins, hasSources) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  /** Since before NocoBase starts. */
  let logs: Logs;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    logs = new Logs(String(process.env.STORAGE_PATH));
    nocobase = await startNocoBase('sqlite', { plugins });
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
  }, 120_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  it('NocoBase starts, members sign in, and the log has no error', async () => {
    const account = dingtalk.addAccount().id;
    for (let time = 0; time < 2; time++) {
      expect(await signIn(nocobase, dingtalk, { account, authenticator: 'dingtalk' })).toMatchObject({ status: 200 });
    }
    const errors = (await logs.text()).split('\n').filter((line) => /"level":"error"/.test(line));
    expect(errors).toEqual([]);
  });

  /** What an action answers to a request that says nothing: 404 where there is none. */
  async function statusOf(action: string): Promise<number> {
    const user = await nocobase.db.getRepository('users').findOne({ filter: { username: 'root' } });
    const { browser, token } = await Session.of(nocobase, user);
    const headers = { authorization: `Bearer ${token}` };
    return (await browser.fetch(`/api/dingtalk:${action}`, { json: {}, headers })).status;
  }

  it(`there are ${hasSources ? 'sources of the directory' : 'no actions of the directory'}`, async () => {
    expect(await statusOf('getSourceState')).toBe(hasSources ? 400 : 404);
  });

  it(`there are ${hasChannels(plugins) ? 'channels' : 'no channels'} of this type`, async () => {
    expect(await statusOf('getNotificationState')).toBe(hasChannels(plugins) ? 400 : 404);
  });
});
