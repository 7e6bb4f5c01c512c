import { packPlugin } from '../dev/pack';
import { ChannelsPage } from '../testing/browser/channels-page';
import { clients, DEEP_LINK } from '../testing/browser/clients';
import { becomeAdministrator } from '../testing/browser/settings-page';
import { templateWith, WITH_HOSTS } from '../testing/browser/templates';
import { Visitor } from '../testing/browser/visitor';
import { shareWorld, visits } from '../testing/browser/visits';
import { addAccount, addAdministrator, addAuthenticator, startWorld } from '../testing/browser/world';
import { inTurn } from '../testing/nightly';

const TITLE = 'Harbour Tech';

const world = shareWorld(async () => {
  const plugin = await packPlugin();
  return startWorld('notifications', plugin, { template: await templateWith(plugin, WITH_HOSTS) });
});

interface Channel {
  name: string;
}

describe.each(clients)('$client', (client) => {
  const { inV1 } = inTurn(client, visits(world, client));

  inV1(
    'an administrator makes a channel and tests it, and its links open signed in inside DingTalk',
    async (visitor) => {
      const { api, emulator } = world();
      const [{ corpId, agentId }] = emulator.data.apps;
      const authenticator = await addAuthenticator(world(), { title: TITLE, corpId, agentId, autoSignIn: true });
      const account = addAccount(world());
      const { id } = await addAdministrator(world(), account, authenticator);

      await becomeAdministrator(visitor);
      const channels = new ChannelsPage(visitor);
      await channels.open();
      await channels.addNew();
      await channels.enterTitle('Messages');
      await channels.choose('Authenticator', TITLE);
      await channels.choose('To whom', account.nick, account.nick);
      const result = await channels.sendTest();
      await result.getByText('1 of 1').waitFor();
      await visitor.screenshot(`channel-test ${client.client}`);
      await channels.submitAndClose();

      const [{ name }] = await api<Channel[]>('notificationChannels:list?sort=-createdAt');
      const content = { type: 'markdown', title: 'Order', text: `[the order](${DEEP_LINK})` };
      const sent = await api('messages:send', { channelName: name, message: { content, receivers: [id] } });
      expect(sent).toMatchObject({ status: 'success' });

      const inside = await Visitor.insideDingTalk(world(), client, 'en-US', { device: 'pc', account: account.id });
      try {
        const [{ userid }] = account.memberships;
        await inside.visitor.page.goto(`${emulator.url}/__emulator/inbox?userid=${userid}`);
        await inside.visitor.page.getByText(visitor.words('MESSAGE_TEST_TEXT')).first().waitFor();
        await inside.visitor.page.getByRole('link', { name: 'the order' }).click();
        await inside.visitor.page.waitForFunction(() => localStorage.getItem('NOCOBASE_TOKEN'));
        await inside.visitor.arrivesAt(DEEP_LINK);
        expect(await inside.visitor.user()).toMatchObject({ id });
        expect(await inside.visitor.watch.faults()).toEqual([]);
      } finally {
        await inside.visitor.leave();
      }
    },
  );
});
