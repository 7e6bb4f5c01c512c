import type { Context, Next } from '@nocobase/actions';
import type { z } from 'zod';
import { putBody, takeBody } from './body';
import { SignInError } from './errors';
import { type Matter, refusal } from './report';
import { keepPrivate } from './keep-private';
import { assertNoForeignPage } from './origin';

/** Of what the actions read; the rest is secret, or tells nothing. */
const LOGGED = ['authenticator', 'user'];

/**
 * An action that takes POST alone, from pages of ours and from programs. A failure becomes a coded sentence.
 *
 * @param work may complete the `matter` for the log; what it returns is the answer
 */
export const post =
  <T extends object>(
    what: Matter['what'],
    schema: z.ZodType<T>,
    work: (ctx: Context, body: T, matter: Matter) => Promise<unknown>,
  ) =>
  async (ctx: Context, next: Next) => {
    keepPrivate(ctx);
    const matter: Matter = { what };
    try {
      const { data, success } = schema.safeParse(ctx.method === 'POST' && takeBody(ctx));
      if (!success) {
        throw new SignInError('REQUEST_INVALID');
      }
      // Not what else somebody put into the body: the audit log would tell that they did it to another user.
      putBody(ctx, Object.fromEntries(Object.entries(data).filter(([name]) => LOGGED.includes(name))));
      assertNoForeignPage(ctx);
      ctx.body = await work(ctx, data, matter);
    } catch (error) {
      const { status, message, code } = refusal(ctx, error, matter);
      ctx.throw(status, message, { code });
    }
    await next();
  };
