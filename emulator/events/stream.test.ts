import { once } from 'node:events';
import { apiError, CLIENT, CORP, Harness, HEX_32, OTHER_CLIENT, SECOND, withDepartments } from '../harness';
import type { FaultRule } from '../index';
import { EVENTS, openConnection, StreamClient } from '../stream-harness';

let harness: Harness;
const clients: StreamClient[] = [];
beforeAll(async () => {
  harness = await Harness.start({ data: withDepartments });
});
beforeEach(() => {
  // Nothing below is to depend on what happens by itself.
  Object.assign(harness.emulator.data.settings, { streamPingMs: 0, streamKeepAliveMs: 0 });
});
afterEach(async () => {
  harness.emulator.reset();
  harness.emulator.stream.drop();
  clients.splice(0).forEach(({ socket }) => socket.terminate());
  await harness.emulator.until(() => harness.emulator.stream.connections.every(({ state }) => state === 'silent'));
});
afterAll(() => harness.emulator.close());

const set = (settings: Partial<Harness['emulator']['data']['settings']>) =>
  Object.assign(harness.emulator.data.settings, settings);
const strike = (fault: FaultRule['fault'], more: Partial<FaultRule> = {}) =>
  harness.emulator.data.faults.push({ endpoint: 'stream', fault, times: 1, ...more });
const connect = async (more: Record<string, unknown> = {}) => {
  const client = await StreamClient.open(harness, more);
  clients.push(client);
  return client;
};
const leave = () => harness.emulator.leave('ben');
const outcomes = () => harness.emulator.events.flatMap(({ receivers }) => receivers.map(({ outcome }) => outcome));
const answers = () =>
  harness.emulator.events.flatMap(({ receivers }) =>
    receivers.flatMap(({ attempts }) => attempts.map(({ answer }) => answer)),
  );
const statusOf = async (address: string) => {
  const { socket } = StreamClient.at(address);
  const [error] = (await once(socket, 'error')) as [Error];
  return error.message;
};

describe('the gateway', () => {
  it('gives an endpoint and a ticket', async () => {
    const { status, type, body } = await openConnection(harness);
    expect([status, type]).toEqual([200, 'application/json;charset=utf-8']);
    expect(body).toEqual({ endpoint: `${harness.emulator.url.replace('http', 'ws')}/connect`, ticket: HEX_32 });
  });

  it.each([
    ['another secret', { clientSecret: 'other' }],
    ['a stray blank in the secret', { clientSecret: `${CLIENT.clientSecret} ` }],
    ['an unknown app', { clientId: 'unknown' }],
  ])('refuses %s', async (_what, more) => {
    expect(await openConnection(harness, more)).toEqual(apiError(401, 'authFailed', '鉴权失败'));
  });

  it('answers in XML, unless JSON is asked for by name', async () => {
    const right = await harness.fetch('/v1.0/gateway/connections/open', {
      method: 'POST',
      body: JSON.stringify({ ...CLIENT, subscriptions: EVENTS }),
      headers: { 'Content-Type': 'application/json' },
    });
    expect(right.headers.get('content-type')).toBe('application/xml;charset=utf-8');
    expect(await right.text()).toMatch(/^<\?xml .*<endpoint>ws:.*<ticket>[0-9a-f]{32}<\/ticket>/);
    const wrong = await harness.fetch('/v1.0/gateway/connections/open', {
      method: 'POST',
      body: JSON.stringify({ ...CLIENT, clientSecret: 'x' }),
      headers: { 'Content-Type': 'application/json' },
    });
    expect([wrong.status, await wrong.text()]).toEqual([401, expect.stringContaining('<code>authFailed</code>')]);
  });

  it('fails as asked: 503, a proxy’s 400, another host', async () => {
    const fail = (fault: FaultRule['fault']) => strike(fault, { endpoint: 'connections/open' });
    fail('unavailable503');
    expect((await openConnection(harness)).status).toBe(503);
    fail('authFailed401');
    expect((await openConnection(harness)).body.code).toBe('authFailed');
    fail('html400');
    await expect(openConnection(harness)).rejects.toThrow('JSON');
    fail('foreignEndpoint');
    expect((await openConnection(harness)).body.endpoint).toMatch(/^wss:\/\/.*\.example\.net:443\/connect$/);
    set({ streamEndpoint: 'ws://127.0.0.1:1/x' });
    expect((await openConnection(harness)).body.endpoint).toBe('ws://127.0.0.1:1/x');
  });

  it('a ticket opens one connection, for 90 seconds', async () => {
    const address = async () => {
      const { endpoint, ticket } = (await openConnection(harness)).body;
      return `${String(endpoint)}?ticket=${String(ticket)}`;
    };
    const used = await address();
    await once(StreamClient.at(used).socket, 'open');
    expect(await statusOf(used)).toContain('401');
    const late = await address();
    harness.pass(90 * SECOND);
    expect(await statusOf(late)).toContain('401');
    expect(await statusOf(harness.emulator.url.replace('http', 'ws'))).toContain('404');
    const called = harness.emulator.calls.filter(({ path }) => path === '/connect').map(({ status }) => status);
    expect(called).toEqual([101, 401, 401]);
  });

  it('the connection itself may be refused', async () => {
    const { endpoint, ticket } = (await openConnection(harness)).body;
    strike('unavailable503', { endpoint: 'connect' });
    expect(await statusOf(`${String(endpoint)}?ticket=${String(ticket)}`)).toContain('503');
    strike('reset', { endpoint: 'connect' });
    expect(await statusOf(`${String(endpoint)}?ticket=${String(ticket)}`)).toContain('socket hang up');
  });
});

