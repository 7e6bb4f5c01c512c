import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { z } from 'zod';
import { AUTH_TYPE } from '../../shared/constants';
import { mayAll } from '../accounts/administrators';
import { Privileges } from '../accounts/privileges';
import { CodedError } from '../http/coded-error';
import type { SavedValues } from '../http/saving';

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
 * Whether new users may get the default role of an authenticator. What gets past it, as by an import, and a role that
 * becomes privileged later, is found when a user is created (`Privileges.ofNewUsers`).
 *
 * @throws CodedError ACTION_FORBIDDEN, DEFAULT_ROLE_REFUSED
 */
export async function requireDefaultRole(ctx: Context, values: SavedValues, saved: Model | null): Promise<void> {
  const { defaultRole, protectedRoles } = optionsSchema.parse(values.options ?? saved?.get('options')).dingtalk;
  const before =
    saved?.get('authType') === AUTH_TYPE ? optionsSchema.parse(saved.get('options')).dingtalk.defaultRole : undefined;
  // Where a role became privileged, everything else can still be saved.
  if (defaultRole === undefined || defaultRole === before) {
    return;
  }
  // Else whoever may only manage authenticators could give a new account of their own any role.
  if (!mayAll(ctx, 'roles', 'update')) {
    throw new CodedError('ACTION_FORBIDDEN');
  }
  const privileges = new Privileges(ctx.db, protectedRoles ?? []);
  if (typeof defaultRole !== 'string' || (await privileges.ofNewUsers(defaultRole)).refused) {
    throw new CodedError('DEFAULT_ROLE_REFUSED');
  }
}
