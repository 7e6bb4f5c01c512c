import type { Context } from '@nocobase/actions';
import { PACKAGE_NAME } from '../../shared/constants';
import english from '../../locale/en-US.json';
import { SignInError, type SignInErrorCode } from './errors';

/** Strangers choose a part of what is logged. */
const MAX_TEXT = 250;

/** What a request is about, for its line in the log. */
export interface Matter {
  what: 'sign-in' | 'link' | 'configuration check';
  authenticator?: string;
}

const FAULT: Record<Matter['what'], SignInErrorCode> = {
  'sign-in': 'SIGN_IN_FAILED',
  link: 'LINK_FAILED',
  'configuration check': 'CHECK_FAILED',
};

/** One line in the log for every sign-in, and everything that was linked or unlinked, whatever its outcome. */
export function logSuccess(
  ctx: Context,
  outcome: 'SIGNED_IN' | 'LINKED' | 'UNLINKED',
  { what, authenticator }: Matter,
): void {
  ctx.logger.info(`DingTalk ${what}`, { outcome, authenticator });
}

/** Logs a failure and puts it into words for the person. What is no `SignInError` is a fault of ours. */
export function refusal(ctx: Context, error: unknown, { what, authenticator }: Matter): SignInError {
  const known = error instanceof SignInError ? error : new SignInError(FAULT[what], { reason: nameOf(error) });
  ctx.logger[known.status === 500 ? 'error' : 'warn'](`DingTalk ${what}`, {
    outcome: known.code,
    authenticator: authenticator?.slice(0, MAX_TEXT),
    ...known.detail,
    reason: known.detail.reason?.slice(0, MAX_TEXT),
  });
  // The code is what people can tell their administrator.
  known.message = `${ctx.t(known.code, { ns: PACKAGE_NAME, defaultValue: english[known.code] })} (${known.code})`;
  return known;
}

/** A database error's message and properties hold the values of the statement: a phone number, say. */
function nameOf(error: unknown): string {
  const stack = error instanceof Error ? error.stack?.match(/^\s+at .*$/m)?.[0].trim() : undefined;
  return [error instanceof Error ? error.name : typeof error, stack].filter(Boolean).join(' ');
}
