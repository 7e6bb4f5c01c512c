import type { Page } from 'playwright-core';
import type { FaultKind } from '../emulator';
import { DingTalkClient, type DingTalkClientOptions } from '../emulator/client/playwright';
import { callJsapi, environmentOf, type JsapiPages, serveJsapiPages } from '../testing/browser/jsapi-page';
import { startSurroundings, type Surroundings } from '../testing/browser/world';

let around: Surroundings;
let pages: JsapiPages;
beforeAll(async () => {
  pages = await serveJsapiPages();
  around = await startSurroundings();
});
beforeEach(() => around.emulator.reset());
afterAll(async () => {
  await around?.stop();
  pages?.stop();
});

const app = () => around.emulator.data.apps[0];
const ids = () => ({ corpId: app().corpId, clientId: app().clientId });
const noApp = { errorCode: '3', errorMessage: '对应企业没有127.0.0.1域名微应用' };

/** Runs on a page that was opened in a client of its own, and closes the client. */
async function inClient(options: DingTalkClientOptions, run: (page: Page, client: DingTalkClient) => Promise<void>) {
  const client = await DingTalkClient.open(around.browser, around.emulator.url, options);
  try {
    await onPage(client, run);
  } finally {
    await client.context.close();
  }
}

async function onPage(client: DingTalkClient, run: (page: Page, client: DingTalkClient) => Promise<void>) {
  const page = await client.context.newPage();
  try {
    await page.goto(pages.url);
    await run(page, client);
  } finally {
    await page.close();
  }
}

