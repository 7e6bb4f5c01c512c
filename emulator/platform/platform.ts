import { type Account, type App, type Client, type EmulatorData, type Membership, parseClient } from './data';
import { append, Changes } from './changes';
import { Directory, isEmployee } from './directory';
import { FailedPushes } from './failed-pushes';
import { Hooks } from './hooks';
import { changesBetween, memberChanges, News } from './news';
import { Throttle } from './throttle';
import { TokenStore } from './token-store';

const MINUTES = 60;
const HOURS = 60 * MINUTES;
const DAYS = 24 * HOURS;

/** What an account granted to an app. */
export interface Grant {
  clientId: string;
  account: string;
  corpId?: string;
  /** Those that the app had at that time: one that it gets later needs another consent. */
  permissions: string[];
}

export interface CodeRequest {
  clientId: string;
  /** `id` of the account. */
  account: string;
  /** `openid` (default) or `openid corpid`. */
  scope?: string;
  /** The organization that was chosen; only with `corpid` in the scope. Default: the account's first. */
  corpId?: string;
}

export interface JsapiCodeRequest {
  clientId: string;
  account: string;
  corpId: string;
}

/** What a ticket of the gateway opens: a connection of this app. */
export interface StreamTicket {
  clientId: string;
  /** Whether it subscribed to events. */
  wantsEvents: boolean;
}

export interface NewMember extends Partial<Membership> {
  /** Of the account itself. */
  account?: Partial<Omit<Account, 'memberships'>>;
}

export const isScope = (scope: string): boolean => /^openid([ +]corpid)?$/.test(scope);
export const includesCorpId = (scope: string): boolean => scope.endsWith('corpid');

/** The data of more accounts are frozen while they are read, see `directory`. */
const MAX_LIVE_ACCOUNTS = 2000;

function freeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value) as unknown[]) {
    if (typeof part === 'object' && part !== null && !Object.isFrozen(part)) {
      freeze(part);
    }
  }
  return Object.freeze(value);
}

/** Over all emulators of a process, which may serve one and the same application. */
let added = 0;

/** What DingTalk knows: the data of the emulator, and the codes, tokens and consents that came of it. */
export class Platform {
  readonly codes: TokenStore<Grant>;
  readonly jsapiCodes: TokenStore<JsapiCodeRequest>;
  readonly userTokens: TokenStore<Grant>;
  readonly refreshTokens: TokenStore<{ grant: Grant; accessToken: string }>;
  readonly appTokens: TokenStore<string>;
  readonly tickets: TokenStore<string>;
  readonly failedPushes: FailedPushes;
  readonly streamTickets: TokenStore<StreamTicket>;
  readonly consents = new Set<string>();
  readonly data: EmulatorData;
  readonly hooks = new Hooks();
  readonly news = new News();
  readonly changes: Changes;
  readonly throttle = new Throttle();
  private initial: EmulatorData;
  private kept?: Pick<EmulatorData, 'accounts' | 'departments'> & { directories: Map<string, Directory> };

  constructor(
    data: EmulatorData,
    readonly now: () => number,
  ) {
    this.initial = data;
    this.data = structuredClone(data);
    this.changes = new Changes(this.data, (corpId) => this.directory(corpId), now, this.news);
    this.codes = new TokenStore(now, 5 * MINUTES);
    this.jsapiCodes = new TokenStore(now, 5 * MINUTES);
    this.userTokens = new TokenStore(now, 2 * HOURS);
    this.refreshTokens = new TokenStore(now, 30 * DAYS);
    this.appTokens = new TokenStore(now, 2 * HOURS);
    this.tickets = new TokenStore(now, 2 * HOURS);
    this.failedPushes = new FailedPushes(now, () => this.data.settings.failedListedMs);
    this.streamTickets = new TokenStore(now, 90);
  }

  /** Changes the data in place: whoever holds `data` sees it. What this changes in the address book is told. */
  replace(data: EmulatorData): void {
    const { accounts, departments } = this.data;
    this.put(data);
    this.news.together(() => this.news.report(changesBetween({ accounts, departments }, this.data)));
  }

  /** Puts other data in place of all, and `reset` comes back to them. */
  load(data: EmulatorData, tells: boolean): void {
    this.initial = data;
    if (tells) {
      this.replace(data);
    } else {
      this.put(data);
    }
  }

  private put(data: EmulatorData): void {
    Object.assign(this.data, structuredClone(data));
  }

  reset(): void {
    this.put(this.initial);
    this.consents.clear();
    this.hooks.clear();
    this.throttle.clear();
    this.failedPushes.clear();
    for (const store of [
      this.codes,
      this.jsapiCodes,
      this.userTokens,
      this.refreshTokens,
      this.appTokens,
      this.tickets,
      this.streamTickets,
    ]) {
      store.clear();
    }
  }

  /** By the clock of what sends events, which may be wrong. */
  eventNow(): number {
    return this.now() + this.data.settings.eventClockMs;
  }

