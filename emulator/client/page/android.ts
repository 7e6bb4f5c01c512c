import type { Failure, Invoke, Params } from './bridge';

type Callback = (answer: object) => void;

/** `nuva.require()` gives the function that runs an action of a service. */
export function android(invoke: Invoke): void {
  const run = (succeed: Callback, fail: Callback, service: string, action: string, params: Params) =>
    void invoke(`${service}.${action}`, params).then(succeed, (failure: Failure) => fail(failure));
  Object.assign(window, { nuva: { isReady: true, require: () => run } });
  document.dispatchEvent(new Event('runtimeready'));
}
