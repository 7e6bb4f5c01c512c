import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './app';
import type { NewDepartment } from './platform/changes';
import {
  type Account,
  type Call,
  type Callback,
  type Department,
  type EmulatorData,
  type EmulatorDataInput,
  type Membership,
  parseData,
} from './platform/data';
import defaultData from './platform/data.json';
import type { HookAction } from './platform/hooks';
import type { EndpointName } from './platform/names';
import { type CodeRequest, type JsapiCodeRequest, type NewMember, Platform } from './platform/platform';
import { Events } from './events/events';
import type { NewEvent, SentEvent, StreamControl } from './events/types';
import { Recorder } from './recorder';
import { notificationsOf, type WorkNotifications } from './work-notifications/notifications';

export type { App, Client, Department, FaultRule, Membership, Settings } from './platform/data';
export type { DirectoryFaultKind, EndpointName, FaultKind } from './platform/names';
export type { Account, Call, CodeRequest, EmulatorData, EmulatorDataInput, JsapiCodeRequest };
export { addCompany, type CompanyOptions, demoData, generateCompany } from './company';
export type {
  Attempt,
  DingTalkEvent,
  NewEvent,
  Receiver,
  SentEvent,
  StreamConnection,
  StreamControl,
} from './events/types';
export type { Callback } from './platform/data';
export type { NotificationSettings, WorkNotification, WorkNotifications } from './work-notifications/notifications';
export type { HookAction, NewDepartment, NewMember };
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
  /** What apps sent their members, and the limits of that. */
  readonly notifications: WorkNotifications;
  /** Adds an account, by default an employee of the first organization with a phone number of its own. */
  addAccount(values?: Partial<Account>): Account & { mobile: string };
  /** Adds a department, by default below the root of the first organization, with the next free number. */
  addDepartment(values: NewDepartment): Department;
  changeDepartment(id: number, changes: Partial<Omit<Department, 'dept_id' | 'corpId'>>, corpId?: string): void;
  moveDepartment(id: number, parent: number, corpId?: string): void;
  /** With all departments below it; who is in no other department moves to the root. */
  removeDepartment(id: number, corpId?: string): void;
  /** Adds an account that is an employee with these values, by default in the root of the first organization. */
  addMember(values?: NewMember): Account & { mobile: string };
  /** Changes what the organization knows of a member; `account` may be its `id`. */
  changeMember(account: Account | string, changes: Partial<Membership>, corpId?: string): void;
  moveMember(account: Account | string, departments: number[], corpId?: string): void;
  leave(account: Account | string, reason?: Membership['leave_reason'], corpId?: string): void;
  /** Does something before the n-th call of an endpoint from now on is answered; 1 is the next one. */
  onCall(endpoint: EndpointName, n: number, action: HookAction): void;
  /** What is changed meanwhile is told as one change, with several ids in one event. */
  together<Result>(work: () => Result): Result;
  /** The events that were sent since the start, or since `reset`, to whom, and what was answered. */
  readonly events: readonly SentEvent[];
  /** The connections of Stream mode. */
  readonly stream: StreamControl;
  /** Sends an event of one's own making. */
  sendEvent(event: NewEvent): SentEvent;
  /** Resolves when nothing that was sent so far is under way any more. */
  eventsSettled(): Promise<void>;
  /** What `find` returns, once that is something; it is asked again after each change of events and connections. */
  until<Found>(find: () => Found): Promise<Exclude<Found, undefined | null | false>>;
  /** What is to be sent again is sent now. */
  hurry(): void;
  /**
   * From now on the events of the app are pushed to this address, if it answers the check; otherwise rejects with what
   * the console of DingTalk says, and the reason as the cause.
   */
  saveCallback(clientId: string, callback: Callback): Promise<void>;
  /** The events of the app go by Stream again. */
  removeCallback(clientId: string): void;
  /** The authorization code that a browser brings back from the sign-in page, without the browser. */
  authorize(request: CodeRequest): string;
  /** What `requestAuthCode` gives to a page inside the DingTalk client. */
  jsapiCode(request: JsapiCodeRequest): string;
  /** Replaces the data, also those that `reset` comes back to. It sends events only if it `tells` what has changed. */
  load(data: EmulatorDataInput, options?: { tells?: boolean }): void;
  /** Forgets codes, tokens, consents, calls, events, and every change of the data. Connections stay open. */
  reset(): void;
  close(): Promise<void>;
}

export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const now = options.now ?? Date.now;
  const platform = new Platform(parseData(options.data ?? defaultData), now);
  const recorder = new Recorder(now);
  const events = new Events(platform, recorder);
  const reset = () => {
    platform.reset();
    events.reset();
    recorder.clear();
    notificationsOf(platform).clear();
  };

  const app = createApp({ platform, recorder, events, reset, openCommand: options.openCommand });
  const server = createServer(app.callback());
  // Longer than a client keeps a connection, so that none is closed under a request.
  server.keepAliveTimeout = 60_000;
  recorder.listen(server);
  server.on('upgrade', (request, socket, head) => events.accept(request, socket, head));
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    data: platform.data,
    calls: recorder.calls,
    notifications: notificationsOf(platform),
    get connections() {
      return recorder.connections;
    },
    addAccount: (values) => platform.addAccount(values),
    addDepartment: (values) => platform.changes.addDepartment(values),
    changeDepartment: (id, changes, corpId) => platform.changes.changeDepartment(id, changes, corpId),
    moveDepartment: (id, parent_id, corpId) => platform.changes.changeDepartment(id, { parent_id }, corpId),
    removeDepartment: (id, corpId) => platform.changes.removeDepartment(id, corpId),
    addMember: (values) => platform.addMember(values),
    changeMember: (account, changes, corpId) => platform.changes.changeMember(account, changes, corpId),
    moveMember: (account, dept_id_list, corpId) => platform.changes.changeMember(account, { dept_id_list }, corpId),
    leave: (account, reason, corpId) => platform.changes.leave(account, reason, corpId),
    together: (work) => platform.news.together(work),
    events: events.log.events,
    stream: events.stream,
    sendEvent: (event) => events.send(event),
    eventsSettled: () => events.settled(),
    until: (find) => events.log.until(find),
    hurry: () => events.hurry(),
    saveCallback: (clientId, callback) => events.pushes.save(clientId, callback),
    removeCallback: (clientId) => events.pushes.remove(clientId),
    onCall: (endpoint, n, action) => platform.hooks.add(endpoint, n, action),
    authorize: (request) => platform.authorize(request),
    jsapiCode: (request) => platform.jsapiCode(request),
    load: (data, { tells = false } = {}) => platform.load(parseData(data), tells),
    reset,
    async close() {
      const closed = once(server, 'close');
      server.close();
      events.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