describe('a connection', () => {
  it('is greeted, or not', async () => {
    const greeted = await connect();
    await greeted.has('REGISTERED');
    expect(greeted.frames.map(({ type, headers }) => [type, headers.topic])).toEqual([
      ['SYSTEM', 'CONNECTED'],
      ['SYSTEM', 'REGISTERED'],
    ]);
    set({ streamGreeting: false });
    const silent = await connect();
    harness.emulator.stream.ping();
    await silent.has('ping');
    expect(silent.frames.map(({ headers }) => headers.topic)).toEqual(['ping']);
  });

  it('is pinged in intervals, and kept alive', async () => {
    set({ streamPingMs: 20, streamKeepAliveMs: 20 });
    const client = await connect();
    const [first, second] = await client.has('ping', 2);
    await client.has('KEEPALIVE', 2);
    expect(JSON.parse(first.data)).toEqual({ opaque: HEX_32 });
    expect(first.data).not.toBe(second.data);
    await harness.emulator.until(() => harness.emulator.stream.connections[0].pongs >= 2);
  });

  it('ends where pings are not answered', async () => {
    const client = await connect();
    client.isAlive = false;
    set({ streamCloseMs: 0 });
    for (let ping = 0; ping < 4; ping++) {
      harness.emulator.stream.ping();
    }
    const [frame] = await client.has('disconnect');
    expect(JSON.parse(frame.data)).toEqual({ reason: 'persistent connection is timeout' });
    await client.closed;
  });

  it('after `disconnect` gets nothing, and is closed later', async () => {
    set({ streamCloseMs: 50 });
    const client = await connect();
    harness.emulator.stream.disconnect();
    const [frame] = await client.has('disconnect');
    expect(frame).toMatchObject({ type: 'SYSTEM', data: '{"reason":"connection is expired"}' });
    expect(harness.emulator.stream.connections).toMatchObject([{ state: 'leaving' }]);
    leave();
    await client.closed;
    expect([client.events, outcomes()]).toEqual([[], ['lost']]);
    await harness.emulator.until(() => harness.emulator.stream.connections.length === 0);
  });

  it('may die silently: it is open, and neither hears nor says anything', async () => {
    set({ streamAnswerMs: 20 });
    const client = await connect();
    await client.has('REGISTERED');
    harness.emulator.stream.silence();
    leave();
    harness.emulator.stream.ping();
    await harness.emulator.until(() => answers().includes('none'));
    client.socket.ping();
    client.socket.close();
    expect(client.frames).toHaveLength(2);
    expect(client.socket.readyState).toBe(client.socket.CLOSING);
    expect(harness.emulator.stream.connections).toMatchObject([{ state: 'silent', pongs: 0 }]);
  });

  it('is forgotten by DingTalk when it has missed the pings', async () => {
    await connect();
    harness.emulator.stream.silence();
    for (let ping = 0; ping < 4; ping++) {
      harness.emulator.stream.ping();
    }
    leave();
    await harness.emulator.eventsSettled();
    expect(outcomes()).toEqual(['lost']);
  });

  it('may break off', async () => {
    const client = await connect();
    harness.emulator.stream.drop(OTHER_CLIENT.clientId);
    expect(harness.emulator.stream.connections).toHaveLength(1);
    harness.emulator.stream.drop(CLIENT.clientId);
    await client.closed;
    await harness.emulator.until(() => harness.emulator.stream.connections.length === 0);
  });
});

