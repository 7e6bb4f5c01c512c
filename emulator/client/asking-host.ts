import type { Context } from 'koa';

/** The domain of the page that asks: the browser tells it, and the page cannot forge it. */
export function askingHost(ctx: Context): string {
  const origin = ctx.get('origin');
  return URL.canParse(origin) ? new URL(origin).hostname : '';
}
