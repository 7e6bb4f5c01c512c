import type { Context } from '@nocobase/actions';

/** Takes the body out of the request: NocoBase logs and audits what stays there. */
export function takeBody(ctx: Context): Record<string, unknown> {
  const body = ctx.action.params.values ?? {};
  putBody(ctx, {});
  return body;
}

/** What NocoBase logs and audits in place of the body. */
export function putBody(ctx: Context, body: object): void {
  const request = ctx.request as { body?: unknown };
  ctx.action.params.values = request.body = body;
}
