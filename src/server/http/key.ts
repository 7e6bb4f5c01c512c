import { createHmac } from 'node:crypto';
import type { Context } from '@nocobase/actions';

/**
 * A secret of this application for one use. It is derived from NocoBase's `APP_KEY`, so that what it signs is no token of
 * NocoBase, and a token of NocoBase is nothing that it signed. With another `APP_KEY` it is another secret.
 */
export function keyOf(ctx: Context, use: string): Buffer {
  return createHmac('sha256', ctx.app.authManager.jwt.getSecret())
    .update(`dingtalk ${use} of ${ctx.app.name}`)
    .digest();
}
