import type { Context, Next } from '@nocobase/actions';
import { resolveSubAppSegment } from '@nocobase/plugin-auth';
import { isTrustedOrigin } from '@nocobase/utils';
import { z } from 'zod';
import { CALLBACK_PATH } from '../../shared/constants';
import { SignInError } from '../http/errors';
import { endFlow, type Flow, readFlow, stateSchema } from './flow';
import { refusal } from '../http/report';
import { keepPrivate } from '../http/keep-private';

const value = z.string().max(512).optional();

/**
 * What DingTalk appends to the Redirect URL. It sends the code under both names, or under one of them. DingTalk
 * document: `obtain-identity-credentials`.
 */
const query = z.object({ authCode: value, code: value, error: value, state: stateSchema });

/**
 * `GET dingtalk:redirect`, the Redirect URL: sends the browser on to the callback page of the client that began. The
 * code goes into the fragment, which no server logs and no Referer carries.
 */
export async function redirect(ctx: Context, next: Next) {
  keepPrivate(ctx);
  const { data } = query.safeParse(ctx.query);
  const flow = data && flowOf(ctx, data.state);
  ctx.status = 302;
  ctx.set('Location', `${flow?.callback ?? (await defaultCallback(ctx))}#${fragment(ctx, flow, data)}`);
  // Koa would repeat the address there.
  ctx.body = '';
  ctx.withoutDataWrapping = true;
  await next();
}

/** A flow that was begun under a forged host has its callback page there: it leads nobody away from ours. */
function flowOf(ctx: Context, state: string): Flow | undefined {
  const flow = readFlow(ctx, state);
  return flow?.callback && isTrustedOrigin(ctx, new URL(flow.callback).origin) ? flow : undefined;
}

function fragment(ctx: Context, flow: Flow | undefined, data: z.infer<typeof query> | undefined): URLSearchParams {
  try {
    if (!flow || !data) {
      throw new SignInError('STATE_INVALID');
    }
    const { authenticator } = flow;
    return new URLSearchParams({ authenticator, state: data.state, code: codeOf(data) });
  } catch (error) {
    if (flow && data) {
      endFlow(ctx, data.state);
    }
    const what = flow?.purpose === 'link' ? 'link' : 'sign-in';
    const { code } = refusal(ctx, error, { what, authenticator: flow?.authenticator });
    return new URLSearchParams({ error: code });
  }
}

function codeOf({ authCode, code, error }: z.infer<typeof query>): string {
  if (error) {
    throw new SignInError('ACCESS_DENIED');
  }
  const either = authCode || code;
  if (!either || (authCode && code && authCode !== code)) {
    throw new SignInError('CODE_INVALID');
  }
  return either;
}

/** Without a flow nobody knows which client began; the first one can say what is wrong as well. */
async function defaultCallback(ctx: Context): Promise<string> {
  const publicPath = (process.env.APP_PUBLIC_PATH ?? '').replace(/\/+$/, '');
  return publicPath + (await resolveSubAppSegment(ctx.req, ctx.app.name)) + CALLBACK_PATH;
}
