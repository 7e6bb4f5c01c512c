import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import axios from 'axios';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { type Emulator, startEmulator } from '../../../emulator';
import { startProxy } from '../../../testing/nocobase/proxy';
import { startTls, TLS_HOST } from '../../../testing/nocobase/tls';
import { getProfile, getUserToken } from './api';
import { DingTalkError } from './errors';

/** The way to DingTalk: through the company's proxy, and no further than NocoBase's own policy allows. */

const variables = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY', 'SERVER_REQUEST_WHITELIST'];
const spellings = variables.flatMap((name) => [name, name.toLowerCase()]);
const environment = { ...process.env };

let dingtalk: Emulator;
let tls: Awaited<ReturnType<typeof startTls>>;
let proxy: Awaited<ReturnType<typeof startProxy>>;

beforeAll(async () => {
  dingtalk = await startEmulator();
  tls = await startTls(dingtalk.url);
});

afterAll(async () => {
  await tls?.close();
  await dingtalk?.close();
});

beforeEach(async () => {
  spellings.forEach((name) => Reflect.deleteProperty(process.env, name));
  tls.trust();
  // NocoBase warns that the emulator is on this machine.
  jest.spyOn(console, 'warn').mockReturnValue();
  proxy = await startProxy(tls);
  dingtalk.reset();
  process.env.DINGTALK_API_URL = `https://${TLS_HOST}`;
  process.env.HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
});

afterEach(async () => {
  jest.restoreAllMocks();
  await proxy.close();
  spellings.forEach((name) => Reflect.deleteProperty(process.env, name));
  Object.assign(process.env, environment);
});

const secretOf = () => dingtalk.data.apps[0].clientSecret;

/** The two calls of a sign-in: the nickname that DingTalk answers. */
async function readNickname(signal = AbortSignal.timeout(5000)): Promise<string | undefined> {
  const { clientId, clientSecret } = dingtalk.data.apps[0];
  const code = dingtalk.authorize({ clientId, account: 'wang-fang' });
  const { accessToken } = await getUserToken({ clientId, clientSecret }, code, signal);
  return (await getProfile(accessToken, signal)).nick;
}

/** The error of the same calls, which never shows the Client Secret. */
async function errorOf(signal?: AbortSignal): Promise<DingTalkError> {
  const error = await readNickname(signal).catch((thrown: unknown) => thrown);
  if (!(error instanceof DingTalkError)) {
    throw new Error(`no DingTalkError: ${inspect(error)}`);
  }
  expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(secretOf());
  return error;
}

/** The first call as others would write it. */
const plainAxios = (options: object, base = `https://${TLS_HOST}`) =>
  axios.post(`${base}/v1.0/oauth2/userAccessToken`, { clientSecret: 'S3CRET' }, options);

