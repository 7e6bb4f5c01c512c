import type { Failure, Invoke, Params } from './bridge';

/** One callback for both: errorCode "0" means success. */
export function ios(invoke: Invoke): void {
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
