import { isDeepStrictEqual } from 'node:util';
import type { Context, Next } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { CHANNEL_TYPE } from '../../shared/constants';
import { requireAuthenticator } from '../configuration/authenticators';
import { refuse } from '../http/report';
import { CHANNELS } from './host';
import { openChannel, storableChannel } from './options';

/** What a form saves, as far as it is known. */
interface Values {
  notificationType?: unknown;
  options?: unknown;
}

/**
 * Refuses what a channel of this type could not send by, before NocoBase saves it. Whatever gets past it, as by an import,
 * is refused when it sends.
 */
export async function checkSaving(ctx: Context, next: Next): Promise<void> {
  const { resourceName, actionName, params } = ctx.action;
  if (resourceName === CHANNELS && ['create', 'update', 'updateOrCreate', 'firstOrCreate'].includes(actionName)) {
    try {
      const values: Values = params.values ?? {};
      const options = await checkedOptions(ctx, values, params.filterByTk);
      if (options) {
        params.values = { ...values, options };
      }
    } catch (error) {
      refuse(ctx, 'message', error);
    }
  }
  await next();
}

/** @returns undefined where nothing of it is to be changed, or where the channel is of another type */
async function checkedOptions(ctx: Context, values: Values, name: unknown): Promise<object | undefined> {
  const saved: Model | null = typeof name === 'string' ? await ctx.db.getModel(CHANNELS).findByPk(name) : null;
  const type = values.notificationType ?? saved?.get('notificationType');
  const options = values.options ?? saved?.get('options') ?? {};
  const isSame = saved?.get('notificationType') === type && isDeepStrictEqual(options, saved?.get('options'));
  // The title of one whose authenticator is gone can be changed.
  if (type !== CHANNEL_TYPE || isSame) {
    return undefined;
  }
  const stored = storableChannel(options);
  await requireAuthenticator(ctx, openChannel(ctx.app, stored).authenticator);
  return stored;
}
