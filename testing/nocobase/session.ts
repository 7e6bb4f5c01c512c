import type { Emulator } from '../../emulator';
import type { ExclusionList, ExclusionsFound, Link, LinkedUsers, PendingLink } from '../../src/shared/contract';
import { Browser } from './browser';
import { CLIENT_ID, type NocoBase } from './nocobase';
import { comeBack } from './sign-in';

export interface Answer<T = object> {
  status: number;
  /** Of the error. */
  code?: string;
  message?: string;
  data?: T;
}

/** A user who is signed in: the browser, the ID and the token. */
export class Session {
  constructor(
    readonly browser: Browser,
    readonly id: number | string,
    readonly token: string,
  ) {}

  /** A session of this user, as if opened with a password. */
  static async of(nocobase: NocoBase, user: { get(name: 'id'): unknown }): Promise<Session> {
    const id = user.get('id') as number;
    const { tokenController, jwt } = nocobase.app.authManager;
    const { jti, issuedTime, signInTime } = await tokenController.add({ userId: id, authenticator: 'basic' });
    const payload = { userId: id, temp: true, iat: Math.floor(issuedTime / 1000), signInTime };
    return new Session(new Browser(nocobase.url), id, jwt.sign(payload, { jwtid: jti, expiresIn: 3600 }));
  }

  async call<T = object>(action: string, json: unknown = {}, headers: Record<string, string> = {}): Promise<Answer<T>> {
    const response = await this.browser.fetch(`/api/dingtalk:${action}`, {
      json,
      headers: { authorization: `Bearer ${this.token}`, ...headers },
    });
    // Of 204, which answers nothing, there is none.
    const body = JSON.parse((await response.text()) || '{}');
    return { status: response.status, ...body.errors?.[0], data: body.data };
  }

  async links(): Promise<Link[]> {
    return (await this.call<Link[]>('getLinks')).data ?? [];
  }

  linkedUsers(authenticator: string, search = ''): Promise<Answer<LinkedUsers>> {
    return this.call('getLinkedUsers', { authenticator, search });
  }

  /** Presses the button: where the browser is sent. */
  beginLink(authenticator: string, headers = {}): Promise<Answer<{ url: string }>> {
    const { origin } = this.browser;
    const addresses = { callback: `${origin}/signin/dingtalk/link`, redirectUri: `${origin}/api/dingtalk:redirect` };
    return this.call('getLinkUrl', { authenticator, ...addresses }, headers);
  }

  /** Goes as far as the callback page: the flow that it finds; code and state, which it does not. */
  async approve(dingtalk: Emulator, account: string, authenticator = 'dingtalk') {
    const { data } = await this.beginLink(authenticator);
    const asked = new URL(data?.url ?? '').searchParams;
    const code = dingtalk.authorize({
      clientId: asked.get('client_id') ?? CLIENT_ID,
      account,
      scope: asked.get('scope') ?? undefined,
      corpId: asked.get('corpId') ?? undefined,
    });
    const state = asked.get('state') ?? '';
    const { fragment } = await comeBack(this.browser, { code, authCode: code, state });
    return { code, state, flow: fragment.flow };
  }

  /** Goes as far as the question whether to link: the account waits in the browser. */
  async bring(dingtalk: Emulator, account: string, authenticator = 'dingtalk'): Promise<Answer<PendingLink>> {
    const { flow } = await this.approve(dingtalk, account, authenticator);
    return this.call('link', { flow });
  }

  confirm(confirmation: string): Promise<Answer> {
    return this.call('confirmLink', { confirmation });
  }

  /** The whole way: what refuses, first or last. */
  async link(dingtalk: Emulator, account: string, authenticator = 'dingtalk'): Promise<Answer> {
    const brought = await this.bring(dingtalk, account, authenticator);
    return brought.data ? this.confirm(brought.data.confirmation) : brought;
  }

  /** What waits in the browser, as the account page asks it. */
  async pending(): Promise<PendingLink | null | undefined> {
    return (await this.call<{ pending: PendingLink | null }>('getPendingLink')).data?.pending;
  }

  async exclusions(list: ExclusionList, search = '', authenticator = 'dingtalk') {
    const { data } = await this.call<ExclusionsFound>('getBlocked', { authenticator, list, search });
    return data ?? { exclusions: [], more: undefined };
  }
}
