import type { Failure, Invoke, Params } from './bridge';

const HOST = 'https://im.dingtalk.com';

interface Request {
  type: 'request';
  msgId: number;
  methodName: string;
  body: Params;
}

/** On the desktop a page posts its calls to the client as if to a window of DingTalk, and is answered as if by one. */
export function pc(invoke: Invoke, hostVersion: string): void {
  const answer = (msgId: number, success: boolean, body: object) =>
    window.dispatchEvent(
      new MessageEvent('message', { origin: HOST, data: { type: 'response', msgId, success, body } }),
    );
  const invokeAPI = (msgId: number, method: string, params: Params) =>
    void invoke(method, params).then(
      (result) => answer(msgId, true, result),
      (failure: Failure) => answer(msgId, false, failure),
    );
  const post = window.postMessage.bind(window) as (...values: unknown[]) => void;
  const postMessage = (message: unknown, target?: unknown, ...rest: unknown[]) => {
    if (target !== HOST) return post(message, target, ...rest);
    const { msgId, methodName, body } = message as Request;
    invokeAPI(msgId, methodName, body);
  };
  Object.assign(window, {
    name: JSON.stringify({ containerId: 'emulator', hostOrigin: HOST, hostVersion, language: 'zh_CN' }),
    dingtalk: { platform: { invokeAPI } },
    postMessage,
  });
}
