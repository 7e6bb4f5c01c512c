import { ChannelsPage } from '../testing/browser/channels-page';
import { clients, type Client } from '../testing/browser/clients';
import { becomeAdministrator } from '../testing/browser/settings-page';
import { Visitor } from '../testing/browser/visitor';
import { addAuthenticator, removeAuthenticators, type World } from '../testing/browser/world';

const CHANNEL = 'DingTalk messages';
const ADDRESS = 'https://nocobase.example.com';

/** What the gallery does not have: pages of NocoBase and of the emulator, and our forms as they stand in those of v1. */
export const MESSAGE_PICTURES = [
  'channel-form-v1',
  'channel-test-v1',
  'message-card-v1',
  'message-log-v1',
  'message-log-v2',
  'inbox',
];

/** Takes the visitor's page. */
type Take = (name: string, visitor: Visitor) => Promise<void>;

interface Company {
  /** IDs of linked users, the administrator first. */
  linked: number[];
  /** Who has no account. */
  free: number;
  /** The userid of a linked one. */
  userid: string;
}

/** After some messages, of which one reached nobody. */
export async function takeMessages(world: World, take: Take): Promise<void> {
  world.emulator.reset();
  await removeAuthenticators(world);
  const company = await makeCompany(world);
  await sendMessages(world, company);
  const workflow = await makeWorkflow(world, company);
  for (const client of clients) {
    const visitor = await Visitor.arrive(world, client, 'en-US');
    await becomeAdministrator(visitor);
    await takeLog(visitor, client, take);
    if (client.client === 'v1') {
      await takeChannel(visitor, take);
      await takeNode(visitor, workflow, take);
      await takeInbox(visitor, company, take);
    }
    await visitor.leave();
  }
}

async function makeCompany(world: World): Promise<Company> {
  const { api, emulator } = world;
  const [{ corpId, agentId }] = emulator.data.apps;
  const authenticator = await addAuthenticator(world, { title: 'Harbour Tech', corpId, agentId });
  const options = { authenticator, address: ADDRESS, links: 'panel' };
  await api('notificationChannels:create', { name: 'messages', title: CHANNEL, notificationType: 'dingtalk', options });
  const { id: root } = await api<{ id: number }>('auth:check');
  const addUser = async (nickname: string) =>
    (await api<{ id: number }>('users:create', { username: nickname, nickname, roles: [{ name: 'member' }] })).id;
  const accounts = emulator.data.accounts.slice(0, 3);
  const linked: number[] = [];
  for (const [index, { nick, unionId }] of accounts.entries()) {
    const userId = index ? await addUser(nick) : root;
    await api('usersAuthenticators:create', {
      authenticator,
      userId,
      uuid: unionId,
      nickname: nick,
      meta: { unionId },
    });
    linked.push(userId);
  }
  return { linked, free: await addUser('周杰'), userid: accounts[0].memberships[0].userid };
}

async function sendMessages({ api }: World, { linked, free }: Company): Promise<void> {
  const send = (content: object, receivers: number[]) =>
    api('messages:send', { channelName: 'messages', triggerFrom: 'workflow', message: { content, receivers } });
  const text = '# Leave of 王芳\n\n- **3 days** from Monday\n- [the request](/admin/leave)';
  await send({ type: 'markdown', title: 'Leave', text }, linked);
  await send({ type: 'oa', title: 'Delivery', text: 'On its way', form: [{ key: 'Order', value: '4711' }] }, [
    ...linked,
    free,
  ]);
  await send({ type: 'text', text: 'Your order is on its way' }, [free]);
}

/** @returns its ID */
async function makeWorkflow({ api }: World, { linked }: Company): Promise<number> {
  const { id } = await api<{ id: number }>('workflows:create', {
    title: 'Leave',
    type: 'collection',
    config: { collection: 'users', mode: 1 },
  });
  const buttons = ['Agree', 'Refuse'].map((title) => ({ title, url: '/admin/leave' }));
  const text = '# Leave\n> from Monday\n\n- **3 days** of [王芳](/admin/leave)';
  const content = { type: 'actionCard', title: 'Leave', text, buttons, layout: 'horizontal' };
  const config = { channelName: 'messages', receivers: linked.slice(0, 1), content };
  await api(`workflows/${id}/nodes:create`, { type: 'notification', title: 'Notify', config });
  return id;
}

/** The line of the message that reached nobody, whole: the list cuts it off. */
async function takeLog(visitor: Visitor, { client }: Client, take: Take): Promise<void> {
  const { page } = visitor;
  await page.setViewportSize({ width: 1440, height: 900 });
  await visitor.opens('/admin/settings/notification-manager/logs');
  await page.getByRole('row').filter({ hasText: 'Failure' }).getByText('View', { exact: true }).click();
  await page.locator('.ant-drawer-body').getByText('NO_ACCOUNT').waitFor();
  await take(`message-log-${client}`, visitor);
}

async function takeChannel(visitor: Visitor, take: Take): Promise<void> {
  const channels = new ChannelsPage(visitor);
  await visitor.page.setViewportSize({ width: 1280, height: 1000 });
  await channels.open();
  await visitor.page.getByRole('row').filter({ hasText: CHANNEL }).getByText('Edit', { exact: true }).click();
  await channels.form.getByRole('button', { name: 'Send a test' }).waitFor();
  await take('channel-form-v1', visitor);
  const result = await channels.sendTest();
  await result.getByText('1 of 1').waitFor();
  await take('channel-test-v1', visitor);
}

async function takeNode(visitor: Visitor, workflow: number, take: Take): Promise<void> {
  const { page } = visitor;
  await page.setViewportSize({ width: 1280, height: 1600 });
  await visitor.opens(`/admin/settings/workflow/workflows/${workflow}`);
  await page.locator('.ant-tag').filter({ hasText: 'Notification' }).click();
  await page.locator('.ant-drawer-body').locator('section').last().waitFor();
  await take('message-card-v1', visitor);
}

async function takeInbox(visitor: Visitor, { userid }: Company, take: Take): Promise<void> {
  await visitor.page.setViewportSize({ width: 640, height: 900 });
  await visitor.page.goto(`${visitor.world.emulator.url}/__emulator/inbox?userid=${userid}`);
  await take('inbox', visitor);
}
