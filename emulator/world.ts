import { type Account, type App, type Client, type Company, type Membership, parseClient } from './company';
import { Expiring } from './expiring';

const MINUTES = 60;
const HOURS = 60 * MINUTES;
const DAYS = 24 * HOURS;

/** What a person granted to an app. `permissions`: those that the app had at that time. */
export interface Grant {
  clientId: string;
  account: string;
  corpId?: string;
  permissions: string[];
}

export interface CodeRequest {
  clientId: string;
  /** `id` of the account. */
  account: string;
  /** `openid` (default) or `openid corpid`. */
  scope?: string;
  /** The organisation that the person chose; only with `corpid` in the scope. Default: the account's first. */
  corpId?: string;
}

export interface JsapiCodeRequest {
  clientId: string;
  account: string;
  corpId: string;
}

export const isScope = (scope: string): boolean => /^openid([ +]corpid)?$/.test(scope);
export const hasCorpid = (scope: string): boolean => scope.endsWith('corpid');

/** The company and all that DingTalk remembers about it: codes, tokens, consents. */
export class World {
  readonly codes: Expiring<Grant>;
  readonly jsapiCodes: Expiring<JsapiCodeRequest>;
  readonly userTokens: Expiring<Grant>;
  readonly refreshTokens: Expiring<{ grant: Grant; accessToken: string }>;
  readonly appTokens: Expiring<string>;
  readonly tickets: Expiring<string>;
  readonly consents = new Set<string>();
  readonly company: Company;
  #initial: Company;

  constructor(
    company: Company,
    readonly now: () => number,
  ) {
    this.#initial = company;
    this.company = structuredClone(company);
    this.codes = new Expiring(now, 5 * MINUTES);
    this.jsapiCodes = new Expiring(now, 5 * MINUTES);
    this.userTokens = new Expiring(now, 2 * HOURS);
    this.refreshTokens = new Expiring(now, 30 * DAYS);
    this.appTokens = new Expiring(now, 2 * HOURS);
    this.tickets = new Expiring(now, 2 * HOURS);
  }

  /** Changes the company in place: whoever holds `company` sees it. */
  replace(company: Company): void {
    Object.assign(this.company, structuredClone(company));
  }

  /** As `replace`, and `reset` comes back to it. */
  load(company: Company): void {
    this.#initial = company;
    this.replace(company);
  }

  reset(): void {
    this.replace(this.#initial);
    this.consents.clear();
    for (const store of [
      this.codes,
      this.jsapiCodes,
      this.userTokens,
      this.refreshTokens,
      this.appTokens,
      this.tickets,
    ])
      store.clear();
  }

  app(clientId: string): App | undefined {
    return this.company.apps.find((app) => app.clientId === clientId);
  }

  account(id: string): Account | undefined {
    return this.company.accounts.find((account) => account.id === id);
  }

  client(id: string): Client | undefined {
    return this.company.clients.find((client) => client.id === id);
  }

  /** Adds a client, or changes one. */
  putClient(id: string, changes: object): Client {
    const known = this.client(id);
    const client = parseClient({ ...known, ...changes, id });
    if (!this.account(client.account)) throw new Error(`No account has the id "${client.account}"`);
    if (known) return Object.assign(known, client);
    this.company.clients.push(client);
    return client;
  }

  /** Whether the app lets this person in: the documents say that one of the organisation is for its employees. */
  admits({ kind, corpId }: App, account: Account | undefined): boolean {
    if (kind !== 'internal' || !this.company.settings.membersOnly) return true;
    return this.members(corpId).some((each) => each.account === account && each.membership.contact_type === 0);
  }

  /** Those who are, or are invited to be, in the organisation; leavers are not. */
  members(corpId: string): { account: Account; membership: Membership }[] {
    return this.company.accounts.flatMap((account) =>
      account.memberships
        .filter((membership) => membership.corpId === corpId && !membership.left)
        .map((membership) => ({ account, membership })),
    );
  }

  authorize({ clientId, account, scope = 'openid', corpId }: CodeRequest): string {
    const { app, person } = this.#pair(clientId, account);
    if (!isScope(scope)) throw new Error(`The scope must be "openid" or "openid corpid", not "${scope}"`);
    const organisation = hasCorpid(scope) ? (corpId ?? person.memberships[0]?.corpId) : undefined;
    return this.codes.add({ clientId, account, corpId: organisation, permissions: [...app.permissions] });
  }

  jsapiCode(request: JsapiCodeRequest): string {
    this.#pair(request.clientId, request.account);
    return this.jsapiCodes.add(request);
  }

  #pair(clientId: string, account: string): { app: App; person: Account } {
    const app = this.app(clientId);
    const person = this.account(account);
    if (!app) throw new Error(`No app has the clientId "${clientId}"`);
    if (!person) throw new Error(`No account has the id "${account}"`);
    return { app, person };
  }
}