describe('an event', () => {
  it('has the documented headers, and ids alone', async () => {
    const client = await connect();
    leave();
    await harness.emulator.eventsSettled();
    const [{ headers, type, specVersion, data }] = client.events;
    const [{ id, bornAt }] = harness.emulator.events;
    expect([type, specVersion]).toEqual(['EVENT', '1.0']);
    expect(headers).toEqual({
      topic: '*',
      messageId: expect.any(String) as unknown,
      contentType: 'application/json',
      time: String(bornAt),
      eventType: 'user_leave_org',
      eventId: id,
      eventCorpId: CORP,
      eventBornTime: String(bornAt),
      eventUnifiedAppId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as unknown,
    });
    expect(JSON.parse(data)).toEqual({ timeStamp: String(bornAt), userId: ['ben-a'] });
    expect(harness.emulator.events[0].receivers).toMatchObject([
      { clientId: CLIENT.clientId, channel: 'stream', outcome: 'accepted', attempts: [{ answer: 'SUCCESS' }] },
    ]);
  });

  it('is sent again for LATER, for another answer and for none, by the times of the settings', async () => {
    set({ streamAnswerMs: 20, streamLaterMs: 1, streamRepeatMs: 60_000 });
    const client = await connect();
    client.answer = 'LATER';
    leave();
    await client.has('*', 2);
    client.answer = undefined;
    await harness.emulator.until(() => answers().at(-1) === 'none');
    client.answer = 'SUCCESS';
    harness.emulator.hurry();
    await harness.emulator.eventsSettled();
    expect([answers().at(0), answers().at(-1), outcomes()]).toEqual(['LATER', 'SUCCESS', ['accepted']]);
    const ids = client.events.map(({ headers }) => [headers.eventId, headers.messageId]);
    expect(new Set(ids.map(([id]) => id)).size).toBe(1);
    expect(new Set(ids.map(([, messageId]) => messageId)).size).toBe(ids.length);
  });

  it('is lost after so many attempts', async () => {
    set({ streamLaterMs: 0, streamAttempts: 3 });
    const client = await connect();
    client.answer = 'LATER';
    leave();
    await harness.emulator.eventsSettled();
    expect([client.events.length, outcomes()]).toEqual([3, ['lost']]);
  });

  it('without a connection is lost, or is sent again', async () => {
    leave();
    await harness.emulator.eventsSettled();
    expect(outcomes()).toEqual(['lost']);
    set({ streamWithoutConnection: 'again' });
    harness.emulator.leave('ada');
    const client = await connect();
    harness.emulator.hurry();
    await harness.emulator.eventsSettled();
    expect([outcomes(), client.events.length]).toEqual([['lost', 'accepted'], 1]);
  });

  it('is not sent to a connection that did not subscribe', async () => {
    await connect({ subscriptions: [{ type: 'CALLBACK', topic: '/v1.0/im/bot/messages/get' }] });
    leave();
    await harness.emulator.eventsSettled();
    expect(outcomes()).toEqual(['lost']);
  });

  it('goes to one connection of the app, at random or to the newest', async () => {
    const both = [await connect(), await connect()];
    await connect({ ...OTHER_CLIENT });
    for (let index = 0; index < 40; index++) {
      harness.emulator.addMember();
    }
    await harness.emulator.eventsSettled();
    const counts = both.map(({ events }) => events.length);
    expect(counts[0] + counts[1]).toBe(40);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    set({ streamChoice: 'newest' });
    for (let index = 0; index < 20; index++) {
      harness.emulator.addMember();
    }
    await harness.emulator.eventsSettled();
    expect(both.map(({ events }) => events.length)).toEqual([counts[0], counts[1] + 20]);
  });

  it('may be of one’s own making', async () => {
    const client = await connect();
    harness.emulator.sendEvent({ type: 'chat_disband', corpId: 'dingforeign', id: 'same', data: { chatId: '1' } });
    harness.emulator.sendEvent({ type: 'chat_disband', id: 'same', clientId: OTHER_CLIENT.clientId });
    await harness.emulator.eventsSettled();
    expect(
      client.events.map(({ headers, data }) => [headers.eventType, headers.eventCorpId, headers.eventId, data]),
    ).toEqual([['chat_disband', 'dingforeign', 'same', '{"chatId":"1"}']]);
  });

  it('is not sent to apps that did not subscribe to it, nor to those of other organizations', async () => {
    harness.app.eventTypes = ['user_add_org'];
    leave();
    harness.emulator.addMember();
    expect(harness.emulator.events.map(({ type, receivers }) => [type, receivers.length])).toEqual([
      ['user_leave_org', 0],
      ['user_add_org', 1],
    ]);
    await harness.emulator.eventsSettled();
  });
});

