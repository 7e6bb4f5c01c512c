import type { Context } from '@nocobase/actions';
import { type AuthConfig, BaseAuth } from '@nocobase/auth';
import type { Model } from '@nocobase/database';
import type { AuthModel } from '@nocobase/plugin-auth';
import { z } from 'zod';
import { idOf } from '../accounts/bindings';
import { withWriteLock } from '../accounts/lock';
import {
  type BegunFlow,
  callbackParams,
  finishApproved,
  finishFlow,
  type Flow,
  insideParams,
} from '../authorization/flow';
import { routeOf } from '../authorization/return-path';
import { requireAuthenticator } from '../configuration/authenticators';
import { CodedError } from '../http/coded-error';
import { setNoStore, takeBody } from '../http/privacy';
import { logSuccess, refuse } from '../http/report';
import { findUserInBrowser, findUserInside, type Identified } from './find-user';

/** What `auth:signIn` takes: from a browser the flow, whose code is in a cookie; from a page inside DingTalk the code. */
const params = z.union([callbackParams, insideParams]);

/**
 * NocoBase's adapter of an authenticator: NocoBase makes one for each request, calls `signIn` for the action
 * `auth:signIn`, and gives out the session token itself.
 */
export class AuthDingTalk extends BaseAuth {
  declare protected authenticator: AuthModel;
  declare readonly ctx: Context;
  private flow?: BegunFlow;
  /** Before anything was read of the user; milliseconds since 1970. */
  private readonly began = Date.now();

  constructor(config: AuthConfig) {
    super({ ...config, userCollection: config.ctx.db.getCollection('users') });
  }

  get name(): string {
    return this.authenticator.name;
  }

  /** @returns what `BaseAuth` answers, and the path of the page that opens */
  override async signIn() {
    setNoStore(this.ctx);
    const signedIn = await super.signIn();
    const { redirect, callback } = this.flow ?? {};
    return { ...signedIn, redirect, route: redirect && callback ? routeOf(redirect, callback) : '' };
  }

  override async validate(): Promise<Model> {
    const { ctx, name } = this;
    try {
      const { user, rule } = await this.finish();
      logSuccess(ctx, 'sign-in', { outcome: 'SIGNED_IN', authenticator: name, userId: idOf(user), rule });
      return user;
    } catch (error) {
      return refuse(ctx, 'sign-in', error, { authenticator: name });
    }
  }

  /** Ends the flow that this browser began with this authenticator. @returns the user whom the account belongs to */
  private async finish(): Promise<Identified> {
    const { ctx, name } = this;
    const body = takeBody(ctx);
    requireSelected(ctx);
    const { data: brought } = params.safeParse(ctx.method === 'POST' && body);
    if (!brought) {
      throw new CodedError('REQUEST_INVALID');
    }
    const isOf = (purpose: Flow['purpose']) => (flow: Flow) => flow.purpose === purpose && flow.authenticator === name;
    const { flow, code } =
      'flow' in brought
        ? finishApproved(ctx, brought.flow, isOf('signIn'))
        : { flow: finishFlow(ctx, brought.state, isOf('signInInside')), code: brought.code };
    this.flow = flow;
    const authenticator = await requireAuthenticator(ctx, name);
    const findUser = flow.purpose === 'signIn' ? findUserInBrowser : findUserInside;
    return findUser(ctx, authenticator, { code, expires: flow.expires });
  }

  /**
   * A token whose session began before it was read whether the user is blocked: where a block, or another end of the
   * sessions, comes in between, it ends this one as well.
   *
   * NocoBase writes a row for each session, which must not meet our transactions, see `withWriteLock`.
   */
  override async signNewToken(userId: number): Promise<string> {
    const token = await withWriteLock(this.ctx, () => super.signNewToken(userId));
    const { jti, exp, ...claims } = (await this.jwt.decode(token)) as { jti: string; iat: number; exp: number };
    return this.jwt.sign({ ...claims, signInTime: this.began }, { jwtid: jti, expiresIn: exp - claims.iat });
  }
}

/**
 * The name of the authenticator that the request's header selects.
 *
 * @throws CodedError AUTHENTICATOR_UNAVAILABLE: for an unknown or disabled name NocoBase selects another authenticator,
 * and without a header it takes the name from a cookie, which pages of other sites can make a browser send
 */
export function requireSelected(ctx: Context): string {
  const { auth } = ctx;
  if (auth instanceof AuthDingTalk && auth.name === ctx.get('X-Authenticator')) {
    return auth.name;
  }
  throw new CodedError('AUTHENTICATOR_UNAVAILABLE');
}
