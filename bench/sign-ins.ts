import { atATime } from '../testing/nocobase/at-a-time';
import { Browser } from '../testing/nocobase/browser';
import type { DingTalk } from '../testing/nocobase/dingtalk';
import { CLIENT_ID } from '../testing/nocobase/nocobase';
import { begin, beginInside, comeBack } from '../testing/nocobase/sign-in';
import type { MeasuredServer, SignIn } from './measured-server';

/**
 * Who signs in, each time anew. `password` is NocoBase's own sign-in, and `whole way` the three requests of a returning
 * user; of the others the last request is measured alone.
 */
export const kinds = [
  'floor',
  'password',
  'returning',
  'whole way',
  'first match',
  'new user',
  'inside DingTalk',
] as const;

export type Kind = (typeof kinds)[number];

/** NocoBase's own sign-ins, which ask nobody. */
export const isOwn = (kind: Kind) => kind === 'floor' || kind === 'password';

const BEGUN_AT_A_TIME = 10;

export class SignIns {
  private readonly known: string[];

  constructor(
    private readonly server: MeasuredServer,
    private readonly dingtalk: DingTalk,
    known: number,
  ) {
    this.known = Array.from({ length: known }, () => dingtalk.addAccount().id);
  }

  /** Those who return later are here for the first time. */
  async greet(): Promise<void> {
    await this.server.measure(await this.fromBrowser(this.known), 5);
    await this.server.measure(await this.inside(this.known), 5);
  }

  async prepare(kind: Kind, count: number): Promise<SignIn[]> {
    const people = <T>(person: (index: number) => T) => Array.from({ length: count }, (_, index) => person(index));
    const returning = () => people((index) => this.known[index % this.known.length]);
    switch (kind) {
      case 'floor':
        return people(() => this.floor());
      case 'password':
        return people(() => this.password());
      case 'whole way':
        return returning().map((account) => this.wholeWay(account));
      case 'returning':
        return this.fromBrowser(returning());
      case 'first match': {
        const newcomers = people(() => this.dingtalk.addAccount());
        await this.server.ask(
          'addUsers',
          newcomers.map(({ mobile }) => mobile),
        );
        return this.fromBrowser(newcomers.map(({ id }) => id));
      }
      case 'new user':
        return this.fromBrowser(people(() => this.dingtalk.addAccount().id));
      case 'inside DingTalk':
        return this.inside(returning());
    }
  }

  private floor(): SignIn {
    const { url, userId } = this.server.started;
    const browser = new Browser(url);
    return () => signIn(browser, 'floor', { userId });
  }

  private password(): SignIn {
    const { url, password: account } = this.server.started;
    const browser = new Browser(url);
    return () => signIn(browser, 'basic', account);
  }

  private wholeWay(account: string): SignIn {
    const browser = new Browser(this.server.started.url);
    const code = this.code(account);
    return async () => signIn(browser, 'dingtalk', { flow: await this.approve(browser, code) });
  }

  private fromBrowser(accounts: string[]): Promise<SignIn[]> {
    return atATime(BEGUN_AT_A_TIME, accounts, async (account) => {
      const browser = new Browser(this.server.started.url);
      const flow = await this.approve(browser, this.code(account));
      return () => signIn(browser, 'dingtalk', { flow });
    });
  }

  /** The first two requests. @returns the ID of the flow that the page then finishes */
  private async approve(browser: Browser, code: string): Promise<string> {
    const state = new URL((await begin(browser)).url).searchParams.get('state') ?? '';
    return (await comeBack(browser, { code, state })).fragment.flow;
  }

  private inside(accounts: string[]): Promise<SignIn[]> {
    const { corpId } = this.dingtalk;
    return atATime(BEGUN_AT_A_TIME, accounts, async (account) => {
      const browser = new Browser(this.server.started.url);
      const { state } = await beginInside(browser);
      const code = this.dingtalk.jsapiCode({ clientId: CLIENT_ID, account, corpId });
      return () => signIn(browser, 'inside', { code, state });
    });
  }

  /** As DingTalk gives one to somebody who approves. */
  code(account = this.known[0]): string {
    return this.dingtalk.authorize({ clientId: CLIENT_ID, account });
  }
}

const signIn = (browser: Browser, authenticator: string, json: object) =>
  browser.fetch('/api/auth:signIn', { json, headers: { 'x-authenticator': authenticator } });