  app(clientId: string): App | undefined {
    return this.data.apps.find((app) => app.clientId === clientId);
  }

  requireApp(clientId: string): App {
    const app = this.app(clientId);
    if (!app) {
      throw new Error(`No app has the clientId "${clientId}"`);
    }
    return app;
  }

  account(id: string): Account | undefined {
    return this.data.accounts.find((account) => account.id === id);
  }

  client(id: string): Client | undefined {
    return this.data.clients.find((client) => client.id === id);
  }

  /** Adds a client, or changes one. */
  putClient(id: string, changes: object): Client {
    const known = this.client(id);
    const client = parseClient({ ...known, ...changes, id });
    if (!this.account(client.account)) {
      throw new Error(`No account has the id "${client.account}"`);
    }
    if (known) {
      return Object.assign(known, client);
    }
    this.data.clients.push(client);
    return client;
  }

  /** Whether the account may use the app. DingTalk documents that an internal app is for the employees alone. */
  admits({ kind, corpId }: App, account: Account | undefined): boolean {
    if (kind !== 'internal' || !this.data.settings.membersOnly) {
      return true;
    }
    return account?.memberships.some((each) => each.corpId === corpId && isEmployee(each)) ?? false;
  }

  /**
   * The address book of an organization. It is made anew for each request, so that the data may be changed in any way
   * in between. Of many accounts it is kept instead; they are frozen, so that a change that it would miss is an error.
   */
  directory(corpId: string): Directory {
    const { accounts, departments } = this.data;
    if (accounts.length <= MAX_LIVE_ACCOUNTS) {
      return new Directory(this.data, corpId);
    }
    if (this.kept?.accounts !== accounts || this.kept.departments !== departments) {
      this.kept = { accounts: freeze(accounts), departments: freeze(departments), directories: new Map() };
    }
    const directory = this.kept.directories.get(corpId) ?? new Directory(this.data, corpId);
    this.kept.directories.set(corpId, directory);
    return directory;
  }

  /** Adds an account, by default an employee of the first organization with a phone number that nobody else has. */
  addAccount(values: Partial<Account> = {}): Account & { mobile: string } {
    const account = this.newAccount(values);
    this.join(account);
    return account;
  }

  private join(account: Account): void {
    append(this.data, 'accounts', account);
    const joined = account.memberships.flatMap((each) => memberChanges(undefined, each));
    this.news.together(() => this.news.report(joined));
  }

  private newAccount(values: Partial<Account>): Account & { mobile: string } {
    const number = String(++added).padStart(8, '0');
    const mobile = `138${number}`;
    return {
      id: `account-${number}`,
      unionId: `UnionId${number}`,
      openId: `OpenId${number}`,
      nick: `Account ${number}`,
      mobile,
      stateCode: '86',
      memberships: [
        {
          corpId: this.data.organizations[0].corpId,
          userid: `userid-${number}`,
          name: `Account ${number}`,
          // The organization's record has the number that the account signs in to DingTalk with, as a rule.
          ...('mobile' in values ? { mobile: values.mobile } : { mobile }),
          state_code: values.stateCode ?? '86',
          active: true,
          contact_type: 0 as const,
          left: false,
          admin: false,
        },
      ],
      ...values,
    };
  }

  /** As `addAccount`, with these values in the organization, of which the account has the name and the number. */
  addMember({ account: values = {}, ...own }: NewMember = {}): Account & { mobile: string } {
    const corpId = own.corpId ?? this.data.organizations[0].corpId;
    this.changes.requireDepartments(corpId, own.dept_id_list ?? []);
    const { name: nick, mobile, state_code: stateCode } = own;
    const account = this.newAccount({
      ...(nick !== undefined && { nick }),
      ...('mobile' in own && { mobile }),
      ...(stateCode !== undefined && { stateCode }),
      ...values,
    });
    const [membership] = account.memberships;
    Object.assign(membership, { name: account.nick, ...own, corpId });
    this.join(account);
    return account;
  }

  authorize({ clientId, account: id, scope = 'openid', corpId }: CodeRequest): string {
    const { app, account } = this.requireAppAndAccount(clientId, id);
    if (!isScope(scope)) {
      throw new Error(`The scope must be "openid" or "openid corpid", not "${scope}"`);
    }
    const chosen = includesCorpId(scope) ? (corpId ?? account.memberships[0]?.corpId) : undefined;
    return this.codes.add({ clientId, account: id, corpId: chosen, permissions: [...app.permissions] });
  }

  jsapiCode(request: JsapiCodeRequest): string {
    this.requireAppAndAccount(request.clientId, request.account);
    return this.jsapiCodes.add(request);
  }

  private requireAppAndAccount(clientId: string, accountId: string): { app: App; account: Account } {
    const app = this.requireApp(clientId);
    const account = this.account(accountId);
    if (!account) {
      throw new Error(`No account has the id "${accountId}"`);
    }
    return { app, account };
  }
}
