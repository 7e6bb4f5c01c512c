import type { Device } from '../platform/names';

/**
 * The bridge between a page and the DingTalk client, as `dingtalk-jsapi` looks for it. This file is bundled and runs in
 * the page: it may import nothing but types.
 */

/** The parameters of a call. There may be functions among them, which no bridge carries. */
type Params = Record<string, unknown>;

interface Failure {
  errorCode: string | number;
  errorMessage: string;
}

/** A call of the JSAPI; rejects with a `Failure`. */
type Invoke = (method: string, params: Params) => Promise<object>;

export interface PageOptions {
  emulatorUrl: string;
  /** `id` of the client. */
  client: string;
  device: Device;
  clientVersion: string;
  userAgent: string;
}

/** `nuva.require()` returns the function that runs an action of a service. */
function installAndroidBridge(invoke: Invoke): void {
  type Callback = (answer: object) => void;
  const run = (succeed: Callback, fail: Callback, service: string, action: string, params: Params) =>
    void invoke(`${service}.${action}`, params).then(succeed, (failure: Failure) => fail(failure));
  Object.assign(window, { nuva: { isReady: true, require: () => run } });
  document.dispatchEvent(new Event('runtimeready'));
}

/** There is one callback for success and failure; errorCode "0" means success. */
function installIosBridge(invoke: Invoke): void {
  const bridge = {
    init: () => undefined,
    registerHandler: () => undefined,
    callHandler: (method: string, params: Params, respond: (answer: object) => void) =>
      void invoke(method, params).then(
        (result) => respond({ errorCode: '0', result }),
        (failure: Failure) => respond(failure),
      ),
  };
  Object.assign(window, { WebViewJavascriptBridge: bridge });
  document.dispatchEvent(new Event('WebViewJavascriptBridgeReady'));
}

/** A page posts its calls to the client as if to a window of this origin, and is answered as if by one. */
const PC_ORIGIN = 'https://im.dingtalk.com';

function installPcBridge(invoke: Invoke, hostVersion: string): void {
  const answer = (msgId: number, success: boolean, body: object) =>
    window.dispatchEvent(
      new MessageEvent('message', { origin: PC_ORIGIN, data: { type: 'response', msgId, success, body } }),
    );
  const invokeAPI = (msgId: number, method: string, params: Params) =>
    void invoke(method, params).then(
      (result) => answer(msgId, true, result),
      (failure: Failure) => answer(msgId, false, failure),
    );
  const post = window.postMessage.bind(window) as (...values: unknown[]) => void;
  const postMessage = (message: unknown, target?: unknown, ...rest: unknown[]) => {
    if (target !== PC_ORIGIN) {
      return post(message, target, ...rest);
    }
    const { msgId, methodName, body } = message as { msgId: number; methodName: string; body: Params };
    invokeAPI(msgId, methodName, body);
  };
  Object.assign(window, {
    name: JSON.stringify({ containerId: 'emulator', hostOrigin: PC_ORIGIN, hostVersion, language: 'zh_CN' }),
    dingtalk: { platform: { invokeAPI } },
    postMessage,
  });
}

/** There is one callback for success and failure, as `dingtalk-jsapi` calls and reads it. */
function installHarmonyBridge(invoke: Invoke): void {
  const call = (method: string, params: Params, respond: (answer: object) => void) =>
    void invoke(method, params).then(
      (body) => respond({ success: true, body }),
      (body: Failure) => respond({ success: false, body }),
    );
  Object.assign(window, { DingTalkJSBridge: { init: () => undefined, call } });
  document.dispatchEvent(new Event('DingTalkJSBridgeReady'));
}

const installBridge: Record<Device, (invoke: Invoke, clientVersion: string) => void> = {
  android: installAndroidBridge,
  ios: installIosBridge,
  pc: installPcBridge,
  harmony: installHarmonyBridge,
  'taurus-android': installAndroidBridge,
  'taurus-ios': installIosBridge,
  'taurus-alone': () => undefined,
};

/** Where `DingTalkClient.titleAbove` finds what the page wants in the bar above it. */
const TITLE = Symbol.for('DingTalk title');

/** Runs before the scripts of the page, and keeps the `fetch` of that time: the page may replace its own. */
export function start({ emulatorUrl, client, device, clientVersion, userAgent }: PageOptions): void {
  if (window.top !== window) {
    return;
  }
  if (navigator.userAgent !== userAgent) {
    Object.defineProperty(navigator, 'userAgent', { get: () => userAgent });
  }
  const { fetch } = window;

  const ask: Invoke = async (method, { corpId, clientId }) => {
    const body = new URLSearchParams({ client, corpId: String(corpId ?? ''), clientId: String(clientId ?? '') });
    const answer = await fetch
      .call(window, `${emulatorUrl}/client/${method}`, { method: 'POST', body })
      .then((response) => response.json() as Promise<object>)
      .catch((): Failure => ({ errorCode: '9', errorMessage: 'network error' }));
    if ('errorCode' in answer) {
      throw answer;
    }
    return answer;
  };

  const invoke: Invoke = async (method, params) => {
    if (method !== 'biz.navigation.setTitle') {
      return ask(method, params);
    }
    Reflect.set(window, TITLE, params.title);
    return {};
  };
  installBridge[device](invoke, clientVersion);
}
