import type { Context } from '@nocobase/actions';
import type { AuthModel } from '@nocobase/plugin-auth';
import type { Application } from '@nocobase/server';
import { parse } from '@nocobase/utils';
import { z } from 'zod';
import { AUTH_TYPE } from '../../shared/constants';
import { CodedError } from '../http/coded-error';
import type { PublicOptions } from '../../shared/contract';
import { namesOfUnpublished, parseSettings, publicOptionsOf, type Settings } from './settings';

const protectedRolesSchema = z.object({ dingtalk: z.object({ protectedRoles: z.array(z.string()) }) });

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
    return parseSettings(rendered(this.ctx.app, options), options);
  }

  /** Also where the other settings cannot be read, as links are managed then as well. */
  get protectedRoles(): string[] {
    return protectedRolesSchema.safeParse(this.model.options).data?.dingtalk.protectedRoles ?? [];
  }

  /**
   * The settings, where what the address of DingTalk's page tells every browser may be told.
   *
   * @throws CodedError NOT_CONFIGURED, also where a secret stands in place of one of them
   */
  get published(): Settings {
    const { settings } = this;
    const [name] = unpublishedIn(this.ctx.app, settings, this.model.options);
    if (name) {
      throw new CodedError('NOT_CONFIGURED', { reason: `${name} looks like none, or is a secret` });
    }
    return settings;
  }
}

/** See `namesOfUnpublished`. */
export function unpublishedIn(app: Application, settings: Settings, entered: object) {
  return namesOfUnpublished(settings, secretsOf(app), openedOf(app, entered));
}

/** See `publicOptionsOf`. */
export function publicOptionsIn(app: Application, entered: object): PublicOptions {
  return publicOptionsOf(rendered(app, entered), secretsOf(app), entered, openedOf(app, entered));
}

/** A template without a variable is its value, and to read it as a template takes longer than all else that settings need. */
const isTemplate = (entered: object): boolean => JSON.stringify(entered).includes('{{');

/** Options with the values of all variables. */
const rendered = ({ environment }: Application, entered: object): object =>
  isTemplate(entered) ? environment.renderJsonTemplate(entered) : entered;

/** Options with the values of the variables that are no secret; the others have none. */
const openedOf = ({ environment }: Application, entered: object): unknown =>
  isTemplate(entered) ? parse(entered)({ $env: environment.getNonSecretVariables() }) : entered;

/** The values of NocoBase's secret variables. */
function secretsOf({ environment }: Application): string[] {
  const open = environment.getNonSecretVariables();
  return Object.entries(environment.getVariables()).flatMap(([name, value]) =>
    name in open || typeof value !== 'string' || !value ? [] : [value],
  );
}

/**
 * The DingTalk authenticator with this name.
 *
 * It is read from the database each time: NocoBase keeps a copy of all authenticators in each process, and no node hears
 * of a change on another one, so that a new Client Secret or a new Corp ID would not be honored there.
 *
 * @param state `any` for one that is disabled as well, which administrators still manage
 * @throws CodedError AUTHENTICATOR_UNAVAILABLE
 */
export async function requireAuthenticator(
  ctx: Context,
  name: string,
  state: 'enabled' | 'any' = 'enabled',
): Promise<Authenticator> {
  const authenticators = ctx.db.getModel<AuthModel>('authenticators');
  const where = { name, authType: AUTH_TYPE, ...(state === 'enabled' && { enabled: true }) };
  const model = await authenticators.findOne({ where });
  // The collations of MySQL find `a` for `A`.
  if (model?.name !== name) {
    throw new CodedError('AUTHENTICATOR_UNAVAILABLE');
  }
  return new Authenticator(ctx, model);
}
