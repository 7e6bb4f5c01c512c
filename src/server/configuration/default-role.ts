import type { Context, Next } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { z } from 'zod';
import { AUTH_TYPE } from '../../shared/constants';
import { mayAll } from '../accounts/administrators';
import { Privileges } from '../accounts/privileges';
import { CodedError } from '../http/coded-error';
import { refuse } from '../http/report';

const AUTHENTICATORS = 'authenticators';

/** As a form saves them; nothing where they are not even options. */
const optionsSchema = z
  .object({
    dingtalk: z.object({
      defaultRole: z.unknown().transform((role) => (typeof role === 'string' ? role.trim() : role) || undefined),
      protectedRoles: z.array(z.string()).nullish().catch(null),
    }),
  })
  .catch({ dingtalk: { defaultRole: undefined, protectedRoles: null } });

/**
 * Refuses a default role that new users must not get, before NocoBase saves it. What gets past it, as by an import, and
 * a role that becomes privileged later, is found when a user is created (`Privileges.ofNewUsers`).
 */
export async function checkDefaultRole(ctx: Context, next: Next): Promise<void> {
  const { resourceName, actionName, params } = ctx.action;
  if (resourceName === AUTHENTICATORS && ['create', 'update', 'updateOrCreate', 'firstOrCreate'].includes(actionName)) {
    try {
      await requireDefaultRole(ctx, params.values ?? {}, params.filterByTk);
    } catch (error) {
      refuse(ctx, 'configuration check', error);
    }
  }
  await next();
}

/** @throws CodedError ACTION_FORBIDDEN, DEFAULT_ROLE_REFUSED */
async function requireDefaultRole(
  ctx: Context,
  values: { authType?: unknown; options?: unknown },
  id: unknown,
): Promise<void> {
  const { db } = ctx;
  const saved: Model | null = /^\d{1,18}$/.test(String(id))
    ? await db.getModel(AUTHENTICATORS).findByPk(String(id))
    : null;
  const savedType = saved?.get('authType');
  const { defaultRole, protectedRoles } = optionsSchema.parse(values.options ?? saved?.get('options')).dingtalk;
  const before = savedType === AUTH_TYPE ? optionsSchema.parse(saved?.get('options')).dingtalk.defaultRole : undefined;
  // Where a role became privileged, everything else can still be saved.
  if (
    (values.authType ?? savedType ?? AUTH_TYPE) !== AUTH_TYPE ||
    defaultRole === undefined ||
    defaultRole === before
  ) {
    return;
  }
  // Else whoever may only manage authenticators could give a new account of their own any role.
  if (!mayAll(ctx, 'roles', 'update')) {
    throw new CodedError('ACTION_FORBIDDEN');
  }
  const privileges = new Privileges(db, protectedRoles ?? []);
  if (typeof defaultRole !== 'string' || (await privileges.ofNewUsers(defaultRole)).refused) {
    throw new CodedError('DEFAULT_ROLE_REFUSED');
  }
}
