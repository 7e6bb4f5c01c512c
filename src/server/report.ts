import type { Context } from '@nocobase/actions';
import { PACKAGE_NAME } from '../constants';
import english from '../locale/en-US.json';
import { SignInError } from './errors';

const MESSAGE = 'DingTalk sign-in';
/** Strangers choose a part of what is logged. */
const MAX_TEXT = 250;

/** One line in the log for every sign-in, whatever its outcome. */
export function logSignIn(ctx: Context, authenticator: string): void {
  ctx.logger.info(MESSAGE, { outcome: 'SIGNED_IN', authenticator });
}

/** Logs a failure and puts it into words for the person. What is no `SignInError` is a fault of ours. */
export function refusal(ctx: Context, error: unknown, authenticator?: string): SignInError {
  const known = error instanceof SignInError ? error : new SignInError('SIGN_IN_FAILED', { reason: nameOf(error) });
  ctx.logger[known.status === 500 ? 'error' : 'warn'](MESSAGE, {
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
