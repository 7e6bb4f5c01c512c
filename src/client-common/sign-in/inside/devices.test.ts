/**
 * @jest-environment jsdom
 */
import { looks } from '../../../../emulator/client/looks';
import { start } from '../../../../emulator/client/page';
import { type Device, devices } from '../../../../emulator/platform/names';
import { fakePlugin } from '../../../../testing/client/fake-plugin';
import { codeOfFailure, failureInside } from './jsapi-error';

// The real `dingtalk-jsapi` with the bridge of each device, as the emulator puts it into a page.

const app = { clientId: 'client', corpId: 'ding1' };
const VERSION = '8.1.10';

/** What the client asked DingTalk, and what it shows above the page. */
let asked: string[];
let answer: object;
const title = () => Reflect.get(window, Symbol.for('DingTalk title')) as unknown;

const agent = (userAgent: string) => jest.spyOn(navigator, 'userAgent', 'get').mockReturnValue(userAgent);

/** A page in a client; the library reads where it is when it is loaded. */
function open(device: Device, { userAgent = looks[device].userAgent(VERSION), bridge = true } = {}) {
  agent(userAgent);
  if (bridge) {
    start({ emulatorUrl: 'http://emulator', client: 'c', device, clientVersion: VERSION, userAgent });
  }
  let jsapi: typeof import('./jsapi').default | undefined;
  jest.isolateModules(() => {
    jsapi = jest.requireActual<typeof import('./jsapi')>('./jsapi').default;
  });
  const { requestAuthCode, showTitle } = jsapi?.() ?? fail();
  return {
    showTitle,
    failure: (code = requestAuthCode(app)) =>
      code.then(
        () => undefined,
        (error: unknown) => error,
      ),
    requestAuthCode: () => requestAuthCode(app),
  };
}

function fail(): never {
  throw new Error('the module was not loaded');
}

/** Each bridge hangs on a name of its own, and `dingtalk-jsapi` keeps itself under another. */
const bridges = ['nuva', 'WebViewJavascriptBridge', 'WebViewJavascriptBridgeAndroid', 'DingTalkJSBridge', 'dingtalk'];
const { postMessage } = window;

beforeEach(() => {
  asked = [];
  answer = { code: 'code' };
  // The library reports what it does not know.
  jest.spyOn(console, 'warn').mockReturnValue();
  window.fetch = (async (url: string) => {
    asked.push(String(url).replace('http://emulator/client/', ''));
    return { json: async () => answer };
  }) as unknown as typeof fetch;
});

afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
  for (const name of [...bridges, '__ddSDK', '__useNativeSDK']) {
    Reflect.deleteProperty(window, name);
  }
  Object.assign(window, { name: '', postMessage });
  Reflect.deleteProperty(window, Symbol.for('DingTalk title'));
});

const withCalls = devices.filter((device) => device !== 'taurus-alone');

describe.each(withCalls)('in DingTalk on %s', (device) => {
  it('gets a code from the client', async () => {
    await expect(open(device).requestAuthCode()).resolves.toBe('code');
    expect(asked).toEqual(['runtime.permission.requestAuthCodeV2']);
  });

  it('shows the title in the bar of the client', async () => {
    open(device).showTitle('Harbour Tech');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(title()).toBe('Harbour Tech');
  });
});

describe.each(['android', 'ios', 'pc', 'harmony'] as const)('in DingTalk on %s', (device) => {
  it('tells what the client refuses', async () => {
    answer = { errorCode: '3', errorMessage: '1002,corpId不合法' };
    expect(codeOfFailure(await open(device).failure())).toBe('CORP_ID_INVALID');
  });
});

const { plugin } = fakePlugin({ language: 'en-US' });

/** Nobody is told off, and no session ends: what fails there says nothing about the user. */
function expectSilence(error: unknown) {
  expect(error).toBeInstanceOf(Error);
  expect(failureInside(error, plugin)).toBeUndefined();
  expect(codeOfFailure(error)).toBeUndefined();
}

describe('in a build of an organization’s own', () => {
  it.each(['taurus-android', 'taurus-ios'] as const)('%s: the button is there without a sentence', async (device) => {
    answer = { errorCode: '1', errorMessage: '接口不存在' };
    expectSilence(await open(device).failure());
    expect(asked).toEqual(['runtime.permission.requestAuthCodeV2', 'runtime.permission.requestAuthCode']);
  });

  it.each(['taurus-android', 'taurus-ios'] as const)('%s: the same without any bridge', async (device) => {
    jest.useFakeTimers();
    const failure = open(device, { bridge: false }).failure();
    await jest.advanceTimersByTimeAsync(5000);
    expectSilence(await failure);
  });

  it.each(['-1', -1])('says that the user has cancelled (%j)', async (errorCode) => {
    answer = { errorCode, errorMessage: '用户取消' };
    expect(codeOfFailure(await open('taurus-android').failure())).toBe('ACCESS_DENIED');
  });

  it('on Windows: the button is there without a sentence, at once', async () => {
    const userAgent = `${looks.pc.userAgent(VERSION)} TaurusApp`;
    expectSilence(await open('pc', { userAgent, bridge: false }).failure());
  });
});

it('a client for which dingtalk-jsapi has no bridge leaves the button without a sentence, at once', async () => {
  const userAgent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/114.0.0.0 DingTalk(7.6.0-Release)';
  expectSilence(await open('pc', { userAgent, bridge: false }).failure());
});

it('the client of TaurusApp alone is a browser: it is not named DingTalk', () => {
  expect(looks['taurus-alone'].userAgent(VERSION)).not.toMatch(/DingTalk/i);
  for (const device of withCalls) {
    expect(looks[device].userAgent(VERSION)).toMatch(/DingTalk/i);
  }
});
