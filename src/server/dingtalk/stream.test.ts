import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { WebSocket } from 'ws';
import { Queue } from '../../../testing/queue';
import { type Connection, type Gateway, startGateway } from '../../../testing/stream-gateway';
import { TestClock } from '../../../testing/test-clock';
import type { DingTalkErrorKind } from './errors';
import type { DirectoryEvent } from './event';
import type { Verdict } from './frames';
import { openStream, type Stream, type StreamHandlers, type StreamOptions, type StreamState } from './stream';

const app = { clientId: 'dingclient', clientSecret: 'S3CRET' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let gateway: Gateway;
let clock: TestClock;
let stream: Stream;
/** Those that nobody has looked at yet. */
let states: Queue<StreamState>;
let events: DirectoryEvent[];

// What never comes is known sooner than in a test with a NocoBase.
jest.setTimeout(20_000);

beforeEach(async () => {
  // NocoBase warns that the gateway is on this machine.
  jest.spyOn(console, 'warn').mockReturnValue();
  gateway = await startGateway();
  process.env.DINGTALK_API_URL = gateway.url;
  clock = new TestClock();
  states = new Queue();
  events = [];
});

afterEach(async () => {
  await stream.close();
  // Whatever a test did, nothing is left: no timer, no web socket.
  expect(clock.sleeping).toBe(0);
  await everySocketClosed();
  await gateway.close();
  jest.restoreAllMocks();
  delete process.env.DINGTALK_API_URL;
  delete process.env.SERVER_REQUEST_WHITELIST;
});

/** As the gateway sees it. */
async function everySocketClosed(): Promise<void> {
  const deadline = Date.now() + 5000;
  while (gateway.open && Date.now() < deadline) {
    await setImmediate();
  }
  expect(gateway.open).toBe(0);
}

/** Pauses are as long as they may be, unless `random` is set. */
function open(more: Partial<StreamHandlers & StreamOptions> = {}): Stream {
  const onEvent = async (event: DirectoryEvent): Promise<Verdict> => {
    events.push(event);
    return 'SUCCESS';
  };
  const onState = (state: StreamState) => {
    const shown = inspect(state, { showHidden: true, depth: 9 }) + JSON.stringify(state);
    expect(shown).not.toMatch(/S3CRET|T1CKET/);
    states.push(state);
  };
  stream = openStream(app, { onEvent, onState, ...more }, { clock, random: () => 1, ...more });
  return stream;
}

async function opened(more: Parameters<typeof open>[0] = {}): Promise<Connection> {
  open(more);
  const connection = await gateway.connection();
  expect(await states.next()).toMatchObject({ state: 'open' });
  return connection;
}

/** The state in which the first attempt ends. */
async function failed(): Promise<StreamState> {
  open();
  return states.next();
}

/** A round trip of the connection: whatever was sent before has been handled. */
async function settled(connection: Connection): Promise<void> {
  connection.sendSystem('ping', { opaque: 'settled' });
  let answer;
  do {
    answer = await connection.answers.next();
  } while (answer.headers.messageId !== 'ping');
}

const pauseOf = ({ since, until = NaN }: StreamState) => until - since;

describe('a connection', () => {
  it('is asked for with the credentials of the app, and opened with the ticket', async () => {
    await opened();
    const { headers, body } = await gateway.asked();
    expect(headers.accept).toBe('application/json');
    expect(body).toEqual({ ...app, subscriptions: [{ type: 'EVENT', topic: '*' }], ua: 'auth-dingtalk' });
    const { url } = await gateway.upgrade();
    expect(url).toBe('/connect?ticket=T1CKET%2F1%2B%3D');
    expect(stream.state).toEqual({ state: 'open', since: expect.any(Number) });
  });

  it('answers a ping with its data', async () => {
    const connection = await opened();
    connection.sendSystem('ping', { opaque: '0ac3' });
    expect(await connection.answers.next()).toEqual({
      code: 200,
      headers: { messageId: 'ping', contentType: 'application/json' },
      message: 'OK',
      data: '{"opaque":"0ac3"}',
    });
  });

  it('hands over an event, and tells what became of it', async () => {
    const connection = await opened();
    const headers = {
      eventType: 'user_leave_org',
      eventId: 'e1',
      eventCorpId: 'ding1',
      eventBornTime: '1685501863357',
    };
    connection.sendEvent('m1', { timeStamp: '1685501863357', userId: ['015'] }, headers);
    expect(await connection.answers.next()).toEqual({
      code: 200,
      headers: { messageId: 'm1', contentType: 'application/json' },
      message: 'OK',
      data: '{"status":"SUCCESS"}',
    });
    const [event] = events;
    expect(event).toEqual({
      id: 'e1',
      type: 'user_leave_org',
      corpId: 'ding1',
      bornAt: 1685501863357,
      userids: ['015'],
      departmentIds: [],
    });
  });

  it.each<[string, StreamHandlers['onEvent']]>([
    ['says so', async () => 'LATER'],
    ['rejects', () => Promise.reject(new Error('no database'))],
    [
      'throws',
      () => {
        throw new Error('no database');
      },
    ],
  ])('answers LATER where the handler %s', async (_, onEvent) => {
    const connection = await opened({ onEvent });
    connection.sendEvent('m1', { userId: ['a'] });
    expect(await connection.status()).toBe('LATER');
    expect(stream.state.state).toBe('open');
  });

  it('answers LATER after 800 ms, once, whatever the handler says afterwards', async () => {
    const called = new Queue<(verdict: Verdict) => void>();
    const connection = await opened({ onEvent: () => new Promise((resolve) => called.push(resolve)) });
    connection.sendEvent('m1', { userId: ['a'] });
    const answer = await called.next();
    await clock.advance(799);
    await settled(connection);
    await clock.advance(1);
    expect(await connection.status()).toBe('LATER');
    answer('SUCCESS');
    await settled(connection);
    expect(connection.answers.size).toBe(0);
  });

  it('says SUCCESS to an event that nobody can read: sent again, it would be no better', async () => {
    const connection = await opened();
    connection.send({ type: 'EVENT', headers: { messageId: 'm1', eventType: 'user_add_org' }, data: '{"userId":[' });
    connection.sendEvent('m2', { userId: ['a'] }, {});
    expect([await connection.status(), await connection.status()]).toEqual(['SUCCESS', 'SUCCESS']);
    expect(events).toEqual([]);
    expect(stream.ignored).toBe(2);
  });

  it.each(['CONNECTED', 'REGISTERED', 'KEEPALIVE'])('knows %s, which wants no answer', async (topic) => {
    const connection = await opened();
    connection.sendSystem(topic);
    await settled(connection);
    expect([connection.answers.size, stream.ignored]).toEqual([0, 0]);
  });

  it.each<[string, unknown]>([
    ['no JSON', '{"type":"EVENT",'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[{"type":"EVENT"}]'],
    ['no headers', { type: 'EVENT', data: '{}' }],
    ['an event without an id to answer to', { type: 'EVENT', headers: {}, data: '{}' }],
    ['a ping without one', { type: 'SYSTEM', headers: { topic: 'ping' }, data: '{}' }],
    ['another type', { type: 'CALLBACK', headers: { topic: '/v1.0/im/bot/messages/get', messageId: 'm' }, data: '{}' }],
    ['a type of its own', { type: '__proto__', headers: { messageId: 'm' }, data: '{}' }],
    ['another topic', { type: 'SYSTEM', headers: { topic: 'constructor', messageId: 'm' }, data: '{}' }],
  ])('T20: ignores a frame that is %s, and counts it', async (_, frame) => {
    const connection = await opened();
    connection.send(frame);
    await settled(connection);
    expect([connection.answers.size, stream.ignored, stream.state.state]).toEqual([0, 1, 'open']);
  });

  it('T20: ignores a frame of bytes', async () => {
    const connection = await opened();
    connection.socket.send(Buffer.from([0, 255]), { binary: true });
    await settled(connection);
    expect(stream.ignored).toBe(1);
  });
});

describe('10,000 events at once', () => {
  const sendBurst = (connection: Connection) => {
    for (let i = 0; i < 10_000; i++) {
      connection.sendEvent(String(i), { userId: [`user${i}`] });
    }
  };

  async function answersOf(connection: Connection, count: number): Promise<string[]> {
    const found = new Map<string, string>();
    while (found.size < count) {
      const { headers, data } = await connection.answers.next();
      found.set(headers.messageId, JSON.parse(data).status);
    }
    return [...found.values()];
  }

  it('are all answered', async () => {
    const connection = await opened();
    sendBurst(connection);
    const statuses = await answersOf(connection, 10_000);
    expect(events.length).toBe(statuses.filter((status) => status === 'SUCCESS').length);
    expect(events.length).toBeGreaterThan(0);
    expect(connection.answers.size).toBe(0);
  });

  it('T22: no more than 100 are in hand, and those beyond come later', async () => {
    const release: ((verdict: Verdict) => void)[] = [];
    const connection = await opened({ onEvent: () => new Promise((resolve) => release.push(resolve)) });
    sendBurst(connection);
    expect(new Set(await answersOf(connection, 9900))).toEqual(new Set(['LATER']));
    expect(release).toHaveLength(100);
    release.forEach((resolve) => resolve('SUCCESS'));
    expect(new Set(await answersOf(connection, 100))).toEqual(new Set(['SUCCESS']));
    connection.sendEvent('next', { userId: ['a'] });
    await settled(connection);
    expect(release).toHaveLength(101);
  });

  it('T22: a handler that hangs keeps its place also after its answer', async () => {
    const connection = await opened({ onEvent: () => new Promise(() => undefined), maxInHand: 1 });
    connection.sendEvent('m1', { userId: ['a'] });
    await settled(connection);
    await clock.advance(800);
    expect(await connection.status()).toBe('LATER');
    connection.sendEvent('m2', { userId: ['a'] });
    expect(await connection.status()).toBe('LATER');
    expect(clock.sleeping).toBe(1);
  });

  it('T22: a gateway that reads no answers is left', async () => {
    const connection = await opened();
    connection.socket.pause();
    const opaque = 'x'.repeat(900_000);
    for (let i = 0; i < 40; i++) {
      connection.sendSystem('ping', { opaque });
    }
    const { state, error } = await states.next();
    expect([state, error?.reason]).toEqual(['waiting', 'the gateway does not read the answers']);
  });
});

describe('a gateway that wants a connection replaced', () => {
  it('gets another one at once, and is heard on the old one until it closes that', async () => {
    const old = await opened();
    await clock.advance(MINUTE);
    old.sendSystem('disconnect', { reason: 'connection is expired' });
    const fresh = await gateway.connection();
    expect([await states.next(), await states.next()]).toMatchObject([{ state: 'connecting' }, { state: 'open' }]);
    old.sendEvent('m1', { userId: ['late'] });
    expect(await old.status()).toBe('SUCCESS');
    expect(events).toMatchObject([{ userids: ['late'] }]);
    old.sendSystem('disconnect');
    await settled(old);
    old.socket.close();
    await old.closed;
    await settled(fresh);
    expect([gateway.count.asked, states.size, stream.state.state]).toEqual([2, 0, 'open']);
  });

  it('and forgets the old one, is left after 15 s', async () => {
    const old = await opened();
    old.sendSystem('disconnect');
    await gateway.connection();
    await clock.advance(14_999);
    await settled(old);
    await clock.advance(1);
    await old.closed;
    expect(gateway.open).toBe(1);
    expect(stream.state.state).toBe('open');
  });

  it('does not get one from an old connection that ends while the new one is asked for', async () => {
    const old = await opened();
    gateway.settings.answer = 'hang';
    old.sendSystem('disconnect');
    expect(await states.next()).toMatchObject({ state: 'connecting' });
    await gateway.asked();
    await gateway.asked();
    old.socket.terminate();
    await old.closed;
    await clock.advance(1000);
    expect([gateway.count.asked, stream.state.state]).toEqual([2, 'connecting']);
  });

  it('and says so of every new one, is not called thousands of times', async () => {
    gateway.settings.onConnection = (connection) => connection.sendSystem('disconnect');
    open();
    const hour = await attemptsWithin(HOUR);
    expect(hour).toBeGreaterThan(50);
    expect(hour).toBeLessThan(75);
  });
});

/** Lets time pass while the stream tries, and nothing else: how often it asked for a ticket. */
async function attemptsWithin(ms: number): Promise<number> {
  const end = clock.now() + ms;
  const before = gateway.count.asked;
  for (;;) {
    let state: StreamState;
    do {
      state = await states.next();
    } while (!state.until);
    const pause = pauseOf(state);
    if (clock.now() + pause > end) {
      return gateway.count.asked - before;
    }
    await clock.advance(pause);
  }
}

describe('a link that died silently', () => {
  it('is given up after 90 s, and replaced', async () => {
    const dead = await opened();
    await clock.advance(89_999);
    expect(stream.state.state).toBe('open');
    await clock.advance(1);
    const state = await states.next();
    expect(state).toMatchObject({ state: 'waiting', error: { kind: 'unreachable' } });
    expect(state.error?.reason).toBe('nothing was heard for 90 s');
    await dead.closed;
    await clock.advance(pauseOf(state));
    await gateway.connection();
  });

  it.each<[string, (connection: Connection) => Promise<void>]>([
    ['a frame', async (connection) => connection.sendSystem('KEEPALIVE')],
    ['a ping of the web socket', async ({ socket }) => socket.ping()],
    [
      'an answer to its own ping',
      async ({ socket }) => {
        socket.pong();
      },
    ],
  ])('is none where there is %s', async (_, speak) => {
    const connection = await opened();
    for (let i = 0; i < 5; i++) {
      await clock.advance(80_000);
      await speak(connection);
      await settled(connection);
    }
    expect([gateway.count.asked, stream.state.state]).toEqual([1, 'open']);
  });

  it('is tried every 30 s', async () => {
    const { socket } = await opened();
    for (let i = 0; i < 4; i++) {
      const pinged = once(socket, 'ping');
      await clock.advance(30_000);
      await pinged;
      socket.pong();
      await settled({ socket } as Connection).catch(() => undefined);
    }
    expect(gateway.count.asked).toBe(1);
  });

  it('T20: is none the less dead where half a frame arrives, a byte at a time', async () => {
    const { socket } = await opened();
    const raw = (socket as unknown as { _socket: net.Socket })._socket;
    // The head of a text frame of 1,000 bytes.
    raw.write(Buffer.from([0x81, 126, 0x03, 0xe8]));
    for (let i = 0; i < 8; i++) {
      raw.write('x');
      await clock.advance(10_000);
    }
    await clock.advance(10_000);
    expect((await states.next()).error?.reason).toBe('nothing was heard for 90 s');
  });
});

describe('T20: a frame of 10 MB', () => {
  const frame = JSON.stringify({ type: 'EVENT', headers: { messageId: 'm' }, data: 'x'.repeat(10_000_000) });

  it('CONTROL: is taken by a web socket without a limit', async () => {
    open();
    await gateway.connection();
    const plain = new WebSocket(`${gateway.settings.endpoint}?ticket=T`);
    const received = once(plain, 'message') as Promise<[Buffer]>;
    (await gateway.connection()).send(frame);
    expect((await received)[0].length).toBeGreaterThan(10_000_000);
    plain.terminate();
  });

  it('ends the connection, for that reason, and another one is opened', async () => {
    const connection = await opened();
    connection.send(frame);
    const state = await states.next();
    expect(state).toMatchObject({ state: 'waiting', error: { networkCode: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' } });
    expect(state.error?.reason).toBe('Max payload size exceeded');
    await clock.advance(pauseOf(state));
    await settled(await gateway.connection());
    expect(events).toEqual([]);
  });
});

describe('where no connection comes about', () => {
  const answers: [string, { status: number; body: string }, StreamState['state'], DingTalkErrorKind][] = [
    [
      'wrong credentials',
      { status: 401, body: '{"code":"authFailed","message":"鉴权失败"}' },
      'refused',
      'credentials',
    ],
    [
      'an address that is not on the app’s list',
      { status: 403, body: '{"code":"Forbidden.AccessDenied.IpNotInWhiteList"}' },
      'refused',
      'ipNotAllowed',
    ],
    [
      'a missing permission',
      { status: 403, body: '{"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied"}' },
      'refused',
      'permission',
    ],
    ['too many calls', { status: 429, body: '' }, 'waiting', 'busy'],
    ['a fault of DingTalk’s own', { status: 503, body: '' }, 'waiting', 'unexpected'],
    ['a page of a proxy', { status: 400, body: '<html>Bad Request</html>' }, 'waiting', 'unexpected'],
    ['a page with 200', { status: 200, body: '<html>Welcome</html>' }, 'waiting', 'unexpected'],
    [
      'XML',
      { status: 200, body: '<Result><endpoint>wss://x.dingtalk.com</endpoint></Result>' },
      'waiting',
      'unexpected',
    ],
    ['null', { status: 200, body: 'null' }, 'waiting', 'unexpected'],
    ['no ticket', { status: 200, body: '{"endpoint":"wss://x.dingtalk.com"}' }, 'waiting', 'unexpected'],
    ['numbers', { status: 200, body: '{"endpoint":1,"ticket":2}' }, 'waiting', 'unexpected'],
    ['no address', { status: 200, body: '{"endpoint":"nonsense","ticket":"T"}' }, 'refused', 'unreachable'],
    ['65 kB', { status: 200, body: JSON.stringify({ endpoint: 'x'.repeat(70_000) }) }, 'waiting', 'unexpected'],
  ];

  it.each(answers)('because of %s, it is tried again', async (_, answer, state, kind) => {
    gateway.settings.answer = answer;
    const end = await failed();
    expect(end).toMatchObject({ state, error: { kind } });
    expect(pauseOf(end)).toBe(state === 'refused' || kind === 'busy' ? 5 * MINUTE : 1000);
    gateway.settings.answer = undefined;
    await clock.advance(pauseOf(end) - 1);
    expect(gateway.count.asked).toBe(1);
    await clock.advance(1);
    expect([await states.next(), await states.next()]).toMatchObject([{ state: 'connecting' }, { state: 'open' }]);
  });

  it('because settings forbid the host, it is refused, and nothing is sent', async () => {
    process.env.DINGTALK_API_URL = 'http://api.dingtalk.com';
    expect(await failed()).toMatchObject({ state: 'refused', error: { isForbidden: true } });
    expect(gateway.count.asked).toBe(0);
  });

  it('T12: because of SERVER_REQUEST_WHITELIST, it is refused, and nothing is sent', async () => {
    process.env.SERVER_REQUEST_WHITELIST = 'api.dingtalk.com';
    const { state, error } = await failed();
    expect([state, error?.reason]).toEqual(['refused', expect.stringContaining('SERVER_REQUEST_WHITELIST')]);
    expect(gateway.count.asked).toBe(0);
  });

  it('because the ticket is not accepted, it is tried again with another one', async () => {
    gateway.settings.upgrade = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n';
    const end = await failed();
    expect(end).toMatchObject({ state: 'waiting', error: { endpoint: '/connect' } });
    expect(end.error?.reason).toBe('Unexpected server response: 401');
    gateway.settings.upgrade = undefined;
    await gateway.upgrade();
    await clock.advance(1000);
    expect((await gateway.upgrade()).url).toContain('T1CKET%2F2');
  });

  it('because nobody listens at the gateway, it is tried again', async () => {
    gateway.settings.endpoint = 'ws://127.0.0.1:9/connect';
    expect(await failed()).toMatchObject({ state: 'waiting', error: { networkCode: 'ECONNREFUSED' } });
  });

  it.each(['a ticket', 'a web socket'])('because it gets no answer, %s is waited for for 15 s', async (wanted) => {
    if (wanted === 'a ticket') {
      gateway.settings.answer = 'hang';
    } else {
      gateway.settings.upgrade = '';
    }
    open();
    await (wanted === 'a ticket' ? gateway.asked() : gateway.upgrade());
    await clock.advance(14_999);
    expect(stream.state.state).toBe('connecting');
    await clock.advance(1);
    const { state, error } = await states.next();
    expect([state, error?.reason]).toEqual(['waiting', 'no answer in time']);
  });

  it('pauses grow from 1 to 60 seconds', async () => {
    gateway.settings.answer = { status: 503, body: '' };
    open();
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) {
      const state = await states.next();
      if (state.state === 'waiting') {
        pauses.push(pauseOf(state));
        await clock.advance(pauseOf(state));
        await states.next();
      }
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1000));
  });

  it('pauses have any length up to that, so that nodes do not come together', async () => {
    gateway.settings.answer = { status: 503, body: '' };
    const chances = [0.25, 0, 0.5];
    open({ random: () => chances.shift() ?? 1 });
    const pauses: number[] = [];
    for (let i = 0; i < 3; i++) {
      const state = await states.next();
      pauses.push(pauseOf(state));
      await clock.advance(pauseOf(state));
      await states.next();
    }
    expect(pauses).toEqual([250, 0, 2000]);
  });

  it.each<[string, number, number, () => void]>([
    ['refuses', 13, 13, () => (gateway.settings.answer = { status: 401, body: '{"code":"authFailed"}' })],
    ['has a fault', 50, 75, () => (gateway.settings.answer = { status: 503, body: '' })],
    ['closes at once', 50, 75, () => (gateway.settings.onConnection = ({ socket }) => socket.close())],
    [
      'closes at once after a frame',
      50,
      75,
      () =>
        (gateway.settings.onConnection = (connection) => {
          connection.sendSystem('CONNECTED');
          connection.socket.terminate();
        }),
    ],
  ])('a gateway that %s is not called thousands of times in an hour', async (_, atLeast, atMost, fault) => {
    fault();
    open();
    const attempts = await attemptsWithin(HOUR);
    expect(attempts).toBeGreaterThanOrEqual(atLeast);
    expect(attempts).toBeLessThanOrEqual(atMost);
  });

  it('a connection that lasted a minute makes the next pause short again', async () => {
    gateway.settings.answer = { status: 503, body: '' };
    open();
    await attemptsWithin(30_000);
    gateway.settings.answer = undefined;
    await clock.advance(pauseOf(stream.state));
    const connection = await gateway.connection();
    await settled(connection);
    await clock.advance(59_999);
    connection.sendSystem('KEEPALIVE');
    await settled(connection);
    await clock.advance(1);
    connection.socket.close(1001);
    let state: StreamState;
    do {
      state = await states.next();
    } while (state.state !== 'waiting' || state.error?.kind !== 'unreachable');
    expect(state.error.reason).toBe('the gateway closed the connection: 1001');
    expect(pauseOf(state)).toBe(1000);
  });
});

describe('T12: a gateway that redirects', () => {
  /** Another server: what it is asked for. */
  async function startOther() {
    const seen: string[] = [];
    const server = http.createServer();
    server.on('upgrade', (request, socket) => {
      seen.push(request.url ?? '');
      socket.destroy();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { seen, server, port: (server.address() as AddressInfo).port };
  }

  it.each(['CONTROL: is followed, with the ticket, where redirects are', 'is not followed by us'])(
    '%s',
    async (name) => {
      const other = await startOther();
      const location = `http://127.0.0.1:${other.port}/connect?ticket=T1CKET`;
      gateway.settings.upgrade = `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
      const end = await failed();
      expect(end.error?.reason).toBe('Unexpected server response: 302');
      expect(other.seen).toEqual([]);
      if (name.startsWith('CONTROL')) {
        const follower = new WebSocket(`${gateway.settings.endpoint}?ticket=T`, { followRedirects: true });
        await once(follower, 'error');
        expect(other.seen).toEqual(['/connect?ticket=T1CKET']);
      }
      other.server.close();
    },
  );
});

describe('closing', () => {
  const cases: [string, () => Promise<unknown>][] = [
    [
      'while a ticket is asked for',
      () => {
        gateway.settings.answer = 'hang';
        open();
        return gateway.asked();
      },
    ],
    [
      'while the web socket is opened',
      () => {
        gateway.settings.upgrade = '';
        open();
        return gateway.upgrade();
      },
    ],
    ['while it is open', () => opened()],
    [
      'while two connections are open',
      async () => {
        (await opened()).sendSystem('disconnect');
        await gateway.connection();
      },
    ],
    [
      'while it waits',
      () => {
        gateway.settings.answer = { status: 503, body: '' };
        return failed();
      },
    ],
    [
      'while it is refused',
      () => {
        gateway.settings.answer = { status: 401, body: '{"code":"authFailed"}' };
        return failed();
      },
    ],
    [
      'while an event is in hand',
      async () => {
        const called = new Queue<true>();
        const onEvent = () => {
          called.push(true);
          return new Promise<Verdict>(() => undefined);
        };
        (await opened({ onEvent })).sendEvent('m', { userId: ['a'] });
        await called.next();
      },
    ],
    ['at once', async () => open()],
  ];

  it.each(cases)('%s leaves no timer and no socket, and ends all attempts', async (_, prepare) => {
    await prepare();
    const attempts = gateway.count.asked;
    const [one, other] = [stream.close(), stream.close()];
    expect(one).toBe(other);
    await one;
    expect(clock.sleeping).toBe(0);
    await everySocketClosed();
    const before = states.size;
    await clock.advance(HOUR);
    expect(states.size).toBe(before);
    expect(gateway.count.asked).toBeLessThanOrEqual(Math.max(attempts, 1));
  });

  it('says goodbye to the gateway', async () => {
    const { socket } = await opened();
    const closed = once(socket, 'close');
    await stream.close();
    expect(await closed).toEqual([1000, expect.anything()]);
  });

  it('may be done by whoever learns of a state', async () => {
    gateway.settings.answer = { status: 503, body: '' };
    const closed = new Queue<true>();
    open({ onState: () => void stream.close().then(() => closed.push(true)) });
    await closed.next();
    await clock.advance(HOUR);
    expect(gateway.count.asked).toBe(1);
  });

  it('follows from a signal, also from one that was aborted before', async () => {
    const ending = new AbortController();
    const { closed } = await opened({ signal: ending.signal });
    ending.abort();
    await closed;
    const { signal } = ending;
    expect(gateway.count.asked).toBe(1);
    open({ signal });
    await clock.advance(HOUR);
    expect(gateway.count.asked).toBe(1);
  });

  it('leaves nothing of the process busy, with the real clock', async () => {
    const busy = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const before = busy();
    await opened({ clock: undefined });
    expect(busy()).toBeGreaterThan(before);
    await stream.close();
    expect(busy()).toBe(before);
  });
});
