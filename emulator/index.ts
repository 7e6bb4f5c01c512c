import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './app';
import { type Account, type Call, type EmulatorData, type EmulatorDataInput, parseData } from './platform/data';
import defaultData from './platform/data.json';
import { type CodeRequest, type JsapiCodeRequest, Platform } from './platform/platform';
import { Recorder } from './recorder';

export type { App, Client, FaultRule, Membership, Settings } from './platform/data';
export type { EndpointName, FaultKind } from './platform/names';
export type { Account, Call, CodeRequest, EmulatorData, EmulatorDataInput, JsapiCodeRequest };
export { homePageOf, parseData } from './platform/data';

export interface EmulatorOptions {
  /** Default: any free port. */
  port?: number;
  /** Default: `platform/data.json`. */
  data?: EmulatorDataInput;
  /** The clock, in milliseconds: codes and tokens expire by it. */
  now?: () => number;
  /**
   * A command that opens an address as the DingTalk client. The workbench shows it with its arguments: `--emulator`,
   * `--device`, `--account` and `--url`.
   */
  openCommand?: string;
}

export interface Emulator {
  /** The base URL of all three hosts of DingTalk. */
  readonly url: string;
  /** Live: a change counts from the next request on. */
  readonly data: EmulatorData;
  /** The requests to DingTalk since the start, or since `reset`. */
  readonly calls: readonly Call[];
  /** How many sockets were opened in that time. */
  readonly connections: number;
  /** Adds an account, by default an employee of the first organization with a phone number of its own. */
  addAccount(values?: Partial<Account>): Account & { mobile: string };
  /** The authorization code that a browser brings back from the sign-in page, without the browser. */
  authorize(request: CodeRequest): string;
  /** What `requestAuthCode` gives to a page inside the DingTalk client. */
  jsapiCode(request: JsapiCodeRequest): string;
  /** Replaces the data, also those that `reset` comes back to. */
  load(data: EmulatorDataInput): void;
  /** Forgets codes, tokens, consents, calls, and every change of the data. */
  reset(): void;
  close(): Promise<void>;
}

export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const now = options.now ?? Date.now;
  const platform = new Platform(parseData(options.data ?? defaultData), now);
  const recorder = new Recorder(now);
  const reset = () => {
    platform.reset();
    recorder.clear();
  };

  const app = createApp({ platform, recorder, reset, openCommand: options.openCommand });
  const server = createServer(app.callback());
  // Longer than a client keeps a connection, so that none is closed under a request.
  server.keepAliveTimeout = 60_000;
  recorder.listen(server);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    data: platform.data,
    calls: recorder.calls,
    get connections() {
      return recorder.connections;
    },
    addAccount: (values) => platform.addAccount(values),
    authorize: (request) => platform.authorize(request),
    jsapiCode: (request) => platform.jsapiCode(request),
    load: (data) => platform.load(parseData(data)),
    reset,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
