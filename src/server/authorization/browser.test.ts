import { flowContext } from '../../../testing/flow-context';
import { parseSettings } from '../configuration/settings';
import { beginInBrowser } from './browser';

describe('beginInBrowser', () => {
  const begin = async (dingtalk: object) => {
    const settings = parseSettings({ dingtalk: { clientId: 'ding1', clientSecret: 'secret', ...dingtalk } });
    const flow = { purpose: 'signIn', callback: 'https://nb.example/signin/dingtalk' } as const;
    const redirectUri = 'https://nb.example/api/dingtalk:redirect';
    const url = await beginInBrowser(
      flowContext(),
      { name: 'dingtalk', published: settings } as never,
      redirectUri,
      flow,
    );
    return Object.fromEntries(new URL(url).searchParams);
  };

  it('leads to the page for dedicated accounts only where the settings say so, and name the organization', async () => {
    const exclusive = { exclusiveLogin: 'true', exclusiveCorpId: 'dingcorp' };
    expect(await begin({ corpId: 'dingcorp', dedicatedAccounts: true })).toMatchObject(exclusive);
    for (const settings of [
      { corpId: 'dingcorp' },
      { dedicatedAccounts: true },
      { corpId: '', dedicatedAccounts: true },
    ]) {
      expect(await begin(settings)).not.toHaveProperty('exclusiveLogin');
    }
  });
});