describe('faults', () => {
  it('eventLost: nobody is told', async () => {
    const client = await connect();
    strike('eventLost');
    leave();
    expect([client.events, outcomes()]).toEqual([[], ['waiting']]);
    await harness.emulator.eventsSettled();
    expect(outcomes()).toEqual(['lost']);
  });

  it('eventTwice: the same event in two frames', async () => {
    const client = await connect();
    strike('eventTwice');
    leave();
    await harness.emulator.eventsSettled();
    expect(new Set(client.events.map(({ headers }) => headers.eventId)).size).toBe(1);
    expect(answers()).toEqual(['SUCCESS', 'SUCCESS']);
  });

  it('eventForeignCorp and eventForeignType: it names another organization, or is another event', async () => {
    const client = await connect();
    strike('eventForeignCorp');
    strike('eventForeignType', { where: { type: 'user_add_org' } });
    leave();
    harness.emulator.addMember();
    await harness.emulator.eventsSettled();
    const [corp, type] = client.events;
    expect(corp.headers).toMatchObject({ eventCorpId: `ding${'f'.repeat(32)}`, eventType: 'user_leave_org' });
    expect(type.headers).toMatchObject({ eventCorpId: CORP, eventType: 'bpms_instance_change' });
    expect(type.data).not.toContain('userId');
  });

  it('frameNotJson, frameHuge and frameUnknownType: noise before the event', async () => {
    const client = await connect();
    for (const fault of ['frameNotJson', 'frameHuge', 'frameUnknownType'] as const) {
      strike(fault);
      harness.emulator.addMember();
    }
    await harness.emulator.eventsSettled();
    const noise = client.texts.slice(2).filter((_text, index) => index % 2 === 0);
    expect(noise[0]).toBe('not JSON {');
    expect(noise[1].length).toBeGreaterThan(10 * 1024 * 1024);
    expect(JSON.parse(noise[2])).toMatchObject({ type: 'NOTICE' });
    expect(outcomes()).toEqual(['accepted', 'accepted', 'accepted']);
  });

  it('streamDisconnect: the connection ends first, and another one gets the event', async () => {
    set({ streamChoice: 'newest' });
    const [old, fresh] = [await connect(), await connect()];
    strike('streamDisconnect');
    leave();
    await harness.emulator.eventsSettled();
    await fresh.has('disconnect');
    expect([old.events.length, fresh.events.length]).toEqual([1, 0]);
  });

  it.each(['streamSilent', 'streamDrop'] as const)('%s: the event is sent again', async (fault) => {
    set({ streamAnswerMs: 20, streamRepeatMs: 60_000, streamChoice: 'newest' });
    await connect();
    strike(fault);
    leave();
    await harness.emulator.until(() => answers().at(-1) === 'none');
    const other = await connect();
    harness.emulator.hurry();
    await other.has('*');
    await harness.emulator.eventsSettled();
    expect(outcomes()).toEqual(['accepted']);
  });

  it('a rule may delay, spare, and mean one type', async () => {
    const client = await connect();
    strike('eventTwice', { after: 1, delayMs: 10 });
    strike('eventLost', { where: { type: 'org_dept_create' } });
    leave();
    harness.emulator.addMember();
    harness.emulator.addDepartment({ name: 'New' });
    await harness.emulator.eventsSettled();
    expect(outcomes()).toEqual(['accepted', 'accepted', 'lost']);
    expect(client.events).toHaveLength(3);
    const rule = { endpoint: 'stream', fault: 'pushHuge' };
    const patch = {
      method: 'PATCH',
      body: JSON.stringify({ faults: [rule] }),
      headers: { 'Content-Type': 'application/json' },
    };
    expect((await harness.ask('/__emulator/data', patch)).body.error).toContain('none that this endpoint has');
  });
});

it('reset forgets what was under way, and leaves the connections open', async () => {
  const client = await connect();
  client.answer = undefined;
  leave();
  await client.has('*');
  harness.emulator.reset();
  expect(harness.emulator.events).toEqual([]);
  client.answer = 'SUCCESS';
  leave();
  await harness.emulator.eventsSettled();
  expect(outcomes()).toEqual(['accepted']);
});

it('close ends all connections, and whoever waits', async () => {
  const other = await Harness.start();
  const client = await StreamClient.open(other);
  const silent = await StreamClient.open(other);
  other.emulator.stream.silence();
  const waiting = expect(other.emulator.until(() => false)).rejects.toThrow('The emulator was closed');
  await other.emulator.close();
  await Promise.all([client.closed, silent.closed, waiting]);
});
