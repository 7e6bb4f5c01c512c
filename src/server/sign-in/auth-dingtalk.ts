import type { Context } from '@nocobase/actions';
import { type AuthConfig, BaseAuth } from '@nocobase/auth';
import { type Model, Transaction, UniqueConstraintError } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import { AUTH_TYPE } from '../../shared/constants';
import { Accounts, withPhone } from '../accounts/accounts';
import { keepPrivate } from '../http/keep-private';
import { takeBody } from '../http/body';
import { type DingTalkAccount, createAuthorizationUrl } from '../dingtalk/api';
import { fetchAccount, fetchMember, mapDingTalkErrors } from '../authorization/dingtalk-account';
import { SignInError } from '../http/errors';
import { beginFlow, finishFlow, type Flow, returned } from '../authorization/flow';
import { phoneOf } from '../accounts/phone';
import { logSuccess, type Matter, refusal } from '../http/report';
import { type Settings, settingsOf } from '../configuration/settings';

const LOCK_TTL_MS = 30_000;

/** What `auth:signIn` can finish. */
const SIGN_INS: Flow['purpose'][] = ['signIn', 'signInInside'];

/** Signs people in with their DingTalk account. */
export class AuthDingTalk extends BaseAuth {
  declare protected authenticator: AuthModel;
  declare readonly ctx: Context;
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

  /**
   * An authenticator by its name, whatever the request's user signed in with. Asks the database, as `readSettings`.
   *
   * @throws SignInError AUTHENTICATOR_UNAVAILABLE
   */
  static async find(ctx: Context, where: { name: string; enabled?: true }): Promise<AuthDingTalk> {
    const authenticator: AuthModel | null = await ctx.db
      .getRepository('authenticators')
      .findOne({ filter: { ...where, authType: AUTH_TYPE } });
    // MySQL's collations take `a` for `A`.
    if (authenticator?.name !== where.name) {
      throw new SignInError('AUTHENTICATOR_UNAVAILABLE');
    }
    return new AuthDingTalk({ authenticator, options: authenticator.options, ctx });
  }

  get name(): string {
    return this.authenticator.name;
  }

  /** The users as this authenticator knows them. */
  get accounts(): Accounts {
    return new Accounts(this.ctx.db, this.authenticator);
  }

  /** Begins a flow: where the browser goes to approve it. */
  async begin(redirectUri: string, flow: Omit<Flow, 'authenticator'>): Promise<string> {
    const { clientId, corpId } = await this.readSettings();
    const state = beginFlow(this.ctx, { ...flow, authenticator: this.name });
    return mapDingTalkErrors(() => createAuthorizationUrl({ clientId, redirectUri, state, corpId }));
  }

  /** Begins a sign-in on a page inside the DingTalk client, which gets the code itself. */
  async beginInside(redirect: string): Promise<string> {
    requireInside(await this.readSettings());
    return beginFlow(this.ctx, { purpose: 'signInInside', authenticator: this.name, redirect });
  }

  /** @returns what `BaseAuth` does, and the path of the page that the person first wanted */
  override async signIn() {
    keepPrivate(this.ctx);
    const signedIn = await super.signIn();
    return { ...signedIn, redirect: this.flow?.redirect };
  }

  override async validate(): Promise<Model> {
    const matter: Matter = { what: 'sign-in', authenticator: this.name };
    try {
      const { code, flow } = this.takeCode();
      const settings = await this.readSettings();
      const user = await (flow.purpose === 'signIn' ? this.fromBrowser(code, settings) : this.inside(code, settings));
      logSuccess(this.ctx, 'SIGNED_IN', matter);
      return user;
    } catch (error) {
      throw refusal(this.ctx, error, matter);
    }
  }

  /** Takes what came back from DingTalk to the flow that this browser began with this authenticator, and ends it. */
  private takeCode(): { code: string; flow: Flow } {
    const body = takeBody(this.ctx);
    AuthDingTalk.named(this.ctx);
    const { data } = returned.safeParse(this.ctx.method === 'POST' && body);
    if (!data) {
      throw new SignInError('REQUEST_INVALID');
    }
    const flow = finishFlow(
      this.ctx,
      data.state,
      ({ purpose, authenticator }) => SIGN_INS.includes(purpose) && authenticator === this.name,
    );
    this.flow = flow;
    return { code: data.code, flow };
  }

  /** Whom DingTalk names for a code. @throws SignInError */
  async identify(code: string): Promise<DingTalkAccount> {
    return askDingTalk(await this.readSettings(), code);
  }

  /** Asks the database: NocoBase's own copy of the options is each process's, and no node hears of another's changes. */
  private async readSettings(): Promise<Settings> {
    const { app, db } = this.ctx;
    const where = { name: this.name, enabled: true };
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
    const member = await fetchMember(settings, code, this.ctx.app.cache);
    const bound = await this.boundTo(member);
    return bound ?? this.firstSignIn({ ...(await member.fetchAccount()), corpId }, settings);
  }

  // The numbers are those of the table in docs/identity.md.
  private boundTo({ unionId }: { unionId: string }): Promise<Model | undefined> {
    // 2
    return this.accounts.boundTo(unionId);
  }

  private firstSignIn(person: DingTalkAccount, settings: Settings): Promise<Model> {
    const first = () => this.exclusively((accounts) => firstSignIn(accounts, person, settings));
    // Somebody made a user with this phone number or e-mail address meanwhile, outside our locks: look again.
    return first().catch((error) => (error instanceof UniqueConstraintError ? first() : Promise.reject(error)));
  }

  /**
   * Runs what binds or registers, one at a time: in this process by a lock, on other nodes by the lock on the
   * authenticator's row.
   */
  exclusively<T>(work: (accounts: Accounts, transaction: Transaction) => Promise<T>): Promise<T> {
    const { db } = this.ctx;
    // SQLite knows no row locks, and refuses to make a writer of a transaction that has begun as a reader.
    const type = db.inDialect('sqlite') ? Transaction.TYPES.IMMEDIATE : undefined;
    return this.locked(() =>
      db.sequelize.transaction({ type }, async (transaction) => {
        const { id } = this.authenticator;
        await db.getModel('authenticators').findByPk(id, { attributes: ['id'], lock: true, transaction });
        return work(new Accounts(db, this.authenticator, transaction), transaction);
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

function askDingTalk(settings: Settings, code: string): Promise<DingTalkAccount> {
  return fetchAccount(settings, code, (corpId) => {
    // 1
    if (settings.corpId && settings.corpId !== corpId) {
      throw new SignInError('WRONG_ORGANIZATION');
    }
  });
}

async function firstSignIn(accounts: Accounts, person: DingTalkAccount, settings: Settings): Promise<Model> {
  const phone = phoneOf(person);
  const similar = phone ? await accounts.similarTo(phone) : [];

  // 2, as another request may have bound the person while this one waited
  const { bound, byOldKey, isBound } = await accounts.knownAs(person, similar);
  if (bound) {
    return bound;
  }

  // 3
  if (byOldKey.length === 1) {
    return accounts.rebind(byOldKey[0], person);
  }

  // 4
  if (!phone) {
    throw new SignInError('PHONE_UNAVAILABLE');
  }

  const [user, ...others] = withPhone(phone, similar);
  // 7
  if (others.length) {
    throw new SignInError('PHONE_AMBIGUOUS');
  }
  if (user) {
    // 6
    if (isBound(user)) {
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
