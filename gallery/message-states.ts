import type { ChannelOptions, MessageContent, MessagePreview, TestResult } from '../src/shared/messages';
import type { Answers } from './answers';
import type { State } from './states';
import type { Say } from './words';

// The states of the forms of channels and messages, inside NocoBase's forms.

const CHANNEL: ChannelOptions = {
  authenticator: 'dingtalk',
  links: 'panel',
  hosts: ['example.com'],
  address: 'https://nocobase.example.com',
  asksResult: true,
};

const answersOf = (more: Answers = {}): Answers => ({
  'dingtalk:listAuthenticators': { data: [{ name: 'dingtalk', title: 'Harbour Tech', hasCorpId: true }] },
  'dingtalk:getNotificationState': {
    data: { month: '2026-11', calls: 412, quota: 5000, hasAgentId: true, isOff: false },
  },
  ...more,
});

const body = '.ant-drawer-body';
const trial = `${body} section`;
/** antd's theme alone colors what is not filled in yet, and NocoBase's own fields stand between ours. */
const OF_ANTD = ['.ant-btn-primary', '.ant-form-item-extra', '.ant-select-selection-placeholder'];

const channelForm = (name: string, more: Partial<State> = {}): State => ({
  name,
  page: 'channel',
  clients: ['v2'],
  channel: CHANNEL,
  ours: `${body} :is([role=radiogroup], .ant-checkbox-wrapper:has(span + span), section)`,
  notOurs: OF_ANTD,
  answers: () => answersOf(),
  show: ({ see }) => see(`${body} .ant-select-selection-item`),
  ...more,
});

/** After a test with this result, in the words of the server. */
const tested = (name: string, result: (say: Say) => TestResult) =>
  channelForm(name, {
    ours: trial,
    answers: (say) => answersOf({ 'dingtalk:sendTest': { data: result(say) } }),
    async show({ press, see }) {
      await press(`${trial} button:enabled`);
      await see(`${trial} li`);
    },
  });

/** A message, as the server says that DingTalk gets it. */
const messageForm = (name: string, content: MessageContent, message: MessagePreview['message']): State => ({
  name,
  page: 'message',
  clients: ['v2'],
  content,
  ours: `${body} section`,
  notOurs: OF_ANTD,
  answers: (say) =>
    answersOf({
      'dingtalk:previewMessage': {
        data: { message, bytes: 412, maxBytes: 2048, notes: [say('MESSAGE_LINKS_AS_TEXT', { number: '1' })] },
      },
    }),
  // The first `div` may say that nothing can be shown yet.
  show: ({ see }) => see(`${body} section > div + div`),
});

const TEXT = '# Leave\n> from Monday\n\n- **3 days** of [王芳](https://nocobase.example.com/admin)\n\n11-27 09:41:00';

export const messages: State[] = [
  channelForm('channel-form'),
  tested('channel-test', (say) => ({
    code: 'MESSAGE_DELIVERED',
    outcome: 'ok',
    message: say('MESSAGE_DELIVERED', { number: '1', all: '1', task: '256271667001' }),
  })),
  tested('channel-test-failed', (say) => ({
    code: 'NO_ACCOUNT',
    outcome: 'error',
    message: `${say('NO_ACCOUNT')} (NO_ACCOUNT)`,
  })),
  messageForm(
    'message-text',
    { type: 'text', text: 'Leave of {{{$context.data.name}}}' },
    { msgtype: 'text', text: { content: 'Leave of ‹name›\n\n11-27 09:41:00' } },
  ),
  messageForm('message-markdown', { type: 'markdown', text: TEXT }, { msgtype: 'markdown', markdown: { text: TEXT } }),
  messageForm(
    'message-card',
    { type: 'actionCard', text: TEXT, buttons: [{ title: 'Agree', url: '/admin' }], layout: 'horizontal' },
    {
      msgtype: 'action_card',
      action_card: { markdown: TEXT, btn_orientation: '1', btn_json_list: [{ title: 'Agree' }, { title: 'Refuse' }] },
    },
  ),
  messageForm(
    'message-form',
    { type: 'oa', title: 'Leave', form: [{ key: 'Days', value: '3' }] },
    {
      msgtype: 'oa',
      oa: {
        head: { text: 'Leave' },
        body: { title: 'Leave', form: [{ key: 'Days', value: '3' }], content: 'From Monday', author: '11-27 09:41:00' },
      },
    },
  ),
];
