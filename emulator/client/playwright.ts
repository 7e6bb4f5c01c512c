import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { DEFAULT_CLIENT_VERSION } from '../platform/data';
import { type Device, devices } from '../platform/names';
import { looks } from './looks';

export { type Device, devices, looks };

export interface DingTalkClientOptions {
  device: Device;
  /** `id` of the account that is signed in to the client. */
  account: string;
  /** Default: one that knows every call. `requestAuthCode` with a `clientId` came with 7.0.45 on phones, 7.0.50 on pc. */
  clientVersion?: string;
  /** `id` of a client that the data has, or will have from now on. Default: a new one. */
  id?: string;
}

/** A browser context as the web view of the DingTalk app on a phone or desktop. */
export class DingTalkClient {
  private constructor(
    private readonly address: string,
    readonly context: BrowserContext,
  ) {}

  /**
   * @param emulatorUrl base URL of a running emulator, of this or another process
   * @param more options of the context that the device leaves open, such as `locale`
   */
  static async open(
    browser: Browser,
    emulatorUrl: string,
    { device, account, clientVersion = DEFAULT_CLIENT_VERSION, id = randomUUID() }: DingTalkClientOptions,
    more: BrowserContextOptions = {},
  ): Promise<DingTalkClient> {
    const address = `${emulatorUrl}/__emulator/clients/${id}`;
    await put(address, { device, account, clientVersion });
    const script = await (await fetch(`${address}.js`)).text();
    const { userAgent, ...look } = looks[device];
    const context = await browser.newContext({ ...look, userAgent: userAgent(clientVersion), ...more });
    await context.addInitScript(script);
    return new DingTalkClient(address, context);
  }

  /** Another account signs in to the same client; open pages are told nothing. */
  switchAccount(account: string): Promise<void> {
    return put(this.address, { account });
  }

  /** What the client's bar above the page shows: what the page asked for, else its title, else "Loading…". */
  titleAbove(page: Page): Promise<string> {
    return page.evaluate(() =>
      String(Reflect.get(window, Symbol.for('DingTalk title')) || document.title || 'Loading…'),
    );
  }
}

async function put(address: string, body: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(address, { method: 'PUT', headers, body: JSON.stringify(body) }).catch((): never => {
    throw new Error(`No emulator answers at ${address}`);
  });
  if (!response.ok) {
    throw new Error(`${address}: ${response.status} ${await response.text()}`);
  }
}
