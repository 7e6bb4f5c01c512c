import { type DirectoryEvent, eventOfCallback, eventOfFailedCallback, eventOfFrame, isDirectoryEvent } from './event';

const headers = {
  topic: '*',
  messageId: 'm1',
  eventType: 'user_add_org',
  eventId: 'e1',
  eventCorpId: 'ding1',
  eventBornTime: '1683533823336',
};
const ofFrame = (data: unknown, more: object = headers) => eventOfFrame({ headers: more, data: JSON.stringify(data) });
const ofCallback = (message: unknown) => eventOfCallback(JSON.stringify(message));

const event: DirectoryEvent = {
  id: 'e1',
  type: 'user_add_org',
  corpId: 'ding1',
  bornAt: 1683533823336,
  userids: ['015xxxx227'],
  departmentIds: [],
};

describe('an event', () => {
  const fields = { timeStamp: '1685501863357', userId: ['015xxxx227'] };

  it.each<[string, DirectoryEvent | undefined, Partial<DirectoryEvent>]>([
    ['of a frame, with its envelope among the headers', ofFrame(fields), {}],
    [
      'of a frame, with its envelope around the fields',
      ofFrame(
        { eventType: 'user_add_org', eventId: 'e1', eventCorpId: 'ding1', eventBornTime: 1683533823336, data: fields },
        { topic: '*' },
      ),
      {},
    ],
    [
      'of a frame, with its fields as JSON in the envelope',
      ofFrame({ eventType: 'user_add_org', data: JSON.stringify(fields) }, {}),
      { id: undefined, corpId: undefined, bornAt: undefined },
    ],
    [
      'of a callback',
      ofCallback({
        EventType: 'user_add_org',
        EventTime: 1683533823336,
        CorpId: 'ding1',
        BizId: 'b',
        eventId: 'e1',
        ...fields,
      }),
      {},
    ],
    [
      'of an older callback',
      ofCallback({ EventType: 'user_add_org', TimeStamp: '1683533823336', CorpId: 'ding1', UserId: ['015xxxx227'] }),
      { id: undefined },
    ],
    [
      'of the list of those that failed',
      eventOfFailedCallback({
        user_add_org: { userid: ['015xxxx227'], corpid: 'ding1' },
        call_back_tag: 'user_add_org',
        event_time: 1683533823336,
      }),
      { id: undefined },
    ],
    [
      'of that list, with its fields in callbackData',
      eventOfFailedCallback({
        user_add_org: { callbackData: '{"userid":"015xxxx227"}', corpid: 'ding1' },
        call_back_tag: 'user_add_org',
        event_time: '1683533823336',
      }),
      { id: undefined },
    ],
  ])('%s', (_, found, difference) => {
    expect(found).toEqual({ ...event, ...difference });
  });

  it.each<[string, unknown, Partial<DirectoryEvent>]>([
    ['departments', { deptId: [432825033, '7'] }, { userids: [], departmentIds: [432825033, 7] }],
    ['one department', { deptId: 42 }, { userids: [], departmentIds: [42] }],
    ['a list as text', { deptId: '[42,43]' }, { userids: [], departmentIds: [42, 43] }],
    ['one user', { userId: 'zhang wei' }, { userids: ['zhang wei'] }],
    ['numbers for texts', { userId: [15, 16] }, { userids: ['15', '16'] }],
    ['the same id twice', { userId: ['a', 'b', 'a'], deptId: [1, '1'] }, { userids: ['a', 'b'], departmentIds: [1] }],
    ['ids that differ by their case alone', { userId: ['a', 'A'] }, { userids: ['a', 'A'] }],
    ['nobody', {}, { userids: [] }],
    ['null', { userId: null, deptId: null }, { userids: [] }],
    [
      'what is no department of this book',
      { deptId: [-7, 0, 1.5, '9007199254740993', null, 8] },
      { userids: [], departmentIds: [8], dropped: 5 },
    ],
    [
      'what no userid can be',
      { userId: ['', 'a\0', 'a\n', '\ud800', 'x'.repeat(256), {}, null, 'ok'] },
      { userids: ['ok'], dropped: 7 },
    ],
  ])('names %s', (_, data, expected) => {
    expect(ofFrame(data)).toEqual({ ...event, ...expected });
  });

  it('T22: names 1,000 ids at most, and says where those are not all', () => {
    const ids = Array.from({ length: 1001 }, (_, i) => i + 1);
    expect(ofFrame({ userId: ids.slice(0, 1000) })?.isCut).toBeUndefined();
    for (const found of [ofFrame({ userId: ids }), ofFrame({ deptId: ids })]) {
      expect(found?.isCut).toBe(true);
      expect(found?.userids.length || found?.departmentIds.length).toBe(1000);
    }
  });

  it.each([
    ['its corpId', { eventCorpId: 'ding 1' }, 'corpId'],
    ['its corpId', { eventCorpId: { $ne: null } }, 'corpId'],
    ['its id', { eventId: 'e\n1' }, 'id'],
    ['its time', { eventBornTime: 'yesterday' }, 'bornAt'],
    ['its time', { eventBornTime: -1 }, 'bornAt'],
  ] as const)('is read without %s where that is not well-formed: %j', (_, difference, field) => {
    expect(ofFrame({ userId: ['015xxxx227'] }, { ...headers, ...difference })).toEqual({
      ...event,
      [field]: undefined,
    });
  });

  it.each<[string, DirectoryEvent | undefined]>([
    ['without a kind', ofFrame({ userId: ['a'] }, {})],
    ['with a sentence for a kind', ofFrame({}, { eventType: 'user_add_org\nINFO forged' })],
    ['whose data is null', ofFrame(null)],
    ['whose data is a text', ofFrame('user_add_org')],
    ['whose data is no JSON', eventOfFrame({ headers, data: '{"userId":' })],
    ['of a callback that is no JSON', eventOfCallback('success')],
    ['of a callback that is a list', ofCallback([{ EventType: 'user_add_org' }])],
    ['of a failed callback that is nothing', eventOfFailedCallback(null)],
    ['of a failed callback without a kind', eventOfFailedCallback({ user_add_org: { userid: ['a'] } })],
  ])('%s is none', (_, found) => {
    expect(found).toBeUndefined();
  });

  it('that checks the address is one without ids', () => {
    expect(ofCallback({ EventType: 'check_url' })).toMatchObject({ type: 'check_url', userids: [], departmentIds: [] });
  });
});

it.each([
  ['user_add_org', true],
  ['user_modify_org', true],
  ['user_leave_org', true],
  ['user_active_org', true],
  ['org_dept_create', true],
  ['org_dept_modify', true],
  ['org_dept_remove', true],
  ['check_url', false],
  ['bpms_task_change', false],
  ['org_admin_add', false],
  ['constructor', false],
])('whether %s changes the directory: %s', (type, expected) => {
  expect(isDirectoryEvent({ ...event, type })).toBe(expected);
});
