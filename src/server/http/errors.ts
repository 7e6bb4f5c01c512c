import { type ErrorCode, errorCodes } from '../../shared/codes';

export type SignInErrorCode = ErrorCode;

/** What the log may know of a failure. Never a secret, code, token or phone number. */
export interface SignInErrorDetail {
  /** What happened, in words for an administrator. */
  reason?: string;
  /** The endpoint of DingTalk that was asked. */
  endpoint?: string;
  /** Why there is no answer: `ENOTFOUND`, `ECONNRESET`. */
  networkCode?: string;
  /** HTTP status of DingTalk's answer. */
  httpStatus?: number;
  /** DingTalk's own error code. */
  dingTalkCode?: string;
  /** What DingTalk's support asks for. */
  requestId?: string;
}

/**
 * The only error that leaves this plugin.
 *
 * `BaseAuth.signIn` copies an error's enumerable properties into the answer, and NocoBase's error handler prints its
 * `cause`: so nothing but `code` and `status` is enumerable, and there is no `cause`.
 */
export class SignInError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  declare readonly detail: SignInErrorDetail;

  constructor(code: ErrorCode, detail: SignInErrorDetail = {}) {
    super(code);
    this.name = 'SignInError';
    this.code = code;
    this.status = errorCodes[code].status;
    Object.defineProperties(this, { name: { enumerable: false }, detail: { value: detail, enumerable: false } });
  }
}
