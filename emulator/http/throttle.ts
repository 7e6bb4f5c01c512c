import type { Context, Middleware } from 'koa';
import { clientIdOf } from '../authentication/access';
import type { Platform } from '../platform/platform';
import { respond } from './endpoint';
import { errors } from './errors';
import type { Endpoint } from './endpoint';

/** Refuses what an app asks an endpoint too often; see the setting `maxPerSecond`. */
export const withThrottle =
  (platform: Platform, { name, path, contentType }: Endpoint): Middleware =>
  async (ctx: Context, next) => {
    const clientId = clientIdOf(ctx, platform);
    const { settings } = platform.data;
    if (clientId === undefined || platform.throttle.admits(`${clientId} ${name}`, platform.now(), settings)) {
      return next();
    }
    respond(ctx, contentType, () => {
      const isOld = !path.startsWith('/v1.0/');
      throw !isOld
        ? errors.throttled()
        : settings.throttleWrapped
          ? errors.oapiThrottled()
          : errors.oapiThrottledPlainly();
    });
  };
