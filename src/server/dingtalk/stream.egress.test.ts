import { inspect } from 'node:util';
import { startProxy } from '../../../testing/nocobase/proxy';
import { startTls, TLS_HOST } from '../../../testing/nocobase/tls';
import { Queue } from '../../../testing/queue';
import { type Gateway, startGateway } from '../../../testing/stream-gateway';
import { openStream, type Stream, type StreamState } from './stream';

/** The way of a web socket to DingTalk: the same as that of every call. */

const variables = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY', 'DINGTALK_API_URL'];
const spellings = variables.flatMap((name) => [name, name.toLowerCase()]);
const before = { ...process.env };

let gateway: Gateway;
let tls: Awaited<ReturnType<typeof startTls>>;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let stream: Stream;
let states: Queue<StreamState>;

beforeEach(async () => {
  jest.spyOn(console, 'warn').mockReturnValue();
  gateway = await startGateway();
  tls = await startTls(gateway.url);
  proxy = await startProxy(tls);
  spellings.forEach((name) => Reflect.deleteProperty(process.env, name));
  process.env.DINGTALK_API_URL = `https://${TLS_HOST}`;
  process.env.HTTPS_PROXY = `http://user:p%40ss-w0rd@127.0.0.1:${proxy.port}`;
  // Another port than the API's: no connection to it is open already.
  gateway.settings.endpoint = `wss://${TLS_HOST}:8443/connect`;
  states = new Queue();
});

afterEach(async () => {
  await stream.close();
  jest.restoreAllMocks();
  await Promise.all([gateway.close(), proxy.close()]);
  await tls.close();
  spellings.forEach((name) => Reflect.deleteProperty(process.env, name));
  Object.assign(process.env, before);
});

/** The first state after `connecting`. */
function firstState(): Promise<StreamState> {
  const onState = (state: StreamState) => {
    expect(inspect(state, { showHidden: true, depth: 9 })).not.toMatch(/S3CRET|T1CKET|ss-w0rd/);
    states.push(state);
  };
  const app = { clientId: 'dingclient', clientSecret: 'S3CRET' };
  stream = openStream(app, { onEvent: async () => 'SUCCESS', onState });
  return states.next();
}

it('T13: leads through the proxy’s tunnel, so that it reads neither secret nor ticket nor events', async () => {
  tls.trust();
  expect(await firstState()).toMatchObject({ state: 'open' });
  const basic = Buffer.from('user:p@ss-w0rd').toString('base64');
  expect(proxy.seen).toEqual({
    tunnels: [`${TLS_HOST}:443 Basic ${basic}`, `${TLS_HOST}:8443 Basic ${basic}`],
    readable: [],
  });
  const connection = await gateway.connection();
  connection.sendEvent('m1', { userId: ['a'] });
  expect(await connection.status()).toBe('SUCCESS');
});

it('T13: the certificate of the gateway is checked', async () => {
  // Of the API it is trusted, so that a ticket comes.
  tls.trust();
  gateway.settings.onAsk = () => jest.restoreAllMocks();
  const { state, error } = await firstState();
  expect([state, error?.networkCode]).toEqual(['waiting', 'DEPTH_ZERO_SELF_SIGNED_CERT']);
  expect(gateway.count.opened).toBe(0);
});

it('T13: a proxy that refuses the tunnel is not the gateway', async () => {
  tls.trust();
  gateway.settings.onAsk = () => proxy.answerWith('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
  const { state, error } = await firstState();
  expect([state, error?.reason]).toEqual(['waiting', 'the proxy opens no tunnel: 407']);
  await proxy.closedByClient();
});

it('closing ends a tunnel that never opens', async () => {
  tls.trust();
  gateway.settings.onAsk = () => proxy.answerWith('HTTP/1.1 ');
  void firstState();
  await gateway.asked();
  while (proxy.seen.tunnels.length < 2) {
    await new Promise(setImmediate);
  }
  await stream.close();
  await proxy.closedByClient();
});

it('NO_PROXY leads past the proxy', async () => {
  tls.trust();
  process.env.NO_PROXY = '127.0.0.1';
  process.env.DINGTALK_API_URL = tls.url;
  gateway.settings.endpoint = `${tls.url.replace('https', 'wss')}/connect`;
  expect(await firstState()).toMatchObject({ state: 'open' });
  expect(proxy.seen.tunnels).toEqual([]);
});

it.each(['not an address', 'socks5://127.0.0.1:1080'])('a proxy that is of no use (%s) is said', async (address) => {
  process.env.HTTPS_PROXY = address;
  expect(await firstState()).toMatchObject({ state: 'waiting', error: { kind: 'unreachable' } });
});
