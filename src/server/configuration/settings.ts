import { z } from 'zod';
import type { PublicOptions } from '../../shared/contract';
import { SignInError } from '../http/errors';

const filled = z.string().trim().min(1);
const optionsSchema = z.object({
  dingtalk: z.object({
    clientId: filled,
    clientSecret: filled,
    corpId: z.string().trim().optional().nullable(),
  }),
  public: z
    .object({ autoSignup: z.boolean().optional().nullable(), autoSignIn: z.boolean().optional().nullable() })
    .optional()
    .nullable(),
});

/** What the administrator entered in the settings form. */
export interface Settings {
  clientId: string;
  clientSecret: string;
  /** Only members of this organisation get in. */
  corpId?: string;
  /** Whether somebody unknown becomes a new user. */
  autoSignup: boolean;
  /** Whether pages inside the DingTalk client sign people in by themselves. */
  autoSignIn: boolean;
}

const corpIdSchema = z.object({ dingtalk: z.object({ corpId: filled }) });
const hasCorpId = (options: unknown) => corpIdSchema.safeParse(options).success;

/**
 * The settings among an authenticator's options, environment variables put in place.
 *
 * @param entered the options as the administrator entered them: a Corp ID whose variable has no value must not let
 * everybody in
 * @throws SignInError NOT_CONFIGURED
 */
export function settingsOf(options: unknown, entered = options): Settings {
  const { data, error } = optionsSchema.safeParse(options);
  if (!data || hasCorpId(entered) !== hasCorpId(options)) {
    const missing = error?.issues.map((issue) => issue.path.join('.')).join(', ') ?? 'dingtalk.corpId';
    throw new SignInError('NOT_CONFIGURED', { reason: missing });
  }
  const { clientId, clientSecret, corpId } = data.dingtalk;
  return {
    clientId,
    clientSecret,
    corpId: corpId || undefined,
    autoSignup: data.public?.autoSignup === true,
    autoSignIn: data.public?.autoSignIn === true,
  };
}

/** What everybody may read of an authenticator's options: what a page inside the DingTalk client has to tell DingTalk. */
export function publicOptionsOf(options: unknown): PublicOptions {
  if (!optionsSchema.safeParse(options).success) {
    return {};
  }
  const { clientId, corpId, autoSignIn } = settingsOf(options);
  return autoSignIn ? { autoSignIn, clientId, corpId } : {};
}
