import { CORP, Harness } from '../harness';
import { pageOf } from './inbox-page';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const openApp = `dingtalk://dingtalkclient/action/openapp?corpid=${CORP}&redirect_url=${encodeURIComponent('https://nocobase.example/admin?a=1&b=2')}`;

async function send(msg: object): Promise<void> {
  const body = { agent_id: 1, userid_list: 'ada-a', msg };
  const token = await harness.appToken();
  const sent = await harness.post(`/topapi/message/corpconversation/asyncsend_v2?access_token=${token}`, body);
  expect(sent.body).toMatchObject({ errcode: 0 });
}

const inbox = async () => (await fetch(`${harness.emulator.url}/__emulator/inbox?userid=ada-a`)).text();

it.each([
  [openApp, 'https://nocobase.example/admin?a=1&b=2'],
  ['dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fx.example%2F&pc_slide=true', 'https://x.example/'],
  ['https://x.example/', 'https://x.example/'],
  ['dingtalk://', 'dingtalk://'],
])('the page behind %s', (address, target) => {
  expect(pageOf(address)).toBe(target);
});

it('shows what each type of message has, with links to the pages behind its addresses, and never as HTML', async () => {
  await send({ msgtype: 'text', text: { content: '<b>plain</b>' } });
  await send({ msgtype: 'markdown', markdown: { title: 'T', text: `# Head\n**bold** [open](${openApp})` } });
  await send({
    msgtype: 'action_card',
    action_card: { title: 'T', markdown: 'card', single_title: 'Go', single_url: openApp },
  });
  await send({
    msgtype: 'oa',
    oa: {
      message_url: openApp,
      head: { bgcolor: 'FFBBBBBB', text: 'h' },
      body: { title: 'Leave', form: [{ key: 'Days', value: '3' }] },
    },
  });
  const shown = await inbox();
  expect(shown).toContain('&lt;b&gt;plain&lt;/b&gt;');
  expect(shown).toContain('<a href="https://nocobase.example/admin?a=1&amp;b=2">open</a>');
  expect(shown).toContain('<a href="https://nocobase.example/admin?a=1&amp;b=2">Go</a>');
  expect(shown).toMatch(/Days\s+<strong>3<\/strong>/);
});

it('counts as read by whoever looks at it', async () => {
  await send({ msgtype: 'text', text: { content: 'x' } });
  const isRead = () => harness.emulator.notifications.inbox('ada-a').map((one) => one.isRead);
  expect(isRead()).toEqual([false]);
  await inbox();
  expect(isRead()).toEqual([true]);
});
