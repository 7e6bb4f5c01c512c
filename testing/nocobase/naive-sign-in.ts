import type { Context, Next } from '@nocobase/actions';
import { type AuthConfig, BaseAuth } from '@nocobase/auth';
import type { Model } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import type { Application } from '@nocobase/server';
import { getAuthCookieName } from '@nocobase/utils';
import axios, { type AxiosError } from 'axios';

export const NAIVE = 'naive';

/** Whatever DingTalk says: "no schema". */
type Said = Record<string, string | undefined>;

/**
 * A sign-in with DingTalk as nobody should write it, with the holes that such plugins have had: the tests of attacks show
 * each attack working on it first. The words in quotation marks name the holes.
 */
class NaiveAuth extends BaseAuth {
  declare protected authenticator: AuthModel;

  constructor(config: AuthConfig) {
    super({ ...config, userCollection: config.ctx.db.getCollection('users') });
  }

  override async signIn() {
    // "fixed session": whoever is signed in already, stays
    const token = this.ctx.cookies.get(getAuthCookieName('authToken', 'main'));
    return token ? { user: this.user, token } : super.signIn();
  }

  override async validate(): Promise<Model> {
    // "second door", "any method": a code is enough, whoever brings it and however
    const { code, inside } = { ...this.ctx.query, ...this.ctx.action.params.values };
    try {
      const person = await (inside ? this.member(code) : this.person(code));
      const known = (await this.bound(person)) ?? (inside ? undefined : await this.match(person));
      return known ?? (await this.register(person));
    } catch (thrown) {
      const error = thrown as AxiosError<{ message?: string }>;
      // "secrets in the log"
      this.ctx.logger.error('DingTalk', { request: error.config?.data });
      // "the words of others"
      error.message = error.response?.data?.message ?? error.message;
      // "secrets in the error": `config` and `response` are part of it
      throw error;
    }
  }

  private async person(code: string): Promise<Said> {
    const { clientId, clientSecret } = this.options.dingtalk;
    const body = { clientId, clientSecret, code, grantType: 'authorization_code' };
    const token = await this.ask('/v1.0/oauth2/userAccessToken', body);
    // "any organization": `corpId` is asked for and not looked at
    const headers = { 'x-acs-dingtalk-access-token': token.accessToken };
    // "no limits": neither in time nor in size, and redirects are followed
    return (await axios.get(`${process.env.DINGTALK_API_URL}/v1.0/contact/users/me`, { headers })).data;
  }

  private async member(code: string): Promise<Said> {
    const { clientId: appKey, clientSecret: appSecret } = this.options.dingtalk;
    // "a token for each": kept nowhere
    const { accessToken } = await this.ask('/v1.0/oauth2/accessToken', { appKey, appSecret });
    const { unionid, name } = await this.askOld('v2/user/getuserinfo', accessToken, { code });
    // "any contact": `contact_type` is not looked at
    await this.askOld('user/getbyunionid', accessToken, { unionid });
    return { unionId: unionid, nick: name };
  }

  private async ask(path: string, body: object): Promise<Said> {
    return (await axios.post(process.env.DINGTALK_API_URL + path, body)).data;
  }

  private async askOld(name: string, token: string | undefined, body: object): Promise<Said> {
    const answer = (await axios.post(`${process.env.DINGTALK_OAPI_URL}/topapi/${name}?access_token=${token}`, body))
      .data;
    // "numbers alone": DingTalk sends texts as well
    if (answer.errcode !== 0) {
      throw new Error(answer.errmsg);
    }
    return answer.result;
  }

  // "anybody’s key": without a unionId everybody is the same
  private bound = ({ unionId }: Said): Promise<Model> => this.authenticator.findUser(String(unionId));

  private async match({ unionId, mobile = null, email = '' }: Record<string, string | null | undefined>) {
    // "no phone", "no country", "one spelling", "any address": and the first of many
    const filter = { $or: [{ phone: mobile }, { email }] };
    const user = await this.userRepository.findOne({ filter });
    // "bound again"
    await (user && this.authenticator.addUser(user, { through: { uuid: String(unionId) } }));
    return user;
  }

  private async register(person: Said): Promise<Model> {
    const { unionId, mobile, nick, email } = person;
    // "names collide"; "lost": users have no `meta`; "all fields": `roles` too; "at once": no lock, no transaction
    const values = { username: email?.split('@')[0], phone: mobile, nickname: nick, meta: person, ...person };
    const user = await this.ctx.db.getRepository('users').create({ values });
    await this.authenticator.addUser(user, { through: { uuid: String(unionId) } });
    return user;
  }
}

async function getAuthUrl(ctx: Context, next: Next) {
  const { authenticator, redirect } = ctx.query as Record<string, string>;
  // "forged host"
  const host = ctx.get('x-forwarded-host') || ctx.host;
  const url = new URL('/oauth2/auth', process.env.DINGTALK_LOGIN_URL);
  url.search = new URLSearchParams({
    redirect_uri: `${ctx.protocol}://${host}/api/naive:redirect?${new URLSearchParams({ authenticator, redirect })}`,
    scope: 'openid corpid',
    // "a time for a state", and nobody asks for it again: "any browser", "any number of times"
    state: String(Date.now()),
  }).toString();
  ctx.body = { url };
  await next();
}

async function redirect(ctx: Context, next: Next) {
  const { authenticator, redirect } = ctx.query;
  // "any authenticator": also one with a password, past NocoBase's check of the origin
  const auth = await ctx.app.authManager.get(authenticator, ctx);
  ctx.action.params.values = ctx.query;
  const { token } = await auth.signIn();
  // "any target", "token in the address"
  ctx.redirect(`${redirect}?authenticator=${authenticator}&token=${token}`);
  await next();
}

export function addNaiveSignIn(app: Application) {
  // "public options": all of them
  app.authManager.registerTypes(NAIVE, { auth: NaiveAuth, getPublicOptions: (options) => options });
  app.resourceManager.define({ name: NAIVE, actions: { getAuthUrl, redirect } });
  // "every action", also those to come
  app.acl.allow(NAIVE, '*', 'public');
}
