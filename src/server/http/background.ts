import type { Context } from '@nocobase/actions';
import type { Application } from '@nocobase/server';

/**
 * As much of a request's context as work needs that no request began: that of a schedule, or of an event. Its language is
 * NocoBase's own.
 */
export function backgroundContext(app: Application): Context {
  const { db, logger, log } = app;
  const context = {
    app,
    db,
    logger,
    log,
    state: {},
    t: (key: string, options: object = {}) => app.i18n.t(key, { lng: process.env.APP_LANG || 'en-US', ...options }),
    throw(status: number, message: string, properties: object = {}): never {
      throw Object.assign(new Error(message), { status, ...properties });
    },
  };
  // NocoBase declares all of a request, of which there is none.
  return context as unknown as Context;
}
