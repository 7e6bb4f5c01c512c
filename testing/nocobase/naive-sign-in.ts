import type { Context, Next } from '@nocobase/actions';
import { type AuthConfig, BaseAuth } from '@nocobase/auth';
import type { Model } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import type { Application } from '@nocobase/server';
import { getAuthCookieName } from '@nocobase/utils';
import axios, { type AxiosError } from 'axios';

export const NAIVE = 'naive';

/** An answer of DingTalk. Hole: it has no schema. */
type Answer = Record<string, string | undefined>;

/**
 * A sign-in with DingTalk as it must not be written, with the holes that such plugins have had. The tests of attacks show
 * each attack working on it first. Each hole is one function, or is marked with "Hole" where it is a line.
 */
class NaiveAuth extends BaseAuth {
  declare protected authenticator: AuthModel;

  constructor(config: AuthConfig) {
    super({ ...config, userCollection: config.ctx.db.getCollection('users') });
  }

  override async signIn() {
    return this.keepSessionOfCookie() ?? super.signIn();
  }

  /** Hole: a session that an attacker planted before stays, whoever signs in. */
  private keepSessionOfCookie() {
    const token = this.ctx.cookies.get(getAuthCookieName('authToken', 'main'));
    return token ? { user: this.user, token } : undefined;
  }

  override async validate(): Promise<Model> {
    const { code, inside } = this.readCodeFromAnywhere();
    try {
      const account = await (inside ? this.readMember(code) : this.readAccount(code));
      const user =
        (await this.findBoundUser(account)) ??
        (inside && !account.mobile ? undefined : await this.matchAndBind(account));
      return user ?? (await this.createUser(account));
    } catch (error) {
      return this.throwWithEverything(error as AxiosError<{ message?: string }>);
    }
  }

  /** Hole: a code is enough, by whatever method, from whatever browser; there is no state. */
  private readCodeFromAnywhere(): { code: string; inside?: boolean } {
    return { ...this.ctx.query, ...this.ctx.action.params.values };
  }

  /** Holes: the request is logged, DingTalk's words are shown, and the error carries the request and the answer. */
  private throwWithEverything(error: AxiosError<{ message?: string }>): never {
    this.ctx.logger.error('DingTalk', { request: error.config?.data });
    error.message = error.response?.data?.message ?? error.message;
    throw error;
  }

  private async readAccount(code: string): Promise<Answer> {
    const { clientId, clientSecret } = this.options.dingtalk;
    const body = { clientId, clientSecret, code, grantType: 'authorization_code' };
    // Hole: `corpId` of the answer is not compared with that of the settings.
    const { accessToken } = await this.call('/v1.0/oauth2/userAccessToken', body);
    const headers = { 'x-acs-dingtalk-access-token': accessToken };
    // Hole: no limit of time or size, and redirects are followed.
    return (await axios.get(`${process.env.DINGTALK_API_URL}/v1.0/contact/users/me`, { headers })).data;
  }

  private async readMember(code: string): Promise<Answer> {
    const { clientId: appKey, clientSecret: appSecret } = this.options.dingtalk;
    // Hole: a token of the app is requested for each sign-in.
    const { accessToken } = await this.call('/v1.0/oauth2/accessToken', { appKey, appSecret });
    const { unionid, userid, name } = await this.callOapi('v2/user/getuserinfo', accessToken, { code });
    // Hole: `contact_type` of the answer, which tells external contacts, is not read.
    await this.callOapi('user/getbyunionid', accessToken, { unionid });
    const { mobile } = await this.callOapi('v2/user/get', accessToken, { userid }).catch((): Answer => ({}));
    return { unionId: unionid, userid, nick: name, mobile };
  }

  private async call(path: string, body: object): Promise<Answer> {
    return (await axios.post(process.env.DINGTALK_API_URL + path, body)).data;
  }

  private async callOapi(name: string, token: string | undefined, body: object): Promise<Answer> {
    const url = `${process.env.DINGTALK_OAPI_URL}/topapi/${name}?access_token=${token}`;
    const { data: answer } = await axios.post(url, body);
    // Hole: DingTalk may send "0".
    if (answer.errcode !== 0) {
      throw new Error(answer.errmsg);
    }
    return answer.result;
  }

  /**
   * Holes: all answers without a unionId are the same user, bound to "undefined"; of two users who are bound the first is
   * taken; the userid, which the organization chooses, is as good as the unionId.
   */
  private async findBoundUser({ unionId, userid }: Answer): Promise<Model> {
    return (await this.authenticator.findUser(String(unionId))) ?? (userid && this.authenticator.findUser(userid));
  }

  /**
   * Holes: no phone number matches users without one; the country does not count, and one spelling does; an e-mail
   * address is enough; of several users the first is taken; a binding to another account is replaced.
   */
  private async matchAndBind({ unionId, mobile = null, email = '' }: Record<string, string | null | undefined>) {
    const user = await this.userRepository.findOne({ filter: { $or: [{ phone: mobile }, { email }] } });
    await (user && this.authenticator.addUser(user, { through: { uuid: String(unionId) } }));
    return user;
  }

  /**
   * Holes: user names collide; every field of the answer is written, `roles` too; `meta` is lost, as users have none; no
   * lock and no transaction.
   */
  private async createUser(account: Answer): Promise<Model> {
    const { unionId, mobile, nick, email } = account;
    const values = { username: email?.split('@')[0], phone: mobile, nickname: nick, meta: account, ...account };
    const user = await this.ctx.db.getRepository('users').create({ values });
    await this.authenticator.addUser(user, { through: { uuid: String(unionId) } });
    return user;
  }
}

/** Holes: `X-Forwarded-Host` is believed; the state is a time, which is never compared. */
async function getAuthUrl(ctx: Context, next: Next) {
  const { authenticator, redirect } = ctx.query as Record<string, string>;
  const host = ctx.get('x-forwarded-host') || ctx.host;
  const url = new URL('/oauth2/auth', process.env.DINGTALK_LOGIN_URL);
  url.search = new URLSearchParams({
    redirect_uri: `${ctx.protocol}://${host}/api/naive:redirect?${new URLSearchParams({ authenticator, redirect })}`,
    scope: 'openid corpid',
    state: String(Date.now()),
  }).toString();
  ctx.body = { url };
  await next();
}

/**
 * Holes: a GET signs in, with whatever authenticator the link names, also one with a password, past NocoBase's check of
 * the origin; the link decides where the browser goes; the token is in the address.
 */
async function redirect(ctx: Context, next: Next) {
  const { authenticator, redirect } = ctx.query;
  const auth = await ctx.app.authManager.get(authenticator, ctx);
  ctx.action.params.values = ctx.query;
  const { token } = await auth.signIn();
  ctx.redirect(`${redirect}?authenticator=${authenticator}&token=${token}`);
  await next();
}

export function addNaiveSignIn(app: Application) {
  // Hole: every client can read all options, the Client Secret too.
  app.authManager.registerTypes(NAIVE, { auth: NaiveAuth, getPublicOptions: (options) => options });
  app.resourceManager.define({ name: NAIVE, actions: { getAuthUrl, redirect } });
  // Hole: every client can call every action, also one that is added later.
  app.acl.allow(NAIVE, '*', 'public');
}