/** Whose code it is, as the app's server learns it. */
async function whose(code: unknown): Promise<unknown> {
  const { clientId: appKey, clientSecret: appSecret } = app();
  const post = async (path: string, body: object) => {
    const headers = { 'Content-Type': 'application/json' };
    return (await fetch(around.emulator.url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
  const { accessToken } = await post('/v1.0/oauth2/accessToken', { appKey, appSecret });
  return (await post(`/topapi/v2/user/getuserinfo?access_token=${accessToken}`, { code })).result?.name;
}

const codeIn = ({ result }: { result?: unknown }) => (result as { code?: unknown } | undefined)?.code;

// The other devices are in src/client-common/sign-in/inside/devices.test.ts: no browser is needed to show their bridges.
describe.each(['android', 'ios', 'pc'] as const)('in DingTalk on %s, the unchanged dingtalk-jsapi', (device) => {
  // One client for most tests: a new one costs as much as the rest of a test.
  const usual = { id: device, device, account: 'zhang-wei', clientVersion: '8.1.10' };
  let client: DingTalkClient;
  beforeAll(async () => {
    client = await DingTalkClient.open(around.browser, around.emulator.url, usual);
  });
  // The emulator forgets its clients between tests.
  beforeEach(() => void around.emulator.data.clients.push({ ...usual }));
  afterAll(() => client.context.close());

  const here = (run: (page: Page, client: DingTalkClient) => Promise<void>, clientVersion?: string) =>
    clientVersion ? inClient({ device, account: 'zhang-wei', clientVersion }, run) : onPage(client, run);
  const fault = (kind: FaultKind) =>
    around.emulator.data.faults.push({ endpoint: 'requestAuthCode', fault: kind, times: 1 });

  it('knows where it is', () =>
    here(async (page) => {
      const version = expect.stringMatching(/^7\.6\.45\b/);
      expect(await environmentOf(page)).toMatchObject({ platform: device, appType: 'WEB', version });
      expect(await page.evaluate(() => navigator.userAgent)).toMatch(/DingTalk/i);
    }, '7.6.45'));

  it.each(['requestAuthCode', 'requestAuthCodeLegacy'] as const)('gets a code from %s', (call) =>
    here(async (page) => {
      const outcome = await callJsapi(page, call, ids());
      expect(outcome).toEqual({ callback: 'onSuccess', result: { code: expect.stringMatching(/^[0-9a-f]{32}$/) } });
      expect(await whose(codeIn(outcome))).toBe('张伟');
    }),
  );

  it('gets the code of whoever signed in to the client meanwhile', () =>
    here(async (page, client) => {
      await client.switchAccount('wang-fang');
      expect(await whose(codeIn(await callJsapi(page, 'requestAuthCode', ids())))).toBe('王芳');
    }));

  it('gets a code on the page after, and in a second window', () =>
    here(async (page, client) => {
      await page.goto(`${pages.url}next`);
      expect(codeIn(await callJsapi(page, 'requestAuthCode', ids()))).toBeDefined();
      await onPage(client, async (second) => {
        expect(codeIn(await callJsapi(second, 'requestAuthCode', ids()))).toBeDefined();
      });
    }));

  it.each([
    ['jsapiAbsent', '1'],
    ['jsapiDomain', '3'],
    ['jsapiCorpId', '3'],
    ['jsapiDenied', '7'],
  ] as const)('is refused: %s', (kind, errorCode) =>
    here(async (page) => {
      fault(kind);
      const error = { errorCode, errorMessage: expect.any(String) };
      expect(await callJsapi(page, 'requestAuthCode', ids())).toEqual({ callback: 'onFail', error });
      around.emulator.data.settings.jsapiErrorCode = 'number';
      fault(kind);
      const numbered = { ...error, errorCode: Number(errorCode) };
      expect(await callJsapi(page, 'requestAuthCodeLegacy', ids())).toEqual({ callback: 'onFail', error: numbered });
    }),
  );

  it('is told when the account cancels', () =>
    here(async (page) => {
      fault('jsapiCancelled');
      const error = { errorCode: '-1', errorMessage: '用户取消' };
      const callback = device === 'ios' ? 'onCancel' : 'onFail';
      expect(await callJsapi(page, 'requestAuthCode', ids())).toEqual({ callback, error });
    }));

  it('is refused where the page is of none of the app’s domains, or the organization is unknown', () =>
    here(async (page) => {
      Object.assign(app(), { redirectUrls: ['https://elsewhere.example.com'], homePage: undefined });
      expect(await callJsapi(page, 'requestAuthCode', ids())).toEqual({ callback: 'onFail', error: noApp });
      const error = { errorCode: '3', errorMessage: '1002,corpId不合法' };
      const unknown = { ...ids(), corpId: 'ding0' };
      expect(await callJsapi(page, 'requestAuthCode', unknown)).toEqual({ callback: 'onFail', error });
    }));

  it('has only the older call in an old client', () =>
    here(async (page) => {
      expect(await callJsapi(page, 'requestAuthCode', ids())).toMatchObject({ error: { errorCode: '1' } });
      expect(codeIn(await callJsapi(page, 'requestAuthCodeLegacy', ids()))).toBeDefined();
    }, '7.0.40'));

  it('may wait for ever', () =>
    here(async (page) => {
      fault('hang');
      const hanging = callJsapi(page, 'requestAuthCode', ids()).catch(() => undefined);
      await page.waitForRequest(/\/client\//);
      expect(codeIn(await callJsapi(page, 'requestAuthCode', ids()))).toBeDefined();
      expect(await Promise.race([hanging, 'still waiting'])).toBe('still waiting');
    }));

  it('sets the title above the page', () =>
    here(async (page, client) => {
      expect(await client.titleAbove(page)).toBe('Loading…');
      await page.evaluate(() => void (document.title = 'NocoBase'));
      expect(await client.titleAbove(page)).toBe('NocoBase');
      expect(await callJsapi(page, 'setTitle', { title: '订单' })).toMatchObject({ callback: 'onSuccess' });
      expect(await client.titleAbove(page)).toBe('订单');
      expect(await page.title()).toBe('NocoBase');
    }));

  it('leaves the page’s own messages alone', () =>
    here(async (page) => {
      const received = page.evaluate(
        () =>
          new Promise((resolve) => {
            window.addEventListener('message', ({ data }) => resolve(data));
            window.postMessage('to itself', '*');
          }),
      );
      expect(await received).toBe('to itself');
    }));

  it('works in anybody’s browser, once the script is in the page', async () => {
    around.emulator.data.clients.push({ id: 'mine', device, clientVersion: '8.1.10', account: 'li-na' });
    const context = await around.browser.newContext();
    try {
      const script = await (await fetch(`${around.emulator.url}/__emulator/clients/mine.js`)).text();
      await context.addInitScript(script);
      const page = await context.newPage();
      await page.goto(pages.url);
      expect(await page.evaluate(() => navigator.userAgent)).toMatch(/DingTalk/i);
      expect(await environmentOf(page)).toMatchObject({ platform: device });
      expect(await whose(codeIn(await callJsapi(page, 'requestAuthCode', ids())))).toBe('李娜');
    } finally {
      await context.close();
    }
  });
});

it('outside of DingTalk the library refuses by itself', async () => {
  const context = await around.browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(pages.url);
    expect(await environmentOf(page)).toMatchObject({ platform: 'notInDingTalk' });
    const { error } = await callJsapi(page, 'requestAuthCode', ids());
    expect(error).toMatch(/4040/);
  } finally {
    await context.close();
  }
});
