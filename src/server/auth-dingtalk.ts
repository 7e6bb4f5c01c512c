import type { Context } from '@nocobase/actions';
import { type AuthConfig, BaseAuth } from '@nocobase/auth';
import { type Model, Transaction, UniqueConstraintError } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import type { PhoneNumber } from 'libphonenumber-js';
import { z } from 'zod';
import { Accounts } from './accounts';
import { keepPrivate } from './actions/keep-private';
import { TIMEOUT_MS } from './dingtalk/agents';
import { authorizationUrl } from './dingtalk/authorization-url';
import { MemberReader } from './dingtalk/member';
import { type DingTalkPerson, readPerson } from './dingtalk/person';
import { SignInError } from './errors';
import { beginFlow, endFlow, type Flow, readFlow } from './flow';
import { phoneOf, usualSpellings } from './phone';
import { logSignIn, refusal } from './report';
import { type Settings, settingsOf } from './settings';

const LOCK_TTL_MS = 30_000;

/** What `auth:signIn` can finish. */
const SIGN_INS: Flow['purpose'][] = ['signIn', 'signInInside'];

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
  async begin({ callback, redirect, redirectUri }: Pick<Flow, 'callback' | 'redirect'> & { redirectUri: string }) {
    const { clientId, corpId } = await this.readSettings();
    const { name: authenticator } = this.authenticator;
    const state = beginFlow(this.ctx, { purpose: 'signIn', authenticator, callback, redirect });
    return authorizationUrl({ clientId, redirectUri, state, corpId });
  }

  /** Begins a sign-in on a page inside the DingTalk client, which gets the code itself. */
  async beginInside(redirect: string | undefined): Promise<string> {
    requireInside(await this.readSettings());
    return beginFlow(this.ctx, { purpose: 'signInInside', authenticator: this.authenticator.name, redirect });
  }

  /** @returns what `BaseAuth` does, and the path of the page that the person first wanted */
  override async signIn() {
    keepPrivate(this.ctx);
    const signedIn = await super.signIn();
    return { ...signedIn, redirect: this.flow?.redirect };
  }

  override async validate(): Promise<Model> {
    try {
      const { code, flow } = this.takeCode();
      const settings = await this.readSettings();
      const user = await (flow.purpose === 'signIn' ? this.fromBrowser(code, settings) : this.inside(code, settings));
      logSignIn(this.ctx, this.authenticator.name);
      return user;
    } catch (error) {
      throw refusal(this.ctx, error, this.authenticator.name);
    }
  }

  /** Takes what came back from DingTalk to the flow that this browser began with this authenticator, and ends it. */
  private takeCode(): { code: string; flow: Flow } {
    const { method, action } = this.ctx;
    const request = this.ctx.request as { body?: unknown };
    const { code, state } = action.params.values ?? {};
    // NocoBase logs and audits what stays.
    action.params.values = request.body = {};
    AuthDingTalk.named(this.ctx);
    const { data } = signInBody.safeParse(method === 'POST' && { code, state });
    if (!data) {
      throw new SignInError('REQUEST_INVALID');
    }
    const flow = readFlow(this.ctx, data.state);
    if (!flow || !SIGN_INS.includes(flow.purpose) || flow.authenticator !== this.authenticator.name) {
      throw new SignInError('STATE_INVALID');
    }
    this.flow = flow;
    endFlow(this.ctx, data.state);
    return { code: data.code, flow };
  }

  /** Asks the database: NocoBase's own copy of the options is each process's, and no node hears of another's changes. */
  private async readSettings(): Promise<Settings> {
    const { app, db } = this.ctx;
    const where = { name: this.authenticator.name, enabled: true };
    const current = await db.getModel('authenticators').findOne({ attributes: ['options'], where });
    if (!current) {
      throw new SignInError('AUTHENTICATOR_UNAVAILABLE');
    }
    const options = current.get('options');
    return settingsOf(app.environment.renderJsonTemplate(options), options);
  }

  private async fromBrowser(code: string, settings: Settings): Promise<Model> {
    const person = await askDingTalk(settings, code);
    return (await this.boundTo(person)) ?? this.firstSignIn(person, settings);
  }

  /** That DingTalk answers for the code makes the person a member, by its own check; a stranger must be in the address book too. */
  private async inside(code: string, settings: Settings): Promise<Model> {
    const corpId = requireInside(settings);
    const dingtalk = new MemberReader(settings, this.ctx.app.cache, AbortSignal.timeout(TIMEOUT_MS));
    const member = await dingtalk.identify(code);
    const bound = await this.boundTo(member);
    return bound ?? this.firstSignIn({ ...(await dingtalk.read(member)), corpId }, settings);
  }

  // The numbers are those of the table in docs/identity.md.
  private async boundTo({ unionId }: { unionId: string }): Promise<Model | undefined> {
    // 2
    const [bound] = await new Accounts(this.ctx.db, this.authenticator).boundTo([unionId]);
    return bound;
  }

  private firstSignIn(person: DingTalkPerson, settings: Settings): Promise<Model> {
    const first = () => this.exclusively((accounts) => firstSignIn(accounts, person, settings));
    // Somebody made a user with this phone number or e-mail address meanwhile, outside our locks: look again.
    return first().catch((error) => (error instanceof UniqueConstraintError ? first() : Promise.reject(error)));
  }

  /**
   * Runs what binds or registers, one at a time: in this process by a lock, on other nodes by the lock on the
   * authenticator's row.
   */
  private exclusively<T>(work: (accounts: Accounts) => Promise<T>): Promise<T> {
    const { db } = this.ctx;
    // SQLite knows no row locks, and refuses to make a writer of a transaction that has begun as a reader.
    const type = db.inDialect('sqlite') ? Transaction.TYPES.IMMEDIATE : undefined;
    return this.locked(() =>
      db.sequelize.transaction({ type }, async (transaction) => {
        const { id } = this.authenticator;
        await db.getModel('authenticators').findByPk(id, { attributes: ['id'], lock: true, transaction });
        return work(new Accounts(db, this.authenticator, transaction));
      }),
    );
  }

  /** SQLite has one writer at a time: what NocoBase writes of a session must not meet our transactions. */
  override signNewToken(userId: number): Promise<string> {
    const sign = () => super.signNewToken(userId);
    return this.ctx.db.inDialect('sqlite') ? this.locked(sign) : sign();
  }

  /** One key for all, as NocoBase's own lock adapter never forgets one. */
  private locked<T>(work: () => Promise<T>): Promise<T> {
    const { app } = this.ctx;
    return app.lockManager.runExclusive(`auth-dingtalk:${app.name}`, work, LOCK_TTL_MS);
  }
}

/** @returns the Corp ID, without which DingTalk gives a page no code */
function requireInside({ autoSignIn, corpId }: Settings): string {
  if (!autoSignIn || !corpId) {
    throw new SignInError('AUTHENTICATOR_UNAVAILABLE', { reason: 'the sign-in inside DingTalk is off' });
  }
  return corpId;
}

function askDingTalk(settings: Settings, code: string): Promise<DingTalkPerson> {
  return readPerson(settings, code, (corpId) => {
    // 1
    if (settings.corpId && settings.corpId !== corpId) {
      throw new SignInError('WRONG_ORGANIZATION');
    }
  });
}

async function firstSignIn(accounts: Accounts, person: DingTalkPerson, settings: Settings): Promise<Model> {
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
  if (!settings.autoSignup) {
    throw new SignInError('USER_NOT_FOUND');
  }
  // 8
  return accounts.register(person, phone);
}

/** Keys under which the documented plugin bound people. */
function oldKeys({ openId }: DingTalkPerson, phone: PhoneNumber | undefined): string[] {
  return [...(openId ? [openId] : []), ...(phone ? usualSpellings(phone) : [])];
}
