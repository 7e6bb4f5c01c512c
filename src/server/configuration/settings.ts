import { z } from 'zod';
import type { MatchByPhone, PublicOptions } from '../../shared/contract';
import { isWellFormedCorpId } from '../dingtalk/api';
import { CodedError } from '../http/coded-error';

const nonEmpty = z.string().trim().min(1);
const flag = z.boolean().nullish();

const names = z.array(z.string()).nullish();

const optionsSchema = z.object({
  dingtalk: z.object({
    clientId: nonEmpty,
    clientSecret: nonEmpty,
    corpId: z.string().trim().nullish(),
    matchByPhone: z.enum(['automatic', 'confirm', 'never']).nullish(),
    protectedRoles: names,
    emailDomains: names,
    signUpWithoutPhone: flag,
    dedicatedAccounts: flag,
    // Nobody who signs in is to suffer from one that is none: who sends, and the check, say so.
    agentId: z
      .union([z.string(), z.number().transform(String)])
      .nullish()
      .catch(''),
    // Of a page that can be drawn without it.
    first: z.enum(['no', 'button', 'atOnce']).nullish().catch(null),
    defaultRole: z.string().trim().nullish(),
  }),
  public: z.object({ autoSignup: flag, autoSignIn: flag }).nullish(),
});

/** The options of an authenticator, validated, with environment variables replaced by their values. */
export interface Settings {
  clientId: string;
  clientSecret: string;
  /** The organization whose members can sign in; without it, members of any. */
  corpId?: string;
  /** Whether an account that matches no user becomes a new user. */
  autoSignup: boolean;
  /** Whether pages inside the DingTalk client sign in without a click. */
  autoSignIn: boolean;
  matchByPhone: MatchByPhone;
  /** Names of roles whose users are never matched by phone, besides the privileged ones. */
  protectedRoles: string[];
  /** In lower case. A new user gets an e-mail address of these alone. */
  emailDomains: string[];
  /** Whether an account without a phone number may become a new user. False without a Corp ID. */
  signUpWithoutPhone: boolean;
  /** Whether DingTalk's page for dedicated accounts opens. False without a Corp ID. */
  dedicatedAccounts: boolean;
  /** Number of the app, as it was entered; undefined where there is none. */
  agentId?: string;
  /** What the sign-in page makes of the button; undefined where nothing. */
  first?: PublicOptions['first'];
  /** Name of the role that new users are to get, see `Privileges.ofNewUsers`; undefined for NocoBase's default role. */
  defaultRole?: string;
}

/**
 * `{{$env.SECRET.0}}` is the first character of a variable: out of parts, a secret could be put together in a value that is
 * published, or guessed one by one.
 */
const picksParts = (entered: unknown) => /\{\{[^{}:]*\$env\.[^{}:.]*\./.test(JSON.stringify(entered));

const corpIdSchema = z.object({ dingtalk: z.object({ corpId: nonEmpty }) });
const hasCorpId = (options: unknown) => corpIdSchema.safeParse(options).success;

/**
 * @param options with the values of environment variables
 * @param entered the options as they were saved. A Corp ID whose variable has no value would otherwise count as none,
 * and every organization could sign in.
 * @throws CodedError NOT_CONFIGURED
 */
export function parseSettings(options: unknown, entered = options): Settings {
  const { data, error } = optionsSchema.safeParse(options);
  if (picksParts(entered)) {
    throw new CodedError('NOT_CONFIGURED', { reason: 'a part of a variable' });
  }
  if (!data || hasCorpId(entered) !== hasCorpId(options)) {
    const missing = error?.issues.map((issue) => issue.path.join('.')).join(', ') ?? 'dingtalk.corpId';
    throw new CodedError('NOT_CONFIGURED', { reason: missing });
  }
  const { clientId, clientSecret, corpId, ...others } = data.dingtalk;
  return {
    clientId,
    clientSecret,
    corpId: corpId || undefined,
    autoSignup: data.public?.autoSignup === true,
    autoSignIn: data.public?.autoSignIn === true,
    matchByPhone: others.matchByPhone ?? 'automatic',
    protectedRoles: others.protectedRoles ?? [],
    emailDomains: (others.emailDomains ?? []).map((domain) => domain.trim().toLowerCase()).filter(Boolean),
    // A stranger of another organization has no phone number of ours either.
    signUpWithoutPhone: Boolean(corpId) && others.signUpWithoutPhone === true,
    dedicatedAccounts: Boolean(corpId) && others.dedicatedAccounts === true,
    agentId: others.agentId?.trim() || undefined,
    first: others.first === 'no' ? undefined : (others.first ?? undefined),
    defaultRole: others.defaultRole || undefined,
  };
}

/**
 * What every client may read of an authenticator's options: what the sign-in page makes of its button, and what a page
 * inside the DingTalk client must tell DingTalk.
 *
 * @param options with the values of environment variables
 * @param secrets see `namesOfUnpublished`, as of the others
 * @param entered see `parseSettings`
 */
export function publicOptionsOf(
  options: unknown,
  secrets: string[],
  entered = options,
  opened = options,
): PublicOptions {
  try {
    const settings = parseSettings(options, entered);
    const { clientId, corpId, autoSignIn, first } = settings;
    // Nobody can sign in with what must not be published, so that no form is to be folded away for it either.
    return namesOfUnpublished(settings, secrets, opened).length
      ? {}
      : { ...(first && { first }), ...(autoSignIn && { autoSignIn, clientId, corpId }) };
  } catch {
    return {};
  }
}

/**
 * Which of the values that browsers are told must not be published. A sign-in page reads them in the options, and every
 * browser in the address of DingTalk's page: a secret that was entered or chosen there by mistake would be everybody's.
 *
 * @param secrets the values of secret variables
 * @param opened the options as they read without the secret variables: a value that differs holds one, however short
 */
export function namesOfUnpublished(
  settings: Settings,
  secrets: string[],
  opened: unknown = { dingtalk: settings },
): ('Client ID' | 'Corp ID')[] {
  const { clientId, corpId, clientSecret } = settings;
  const { data } = openedSchema.safeParse(opened);
  const isSecret = (value: string, open: unknown) =>
    value !== open || [clientSecret, ...secrets].some((secret) => holds(value, secret.trim()));
  return [
    ...(CLIENT_ID.test(clientId) && !isSecret(clientId, data?.dingtalk.clientId) ? [] : (['Client ID'] as const)),
    ...(!corpId || (isWellFormedCorpId(corpId) && !isSecret(corpId, data?.dingtalk.corpId))
      ? []
      : (['Corp ID'] as const)),
  ];
}

const openText = z.string().trim().nullish().catch(undefined);
const openedSchema = z.object({ dingtalk: z.object({ clientId: openText, corpId: openText }) });

/** DingTalk's are `ding` or `suite` with 16 characters. A secret has 64, and other ones seldom begin like this. */
const CLIENT_ID = /^(ding|suite)[\w-]{1,36}$/i;

/** A secret of a few characters, such as a password, may happen to be a part of any value. */
const holds = (value: string, secret: string) => value === secret || (secret.length >= 8 && value.includes(secret));
