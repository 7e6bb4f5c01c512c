import type { Device } from '../devices';
import { android } from './android';
import type { Failure, Invoke } from './bridge';
import { ios } from './ios';
import { pc } from './pc';

export interface PageOptions {
  emulatorUrl: string;
  /** `id` of the client. */
  client: string;
  device: Device;
  clientVersion: string;
  userAgent: string;
}

const bridges: Record<Device, (invoke: Invoke, clientVersion: string) => void> = { android, ios, pc };

/** For whoever reads what the client's bar shows. */
const TITLE = Symbol.for('DingTalk title');

/** Begins before the page's own scripts, and keeps `fetch` from them. */
export function start({ emulatorUrl, client, device, clientVersion, userAgent }: PageOptions): void {
  if (window.top !== window) return;
  if (navigator.userAgent !== userAgent) Object.defineProperty(navigator, 'userAgent', { get: () => userAgent });
  const { fetch } = window;

  const ask: Invoke = async (method, { corpId, clientId }) => {
    const body = new URLSearchParams({ client, corpId: String(corpId ?? ''), clientId: String(clientId ?? '') });
    const answer = await fetch
      .call(window, `${emulatorUrl}/client/${method}`, { method: 'POST', body })
      .then((response) => response.json() as Promise<object>)
      .catch((): Failure => ({ errorCode: '9', errorMessage: 'network error' }));
    if ('errorCode' in answer) throw answer;
    return answer;
  };

  bridges[device](async (method, params) => {
    if (method !== 'biz.navigation.setTitle') return ask(method, params);
    Reflect.set(window, TITLE, params.title);
    return {};
  }, clientVersion);
}
