import type { Context } from '@nocobase/actions';
import { getOrigin, getRequestOrigin, isTrustedOrigin } from '@nocobase/utils';
import { SignInError } from './errors';

/** As NocoBase asks of `auth:signIn`: browsers say which page sends a request; programs say nothing. */
export function assertNoForeignPage(ctx: Context): void {
  const origin = ctx.get('origin') || getOrigin(ctx.get('referer'));
  if (origin) {
    assertTrusted(ctx, origin);
  }
}

/**
 * @throws SignInError ORIGIN_NOT_TRUSTED where NocoBase would refuse `auth:signIn` too, most often because a reverse
 * proxy does not say under which address it was called
 */
export function assertTrusted(ctx: Context, origin: string): void {
  if (!isTrustedOrigin(ctx, origin)) {
    throw new SignInError('ORIGIN_NOT_TRUSTED', {
      reason: `the browser is at ${origin}, the headers say ${getRequestOrigin(ctx)}`,
    });
  }
}
