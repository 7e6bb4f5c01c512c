import type { Context } from '@nocobase/actions';

/** The answer is stored by no cache, and the page that shows it is named to no other site as the referrer. */
export function setNoStore(ctx: Context): void {
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Referrer-Policy', 'no-referrer');
}

/**
 * Takes the body out of the request. NocoBase writes what stays there into its request log and its audit log: codes,
 * states and Client Secrets would be readable there.
 */
export function takeBody(ctx: Context): Record<string, unknown> {
  const body = ctx.action.params.values ?? {};
  replaceBody(ctx, {});
  return body;
}

function replaceBody(ctx: Context, body: object): void {
  const request = ctx.request as { body?: unknown };
  ctx.action.params.values = request.body = body;
}

/** The fields of a body that say who did what to whom, and are no secret. */
export interface LoggedFields {
  authenticator?: unknown;
  user?: unknown;
  /** ID of a source of users. */
  source?: unknown;
  /** ID of the row of a member: a userid may be a phone number. */
  row?: unknown;
}

/**
 * Puts the fields back that NocoBase's logs may show.
 *
 * @param validated by the action's schema: an additional `user` in the request would otherwise be audited as the target
 */
export function putLoggedFields(ctx: Context, validated: LoggedFields): void {
  const { authenticator, user, source, row } = validated;
  const known = Object.entries({ authenticator, user, source, row }).filter(([, value]) => value !== undefined);
  replaceBody(ctx, Object.fromEntries(known));
}

/** What `putLoggedFields` left there; where NocoBase itself refused the request, all that the client sent. */
export function loggedFields({ request }: Context): LoggedFields {
  const { authenticator, user, source, row } = (request as { body?: LoggedFields }).body ?? {};
  return { authenticator, user, source, row };
}
