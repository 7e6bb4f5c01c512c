import { CLIENT, CORP, Harness, OTHER_CORP, withDepartments } from '../harness';
import { StreamClient } from '../stream-harness';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ data: withDepartments });
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const PAGE = '/__emulator/address-book';
const show = async (query = '') => (await harness.fetch(PAGE + query)).text();
const change = (fields: Record<string, string>, query = '') => harness.form(PAGE + query, fields);
const told = () =>
  harness.emulator.events.map(({ type, data }) => [type, (data.userId ?? data.deptId) as (string | number)[]]);
const json = (method: string, path: string, body?: object) =>
  harness.fetch(`/__emulator/${path}`, {
    method,
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  });

describe('the page', () => {
  it('offers what there is', async () => {
    const text = await show();
    expect(text).toContain('<option value="ada-a">Ada A</option>');
    expect(text).not.toContain('value="lea-a"');
    expect(text).not.toContain('value="ext-a"');
    expect(text).toContain('<option value="1">A &amp; B &lt;Ltd&gt; (1)</option>');
    expect(text).toContain('no connection, so that events are lost');
    const other = await show(`?corpId=${OTHER_CORP}`);
    expect(other).toContain('<option value="eve-b">');
    expect(other).not.toContain('data-change="rename"');
  });

  it('lets somebody join, move and leave, and renames a department', async () => {
    expect((await change({ change: 'join', name: '', department: '20' })).headers.get('location')).toBe(
      `?corpId=${CORP}`,
    );
    await change({ change: 'move', userid: 'ada-a', department: '20' });
    await change({ change: 'leave', userid: 'ben-a' });
    await change({ change: 'rename', department: '10', name: 'Sells' });
    await change({ change: 'leave', userid: 'eve-b' }, `?corpId=${OTHER_CORP}`);
    const joined = harness.emulator.data.accounts.at(-1)?.memberships[0];
    expect(joined?.dept_id_list).toEqual([20]);
    expect(told()).toEqual([
      ['user_add_org', [joined?.userid]],
      ['user_modify_org', ['ada-a']],
      ['user_leave_org', ['ben-a']],
      ['org_dept_modify', [10]],
      ['user_leave_org', ['eve-b']],
    ]);
  });

  it('says through which channel an event went, and what was answered', async () => {
    const client = await StreamClient.open(harness);
    await change({ change: 'leave', userid: 'ada-a' });
    const text = await show();
    expect(text).toMatch(/Stream: connections: 1/);
    expect(text).toMatch(/data-event="user_leave_org"[^]*ada-a[^]*Stream, dingclient: <strong>accepted/);
    expect(text).toMatch(/SUCCESS after \d+ ms, connection \d+/);
    harness.emulator.stream.drop();
    await client.closed;
    harness.app.callback = { url: 'http://127.0.0.1:1/', token: 'abc', aesKey: 'x'.repeat(43) };
    harness.emulator.data.settings.pushRepeatsMs = [];
    await change({ change: 'join' });
    expect(await show()).toMatch(/HTTP: <code>http:\/\/127.0.0.1:1\/<\/code>[^]*HTTP, dingclient: <strong>listed/);
    harness.app.eventTypes = [];
    await change({ change: 'join' });
    expect(await show()).toContain('no app subscribed to it');
  });

  it('shows the last 20 events, and few of many ids', async () => {
    harness.emulator.together(() => {
      for (let index = 0; index < 7; index++) {
        harness.emulator.addMember();
      }
    });
    expect(await show()).toContain('… (7)');
    for (let index = 0; index < 20; index++) {
      harness.emulator.addMember();
    }
    const text = await show();
    expect(text.match(/data-event/g)).toHaveLength(20);
    expect(text).not.toContain('… (7)');
  });

  it('says what was wrong', async () => {
    const response = await change({ change: 'leave', userid: 'nobody' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('No member has the userid &quot;nobody&quot;');
    expect((await change({ change: 'dance' })).status).toBe(400);
    expect(told()).toEqual([]);
  });

  it('is linked from the workbench', async () => {
    harness.emulator.data.clients.push({ id: 'pc', device: 'pc', account: 'ada', clientVersion: '8.1.10' });
    expect(await (await harness.fetch('/__emulator/workbench')).text()).toContain('href="address-book"');
  });
});

describe('the control API', () => {
  it('changes the address book, and waits for the answers where it is told to', async () => {
    const client = await StreamClient.open(harness);
    const response = await json('POST', 'changes', { change: 'leave', userid: 'ada-a', waitMs: 5000 });
    expect(await response.json()).toMatchObject({
      events: [{ type: 'user_leave_org', receivers: [{ outcome: 'accepted' }] }],
    });
    expect((await json('POST', 'changes', { change: 'leave', userid: 'nobody' })).status).toBe(400);
    harness.emulator.stream.drop();
    await client.closed;
  });

  it('tells events and connections, sends events, forgets them', async () => {
    const client = await StreamClient.open(harness);
    const sent = await json('POST', 'events', { type: 'chat_disband', corpId: 'ding1', data: { chatId: 'x' } });
    expect(await sent.json()).toMatchObject({ type: 'chat_disband', receivers: [{ clientId: CLIENT.clientId }] });
    await client.has('*');
    await harness.emulator.eventsSettled();
    expect(await (await json('GET', 'events')).json()).toMatchObject({
      events: [{ type: 'chat_disband', corpId: 'ding1', receivers: [{ outcome: 'accepted' }] }],
      connections: [{ clientId: CLIENT.clientId, state: 'open' }],
    });
    expect((await json('POST', 'events', { typ: 'x' })).status).toBe(400);
    expect((await json('DELETE', 'events')).status).toBe(204);
    expect(harness.emulator.events).toEqual([]);
    harness.emulator.stream.drop();
    await client.closed;
  });

  it('acts on connections', async () => {
    harness.emulator.data.settings.streamCloseMs = 0;
    const act = async (action: string, more = {}) => (await json('POST', 'stream', { action, ...more })).status;
    const first = await StreamClient.open(harness);
    expect([await act('ping'), await act('send', { text: 'x' }), await act('hurry')]).toEqual([204, 204, 204]);
    await first.has('ping');
    await act('disconnect', { reason: 'because' });
    const [frame] = await first.has('disconnect');
    expect(JSON.parse(frame.data)).toEqual({ reason: 'because' });
    expect(first.texts).toContain('x');
    await first.closed;
    const second = await StreamClient.open(harness);
    await act('silence', { clientId: CLIENT.clientId });
    expect(harness.emulator.stream.connections.at(-1)?.state).toBe('silent');
    await act('drop');
    await second.closed;
    expect(await act('dance')).toBe(400);
  });

  it('saves and removes the address of pushes, as the console does', async () => {
    const path = `apps/${CLIENT.clientId}/callback`;
    const callback = { url: `${harness.emulator.url}/nothing`, token: 'abc', aesKey: 'x'.repeat(43) };
    const refused = await json('PUT', path, callback);
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error: 'HTTP请求结果校验返回字段值失败', reason: 'status 404' },
    ]);
    harness.app.callback = callback;
    expect((await json('DELETE', path)).status).toBe(204);
    expect(harness.app.callback).toBeUndefined();
  });
});
