import type { Context } from '@nocobase/actions';
import { getOrigin, getRequestOrigin, isTrustedOrigin } from '@nocobase/utils';
import { CodedError } from './coded-error';

/**
 * Refuses a request that a page of another site sends, as NocoBase does for `auth:signIn`. Browsers name the origin of
 * the page; programs name none, and are accepted.
 *
 * @throws CodedError ORIGIN_NOT_TRUSTED
 */
export function requireTrustedPage(ctx: Context): void {
  const origin = ctx.get('origin') || getOrigin(ctx.get('referer'));
  if (origin) {
    requireTrustedOrigin(ctx, origin);
  }
}

/**
 * @throws CodedError ORIGIN_NOT_TRUSTED where NocoBase would refuse `auth:signIn` as well, most often because a reverse
 * proxy does not forward the address that the browser uses
 */
export function requireTrustedOrigin(ctx: Context, origin: string): void {
  if (!isTrustedOrigin(ctx, origin)) {
    throw new CodedError('ORIGIN_NOT_TRUSTED', {
      reason: `the browser is at ${origin}, the headers say ${getRequestOrigin(ctx)}`,
    });
  }
}
