import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './app';
import { type Company, type CompanyInput, parseCompany } from './company';
import defaultCompany from './company.json';
import { type Call, Recorder } from './recorder';
import { type CodeRequest, type JsapiCodeRequest, World } from './world';

export type { Account, App, Client, Company, CompanyInput, FaultRule, Membership, Settings } from './company';
export type { EndpointName, FaultKind } from './names';
export type { Call, CodeRequest, JsapiCodeRequest };
export { homePageOf } from './client/home-page';
export { parseCompany };

export interface EmulatorOptions {
  /** Default: any free port. */
  port?: number;
  /** Default: `company.json`. */
  company?: CompanyInput;
  /** The clock, in milliseconds: codes and tokens expire by it. */
  now?: () => number;
}

export interface Emulator {
  /** The base URL of all three hosts of DingTalk. */
  readonly url: string;
  /** Live: a change counts from the next request on. */
  readonly company: Company;
  /** The requests to DingTalk since the start, or since `reset`. */
  readonly calls: readonly Call[];
  /** How many sockets were opened in that time. */
  readonly connections: number;
  /** What a person's browser brings back, without the browser. */
  authorize(request: CodeRequest): string;
  /** What `requestAuthCode` gives to a page inside the DingTalk client. */
  jsapiCode(request: JsapiCodeRequest): string;
  /** Replaces the company, also the one that `reset` comes back to. */
  load(company: CompanyInput): void;
  /** Forgets codes, tokens, consents, calls, and every change of the company. */
  reset(): void;
  close(): Promise<void>;
}

export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const now = options.now ?? Date.now;
  const world = new World(parseCompany(options.company ?? defaultCompany), now);
  const recorder = new Recorder(now);
  const reset = () => {
    world.reset();
    recorder.clear();
  };

  const server = createServer(createApp(world, recorder, reset).callback());
  // Longer than a client keeps a connection, so that none is closed under a request.
  server.keepAliveTimeout = 60_000;
  recorder.listen(server);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    company: world.company,
    calls: recorder.calls,
    get connections() {
      return recorder.connections;
    },
    authorize: (request) => world.authorize(request),
    jsapiCode: (request) => world.jsapiCode(request),
    load: (company) => world.load(parseCompany(company)),
    reset,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
