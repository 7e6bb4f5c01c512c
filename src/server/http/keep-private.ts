import type { Context } from '@nocobase/actions';

/** Codes and states are for the browser that asked, and for nobody that it visits next. */
export function keepPrivate(ctx: Context): void {
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Referrer-Policy', 'no-referrer');
}
