import type { Context } from '@nocobase/actions';
import type { AuthModel } from '@nocobase/plugin-auth';
import { AUTH_TYPE } from '../../shared/constants';
import { CodedError } from '../http/coded-error';
import { parseSettings, type Settings } from './settings';

/** A DingTalk authenticator, as the database has it now. */
export class Authenticator {
  constructor(
    private readonly ctx: Context,
    /** NocoBase's model of the row. */
    readonly model: AuthModel,
  ) {}

  get name(): string {
    return this.model.name;
  }

  /** @throws CodedError NOT_CONFIGURED */
  get settings(): Settings {
    const { options } = this.model;
    return parseSettings(this.ctx.app.environment.renderJsonTemplate(options), options);
  }
}

/**
 * The authenticator with this name, or undefined.
 *
 * It is read from the database each time: NocoBase keeps a copy of all authenticators in each process, and no node hears
 * of a change on another one, so that a new Client Secret or a new Corp ID would not be honored there.
 */
export async function findAuthenticator(
  ctx: Context,
  where: { name: string; enabled?: true },
): Promise<Authenticator | undefined> {
  const model: AuthModel | null = await ctx.db
    .getModel('authenticators')
    .findOne({ where: { ...where, authType: AUTH_TYPE } });
  // The collations of MySQL find `a` for `A`.
  return model?.name === where.name ? new Authenticator(ctx, model) : undefined;
}

/** @throws CodedError AUTHENTICATOR_UNAVAILABLE where no enabled authenticator has this name */
export async function requireAuthenticator(ctx: Context, name: string): Promise<Authenticator> {
  const authenticator = await findAuthenticator(ctx, { name, enabled: true });
  if (!authenticator) {
    throw new CodedError('AUTHENTICATOR_UNAVAILABLE');
  }
  return authenticator;
}
