import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import axios from 'axios';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { signIn } from '../../../testing/nocobase/sign-in';
import { startTls, TLS_HOST } from '../../../testing/nocobase/tls';

/** A company's proxy: it opens tunnels for those who name themselves, and is asked to carry plain requests by some. */
async function startProxy(target: { port: number }) {
  const seen = { tunnels: [] as string[], readable: [] as string[] };
  let answer = 'HTTP/1.1 200 OK\r\n\r\n';
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) {
      body += chunk;
    }
    seen.readable.push(`${request.method} ${request.url} ${body}`);
    response.writeHead(502).end();
  });
  server.on('connect', (request, client: net.Socket) => {
    seen.tunnels.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    if (answer !== 'HTTP/1.1 200 OK\r\n\r\n') {
      return client.end(answer);
    }
    const onward = net.connect(target.port, '127.0.0.1', () => {
      client.write(answer);
      client.pipe(onward).pipe(client);
    });
    onward.on('error', () => client.destroy());
    client.on('error', () => onward.destroy());
    client.on('close', () => onward.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    answerWith: (text: string) => (answer = text),
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const variables = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY', 'SERVER_REQUEST_WHITELIST'];
const spellings = variables.flatMap((name) => [name, name.toLowerCase()]);

/** The server's way out: through the company's proxy, and no further than NocoBase's own policy allows. */
describe('egress', () => {
  const environment = { ...process.env };
  let nocobase: NocoBase;
  let dingtalk: DingTalk;
  let tls: Awaited<ReturnType<typeof startTls>>;
  let proxy: Awaited<ReturnType<typeof startProxy>>;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    tls = await startTls(dingtalk.url);
    tls.trust();
    nocobase = await startNocoBase();
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
  }, 60_000);

  afterAll(async () => {
    jest.restoreAllMocks();
    await nocobase?.stop();
    await tls?.close();
    await dingtalk?.close();
  });

  beforeEach(async () => {
    spellings.forEach((name) => Reflect.deleteProperty(process.env, name));
    proxy = await startProxy(tls);
    dingtalk.reset();
    process.env.DINGTALK_API_URL = `https://${TLS_HOST}`;
    process.env.HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
  });

  afterEach(async () => {
    await proxy.close();
    spellings.forEach((name) => Reflect.deleteProperty(process.env, name));
    Object.assign(process.env, environment);
  });

  const attempt = async () => {
    const outcome = await signIn(nocobase, dingtalk, { account: dingtalk.addPerson().id });
    const [logged] = await nocobase.logs.outcomes();
    return { outcome, logged };
  };

  /** The usual way to write it. */
  const askWith = (options: object) =>
    axios.post(`https://${TLS_HOST}/v1.0/oauth2/userAccessToken`, { clientSecret: 'S3CRET' }, options);

  describe('HTTPS_PROXY', () => {
    it('shows the request to the proxy, with plain axios', async () => {
      await askWith({ validateStatus: () => true });
      expect(proxy.seen.readable.join()).toContain('S3CRET');
    });

    it('shows it the host’s name alone, with us, once for many sign-ins', async () => {
      for (let i = 0; i < 3; i++) {
        expect((await attempt()).outcome).toMatchObject({ status: 200 });
      }
      expect(proxy.seen).toEqual({ tunnels: [`${TLS_HOST}:443`], readable: [] });
      expect(dingtalk.calls).toHaveLength(6);
    });

    it('may name a user and a password, which nobody reads in the log', async () => {
      process.env.HTTPS_PROXY = `http://user:p%40ss-w0rd@127.0.0.1:${proxy.port}`;
      expect((await attempt()).outcome).toMatchObject({ status: 200 });
      const basic = Buffer.from('user:p@ss-w0rd').toString('base64');
      expect(proxy.seen.tunnels).toEqual([`${TLS_HOST}:443 Basic ${basic}`]);

      process.env.HTTPS_PROXY = 'http://user:p%40ss-w0rd@127.0.0.1:9';
      const { outcome, logged } = await attempt();
      expect(outcome).toMatchObject({ code: 'DINGTALK_UNAVAILABLE' });
      expect(logged).toMatchObject({ networkCode: 'ECONNREFUSED' });
      expect(await nocobase.logs.text()).not.toMatch(/ss-w0rd/);
    });

    it.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])('is known as %s', async (name) => {
      const address = process.env.HTTPS_PROXY;
      delete process.env.HTTPS_PROXY;
      process.env[name] = address;
      expect((await attempt()).outcome).toMatchObject({ status: 200 });
      expect(proxy.seen.tunnels).toHaveLength(1);
    });

    it.each(['not an address', 'socks5://127.0.0.1:1080'])('that is of no use (%s) is a refusal', async (address) => {
      process.env.HTTPS_PROXY = address;
      const { outcome, logged } = await attempt();
      expect(outcome).toMatchObject({ status: 424, code: 'DINGTALK_UNAVAILABLE' });
      expect(logged.reason).toMatch(/Invalid URL|not supported/);
      expect(dingtalk.calls).toHaveLength(0);
    });

    it('does not hide who is on the other side: the certificate is checked', async () => {
      jest.restoreAllMocks();
      const { outcome, logged } = await attempt();
      tls.trust();
      expect(outcome).toMatchObject({ code: 'DINGTALK_UNAVAILABLE' });
      expect(logged).toMatchObject({ networkCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
      expect(dingtalk.calls).toHaveLength(0);
    });

    describe('whose proxy answers for DingTalk', () => {
      const body = JSON.stringify({ accessToken: 'forged', unionId: 'somebody-else' });
      const forged = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      const answers = [
        ['201', forged.replace('200 OK', '201 Created')],
        ['102, then 200', `HTTP/1.1 102 Processing\r\n\r\n${forged}`],
      ];

      it.each(answers)('is believed by the usual library: %s', async (_, answer) => {
        proxy.answerWith(answer);
        const httpsAgent = new HttpsProxyAgent(process.env.HTTPS_PROXY ?? '');
        expect((await askWith({ httpsAgent, proxy: false })).data).toMatchObject({ accessToken: 'forged' });
      });

      it.each([...answers, ['407', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n']])(
        'is not believed by us: %s',
        async (_, answer) => {
          proxy.answerWith(answer);
          const { outcome, logged } = await attempt();
          expect(outcome).toMatchObject({ status: 424, code: 'DINGTALK_UNAVAILABLE' });
          expect(logged.reason).toMatch(/^the proxy opens no tunnel: (201|102|407)$/);
        },
      );
    });

    it('that never answers costs no more than five seconds', async () => {
      const silent = net.createServer().listen(0, '127.0.0.1');
      await once(silent, 'listening');
      process.env.HTTPS_PROXY = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      const began = performance.now();
      const { logged } = await attempt();
      expect(performance.now() - began).toBeLessThan(6000);
      expect(logged).toMatchObject({ outcome: 'DINGTALK_UNAVAILABLE', reason: 'no answer in time' });
      silent.close();
    }, 10_000);
  });

  describe('NO_PROXY', () => {
    it.each(['127.0.0.1', '*', 'other.test,127.0.0.1'])('%s leads past the proxy', async (exceptions) => {
      process.env.NO_PROXY = exceptions;
      process.env.DINGTALK_API_URL = tls.url;
      expect((await attempt()).outcome).toMatchObject({ status: 200 });
      expect(proxy.seen).toEqual({ tunnels: [], readable: [] });
    });

    it('of other hosts does not', async () => {
      process.env.NO_PROXY = 'other.test';
      process.env.DINGTALK_API_URL = tls.url;
      expect((await attempt()).outcome).toMatchObject({ status: 200 });
      expect(proxy.seen.tunnels).toEqual([`127.0.0.1:${tls.port}`]);
    });
  });

  it('keeps what is for this machine on this machine, whatever HTTP_PROXY says', async () => {
    process.env.HTTP_PROXY = process.env.HTTPS_PROXY;
    process.env.DINGTALK_API_URL = dingtalk.url;
    await axios.post(
      `${dingtalk.url}/v1.0/oauth2/userAccessToken`,
      { clientSecret: 'S3CRET' },
      { validateStatus: () => true },
    );
    expect(proxy.seen.readable.join()).toContain('S3CRET');
    proxy.seen.readable.length = 0;

    expect((await attempt()).outcome).toMatchObject({ status: 200 });
    expect(proxy.seen).toEqual({ tunnels: [], readable: [] });
  });

  describe('SERVER_REQUEST_WHITELIST', () => {
    it('without DingTalk’s host is a refusal that names the setting in the log', async () => {
      process.env.SERVER_REQUEST_WHITELIST = 'other.test, *.dingtalk.com';
      const { outcome, logged } = await attempt();
      expect(outcome).toMatchObject({ status: 424, code: 'DINGTALK_UNAVAILABLE' });
      expect(logged.reason).toMatch(new RegExp(`"${TLS_HOST}" is blocked.*SERVER_REQUEST_WHITELIST`));
      expect([dingtalk.calls, proxy.seen.tunnels]).toEqual([[], []]);
    });

    it.each([TLS_HOST, '*.dingtalk.test'])('with it (%s) lets people in', async (entry) => {
      process.env.SERVER_REQUEST_WHITELIST = `other.test, ${entry}`;
      expect((await attempt()).outcome).toMatchObject({ status: 200 });
    });
  });
});
