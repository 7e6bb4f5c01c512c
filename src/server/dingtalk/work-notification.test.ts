import { Harness } from '../../../emulator/harness';
import { DingTalkError } from './errors';
import {
  getSendResult,
  isWellFormedAgentId,
  mayHaveSent,
  sendResultSchema,
  sendWorkNotification,
  sizeOf,
  type WorkMessage,
} from './work-notification';

let harness: Harness;
let token: string;
const { signal } = new AbortController();

beforeAll(async () => {
  harness = await Harness.start();
  process.env.DINGTALK_API_URL = process.env.DINGTALK_OAPI_URL = harness.emulator.url;
});
beforeEach(async () => {
  harness.emulator.reset();
  token = await harness.appToken();
});
afterAll(() => harness.emulator.close());

const message: WorkMessage = { msgtype: 'text', text: { content: 'Hello' } };
const send = (userids: string[], more: object = {}) =>
  sendWorkNotification(token, { agentId: '1', userids, message, ...more }, signal);
const resultOf = (taskId = '0') => getSendResult(token, { agentId: '1', taskId }, signal);
const nothing = { delivered: [], invalid: [], outside: [], failed: [], dropped: [] };

it('sends a message, and tells what became of it', async () => {
  const task = await send(['ada-a', 'lea-a', 'ext-a', 'nobody']);
  expect(harness.emulator.notifications.inbox('ada-a')).toMatchObject([{ msg: message }]);
  expect(await resultOf(task)).toEqual({ ...nothing, delivered: ['ada-a'], invalid: ['lea-a', 'ext-a', 'nobody'] });
});

it('a silent loss is in the result alone', async () => {
  await send(['ada-a']);
  const dropped = [{ userid: 'ada-a', code: '143106' }];
  expect(await resultOf(await send(['ada-a']))).toEqual({ ...nothing, dropped });
  const long: WorkMessage = { msgtype: 'text', text: { content: 'x'.repeat(2048) } };
  expect(await resultOf(await send(['ada-a'], { message: long }))).toEqual({ ...nothing, failed: ['ada-a'] });
  harness.app.contactScope = ['ben-a'];
  expect(await resultOf(await send(['ada-a']))).toEqual({ ...nothing, outside: ['ada-a'] });
});

it.each<[string, () => Promise<unknown>, string]>([
  ['another Agent ID', () => send(['ada-a'], { agentId: '2' }), 'agent'],
  ['no receivers', () => send([]), 'unexpected'],
  ['more than a hundred', () => send(Array.from({ length: 101 }, (_, index) => `a${index}`)), 'receivers'],
  ['a message that is none', () => send(['ada-a'], { message: { msgtype: 'voice' } }), 'message'],
  ['a message with nothing in it', () => send(['ada-a'], { message: { msgtype: 'text', text: {} } }), 'message'],
  [
    'a month without calls',
    () => {
      harness.emulator.notifications.settings.callsAMonth = 0;
      return send(['ada-a']);
    },
    'quota',
  ],
])('is refused: %s, and was surely not sent', async (_, call, kind) => {
  const error: unknown = await call().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(DingTalkError);
  expect(error).toMatchObject({ kind });
  expect(mayHaveSent(error)).toBe(false);
});

it.each<[boolean, ConstructorParameters<typeof DingTalkError>]>([
  [true, ['unreachable', { endpoint: '/topapi/message/corpconversation/asyncsend_v2', reason: '' }]],
  [
    true,
    [
      'unreachable',
      { endpoint: '/topapi/message/corpconversation/asyncsend_v2', reason: '', networkCode: 'ECONNRESET' },
    ],
  ],
  [true, ['unexpected', { endpoint: '/topapi/message/corpconversation/asyncsend_v2', reason: '', status: 500 }]],
  [true, ['unexpected', { endpoint: '/topapi/message/corpconversation/asyncsend_v2', reason: '', dingTalkCode: '-1' }]],
  [
    false,
    [
      'unreachable',
      { endpoint: '/topapi/message/corpconversation/asyncsend_v2', reason: '', networkCode: 'ECONNREFUSED' },
    ],
  ],
  [false, ['busy', { endpoint: '/topapi/message/corpconversation/asyncsend_v2', reason: '', status: 429 }]],
  [false, ['unexpected', { endpoint: '/topapi/message/corpconversation/asyncsend_v2', reason: '', dingTalkCode: '7' }]],
  [false, ['unreachable', { endpoint: '/v1.0/oauth2/accessToken', reason: '' }]],
])('may have sent it (%s): %j', (expected, detail) => {
  expect(mayHaveSent(new DingTalkError(...detail))).toBe(expected);
});

it('whatever else went wrong may have come after it', () => {
  expect(mayHaveSent(new TypeError())).toBe(true);
});

it('reads a result whose lists are missing, null, or texts', () => {
  expect(sendResultSchema.parse({ send_result: {} }).send_result.read_user_id_list).toEqual([]);
  const written = { read_user_id_list: '["a"]', unread_user_id_list: null, forbidden_list: null };
  expect(sendResultSchema.parse({ send_result: written }).send_result.read_user_id_list).toEqual(['a']);
});

it('an Agent ID has digits alone, and may be larger than 32 bits', () => {
  expect(
    ['1', '2839445214', '', 'x', '1e3', '-1', '1.5', '1'.repeat(16), undefined].filter(isWellFormedAgentId),
  ).toEqual(['1', '2839445214']);
});

it('counts bytes as they are sent', () => {
  expect(sizeOf({ msgtype: 'text', text: { content: '汉"' } })).toBe(
    '{"msgtype":"text","text":{"content":""}}'.length + 5,
  );
});
