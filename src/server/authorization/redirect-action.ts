import type { Context, Next } from '@nocobase/actions';
import { resolveSubAppSegment } from '@nocobase/plugin-auth';
import { isTrustedOrigin } from '@nocobase/utils';
import { z } from 'zod';
import { CALLBACK_PATH } from '../../shared/constants';
import { CodedError } from '../http/coded-error';
import { setNoStore } from '../http/privacy';
import { reportFailure, requestIdOf, type Topic } from '../http/report';
import { type BegunFlow, endFlow, type Flow, keepCode, readFlow, stateSchema } from './flow';

/** What the log says of a flow that ends here. */
const topicOf: Record<Flow['purpose'], Topic> = {
  signIn: 'sign-in',
  signInInside: 'sign-in',
  link: 'link',
  test: 'sign-in test',
};

const value = z.string().max(512).optional();

/**
 * What DingTalk appends to the Redirect URL. It sends the authorization code under both names, or under one of them.
 * Document: `obtain-identity-credentials`.
 */
const querySchema = z.object({ authCode: value, code: value, error: value, state: stateSchema });

type Query = z.infer<typeof querySchema>;

/**
 * `GET dingtalk:redirect`, the Redirect URL: sends the browser on to the callback page of the client that began. The
 * code waits in a cookie of the flow: the fragment names the flow alone, so that no script and no extension of the browser
 * reads a code or a state there, and no history keeps them.
 */
export const redirect = { name: 'redirect', handler: handleRedirect } as const;

async function handleRedirect(ctx: Context, next: Next): Promise<void> {
  setNoStore(ctx);
  const { data: query } = querySchema.safeParse(ctx.query);
  const flow = query && readTrustedFlow(ctx, query.state);
  ctx.status = 302;
  ctx.set('Location', `${flow?.callback ?? (await defaultCallback(ctx))}#${createFragment(ctx, flow, query)}`);
  // Koa would write the address, with the code, into the body.
  ctx.body = '';
  ctx.withoutDataWrapping = true;
  await next();
}

/** A flow that began under a forged host has its callback page there, and would lead the browser to it. */
function readTrustedFlow(ctx: Context, state: string): BegunFlow | undefined {
  const flow = readFlow(ctx, state);
  return flow?.callback && isTrustedOrigin(ctx, new URL(flow.callback).origin) ? flow : undefined;
}

function createFragment(ctx: Context, flow?: BegunFlow, query?: Query): URLSearchParams {
  try {
    if (!flow || !query) {
      throw new CodedError('STATE_INVALID');
    }
    const { authenticator } = flow;
    return new URLSearchParams({
      authenticator,
      flow: keepCode(ctx, { code: codeOf(query), state: query.state }, flow),
    });
  } catch (error) {
    if (flow && query) {
      endFlow(ctx, query.state);
    }
    const topic = flow ? topicOf[flow.purpose] : 'sign-in';
    const code = reportFailure(ctx, topic, error, { authenticator: flow?.authenticator });
    return new URLSearchParams({ error: code, request: requestIdOf(ctx) });
  }
}

function codeOf({ authCode, code, error }: Query): string {
  if (error) {
    throw new CodedError('ACCESS_DENIED');
  }
  const either = authCode || code;
  if (!either || (authCode && code && authCode !== code)) {
    throw new CodedError('CODE_INVALID');
  }
  return either;
}

/** The callback page of the v1 client. Without a flow the client that began is unknown, and either can show the error. */
async function defaultCallback(ctx: Context): Promise<string> {
  const publicPath = (process.env.APP_PUBLIC_PATH ?? '').replace(/\/+$/, '');
  return publicPath + (await resolveSubAppSegment(ctx.req, ctx.app.name)) + CALLBACK_PATH;
}