describe('HTTPS_PROXY', () => {
  it('T13: shows the request to the proxy, with plain axios', async () => {
    await plainAxios({ validateStatus: () => true });
    expect(proxy.seen.readable.join()).toContain('S3CRET');
  });

  it('T13: shows it the host’s name alone, with us, once for many sign-ins', async () => {
    for (let i = 0; i < 3; i++) {
      expect(await readNickname()).toBe('芳芳');
    }
    expect(proxy.seen).toEqual({ tunnels: [`${TLS_HOST}:443`], readable: [] });
    expect(dingtalk.calls).toHaveLength(6);
  });

  it('keeps the tunnel open after the deadline of the call that opened it', async () => {
    const deadline = new AbortController();
    await readNickname(deadline.signal);
    deadline.abort();
    await setTimeout(50);
    expect(await readNickname()).toBe('芳芳');
    expect(proxy.seen.tunnels).toHaveLength(1);
  });

  it('T14: may name a user and a password, which no error shows', async () => {
    process.env.HTTPS_PROXY = `http://user:p%40ss-w0rd@127.0.0.1:${proxy.port}`;
    expect(await readNickname()).toBe('芳芳');
    const basic = Buffer.from('user:p@ss-w0rd').toString('base64');
    expect(proxy.seen.tunnels).toEqual([`${TLS_HOST}:443 Basic ${basic}`]);

    process.env.HTTPS_PROXY = 'http://user:p%40ss-w0rd@127.0.0.1:9';
    const error = await errorOf();
    expect(error).toMatchObject({ kind: 'unreachable', networkCode: 'ECONNREFUSED' });
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toMatch(/ss-w0rd/);
  });

  it.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])('is known as %s', async (name) => {
    const address = process.env.HTTPS_PROXY;
    delete process.env.HTTPS_PROXY;
    process.env[name] = address;
    expect(await readNickname()).toBe('芳芳');
    expect(proxy.seen.tunnels).toHaveLength(1);
  });

  it.each(['not an address', 'socks5://127.0.0.1:1080'])('that is of no use (%s) is an error', async (address) => {
    process.env.HTTPS_PROXY = address;
    const error = await errorOf();
    expect(error.kind).toBe('unreachable');
    expect(error.reason).toMatch(/Invalid URL|not supported/);
    expect(dingtalk.calls).toHaveLength(0);
  });

  it('T13: does not hide who is on the other side: the certificate is checked', async () => {
    jest.restoreAllMocks();
    expect(await errorOf()).toMatchObject({ kind: 'unreachable', networkCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(dingtalk.calls).toHaveLength(0);
  });

  describe('of a proxy that answers for DingTalk', () => {
    const body = JSON.stringify({ accessToken: 'forged', unionId: 'another-account' });
    const forged = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const answers = [
      ['201', forged.replace('200 OK', '201 Created')],
      ['102, then 200', `HTTP/1.1 102 Processing\r\n\r\n${forged}`],
    ];

    it.each(answers)('T13: is believed by the usual library: %s', async (_, answer) => {
      proxy.answerWith(answer);
      const httpsAgent = new HttpsProxyAgent(process.env.HTTPS_PROXY ?? '');
      expect((await plainAxios({ httpsAgent, proxy: false })).data).toMatchObject({ accessToken: 'forged' });
    });

    it.each([...answers, ['407', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n']])(
      'T13: is not believed by us: %s',
      async (_, answer) => {
        proxy.answerWith(answer);
        const error = await errorOf();
        expect(error.kind).toBe('unreachable');
        expect(error.reason).toMatch(/^the proxy opens no tunnel: (201|102|407)$/);
        await proxy.closedByClient();
      },
    );
  });

  it('T20: of a proxy that never answers costs no more than the deadline, and leaves no connection', async () => {
    const silent = net.createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    process.env.HTTPS_PROXY = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const connected = once(silent, 'connection') as Promise<[net.Socket]>;
    const deadline = new AbortController();
    const failed = errorOf(deadline.signal);
    const [socket] = await connected;
    const closed = once(socket.resume(), 'close', { signal: AbortSignal.timeout(5000) });
    deadline.abort();
    expect(await failed).toMatchObject({ kind: 'unreachable', reason: 'no answer in time' });
    await closed;
    silent.close();
  });
});

describe('NO_PROXY', () => {
  it.each(['127.0.0.1', '*', 'other.test,127.0.0.1'])('%s leads past the proxy', async (exceptions) => {
    process.env.NO_PROXY = exceptions;
    process.env.DINGTALK_API_URL = tls.url;
    expect(await readNickname()).toBe('芳芳');
    expect(proxy.seen).toEqual({ tunnels: [], readable: [] });
  });

  it('of other hosts does not', async () => {
    process.env.NO_PROXY = 'other.test';
    process.env.DINGTALK_API_URL = tls.url;
    expect(await readNickname()).toBe('芳芳');
    expect(proxy.seen.tunnels).toEqual([`127.0.0.1:${tls.port}`]);
  });
});

describe('without a proxy', () => {
  beforeEach(() => delete process.env.HTTPS_PROXY);

  it('T13: a self-signed certificate is refused, unless it is trusted', async () => {
    jest.restoreAllMocks();
    // Another server than the one to which a connection may be open already.
    const server = await startTls(dingtalk.url);
    process.env.DINGTALK_API_URL = server.url;
    expect(await errorOf()).toMatchObject({ kind: 'unreachable', networkCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(server.requests).toBe(0);
    server.trust();
    expect(await readNickname()).toBe('芳芳');
    expect(server.requests).toBe(2);
    await server.close();
  });

  it('a host whose name cannot be resolved is unreachable, and is named', async () => {
    process.env.DINGTALK_API_URL = 'https://dingtalk.invalid';
    const error = await errorOf();
    expect(error).toMatchObject({ kind: 'unreachable', endpoint: '/v1.0/oauth2/userAccessToken' });
    expect(error.networkCode).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
    expect(error.reason).toContain('dingtalk.invalid');
  });

  it('a port where nothing listens is unreachable', async () => {
    process.env.DINGTALK_API_URL = 'http://127.0.0.1:9';
    expect(await errorOf()).toMatchObject({ kind: 'unreachable', networkCode: 'ECONNREFUSED' });
  });

  it('one connection serves many calls, also after the deadline of the call that opened it', async () => {
    process.env.DINGTALK_API_URL = dingtalk.url;
    const deadline = new AbortController();
    await readNickname(deadline.signal);
    deadline.abort();
    await setTimeout(50);
    await readNickname();
    expect(dingtalk.calls).toHaveLength(4);
    expect(dingtalk.connections).toBeLessThanOrEqual(1);
  });
});

it('what is for this machine stays on this machine, whatever HTTP_PROXY says', async () => {
  process.env.HTTP_PROXY = process.env.HTTPS_PROXY;
  process.env.DINGTALK_API_URL = dingtalk.url;
  await plainAxios({ validateStatus: () => true }, dingtalk.url);
  expect(proxy.seen.readable.join()).toContain('S3CRET');
  proxy.seen.readable.length = 0;

  expect(await readNickname()).toBe('芳芳');
  expect(proxy.seen).toEqual({ tunnels: [], readable: [] });
});

describe('SERVER_REQUEST_WHITELIST', () => {
  it('T12: without DingTalk’s host is an error that names the setting', async () => {
    process.env.SERVER_REQUEST_WHITELIST = 'other.test, *.dingtalk.com';
    const error = await errorOf();
    expect(error.kind).toBe('unreachable');
    expect(error.reason).toMatch(new RegExp(`"${TLS_HOST}" is blocked.*SERVER_REQUEST_WHITELIST`));
    expect([dingtalk.calls, proxy.seen.tunnels]).toEqual([[], []]);
  });

  it.each([TLS_HOST, '*.dingtalk.test'])('with it (%s) lets the calls pass', async (entry) => {
    process.env.SERVER_REQUEST_WHITELIST = `other.test, ${entry}`;
    expect(await readNickname()).toBe('芳芳');
  });
});
