import type { Context } from '@nocobase/actions';
import { RESOURCE } from '../../shared/constants';

/** What NocoBase's audit log is told of: who, whose user, and by which authenticator; no code, state or token. */
export const audited = ['link', 'unlink', 'unlinkUser'].map((action) => ({
  name: `${RESOURCE}:${action}`,
  async getMetaData(ctx: Context) {
    const { authenticator, user } = bodyOf(ctx);
    return { request: { query: {}, body: { authenticator, user } } };
  },
  async getSourceAndTarget(ctx: Context) {
    const user = action === 'unlinkUser' ? bodyOf(ctx).user : ctx.state.currentUser?.id;
    return {
      targetCollection: 'users',
      targetRecordUK: ['string', 'number'].includes(typeof user) ? String(user) : '',
    };
  },
}));

/** What `post` left there; all that came in, where NocoBase refused the request itself. */
const bodyOf = ({ request }: Context) => (request as { body?: Record<string, unknown> }).body ?? {};
