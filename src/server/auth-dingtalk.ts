import type { Context } from '@nocobase/actions';
import { type AuthConfig, BaseAuth } from '@nocobase/auth';
import type { Model } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import type { PhoneNumber } from 'libphonenumber-js';
import { z } from 'zod';
import { Accounts } from './accounts';
import { authorizationUrl } from './dingtalk/authorization-url';
import { type DingTalkPerson, readPerson } from './dingtalk/client';
import { SignInError } from './errors';
import { beginFlow, endFlow, type Flow, readFlow } from './flow';
import { phoneOf, usualSpellings } from './phone';
import { logSignIn, refusal } from './report';
import { readSettings, type Settings } from './settings';

const LOCK_TTL_MS = 30_000;

/** Body of `auth:signIn`: what DingTalk appended to the Redirect URL. */
const signInBody = z.object({
  code: z.string().min(1).max(512),
  state: z.string().regex(/^[\w-]{43}$/),
});

/** Signs people in with their DingTalk account. */
export class AuthDingTalk extends BaseAuth {
  declare protected authenticator: AuthModel;
  /** The flow that this sign-in ends. An instance serves one request. */
  private flow?: Flow;

  constructor(config: AuthConfig) {
    super({ ...config, userCollection: config.ctx.db.getCollection('users') });
  }

  /**
   * The authenticator that the request's header names.
   *
   * @throws SignInError AUTHENTICATOR_UNAVAILABLE: for an unknown or disabled name NocoBase hands out another one, and
   * without a header it takes the name from a cookie
   */
  static named(ctx: Context): AuthDingTalk {
    const { auth } = ctx;
    if (auth instanceof AuthDingTalk && auth.authenticator.name === ctx.get('X-Authenticator')) {
      return auth;
    }
    throw new SignInError('AUTHENTICATOR_UNAVAILABLE');
  }

  /** Begins a sign-in: where the browser goes to approve it. */
  begin({ callback, redirect, redirectUri }: Omit<Flow, 'authenticator'> & { redirectUri: string }): string {
    const { clientId, corpId } = this.settings;
    const state = beginFlow(this.ctx, { authenticator: this.authenticator.name, callback, redirect });
    return authorizationUrl({ clientId, redirectUri, state, corpId });
  }

  /** @returns what `BaseAuth` does, and the path of the page that the person first wanted */
  override async signIn() {
    const signedIn = await super.signIn();
    return { ...signedIn, redirect: this.flow?.redirect };
  }

  override async validate(): Promise<Model> {
    try {
      this.flow = this.takeFlow();
      const user = await this.userOf(await this.askDingTalk());
      logSignIn(this.ctx, this.authenticator.name);
      return user;
    } catch (error) {
      throw refusal(this.ctx, error, this.authenticator.name);
    }
  }

  /** Takes the flow that this browser began with this authenticator; from here on it is over. */
  private takeFlow(): Flow {
    AuthDingTalk.named(this.ctx);
    const { data } = signInBody.safeParse(this.ctx.method === 'POST' && this.ctx.action.params.values);
    if (!data) {
      throw new SignInError('REQUEST_INVALID');
    }
    const flow = readFlow(this.ctx, data.state);
    if (!flow || flow.authenticator !== this.authenticator.name) {
      throw new SignInError('STATE_INVALID');
    }
    endFlow(this.ctx, data.state);
    return flow;
  }

  private askDingTalk(): Promise<DingTalkPerson> {
    const { corpId } = this.settings;
    return readPerson(this.settings, this.ctx.action.params.values.code, (corpIdOfPerson) => {
      // 1
      if (corpId && corpIdOfPerson !== corpId) {
        throw new SignInError('WRONG_ORGANIZATION');
      }
    });
  }

  // The numbers are those of the table in docs/identity.md.
  private async userOf(person: DingTalkPerson): Promise<Model> {
    // 2
    const [bound] = await new Accounts(this.ctx.db, this.authenticator).boundTo([person.unionId]);
    return bound ?? this.exclusively((accounts) => this.firstSignIn(accounts, person));
  }

  private async firstSignIn(accounts: Accounts, person: DingTalkPerson): Promise<Model> {
    const phone = phoneOf(person);

    // 2, as another request may have bound the person while this one waited
    const [bound] = await accounts.boundTo([person.unionId]);
    if (bound) {
      return bound;
    }

    // 3
    const boundByOldKey = await accounts.boundTo(oldKeys(person, phone));
    if (boundByOldKey.length === 1) {
      return accounts.bind(boundByOldKey[0], person);
    }

    // 4
    if (!phone) {
      throw new SignInError('PHONE_UNAVAILABLE');
    }

    const [user, ...others] = await accounts.withPhone(phone);
    // 7
    if (others.length) {
      throw new SignInError('PHONE_AMBIGUOUS');
    }
    if (user) {
      // 6
      if (await accounts.isBound(user)) {
        throw new SignInError('ACCOUNT_ALREADY_LINKED');
      }
      // 5
      return accounts.bind(user, person);
    }

    // 9
    if (!this.settings.autoSignup) {
      throw new SignInError('USER_NOT_FOUND');
    }
    // 8
    return accounts.register(person, phone);
  }

  /**
   * Runs what binds or registers, one at a time for this authenticator: in this process by NocoBase's lock (a fixed
   * key, as its local adapter never forgets one), on other nodes by the lock on the authenticator's row.
   */
  private exclusively<T>(work: (accounts: Accounts) => Promise<T>): Promise<T> {
    const { app, db } = this.ctx;
    const { id, name } = this.authenticator;
    const inTransaction = () =>
      db.sequelize.transaction(async (transaction) => {
        await db.getModel('authenticators').findByPk(id, { attributes: ['id'], lock: true, transaction });
        return work(new Accounts(db, this.authenticator, transaction));
      });
    return app.lockManager.runExclusive(`auth-dingtalk:${app.name}:${name}`, inTransaction, LOCK_TTL_MS);
  }

  private get settings(): Settings {
    return readSettings(this.options);
  }
}

/** Keys under which the documented plugin bound people. */
function oldKeys({ openId }: DingTalkPerson, phone: PhoneNumber | undefined): string[] {
  return [...(openId ? [openId] : []), ...(phone ? usualSpellings(phone) : [])];
}
