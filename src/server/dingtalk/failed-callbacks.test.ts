import { withStub } from '../../../testing/nocobase/stub';
import { DingTalkError } from './errors';
import { failedCallbacksSchema, getFailedCallbacks } from './failed-callbacks';

const failed = {
  user_add_org: { userid: ['zhangsan'], corpid: 'ding1' },
  call_back_tag: 'user_add_org',
  event_time: 1606126433000,
};

beforeEach(() => jest.spyOn(console, 'warn').mockReturnValue());
afterEach(() => jest.restoreAllMocks());

/** The answer to a call, and what was asked for. */
async function callWith(answer: unknown, status = 200) {
  let asked: string | undefined;
  const result = await withStub(
    (request, response) => {
      asked = `${request.method} ${request.url}`;
      response.writeHead(status).end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    },
    () => getFailedCallbacks('t0ken', AbortSignal.timeout(5000)).catch((error: unknown) => error),
  );
  return { asked, result };
}

it('lists the events whose pushes failed', async () => {
  const { asked, result } = await callWith({ errcode: 0, errmsg: 'ok', has_more: true, failed_list: [failed] });
  expect(asked).toBe('GET /call_back/get_call_back_failed_result?access_token=t0ken');
  expect(result).toEqual({
    hasMore: true,
    events: [
      { type: 'user_add_org', corpId: 'ding1', bornAt: 1606126433000, userids: ['zhangsan'], departmentIds: [] },
    ],
  });
});

it.each<[string, object, object]>([
  ['nothing', {}, { hasMore: false, events: [] }],
  ['null', { has_more: null, failed_list: null }, { hasMore: false, events: [] }],
  ['a text that is no list', { failed_list: 'none' }, { hasMore: false, events: [] }],
  ['texts', { has_more: 'true', failed_list: '[]' }, { hasMore: true, events: [] }],
  [
    'an entry that nobody can read between two others',
    { has_more: false, failed_list: [failed, { call_back_tag: null }, 7, failed] },
    { hasMore: false, events: [expect.anything(), expect.anything()] },
  ],
  [
    'an event of another kind',
    { failed_list: [{ bpms_instance_change: { bpmsCallBackData: {} }, call_back_tag: 'bpms_instance_change' }] },
    { hasMore: false, events: [expect.objectContaining({ type: 'bpms_instance_change', userids: [] })] },
  ],
])('reads %s', (_, answer, expected) => {
  expect(failedCallbacksSchema.parse(answer)).toEqual(expected);
});

it.each<[unknown, number, object]>([
  [{ errcode: 88, sub_code: '40014' }, 200, { kind: 'token' }],
  [{ errcode: 60020 }, 200, { kind: 'ipNotAllowed' }],
  [{ failed_list: [] }, 200, { kind: 'unexpected' }],
  ['<html>', 200, { kind: 'unexpected', reason: 'not an answer of DingTalk' }],
  ['', 503, { kind: 'unexpected', status: 503 }],
  ['x'.repeat(1024 * 1024 + 1), 200, { kind: 'unexpected' }],
])('T20: refuses what is no list: %#', async (answer, status, expected) => {
  const { result } = await callWith(answer, status);
  expect(result).toBeInstanceOf(DingTalkError);
  expect(result).toMatchObject(expected);
});
