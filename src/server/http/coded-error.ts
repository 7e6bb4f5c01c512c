import { type ErrorCode, errorCodes } from '../../shared/codes';

/** What the log may tell of a failure. Never a secret, code, token or phone number. */
export interface ErrorDetail {
  /** What happened, in words for an administrator. */
  reason?: string;
  /** ID of the user who was found. The answer does not name them. */
  userId?: string;
  /** Path of the endpoint of DingTalk that was called. */
  endpoint?: string;
  /** Why there is no answer: `ENOTFOUND`, `ECONNRESET`. */
  networkCode?: string;
  /** HTTP status of DingTalk's answer. */
  httpStatus?: number;
  /** DingTalk's own error code. */
  dingTalkCode?: string;
  /** DingTalk's support asks for it. */
  requestId?: string;
}

/** What stands in the sentence of a code in place of its variables. */
export type SentenceValues = Record<string, string>;

/**
 * A failure that has a code, and so a sentence, for the user.
 *
 * `BaseAuth.signIn` of NocoBase copies the enumerable properties of an error into the answer, and NocoBase's error
 * handler prints its `cause`. Therefore the detail is truly private, and there is never a `cause`: a `private` field of
 * TypeScript is enumerable, and would be sent to the browser.
 */
export class CodedError extends Error {
  static {
    // An assignment in the constructor would make an enumerable property.
    this.prototype.name = 'CodedError';
  }

  readonly code: ErrorCode;
  readonly status: number;
  readonly #detail: ErrorDetail;
  readonly #values: SentenceValues;

  constructor(code: ErrorCode, detail: ErrorDetail = {}, values: SentenceValues = {}) {
    super(code);
    this.code = code;
    this.status = errorCodes[code].status;
    this.#detail = detail;
    this.#values = values;
  }

  get detail(): ErrorDetail {
    return this.#detail;
  }

  get values(): SentenceValues {
    return this.#values;
  }
}
