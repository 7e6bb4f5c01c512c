import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type Gateway, startGateway } from '../../../testing/stream-gateway';
import { withStub } from '../../../testing/nocobase/stub';
import type { DingTalkError } from './errors';
import { checkGateway, requestAddress } from './gateway';

/** Where a ticket may go: whoever has it gets the events of the app. */

const CHINA = 'https://api.dingtalk.com';
const HERE = 'http://127.0.0.1:7000';

const check = (endpoint: string, api: string) => checkGateway(endpoint, new URL(api)).href;

afterEach(() => {
  delete process.env.SERVER_REQUEST_WHITELIST;
  delete process.env.SERVER_REQUEST_DISALLOW_IP;
  jest.restoreAllMocks();
});

describe('a gateway', () => {
  beforeEach(() => jest.spyOn(console, 'warn').mockReturnValue());

  it.each([
    ['wss://wss-open-connection.dingtalk.com:443/connect', CHINA],
    ['wss://wss-open-connection.dingtalk.com:8443/connect?zone=a', CHINA],
    ['wss://WSS-OPEN-CONNECTION.DingTalk.com/connect', CHINA],
    ['wss://a.b.dingtalk.com/', CHINA],
    // The international edition, and a company's proxy that answers for DingTalk or hands on its answers.
    ['wss://wss-open-connection.dingtalk.io/connect', 'https://api.dingtalk.io'],
    ['wss://dingtalk.company.example/connect', 'https://dingtalk.company.example:8443'],
    ['wss://stream.dingtalk.company.example/connect', 'https://dingtalk.company.example'],
    ['wss://wss-open-connection.dingtalk.com/connect', 'https://dingtalk.company.example'],
    ['wss://wss-open-connection.dingtalk.com/connect', HERE],
    // An emulator.
    ['ws://127.0.0.1:7001/connect', HERE],
    ['ws://localhost:7001/connect', HERE],
    ['ws://[::1]:7001/connect', 'http://localhost:7000'],
  ])('may be %s where the API is at %s', (endpoint, api) => {
    expect(new URL(check(endpoint, api)).host).toBe(new URL(endpoint).host);
  });

  it.each([
    ['ws://wss-open-connection.dingtalk.com/connect', CHINA],
    ['https://wss-open-connection.dingtalk.com/connect', CHINA],
    ['wss://evil.example/connect', CHINA],
    ['wss://dingtalk.com.evil.example/connect', CHINA],
    ['wss://evildingtalk.com/connect', CHINA],
    ['wss://dingtalk.com/connect', CHINA],
    ['wss://x.dingtalk.com./connect', CHINA],
    ['wss://x.dingtalk.com@evil.example/connect', CHINA],
    ['wss://user:password@x.dingtalk.com/connect', CHINA],
    ['wss://evil.example\\@x.dingtalk.com/connect', CHINA],
    ['wss://evil.example#.dingtalk.com', CHINA],
    ['wss://evil.example?x.dingtalk.com', CHINA],
    ['wss://x.dingtalk.com/connect#fragment', CHINA],
    ['wss://x.dingtalk.io/connect', CHINA],
    ['ws://127.0.0.1:7001/connect', CHINA],
    ['wss://127.0.0.1:7001/connect', CHINA],
    ['wss://169.254.169.254/connect', CHINA],
    ['ws+unix:/run/docker.sock', CHINA],
    ['nonsense', CHINA],
    ['', CHINA],
    // What is beside a host has the same owner only where DingTalk named both.
    ['wss://other.company.example/connect', 'https://dingtalk.company.example'],
    ['wss://evil.co.uk/connect', 'https://company.co.uk'],
    ['wss://evil.io/connect', 'https://api.io'],
    ['ws://127.0.0.1:7001/connect', 'https://api.dingtalk.io'],
    ['ws://10.0.0.1:7001/connect', HERE],
    ['ws://127.0.0.1.evil.example/connect', HERE],
  ])('T12: is refused as %s where the API is at %s', (endpoint, api) => {
    expect(() => check(endpoint, api)).toThrow(/the gateway that was named is not one of DingTalk/);
  });

  it('T15: is named in the error by its host alone', () => {
    const named = 'wss://user:S3CRET@evil.example/connect?ticket=T1CKET\n';
    expect(() => check(named, CHINA)).toThrow(/of DingTalk: wss:\/\/evil\.example$/);
  });

  it.each([
    ['x.dingtalk.com', true],
    ['*.dingtalk.com', true],
    ['api.dingtalk.com, x.dingtalk.com', true],
    ['', true],
    ['api.dingtalk.com', false],
    ['*.company.example', false],
  ])('T12: has to be in SERVER_REQUEST_WHITELIST, as every host: %j', (list, isAllowed) => {
    process.env.SERVER_REQUEST_WHITELIST = list;
    const work = () => check('wss://x.dingtalk.com:443/connect', CHINA);
    if (isAllowed) {
      expect(work).not.toThrow();
    } else {
      expect(work).toThrow(/"x\.dingtalk\.com" is blocked.*SERVER_REQUEST_WHITELIST/);
    }
  });

  it('T12: is no address by number where SERVER_REQUEST_DISALLOW_IP forbids those', () => {
    process.env.SERVER_REQUEST_DISALLOW_IP = 'true';
    expect(() => check('ws://127.0.0.1:7001/connect', HERE)).toThrow(/SERVER_REQUEST_DISALLOW_IP/);
  });
});

describe('T12: an answer that names the server of somebody else', () => {
  const app = { clientId: 'dingclient', clientSecret: 'S3CRET' };
  let theirs: Gateway;

  beforeEach(async () => {
    jest.spyOn(console, 'warn').mockReturnValue();
    theirs = await startGateway();
  });

  afterEach(() => theirs.close());

  /** At another address of this machine, which stands for a host that is not DingTalk's. */
  const withForgedAnswer = <T>(work: () => Promise<T>) =>
    withStub((_, response) => {
      const endpoint = theirs.settings.endpoint.replace('127.0.0.1', '0.0.0.0');
      response.end(JSON.stringify({ endpoint, ticket: 'T1CKET' }));
    }, work);

  it('CONTROL: gets the ticket of a client that believes it', async () => {
    await withForgedAnswer(async () => {
      const opened = await fetch(`${process.env.DINGTALK_API_URL}/v1.0/gateway/connections/open`, { method: 'POST' });
      const { endpoint, ticket } = (await opened.json()) as { endpoint: string; ticket: string };
      const naive = new WebSocket(`${endpoint}?ticket=${ticket}`);
      await once(naive, 'open');
      expect((await theirs.upgrade()).url).toContain('T1CKET');
      naive.terminate();
    });
  });

  it('gets none of ours', async () => {
    await withForgedAnswer(async () => {
      const error = await requestAddress(app, AbortSignal.timeout(5000)).catch((thrown: DingTalkError) => thrown);
      expect(error).toMatchObject({ kind: 'unreachable', isForbidden: true });
      expect(JSON.stringify(error)).not.toMatch(/T1CKET|S3CRET/);
    });
    expect(theirs.count.opened).toBe(0);
  });
});
