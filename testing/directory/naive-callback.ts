import type { Context, Next } from '@nocobase/actions';
import { decrypt, sign } from '../../emulator/events/crypto';
import { HOST_SOURCES } from '../../src/server/directory/source';
import type { NocoBase } from '../nocobase/nocobase';
import type { Keys } from './callbacks';

/**
 * A callback for events as it must not be written: the tests of attacks show each of them working on it first. What it does
 * with an event is to ask DingTalk at once; it notes of whom.
 */
export class NaiveCallback {
  /** The userids that it has asked DingTalk of. */
  readonly asked: string[] = [];

  constructor(
    { app }: NocoBase,
    private readonly keys: Keys,
  ) {
    app.resourceManager.define({ name: 'naive', actions: { event: (ctx, next) => this.take(ctx as Context, next) } });
    app.acl.allow('naive', 'event', 'public');
  }

  private async take(ctx: Context, next: Next): Promise<void> {
    // Hole: strangers learn which sources there are, and cause a reading of the database with each request.
    const source = await ctx.db.getModel(HOST_SOURCES).findOne({ where: { name: String(ctx.query.source) } });
    if (!source) {
      ctx.throw(404, 'There is no such source');
    }
    this.asked.push(...(this.read(ctx).userId ?? []));
    ctx.body = 'success';
    await next();
  }

  /** Holes: what is not encrypted is believed; nothing is too old; whose key it is, and which organization, does not count. */
  private read(ctx: Context): { userId?: string[] } {
    const { encrypt, ...plain } = ctx.action.params.values;
    if (!encrypt) {
      return plain;
    }
    const { msg_signature: signature, timestamp, nonce } = ctx.query as Record<string, string>;
    if (sign(this.keys.token, timestamp, nonce, encrypt) !== signature) {
      ctx.throw(401, 'The signature is wrong');
    }
    return JSON.parse(decrypt(encrypt, this.keys.aesKey).message);
  }
}
