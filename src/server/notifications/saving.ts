import { isDeepStrictEqual } from 'node:util';
import { CHANNEL_TYPE } from '../../shared/constants';
import { requireAuthenticator } from '../configuration/authenticators';
import { checkSaving } from '../http/saving';
import { CHANNELS } from './host';
import { openChannel, storableChannel } from './options';

/**
 * Refuses what a channel of this type could not send by, before NocoBase saves it. Whatever gets past it is refused when
 * it sends.
 */
export const checkChannels = checkSaving({
  collection: CHANNELS,
  topic: 'message',
  async check(ctx, values, saved) {
    const type = values.notificationType ?? saved?.get('notificationType');
    const options = values.options ?? saved?.get('options') ?? {};
    const isSame = saved?.get('notificationType') === type && isDeepStrictEqual(options, saved?.get('options'));
    // The title of one whose authenticator is gone can be changed.
    if (type !== CHANNEL_TYPE || isSame) {
      return undefined;
    }
    const stored = storableChannel(options);
    await requireAuthenticator(ctx, openChannel(ctx.app, stored).authenticator);
    return { ...values, options: stored };
  },
});
