/**
 * Every way in which a sign-in, or the linking of an account, can end badly, with the HTTP status of the answer.
 *
 * The code is also the key of the sentence in `locale/*.json`. No status is a 5xx but the last two: a reverse proxy may
 * put its own page in place of a 502 or 503, and the person would never read the sentence.
 */
export const statusOfCode = {
  // The browser, or the person
  AUTHENTICATOR_UNAVAILABLE: 404,
  REQUEST_INVALID: 400,
  STATE_INVALID: 401,
  CODE_INVALID: 401,
  ACCESS_DENIED: 401,
  // The administrator of NocoBase
  NOT_CONFIGURED: 424,
  ORIGIN_NOT_TRUSTED: 403,
  CREDENTIALS_INVALID: 424,
  PERMISSION_MISSING: 424,
  IP_NOT_ALLOWED: 424,
  SCOPE_TOO_NARROW: 424,
  // DingTalk
  DINGTALK_UNAVAILABLE: 424,
  DINGTALK_BUSY: 429,
  // Who is signed in
  WRONG_ORGANIZATION: 403,
  NOT_A_MEMBER: 403,
  PHONE_UNAVAILABLE: 403,
  ACCOUNT_ALREADY_LINKED: 409,
  PHONE_AMBIGUOUS: 409,
  USER_NOT_FOUND: 403,
  // Linking and unlinking
  DINGTALK_ACCOUNT_TAKEN: 409,
  UNLINK_FIRST: 409,
  LAST_WAY_IN: 409,
  NOT_LINKED: 404,
  // A fault of ours
  SIGN_IN_FAILED: 500,
  LINK_FAILED: 500,
} as const;

export type SignInErrorCode = keyof typeof statusOfCode;

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
  readonly code: SignInErrorCode;
  readonly status: number;
  declare readonly detail: SignInErrorDetail;

  constructor(code: SignInErrorCode, detail: SignInErrorDetail = {}) {
    super(code);
    this.name = 'SignInError';
    this.code = code;
    this.status = statusOfCode[code];
    Object.defineProperties(this, { name: { enumerable: false }, detail: { value: detail, enumerable: false } });
  }
}
